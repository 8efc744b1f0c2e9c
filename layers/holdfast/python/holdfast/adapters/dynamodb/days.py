"""Days as items, and the expressions that write them."""

from __future__ import annotations

from typing import Any

from holdfast.adapters.dynamodb.keys import day_key, due_shard
from holdfast.adapters.dynamodb.values import Item, n, on_rev_before, read_n
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.place import DayKey, Window

type Expression = dict[str, Any]


def day_item(day: Day) -> dict[str, Any]:
    key = day_key(day.key)
    windows = {slot: {"L": [n(window.start), n(window.end)]} for slot, window in day.windows.items()}
    item: dict[str, Any] = {
        **key,
        "kind": {"S": "day"},
        "rev": n(day.rev),
        "windows": {"M": windows},
        "claims": {"M": {who: claim_value(claim) for who, claim in day.claims.items()}},
        "dueShard": {"S": due_shard(key)},
    }
    if day.due is not None:
        item["due"] = n(day.due)
    return item


def day_of(key: DayKey, item: Item | None) -> Day:
    """A missing day is one of `rev` 0."""
    if item is None:
        return Day(key)
    windows = {
        slot: Window(int(window["L"][0]["N"]), int(window["L"][1]["N"]))
        for slot, window in item["windows"]["M"].items()
    }
    claims = {who: claim_of(value) for who, value in item["claims"]["M"].items()}
    return Day(key, int(item["rev"]["N"]), windows, claims, read_n(item, "due"))


def save_day(day: Day) -> Expression:
    """A day decided from a read one, on the `rev` it was read at."""
    return {"Item": day_item(day), **on_rev_before(day.rev)}


def claim_value(claim: Claim) -> dict[str, Any]:
    """Two members more on a day, so that what confirms or ends a claim is written alike in both ledgers."""
    window = (n(claim.window.start), n(claim.window.end)) if claim.window else ()
    return {"L": [{"S": claim.booking}, n(claim.units), n(claim.expires), {"S": claim.fingerprint}, *window]}


def claim_of(value: Item) -> Claim:
    booking, units, expires, fingerprint, *window = value["L"]
    return Claim(
        booking["S"],
        int(units["N"]),
        int(expires["N"]),
        fingerprint["S"],
        Window(int(window[0]["N"]), int(window[1]["N"])) if window else None,
    )
