"""Slots and days as items, and the expressions that write them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from holdfast.adapters.dynamodb.keys import day_key, due_shard, read_slot_key, slot_key
from holdfast.app.writes import ChangeClaim, RemoveClaim, SaveDay, SetClaimExpiry
from holdfast.domain.day import Day
from holdfast.domain.instants import Instant
from holdfast.domain.money import Money
from holdfast.domain.place import DayKey, SlotKey, Window
from holdfast.domain.slot import Claim, Slot, SlotState

type Item = Mapping[str, Any]
type Expression = dict[str, Any]


def slot_item(slot: Slot) -> dict[str, Any]:
    key = slot_key(slot.key)
    item: dict[str, Any] = {
        **key,
        "kind": {"S": "slot"},
        "start": _n(slot.start),
        "end": _n(slot.end),
        "capacity": _n(slot.capacity),
        "free": _n(slot.free),
        "price": _n(slot.price.minor),
        "currency": {"S": slot.price.currency},
        "metadata": {"S": json.dumps(slot.metadata)},
        "state": {"S": slot.state},
        "terms": _n(slot.terms),
        "rev": _n(slot.rev),
        "claims": {"M": {who: _claim_value(claim) for who, claim in slot.claims.items()}},
        "op": {"S": slot.op},
        "dueShard": {"S": due_shard(key)},
    }
    if slot.due is not None:
        item["due"] = _n(slot.due)
    if slot.changed_by is not None:
        item["changedBy"] = {"S": slot.changed_by}
    return item


def slot_of(item: Item) -> Slot:
    key = read_slot_key({"PK": item["PK"], "SK": item["SK"]})
    if key is None:
        raise ValueError(f"not a slot: {item['PK']['S']} {item['SK']['S']}")
    return Slot(
        key=key,
        start=int(item["start"]["N"]),
        end=int(item["end"]["N"]),
        capacity=int(item["capacity"]["N"]),
        free=int(item["free"]["N"]),
        price=Money(int(item["price"]["N"]), item["currency"]["S"]),
        metadata=json.loads(item["metadata"]["S"]),
        state=SlotState(item["state"]["S"]),
        terms=int(item["terms"]["N"]),
        rev=int(item["rev"]["N"]),
        claims={who: _claim_of(value) for who, value in item["claims"]["M"].items()},
        due=int(item["due"]["N"]) if "due" in item else None,
        op=item["op"]["S"],
        changed_by=item["changedBy"]["S"] if "changedBy" in item else None,
    )


def claim(slot: SlotKey, who: str, claim: Claim, now: Instant) -> Expression:
    """The one write that decides; `Slot.admits` is the same rule in Python.

    | slot    | state   | start    | free      | claimant | outcome            |
    |---------|---------|----------|-----------|----------|--------------------|
    | missing | -       | -        | -         | -        | refused, no item   |
    | there   | not open| -        | -         | -        | refused, old item  |
    | there   | open    | <= now   | -         | -        | refused, old item  |
    | there   | open    | > now    | < units   | -        | refused, old item  |
    | there   | open    | > now    | >= units  | in it    | refused, old item  |
    | there   | open    | > now    | >= units  | not in it| claimed            |
    """
    return {
        "Key": slot_key(slot),
        "ConditionExpression": (
            "#state = :open AND #start > :now AND #free >= :units AND attribute_not_exists(#claims.#who)"
        ),
        "UpdateExpression": (
            "SET #claims.#who = :claim, #free = #free - :units, #rev = #rev + :one, "
            "#due = if_not_exists(#due, :expires)"
        ),
        "ExpressionAttributeNames": {
            "#state": "state",
            "#start": "start",
            "#free": "free",
            "#claims": "claims",
            "#who": who,
            "#rev": "rev",
            "#due": "due",
        },
        "ExpressionAttributeValues": {
            ":open": {"S": SlotState.OPEN},
            ":now": _n(now),
            ":units": _n(claim.units),
            ":claim": _claim_value(claim),
            ":expires": _n(claim.expires),
            ":one": _n(1),
        },
    }


def set_claim_expiry(write: SetClaimExpiry) -> Expression:
    """| claim of this booking | its end | state (if asked for) | outcome |
    |-----------------------|---------|----------------------|---------|
    | no                    | -       | -                    | refused |
    | yes                   | <= now  | -                    | refused |
    | yes                   | > now   | not open             | refused |
    | yes                   | > now   | open                 | changed |
    """
    expression: Expression = {
        "Key": slot_key(write.slot),
        "ConditionExpression": "#claims.#who[0] = :booking AND #claims.#who[2] > :now",
        "UpdateExpression": "SET #claims.#who[2] = :expires, #rev = #rev + :one",
        "ExpressionAttributeNames": {"#claims": "claims", "#who": write.who, "#rev": "rev"},
        "ExpressionAttributeValues": {
            ":booking": {"S": write.booking},
            ":now": _n(write.now),
            ":expires": _n(write.expires),
            ":one": _n(1),
        },
    }
    if write.open_only:
        expression["ConditionExpression"] += " AND #state = :open"
        expression["ExpressionAttributeNames"]["#state"] = "state"
        expression["ExpressionAttributeValues"][":open"] = {"S": SlotState.OPEN}
    return expression


def change_claim(write: ChangeClaim) -> Expression:
    """| whole claim | to_who    | units | open, not started, free >= more | outcome |
    |-------------|-----------|-------|---------------------------------|---------|
    | differs     | -         | -     | -                               | refused |
    | same        | in it     | -     | -                               | refused |
    | same        | not in it | more  | no                              | refused |
    | same        | not in it | more  | yes                             | changed |
    | same        | not in it | less  | -                               | changed |
    """
    conditions, update = ["#claims.#who = :claim"], "SET #claims.#to = :to, #free = #free - :more, "
    names = {"#claims": "claims", "#who": write.who, "#to": write.to_who, "#free": "free", "#rev": "rev"}
    values = {
        ":claim": _claim_value(write.claim),
        ":to": _claim_value(write.to_claim),
        ":more": _n(write.more),
        ":one": _n(1),
    }
    update += "#rev = #rev + :one"
    if write.to_who != write.who:
        conditions.append("attribute_not_exists(#claims.#to)")
        update += " REMOVE #claims.#who"
    if write.more > 0:
        conditions.append("#state = :open AND #start > :now AND #free >= :more")
        names |= {"#state": "state", "#start": "start"}
        values |= {":open": {"S": SlotState.OPEN}, ":now": _n(write.now)}
    return {
        "Key": slot_key(write.slot),
        "ConditionExpression": " AND ".join(conditions),
        "UpdateExpression": update,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


def remove_claim(write: RemoveClaim) -> Expression:
    """Bound to the claim's whole value: another expiry, another booking or none at all is refused."""
    return {
        "Key": slot_key(write.slot),
        "ConditionExpression": "#claims.#who = :claim",
        "UpdateExpression": "REMOVE #claims.#who SET #free = #free + :units, #rev = #rev + :one",
        "ExpressionAttributeNames": {"#claims": "claims", "#who": write.who, "#free": "free", "#rev": "rev"},
        "ExpressionAttributeValues": {
            ":claim": _claim_value(write.claim),
            ":units": _n(write.claim.units),
            ":one": _n(1),
        },
    }


def save_slot(slot: Slot) -> Expression:
    """A slot decided from a read one, on the `rev` it was read at."""
    return {"Item": slot_item(slot), **_on_rev_before(slot.rev)}


def save_day(write: SaveDay) -> Expression:
    """A day decided from a read one, on the `rev` it was read at."""
    day = write.day
    windows = {slot: {"L": [_n(window.start), _n(window.end)]} for slot, window in day.windows.items()}
    item = {**day_key(day.key), "kind": {"S": "day"}, "rev": _n(day.rev), "windows": {"M": windows}}
    return {"Item": item, **_on_rev_before(day.rev)}


def day_of(key: DayKey, item: Item | None) -> Day:
    """A missing day is one of `rev` 0."""
    if item is None:
        return Day(key)
    windows = {
        slot: Window(int(window["L"][0]["N"]), int(window["L"][1]["N"]))
        for slot, window in item["windows"]["M"].items()
    }
    return Day(key, int(item["rev"]["N"]), windows)


def _on_rev_before(rev: int) -> Expression:
    if rev == 1:
        return {"ConditionExpression": "attribute_not_exists(PK)"}
    return {
        "ConditionExpression": "#rev = :rev",
        "ExpressionAttributeNames": {"#rev": "rev"},
        "ExpressionAttributeValues": {":rev": _n(rev - 1)},
    }


def _claim_value(claim: Claim) -> Mapping[str, Any]:
    return {
        "L": [{"S": claim.booking}, _n(claim.units), _n(claim.expires), {"S": claim.fingerprint}],
    }


def _claim_of(value: Mapping[str, Any]) -> Claim:
    booking, units, expires, fingerprint = value["L"]
    return Claim(booking["S"], int(units["N"]), int(expires["N"]), fingerprint["S"])


def _n(number: int) -> dict[str, str]:
    return {"N": str(number)}
