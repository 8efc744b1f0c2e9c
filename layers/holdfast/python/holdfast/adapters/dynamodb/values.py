"""DynamoDB's attribute values, as the client sends and gets them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from holdfast.domain.booking import Change, Deed
from holdfast.domain.instants import Instant

type Item = Mapping[str, Any]


def n(number: int) -> dict[str, str]:
    return {"N": str(number)}


def s(text: str) -> dict[str, str]:
    return {"S": text}


def j(value: object) -> dict[str, str]:
    """Anything of JSON, as text: it is never looked into by an expression."""
    return {"S": json.dumps(value)}


def present(values: Mapping[str, dict[str, str] | None]) -> dict[str, dict[str, str]]:
    """Without the attributes that are None: DynamoDB knows no such value."""
    return {name: value for name, value in values.items() if value is not None}


def optional_s(text: str | None) -> dict[str, str] | None:
    return None if text is None else s(text)


def optional_n(number: Instant | None) -> dict[str, str] | None:
    return None if number is None else n(number)


def read_s(item: Item, name: str) -> str | None:
    return item[name]["S"] if name in item else None


def read_n(item: Item, name: str) -> int | None:
    return int(item[name]["N"]) if name in item else None


def new_or_on_version(item: Item, version: int, *, absent: bool) -> dict[str, Any]:
    """A put of a record, on the version before it, or where there is none."""
    if absent:
        return {"Item": item, "ConditionExpression": "attribute_not_exists(PK)"}
    return {
        "Item": item,
        "ConditionExpression": "#version = :before",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":before": n(version - 1)},
    }


def on_rev_before(rev: int) -> dict[str, Any]:
    """The condition of a put that was decided from a read item, 1 being the first `rev` of all."""
    if rev == 1:
        return {"ConditionExpression": "attribute_not_exists(PK)"}
    return {
        "ConditionExpression": "#rev = :rev",
        "ExpressionAttributeNames": {"#rev": "rev"},
        "ExpressionAttributeValues": {":rev": n(rev - 1)},
    }


def change_value(change: Change[Any]) -> dict[str, Any]:
    """A line of a record's history."""
    deed = change.deed
    value: dict[str, Any] = {
        "op": s(deed.op),
        "from": s(change.before),
        "to": s(change.after),
        "actor": s(deed.actor),
        "trigger": s(deed.trigger),
        "at": n(deed.at),
    }
    if deed.reason is not None:
        value["reason"] = s(deed.reason)
    if deed.override:
        value["override"] = {"L": [s(code) for code in deed.override]}
    return {"M": value}


def change_of[State: StrEnum](state: type[State], value: Item) -> Change[State]:
    line = value["M"]
    deed = Deed(
        op=line["op"]["S"],
        actor=line["actor"]["S"],
        at=int(line["at"]["N"]),
        trigger=line["trigger"]["S"],
        reason=read_s(line, "reason"),
        override=tuple(code["S"] for code in line["override"]["L"]) if "override" in line else (),
    )
    return Change(state(line["from"]["S"]), state(line["to"]["S"]), deed)
