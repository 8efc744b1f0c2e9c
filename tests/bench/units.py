"""What calls consume: DynamoDB's rules for the size of an item and the units of a call.

What the emulator reports is taken where EMULATOR.md says that it is right (writes, and reads of one item);
a query's and a batch's units come from the sizes of what they read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

_READS = frozenset({"GetItem", "Query", "BatchGetItem"})


def item_size(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Bytes of an item: names and values in UTF-8, numbers at two digits a byte and one more."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def of_call(operation: str, request: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[float, float]:
    """Write and read units of a call; a refused one is charged for the item it was judged on."""
    if operation == "Query":
        size = sum(map(item_size, answer.get("Items", ())))
        return 0.0, _read_units(size, consistent=bool(request.get("ConsistentRead")))
    if operation == "BatchGetItem":
        found = [item for items in answer.get("Responses", {}).values() for item in items]
        return 0.0, sum(_read_units(item_size(item), consistent=True) for item in found)
    if "Error" in answer:
        old = answer.get("Item")
        return float(write_units(item_size(old))) if old else 1.0, 0.0
    told = answer.get("ConsumedCapacity", ())
    reports: Sequence[Mapping[str, float]] = [told] if isinstance(told, Mapping) else told
    total = sum(report["CapacityUnits"] for report in reports)
    return (0.0, total) if operation in _READS else (total, 0.0)


def write_units(size: int) -> int:
    return max(1, math.ceil(size / 1024))


def _read_units(size: int, *, consistent: bool) -> float:
    return max(1, math.ceil(size / 4096)) * (1.0 if consistent else 0.5)


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return math.ceil(len(content.lstrip("-").replace(".", "")) / 2) + 1
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_size(each) for name, each in content.items())
        case "L":
            return 3 + sum(1 + _value_size(each) for each in content)
        case _:
            return 1
