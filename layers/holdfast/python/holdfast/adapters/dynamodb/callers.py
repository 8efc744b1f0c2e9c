"""The `Callers` port: a small item a caller, `k<key> = [fingerprint, at]`, gone a day after its last use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holdfast.adapters.dynamodb.client import Dynamo
from holdfast.adapters.dynamodb.keys import caller_key
from holdfast.domain.instants import DAY, SECOND, Instant

KEPT_FOR = DAY
MOST_KEYS, KEYS_LEFT = 48, 24
"""The item is charged by its size, so the oldest keys go when there are too many."""


class DynamoCallers:
    def __init__(self, dynamo: Dynamo, table: str) -> None:
        self._dynamo = dynamo
        self._table = table

    def remember(self, caller: str, key: str, fingerprint: str, now: Instant) -> str | None:
        name = f"k{key}"
        before = self._update(
            caller,
            "SET #key = if_not_exists(#key, :seen), #ttl = :ttl",
            {"#key": name, "#ttl": "ttl"},
            {":seen": _seen(fingerprint, now), ":ttl": {"N": str((now + KEPT_FOR) // SECOND)}},
        )
        first, at = _read(before.get(name))
        known = at > now - KEPT_FOR
        if first is not None and not known:
            self._update(caller, "SET #key = :seen", {"#key": name}, {":seen": _seen(fingerprint, now)})
        self._drop_oldest(caller, before)
        return first if known else None

    def _drop_oldest(self, caller: str, item: Mapping[str, Any]) -> None:
        keys = sorted((name for name in item if name.startswith("k")), key=lambda name: _read(item[name])[1])
        if len(keys) > MOST_KEYS:
            names = {f"#k{number}": name for number, name in enumerate(keys[:-KEYS_LEFT])}
            self._update(caller, "REMOVE " + ", ".join(names), names, {})

    def _update(
        self, caller: str, expression: str, names: Mapping[str, str], values: Mapping[str, Any]
    ) -> Mapping[str, Any]:
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
        before: Mapping[str, Any] = answer.get("Attributes", {})
        return before


def _seen(fingerprint: str, now: Instant) -> dict[str, Any]:
    return {"L": [{"S": fingerprint}, {"N": str(now)}]}


def _read(value: Mapping[str, Any] | None) -> tuple[str | None, Instant]:
    return (value["L"][0]["S"], int(value["L"][1]["N"])) if value else (None, 0)
