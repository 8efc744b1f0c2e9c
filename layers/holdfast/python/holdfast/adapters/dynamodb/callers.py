"""The `Callers` port: one item a caller in Ephemeral, gone by TTL a day after its last use (DESIGN 3).

| attribute            | value               | tells                                        |
|----------------------|---------------------|----------------------------------------------|
| `k<op>`              | [fingerprint, at]   | a key was used, and with what                |
| `n<deed>#<minute>`   | a number            | how many such deeds that minute has seen     |
| `h<where>`           | [booking, at]       | a hold was asked for there                   |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from holdfast.adapters.dynamodb.client import Dynamo
from holdfast.adapters.dynamodb.keys import caller_key
from holdfast.app.ports import REMEMBERED_FOR, Asking, Limited, Recollection
from holdfast.domain.instants import DAY, MINUTE, SECOND, Instant

type Item = Mapping[str, Any]

KEYS_FOR = DAY
MOST_KEYS, KEYS_LEFT = 48, 24
MOST_OLD = 8
"""The item is charged by its size. So much of each may be useless before one more write clears it away."""


class DynamoCallers:
    def __init__(self, dynamo: Dynamo, table: str) -> None:
        self._dynamo = dynamo
        self._table = table

    def note(
        self,
        caller: str,
        now: Instant,
        *,
        key: str | None,
        fingerprint: str,
        deed: Limited | None,
        asking: Asking | None,
    ) -> Recollection:
        sets, names = ["#ttl = :ttl"], {"#ttl": "ttl"}
        values: dict[str, Any] = {":ttl": {"N": str((now + KEYS_FOR) // SECOND)}}
        counting = ""
        if key:
            sets.append("#key = if_not_exists(#key, :seen)")
            names["#key"], values[":seen"] = f"k{key}", _stamped(fingerprint, now)
        if asking:
            sets.append("#hold = if_not_exists(#hold, :hold)")
            names["#hold"], values[":hold"] = _hold(asking), _stamped(asking.booking, asking.at)
        if deed:
            counting = " ADD #count :one"
            names["#count"], values[":one"] = _window(deed, now), {"N": "1"}
        before = self._update(caller, f"SET {', '.join(sets)}{counting}", names, values)
        self._clear_away(caller, before, now)
        if asking and _hold(asking) in before and _read(before[_hold(asking)])[1] <= now - REMEMBERED_FOR:
            self.replace_asking(caller, asking)  # what is forgotten is not kept in its way
        first = self._first_seen(caller, before, f"k{key}", fingerprint, now) if key else None
        return Recollection(
            first=first[0] if first else None,
            first_at=first[1] if first else 0,
            used=int(before.get(_window(deed, now), {"N": "0"})["N"]) + 1 if deed else 0,
            asked_for=_askings(before, now),
        )

    def replace_asking(self, caller: str, asking: Asking) -> None:
        self._update(
            caller,
            "SET #hold = :hold",
            {"#hold": _hold(asking)},
            {":hold": _stamped(asking.booking, asking.at)},
        )

    def lately(self, caller: str, now: Instant) -> Sequence[Asking]:
        answer = self._dynamo.call(
            "get_item", TableName=self._table, Key=caller_key(caller), ConsistentRead=True
        )
        return _askings(answer.get("Item", {}), now)

    def _first_seen(
        self, caller: str, item: Item, name: str, fingerprint: str, now: Instant
    ) -> tuple[str, Instant] | None:
        """With what a key was used first, and when; after a day it is as new."""
        if name not in item:
            return None
        first, at = _read(item[name])
        if at > now - KEYS_FOR:
            return first, at
        self._update(caller, "SET #key = :seen", {"#key": name}, {":seen": _stamped(fingerprint, now)})
        return None

    def _clear_away(self, caller: str, item: Item, now: Instant) -> None:
        """The oldest keys when there are many, counts of minutes that are over, holds asked for long ago."""
        keys = sorted((name for name in item if name[0] == "k"), key=lambda name: _read(item[name])[1])
        this_minute = f"#{now // MINUTE}"
        counts = [name for name in item if name[0] == "n" and not name.endswith(this_minute)]
        holds = [name for name in item if name[0] == "h" and _read(item[name])[1] <= now - REMEMBERED_FOR]
        stale = [
            *(keys[:-KEYS_LEFT] if len(keys) > MOST_KEYS else ()),
            *(counts if len(counts) > MOST_OLD else ()),
            *(holds if len(holds) > MOST_OLD else ()),
        ]
        if stale:
            names = {f"#old{number}": name for number, name in enumerate(stale)}
            self._update(caller, "REMOVE " + ", ".join(names), names, {})

    def _update(
        self, caller: str, expression: str, names: Mapping[str, str], values: Mapping[str, Any]
    ) -> Item:
        request: dict[str, Any] = {"ExpressionAttributeValues": values} if values else {}
        answer = self._dynamo.call(
            "update_item",
            TableName=self._table,
            Key=caller_key(caller),
            UpdateExpression=expression,
            ExpressionAttributeNames=names,
            ReturnValues="ALL_OLD",
            **request,
        )
        before: Item = answer.get("Attributes", {})
        return before


def _askings(item: Item, now: Instant) -> Sequence[Asking]:
    found: list[Asking] = []
    for name, value in item.items():
        if name[0] == "h":
            booking, at = _read(value)
            if at > now - REMEMBERED_FOR:
                found.append(Asking(name[1:], booking, at))
    return found


def _hold(asking: Asking) -> str:
    return f"h{asking.hold}"


def _window(deed: Limited, now: Instant) -> str:
    return f"n{deed}#{now // MINUTE}"


def _stamped(what: str, at: Instant) -> dict[str, Any]:
    return {"L": [{"S": what}, {"N": str(at)}]}


def _read(value: Mapping[str, Any]) -> tuple[str, Instant]:
    return value["L"][0]["S"], int(value["L"][1]["N"])
