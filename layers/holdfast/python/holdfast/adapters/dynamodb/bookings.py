"""Booking records as items."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from holdfast.adapters.dynamodb.keys import booking_key, business_day, due_shard, number_key
from holdfast.adapters.dynamodb.values import (
    change_of,
    change_value,
    j,
    n,
    new_or_on_version,
    optional_n,
    optional_s,
    present,
    read_n,
    read_s,
)
from holdfast.app.writes import SaveBooking, TakeNumber
from holdfast.domain.appointment import Appointment, Spot
from holdfast.domain.booking import HELD, AfterEnd, Booking, BookingStatus, Contact
from holdfast.domain.instants import DAY, HOUR, MINUTE, SECOND
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
        **_spot_item(booking.spot),
        "businessDay": {"S": business_day(booking.id, booking.spot)},
        "who": {"S": booking.who},
        "owner": {"S": booking.owner},
        "units": n(booking.units),
        "start": n(booking.start),
        "end": n(booking.end),
        "status": {"S": booking.status},
        "reservedAt": n(booking.reserved_at),
        "expires": n(booking.expires),
        "price": n(booking.unit_price.minor),
        "currency": {"S": booking.unit_price.currency},
        "fingerprint": {"S": booking.fingerprint},
        "metadata": {"S": json.dumps(booking.metadata)},
        "version": n(booking.version),
        "history": {"L": [change_value(change) for change in booking.history]},
    }
    optional = {
        "notes": optional_s(booking.notes),
        "contact": j(asdict(booking.contact)) if booking.contact else None,
        "subject": j(booking.subject) if booking.subject is not None else None,
        "number": optional_s(booking.number),
        "confirmedAt": optional_n(booking.confirmed_at),
        "cancelledAt": optional_n(booking.cancelled_at),
        "completedAt": optional_n(booking.completed_at),
        "series": optional_s(booking.series),
    }
    item |= present(optional)
    if booking.refund:
        item |= {
            "refundPercentage": n(booking.refund.percentage),
            "refundAmount": n(booking.refund.amount.minor),
        }
    if booking.status in HELD:
        item |= {
            "due": n(booking.expires + SWEEP_AFTER),
            "dueShard": {"S": due_shard(key)},
            "ttl": n((booking.expires + TTL_AFTER) // SECOND),
        }
    if booking.finishes_at is not None:
        item |= {"due": n(booking.finishes_at), "dueShard": {"S": due_shard(key)}}
    if booking.moved_from:
        item["movedFrom"] = {"L": [n(start) for start in booking.moved_from]}
    if booking.link > 1:
        item["link"] = n(booking.link)
    if booking.promoted:
        item["promoted"] = {"BOOL": True}
    if booking.after_end is not AfterEnd.NOTHING:
        item["afterEnd"] = {"S": booking.after_end}
    if booking.status is BookingStatus.EXPIRED:
        item["ttl"] = n((booking.history[-1].deed.at + KEEP_ENDED) // SECOND)
    return item


def booking_of(item: Mapping[str, Any]) -> Booking:
    currency = item["currency"]["S"]
    refund = None
    if "refundPercentage" in item:
        amount = Money(int(item["refundAmount"]["N"]), currency)
        refund = Refund(int(item["refundPercentage"]["N"]), amount)
    return Booking(
        id=item["PK"]["S"].removeprefix("BOOKING#"),
        spot=_spot_of(item),
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
        notes=read_s(item, "notes"),
        contact=Contact(**json.loads(item["contact"]["S"])) if "contact" in item else None,
        subject=json.loads(item["subject"]["S"]) if "subject" in item else None,
        metadata=json.loads(item["metadata"]["S"]),
        number=read_s(item, "number"),
        refund=refund,
        after_end=AfterEnd(item["afterEnd"]["S"]) if "afterEnd" in item else AfterEnd.NOTHING,
        promoted="promoted" in item,
        moved_from=tuple(int(each["N"]) for each in item["movedFrom"]["L"]) if "movedFrom" in item else (),
        series=read_s(item, "series"),
        link=read_n(item, "link") or 1,
        confirmed_at=read_n(item, "confirmedAt"),
        cancelled_at=read_n(item, "cancelledAt"),
        completed_at=read_n(item, "completedAt"),
        version=int(item["version"]["N"]),
        history=tuple(change_of(BookingStatus, value) for value in item["history"]["L"]),
    )


def _spot_item(spot: Spot) -> dict[str, Any]:
    if isinstance(spot, SlotKey):
        return {"slot": {"S": spot.slot_id}}
    return {
        "appointment": {
            "M": {
                "business": {"S": spot.business},
                "service": {"S": spot.service},
                "resources": {"L": [{"S": resource} for resource in spot.resources]},
                "begins": n(spot.begins),
                "ends": n(spot.ends),
                "pooled": {"BOOL": spot.pooled},
                "ledgerOffset": n(spot.ledger_offset),
            }
        }
    }


def _spot_of(item: Mapping[str, Any]) -> Spot:
    if "slot" in item:
        return SlotKey.of(item["slot"]["S"])
    spot = item["appointment"]["M"]
    return Appointment(
        business=spot["business"]["S"],
        service=spot["service"]["S"],
        resources=tuple(resource["S"] for resource in spot["resources"]["L"]),
        start=int(item["start"]["N"]),
        begins=int(spot["begins"]["N"]),
        ends=int(spot["ends"]["N"]),
        pooled=spot["pooled"]["BOOL"],
        ledger_offset=int(spot["ledgerOffset"]["N"]),
    )


def save_booking(write: SaveBooking) -> dict[str, Any]:
    return new_or_on_version(booking_item(write.booking), write.booking.version, absent=write.absent)


def take_number(write: TakeNumber) -> dict[str, Any]:
    """A booking number, once for all: if nobody has it, or this booking has."""
    return {
        "Item": {**number_key(write.number), "kind": {"S": "number"}, "booking": {"S": write.booking}},
        "ConditionExpression": "attribute_not_exists(PK) OR #booking = :booking",
        "ExpressionAttributeNames": {"#booking": "booking"},
        "ExpressionAttributeValues": {":booking": {"S": write.booking}},
    }
