"""Slots as items, and the expressions that write them; claims are confirmed and ended alike on days."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from holdfast.adapters.dynamodb.days import claim_of, claim_value
from holdfast.adapters.dynamodb.keys import due_shard, ledger_key, read_slot_key, slot_key
from holdfast.adapters.dynamodb.values import Item, n, on_rev_before
from holdfast.app.writes import ChangeClaim, RemoveClaim, RemovePlace, SetClaimExpiry
from holdfast.domain.claim import Claim
from holdfast.domain.instants import SWEEP_AHEAD, Instant
from holdfast.domain.money import Money
from holdfast.domain.place import SlotKey
from holdfast.domain.queue import Place
from holdfast.domain.slot import LARGEST_CAPACITY, Slot, SlotState

type Expression = dict[str, Any]


def slot_item(slot: Slot) -> dict[str, Any]:
    key = slot_key(slot.key)
    item: dict[str, Any] = {
        **key,
        "kind": {"S": "slot"},
        "start": n(slot.start),
        "end": n(slot.end),
        "capacity": n(slot.capacity),
        "free": n(slot.free),
        "price": n(slot.price.minor),
        "currency": {"S": slot.price.currency},
        "metadata": {"S": json.dumps(slot.metadata)},
        "state": {"S": slot.state},
        "terms": n(slot.terms),
        "rev": n(slot.rev),
        "claims": {"M": {who: claim_value(claim) for who, claim in slot.claims.items()}},
        "queue": {"M": {who: _place_value(place) for who, place in slot.places.items()}},
        "order": {"M": {who: n(place.seq) for who, place in slot.places.items()}},
        "op": {"S": slot.op},
        "dueShard": {"S": due_shard(key)},
    }
    if slot.served:
        item["served"] = {"L": [n(instant) for instant in slot.served]}
    if slot.due is not None:
        item["due"] = n(slot.due)
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
        claims={who: claim_of(value) for who, value in item["claims"]["M"].items()},
        places={who: _place_of(value, item["order"]["M"][who]) for who, value in item["queue"]["M"].items()},
        served=tuple(int(instant["N"]) for instant in item["served"]["L"]) if "served" in item else (),
        due=int(item["due"]["N"]) if "due" in item else None,
        op=item["op"]["S"],
        changed_by=item["changedBy"]["S"] if "changedBy" in item else None,
    )


def claim(slot: SlotKey, who: str, claim: Claim, now: Instant) -> Expression:
    """The one write that decides; `Slot.admits` is the same rule in Python.

    | slot    | state   | start    | free      | queue | claimant | outcome            |
    |---------|---------|----------|-----------|-------|----------|--------------------|
    | missing | -       | -        | -         | -     | -        | refused, no item   |
    | there   | not open| -        | -         | -     | -        | refused, old item  |
    | there   | open    | <= now   | -         | -     | -        | refused, old item  |
    | there   | open    | > now    | < units   | -     | -        | refused, old item  |
    | there   | open    | > now    | >= units  | some  | -        | refused, old item  |
    | there   | open    | > now    | >= units  | none  | in it    | refused, old item  |
    | there   | open    | > now    | >= units  | none  | not in it| claimed            |
    """
    return {
        "Key": slot_key(slot),
        "ConditionExpression": (
            "#state = :open AND #start > :now AND #free >= :units AND size(#queue) = :none "
            "AND attribute_not_exists(#claims.#who)"
        ),
        "UpdateExpression": (
            "SET #claims.#who = :claim, #free = #free - :units, #rev = #rev + :one, "
            "#due = if_not_exists(#due, :expires)"
        ),
        "ExpressionAttributeNames": {
            "#state": "state",
            "#start": "start",
            "#free": "free",
            "#queue": "queue",
            "#claims": "claims",
            "#who": who,
            "#rev": "rev",
            "#due": "due",
        },
        "ExpressionAttributeValues": {
            ":open": {"S": SlotState.OPEN},
            ":now": n(now),
            ":units": n(claim.units),
            ":claim": claim_value(claim),
            ":expires": n(claim.expires),
            ":none": n(0),
            ":one": n(1),
        },
    }


def join(slot: SlotKey, who: str, place: Place, now: Instant, most: int) -> Expression:
    """The one write that gives a place; `Slot.admits_waiting` is the same rule in Python. It compares twice
    and not by BETWEEN: AWS refuses one whose bounds cross, as a long queue's or a large party's do.

    | state, start    | capacity              | queue     | free      | claimant  | outcome |
    |-----------------|-----------------------|-----------|-----------|-----------|---------|
    | closed or begun | -                     | -         | -         | -         | refused |
    | open, > now     | < units, or too large | -         | -         | -         | refused |
    | open, > now     | fits                  | `most`    | -         | -         | refused |
    | open, > now     | fits                  | none      | >= units  | -         | refused |
    | open, > now     | fits                  | -         | -         | in either | refused |
    | open, > now     | fits                  | some      | -         | in none   | joined  |
    | open, > now     | fits                  | none      | < units   | in none   | joined  |
    """
    return {
        "Key": slot_key(slot),
        "ConditionExpression": (
            "#state = :open AND #start > :now AND #capacity >= :units AND #capacity <= :largest "
            "AND size(#queue) < :most AND (#free < :units OR size(#queue) > :none) "
            "AND attribute_not_exists(#queue.#who) AND attribute_not_exists(#claims.#who)"
        ),
        "UpdateExpression": (
            "SET #queue.#who = :place, #order.#who = #rev, #rev = #rev + :one, "
            "#due = if_not_exists(#due, :look)"
        ),
        "ExpressionAttributeNames": {
            "#state": "state",
            "#start": "start",
            "#capacity": "capacity",
            "#free": "free",
            "#queue": "queue",
            "#order": "order",
            "#claims": "claims",
            "#who": who,
            "#rev": "rev",
            "#due": "due",
        },
        "ExpressionAttributeValues": {
            ":open": {"S": SlotState.OPEN},
            ":now": n(now),
            ":units": n(place.units),
            ":largest": n(LARGEST_CAPACITY - most),
            ":most": n(most),
            ":none": n(0),
            ":place": _place_value(place),
            ":look": n(now + SWEEP_AHEAD),
            ":one": n(1),
        },
    }


def remove_place(write: RemovePlace) -> Expression:
    """Bound to the place's whole value: one that was passed over, moved or replaced since is refused."""
    return {
        "Key": slot_key(write.slot),
        "ConditionExpression": "#queue.#who = :place AND #order.#who = :seq",
        "UpdateExpression": "REMOVE #queue.#who, #order.#who SET #rev = #rev + :one",
        "ExpressionAttributeNames": {"#queue": "queue", "#order": "order", "#who": write.who, "#rev": "rev"},
        "ExpressionAttributeValues": {
            ":place": _place_value(write.place),
            ":seq": n(write.place.seq),
            ":one": n(1),
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
        "Key": ledger_key(write.ledger),
        "ConditionExpression": "#claims.#who[0] = :booking AND #claims.#who[2] > :now",
        "UpdateExpression": "SET #claims.#who[2] = :expires, #rev = #rev + :one",
        "ExpressionAttributeNames": {"#claims": "claims", "#who": write.who, "#rev": "rev"},
        "ExpressionAttributeValues": {
            ":booking": {"S": write.booking},
            ":now": n(write.now),
            ":expires": n(write.expires),
            ":one": n(1),
        },
    }
    if write.open_only and isinstance(write.ledger, SlotKey):
        expression["ConditionExpression"] += " AND #state = :open"
        expression["ExpressionAttributeNames"]["#state"] = "state"
        expression["ExpressionAttributeValues"][":open"] = {"S": SlotState.OPEN}
    return expression


def change_claim(write: ChangeClaim) -> Expression:
    """| whole claim | to_who            | units | open, not started, free >= more, nobody waits | outcome |
    |-------------|-------------------|-------|-----------------------------------------------|---------|
    | differs     | -                 | -     | -                                             | refused |
    | same        | in it or its queue| -     | -                                             | refused |
    | same        | not in it         | more  | no                                            | refused |
    | same        | not in it         | more  | yes                                           | changed |
    | same        | not in it         | less  | -                                             | changed |
    """
    conditions, update = ["#claims.#who = :claim"], "SET #claims.#to = :to, #free = #free - :more, "
    names = {"#claims": "claims", "#who": write.who, "#to": write.to_who, "#free": "free", "#rev": "rev"}
    values = {
        ":claim": claim_value(write.claim),
        ":to": claim_value(write.to_claim),
        ":more": n(write.more),
        ":one": n(1),
    }
    update += "#rev = #rev + :one"
    if write.to_who != write.who:
        conditions.append("attribute_not_exists(#claims.#to) AND attribute_not_exists(#queue.#to)")
        names["#queue"] = "queue"
        update += " REMOVE #claims.#who"
    if write.more > 0:
        conditions.append("#state = :open AND #start > :now AND #free >= :more AND size(#queue) = :none")
        names |= {"#state": "state", "#start": "start", "#queue": "queue"}
        values |= {":open": {"S": SlotState.OPEN}, ":now": n(write.now), ":none": n(0)}
    return {
        "Key": slot_key(write.slot),
        "ConditionExpression": " AND ".join(conditions),
        "UpdateExpression": update,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


def remove_claim(write: RemoveClaim) -> Expression:
    """Bound to the claim's whole value: another expiry, another booking or none at all is refused. A day
    keeps no count of what is free."""
    expression: Expression = {
        "Key": ledger_key(write.ledger),
        "ConditionExpression": "#claims.#who = :claim",
        "UpdateExpression": "REMOVE #claims.#who SET #rev = #rev + :one",
        "ExpressionAttributeNames": {"#claims": "claims", "#who": write.who, "#rev": "rev"},
        "ExpressionAttributeValues": {":claim": claim_value(write.claim), ":one": n(1)},
    }
    if isinstance(write.ledger, SlotKey):
        expression["UpdateExpression"] += ", #free = #free + :units"
        expression["ExpressionAttributeNames"]["#free"] = "free"
        expression["ExpressionAttributeValues"][":units"] = n(write.claim.units)
    return expression


def save_slot(slot: Slot) -> Expression:
    """A slot decided from a read one, on the `rev` it was read at."""
    return {"Item": slot_item(slot), **on_rev_before(slot.rev)}


def _place_value(place: Place) -> Mapping[str, Any]:
    """Without its `seq`, which the write that gives the place takes from the slot's `rev`."""
    return {"L": [{"S": place.entry}, n(place.units), n(place.joined), n(place.until), n(place.passed)]}


def _place_of(value: Mapping[str, Any], seq: Mapping[str, str]) -> Place:
    entry, units, joined, until, passed = value["L"]
    return Place(
        entry["S"], int(units["N"]), int(joined["N"]), int(until["N"]), int(passed["N"]), int(seq["N"])
    )
