"""Booking records as items."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from holdfast.adapters.dynamodb.keys import booking_key, business_day, due_shard, number_key
from holdfast.app.writes import SaveBooking, TakeNumber
from holdfast.domain.booking import AfterEnd, Booking, BookingStatus, Change, Contact, Deed
from holdfast.domain.instants import DAY, HOUR, MINUTE, SECOND, Instant
from holdfast.domain.money import Money
from holdfast.domain.place import SlotKey
from holdfast.domain.refund import Refund

SWEEP_AFTER = 5 * MINUTE
"""The sweep looks at a held record this long after its end: by then its timer has, unless it was lost."""

TTL_AFTER = HOUR
"""An unswept hold is deleted by DynamoDB this long after its end, and put back as EXPIRED."""

KEEP_ENDED = 90 * DAY
"""Holds that came to nothing are deleted for good after this."""


def booking_item(booking: Booking) -> dict[str, Any]:
    key = booking_key(booking.id)
    item: dict[str, Any] = {
        **key,
        "kind": {"S": "booking"},
        "slot": {"S": booking.slot.slot_id},
        "businessDay": {"S": business_day(booking.id, booking.slot)},
        "who": {"S": booking.who},
        "owner": {"S": booking.owner},
        "units": _n(booking.units),
        "start": _n(booking.start),
        "end": _n(booking.end),
        "status": {"S": booking.status},
        "reservedAt": _n(booking.reserved_at),
        "expires": _n(booking.expires),
        "price": _n(booking.unit_price.minor),
        "currency": {"S": booking.unit_price.currency},
        "fingerprint": {"S": booking.fingerprint},
        "metadata": {"S": json.dumps(booking.metadata)},
        "version": _n(booking.version),
        "history": {"L": [_change_value(change) for change in booking.history]},
    }
    optional = {
        "notes": _s(booking.notes),
        "contact": _json(asdict(booking.contact)) if booking.contact else None,
        "subject": _json(booking.subject) if booking.subject is not None else None,
        "number": _s(booking.number),
        "confirmedAt": _instant(booking.confirmed_at),
        "cancelledAt": _instant(booking.cancelled_at),
        "completedAt": _instant(booking.completed_at),
    }
    item |= {name: value for name, value in optional.items() if value is not None}
    if booking.refund:
        item |= {
            "refundPercentage": _n(booking.refund.percentage),
            "refundAmount": _n(booking.refund.amount.minor),
        }
    if booking.status is BookingStatus.RESERVED:
        item |= {
            "due": _n(booking.expires + SWEEP_AFTER),
            "dueShard": {"S": due_shard(key)},
            "ttl": _n((booking.expires + TTL_AFTER) // SECOND),
        }
    if booking.finishes_at is not None:
        item |= {"due": _n(booking.finishes_at), "dueShard": {"S": due_shard(key)}}
    if booking.after_end is not AfterEnd.NOTHING:
        item["afterEnd"] = {"S": booking.after_end}
    if booking.status is BookingStatus.EXPIRED:
        item["ttl"] = _n((booking.history[-1].deed.at + KEEP_ENDED) // SECOND)
    return item


def booking_of(item: Mapping[str, Any]) -> Booking:
    slot = SlotKey.parse(item["slot"]["S"])
    if slot is None:
        raise ValueError(f"not a slot id: {item['slot']['S']}")
    currency = item["currency"]["S"]
    refund = None
    if "refundPercentage" in item:
        amount = Money(int(item["refundAmount"]["N"]), currency)
        refund = Refund(int(item["refundPercentage"]["N"]), amount)
    return Booking(
        id=item["PK"]["S"].removeprefix("BOOKING#"),
        slot=slot,
        who=item["who"]["S"],
        owner=item["owner"]["S"],
        units=int(item["units"]["N"]),
        start=int(item["start"]["N"]),
        end=int(item["end"]["N"]),
        status=BookingStatus(item["status"]["S"]),
        reserved_at=int(item["reservedAt"]["N"]),
        expires=int(item["expires"]["N"]),
        unit_price=Money(int(item["price"]["N"]), currency),
        fingerprint=item["fingerprint"]["S"],
        notes=_read_s(item, "notes"),
        contact=Contact(**json.loads(item["contact"]["S"])) if "contact" in item else None,
        subject=json.loads(item["subject"]["S"]) if "subject" in item else None,
        metadata=json.loads(item["metadata"]["S"]),
        number=_read_s(item, "number"),
        refund=refund,
        after_end=AfterEnd(item["afterEnd"]["S"]) if "afterEnd" in item else AfterEnd.NOTHING,
        confirmed_at=_read_n(item, "confirmedAt"),
        cancelled_at=_read_n(item, "cancelledAt"),
        completed_at=_read_n(item, "completedAt"),
        version=int(item["version"]["N"]),
        history=tuple(_change_of(value["M"]) for value in item["history"]["L"]),
    )


def save_booking(write: SaveBooking) -> dict[str, Any]:
    """A record on the version before it, or where there is none."""
    expression: dict[str, Any] = {"Item": booking_item(write.booking)}
    if write.absent:
        return expression | {"ConditionExpression": "attribute_not_exists(PK)"}
    return expression | {
        "ConditionExpression": "#version = :before",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":before": _n(write.booking.version - 1)},
    }


def take_number(write: TakeNumber) -> dict[str, Any]:
    """A booking number, once for all: if nobody has it, or this booking has."""
    return {
        "Item": {**number_key(write.number), "kind": {"S": "number"}, "booking": {"S": write.booking}},
        "ConditionExpression": "attribute_not_exists(PK) OR #booking = :booking",
        "ExpressionAttributeNames": {"#booking": "booking"},
        "ExpressionAttributeValues": {":booking": {"S": write.booking}},
    }


def _change_value(change: Change) -> dict[str, Any]:
    deed = change.deed
    value = {
        "op": {"S": deed.op},
        "from": {"S": change.before},
        "to": {"S": change.after},
        "actor": {"S": deed.actor},
        "trigger": {"S": deed.trigger},
        "at": _n(deed.at),
    }
    return {"M": value | ({"reason": {"S": deed.reason}} if deed.reason is not None else {})}


def _change_of(value: Mapping[str, Any]) -> Change:
    deed = Deed(
        op=value["op"]["S"],
        actor=value["actor"]["S"],
        at=int(value["at"]["N"]),
        trigger=value["trigger"]["S"],
        reason=_read_s(value, "reason"),
    )
    return Change(BookingStatus(value["from"]["S"]), BookingStatus(value["to"]["S"]), deed)


def _n(number: int) -> dict[str, str]:
    return {"N": str(number)}


def _s(text: str | None) -> dict[str, str] | None:
    return None if text is None else {"S": text}


def _json(value: object) -> dict[str, str]:
    return {"S": json.dumps(value)}


def _instant(instant: Instant | None) -> dict[str, str] | None:
    return None if instant is None else _n(instant)


def _read_s(item: Mapping[str, Any], name: str) -> str | None:
    return item[name]["S"] if name in item else None


def _read_n(item: Mapping[str, Any], name: str) -> int | None:
    return int(item[name]["N"]) if name in item else None
