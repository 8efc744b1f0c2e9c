"""Watches a botocore client through its own events: counts what a request asks, holds calls back, spoils

The client stays the one that ships, so what is counted here is what a function sends.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from tests.bench import units


@dataclass(slots=True)
class Tally:
    """What one request asked of the tables."""

    calls: list[str] = field(default_factory=list)
    slot_writes: int = 0
    write_units: float = 0.0
    read_units: float = 0.0


@dataclass(frozen=True, slots=True)
class Faults:
    """Shares of writes to a slot that meet a transaction, and of all calls that are throttled. Either is
    answered in the table's stead, so nothing was written."""

    conflicts: float
    throttled: float
    seed: int = 5


_current: ContextVar[Tally | None] = ContextVar("tally", default=None)
_ANY = "dynamodb.*"


@contextmanager
def tallied() -> Iterator[Tally]:
    """Counts the calls this thread makes within the block."""
    tally = Tally()
    before = _current.set(tally)
    try:
        yield tally
    finally:
        _current.reset(before)


@contextmanager
def watching(
    client: Any, *, at_once: int | None = None, faults: Faults | None = None, capacity: bool = False
) -> Iterator[None]:
    """`at_once` bounds the calls on the wire; with `capacity` the units of each call are asked for."""
    handlers: dict[str, Any] = {f"provide-client-params.{_ANY}": _note}
    if at_once:
        gate = threading.Semaphore(at_once)
        handlers[f"before-send.{_ANY}"] = lambda **_: gate.acquire() and None
        handlers[f"response-received.{_ANY}"] = lambda **_: gate.release()
    if faults:
        handlers[f"before-call.{_ANY}"] = _Spoiler(faults)
    if capacity:
        handlers[f"before-parameter-build.{_ANY}"] = _ask_units
        handlers[f"after-call.{_ANY}"] = _note_units
    events = client.meta.events
    for event, handler in handlers.items():
        events.register(event, handler)
    try:
        yield
    finally:
        for event, handler in handlers.items():
            events.unregister(event, handler)


def touches_slot(operation: str, request: Mapping[str, Any]) -> bool:
    """Whether this is a write to a slot, alone or in a transaction."""
    if operation == "TransactWriteItems":
        members = (write for item in request["TransactItems"] for write in item.values())
        return any(_names_slot(write.get("Key") or write.get("Item")) for write in members)
    if operation in ("UpdateItem", "PutItem"):
        return _names_slot(request.get("Key") or request.get("Item"))
    return False


def _names_slot(key: Mapping[str, Any] | None) -> bool:
    return key is not None and "#SLOT#" in key["SK"]["S"]


def _note(params: Mapping[str, Any], model: Any, **_: Any) -> None:
    if tally := _current.get():
        tally.calls.append(model.name)
        tally.slot_writes += touches_slot(model.name, params)


def _ask_units(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
    params.setdefault("ReturnConsumedCapacity", "TOTAL")
    context["bench_request"] = params


def _note_units(parsed: Mapping[str, Any], model: Any, context: Mapping[str, Any], **_: Any) -> None:
    if tally := _current.get():
        written, read = units.of_call(model.name, context["bench_request"], parsed)
        tally.write_units += written
        tally.read_units += read


class _Spoiler:
    """Answers some calls with what DynamoDB says when it is busy."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._random = random.Random(faults.seed)

    def __call__(self, model: Any, params: Mapping[str, Any], **_: Any) -> Any:
        drawn = self._random.random()
        writes = model.name in ("UpdateItem", "PutItem", "TransactWriteItems")
        if writes and drawn < self._faults.conflicts:
            return _refused(model.name, "TransactionConflictException", "TransactionConflict")
        if drawn > 1 - self._faults.throttled:
            return _refused(model.name, "ProvisionedThroughputExceededException", "ThrottlingError")
        return None


def _refused(operation: str, code: str, reason: str) -> tuple[Any, dict[str, Any]]:
    answer: dict[str, Any] = {"ResponseMetadata": {"HTTPStatusCode": 400}}
    if operation == "TransactWriteItems":
        answer["Error"] = {"Code": "TransactionCanceledException", "Message": "injected"}
        answer["CancellationReasons"] = [{"Code": reason}, {"Code": "None"}]
    else:
        answer["Error"] = {"Code": code, "Message": "injected"}
    return SimpleNamespace(status_code=400), answer
