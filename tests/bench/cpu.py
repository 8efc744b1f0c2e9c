"""CPU of a warm invocation: our real handler, the bare SDK calls of its requests, the textbook's way.

All three ask the same loopback stub in the same run, in turn, round after round; the figure is the median
of the rounds' means, in ms of this process's CPU time. `sdk` is boto3's client as it comes, sending exactly
the requests our handler sent.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdfast.domain.booking import Booking
from tests.bench import scene, stub
from tests.bench.report import emit, progress
from tests.bench.settings import CATALOG, LEDGER, environment

ROUNDS, PER_ROUND, WARM_UP = 21, 20, 40


@dataclass(frozen=True, slots=True)
class Case:
    """One operation: the event, the status our handler must answer, and the textbook's method for it."""

    operation: str
    event: Mapping[str, Any]
    status: int
    textbook: str


def cases(at: int) -> tuple[list[Case], dict[str, stub.Canned]]:
    """The operations, and what the stub answers to all that they ask."""
    from holdfast.adapters.dynamodb import keys
    from holdfast.adapters.dynamodb.bookings import booking_item
    from holdfast.adapters.dynamodb.slots import slot_item

    free = scene.a_slot("free", at, capacity=10, claims=5)
    hold = scene.a_hold(free, at)
    kept = scene.confirmed(scene.a_hold(scene.a_slot("kept", at, capacity=10), at), at)
    answers = {
        f"GetItem {CATALOG}": stub.Canned({"Item": _business_item()}),
        f"Query {LEDGER}": stub.Canned({"Items": [], "Count": 0, "ScannedCount": 0}),
        f"UpdateItem {LEDGER} {_pk(keys.slot_key(free.key))}": stub.Canned(
            {"Attributes": slot_item(scene.with_claim_of(free, hold))}
        ),
    }
    free_units = {free.key.slot_id: 5}
    for booking in (hold, kept):
        item = stub.Canned({"Item": booking_item(booking)})
        answers[f"GetItem {LEDGER} {_pk(keys.booking_key(booking.id))}"] = item
    found = [Case("reserve", _reserve(free.key.slot_id), 201, "reserve")]
    for claims in (1, 100):
        full = scene.a_slot(f"full-{claims}", at, capacity=claims, claims=claims)
        refusal = stub.Canned({"Item": slot_item(full)}, "ConditionalCheckFailedException")
        answers[f"UpdateItem {LEDGER} {_pk(keys.slot_key(full.key))}"] = refusal
        free_units[full.key.slot_id] = 0
        name = f"reserve refused, full with {claims} claim{'s' if claims > 1 else ''}"
        found.append(Case(name, _reserve(full.key.slot_id), 409, "reserve"))
    for operation, booking, body in (
        ("confirm", hold, {}),
        ("extend", hold, {"seconds": 600}),
        ("cancel", kept, {}),
    ):
        path = f"/v1/bookings/{booking.id}/{operation}"
        event = scene.request("POST", path, body, key=f"bench-{operation}")
        found.append(Case(operation, event, 200, operation))
    found.append(Case("read a booking", scene.request("GET", f"/v1/bookings/{hold.id}"), 200, "read"))
    return found, answers | _textbook_answers(free_units, (hold, kept))


def measure(case: Case, handler: Callable[[Any, Any], Any]) -> dict[str, Any]:
    import boto3

    from tests.bench.textbook import Textbook

    requests = _requests_of(lambda: handler(case.event, None))
    bare = boto3.client("dynamodb")
    textbook = getattr(Textbook(), case.textbook)
    runs: dict[str, Callable[[], object]] = {
        "ours": lambda: handler(case.event, None),
        "sdk": lambda: _send_all(bare, requests),
        "textbook": lambda: textbook(case.event),
    }
    assert handler(case.event, None)["statusCode"] == case.status, handler(case.event, None)
    for run in runs.values():
        for _ in range(WARM_UP):
            run()
    spent: dict[str, list[float]] = {name: [] for name in runs}
    names = list(runs)
    for number in range(ROUNDS):
        for name in names[number % 3 :] + names[: number % 3]:
            started = time.process_time_ns()
            for _ in range(PER_ROUND):
                runs[name]()
            spent[name].append((time.process_time_ns() - started) / PER_ROUND / 1e6)
    medians = {name: round(statistics.median(times), 3) for name, times in spent.items()}
    return {
        "bench": "cpu",
        "operation": case.operation,
        **medians,
        "oursToSdk": round(medians["ours"] / medians["sdk"], 2),
        "textbookToOurs": round(medians["textbook"] / medians["ours"], 2),
    }


def main() -> None:
    found, answers = cases(scene.now())
    with stub.running(answers) as endpoint, Path(os.devnull).open("w") as nowhere:
        os.environ |= environment(endpoint)
        # Log lines are written, as in Lambda, but not among the results.
        with contextlib.redirect_stdout(nowhere):
            from functions.booking_api.handler import handler

            for case in found:
                progress(f"cpu: {case.operation}")
                emit(measure(case, handler))


def _requests_of(invoke: Callable[[], object]) -> list[tuple[str, dict[str, Any]]]:
    """The requests of the second invocation, when the business is known."""
    from botocore import xform_name

    from holdfast import bootstrap

    seen: list[tuple[str, dict[str, Any]]] = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        seen.append((xform_name(model.name), dict(params)))

    invoke()
    events = bootstrap._client().meta.events
    events.register("provide-client-params.dynamodb.*", note)
    try:
        invoke()
    finally:
        events.unregister("provide-client-params.dynamodb.*", note)
    assert seen
    return seen


def _send_all(client: Any, requests: list[tuple[str, dict[str, Any]]]) -> None:
    from botocore.exceptions import ClientError

    for operation, request in requests:
        with contextlib.suppress(ClientError):
            getattr(client, operation)(**request)


def _reserve(slot_id: str) -> dict[str, Any]:
    return scene.request("POST", "/v1/bookings/reserve", {"slotId": slot_id}, key=f"bench-{slot_id}")


def _business_item() -> dict[str, Any]:
    import json

    business = scene.a_business()
    return {
        "PK": {"S": f"BUSINESS#{business.id}"},
        "SK": {"S": "BUSINESS"},
        "ledgerOffset": {"N": str(business.ledger_offset)},
        "settings": {"S": json.dumps(business.settings)},
        "version": {"N": "1"},
        "op": {"S": "made"},
    }


def _textbook_answers(slots: Mapping[str, int], bookings: Iterable[Booking]) -> dict[str, stub.Canned]:
    """What its items would hold: a slot is a counter there, whoever has its units."""
    counter = {"PK": {"S": "CALLER#bench"}, "SK": {"S": "MINUTE"}, "requests": {"N": "3"}}
    answers = {"UpdateItem textbook": stub.Canned({"Attributes": counter})}
    for slot_id, free in slots.items():
        item = {"PK": {"S": f"SLOT#{slot_id}"}, "SK": {"S": "SLOT"}}
        numbers = {"free": free, "version": 7, "start": 1, "end": 2, "price": 2500}
        item |= {name: {"N": str(number)} for name, number in numbers.items()}
        answers[f"GetItem textbook SLOT#{slot_id}"] = stub.Canned({"Item": item})
        answers[f"UpdateItem textbook SLOT#{slot_id}"] = stub.Canned({"Attributes": item})
    for booking in bookings:
        texts = {"PK": f"BOOKING#{booking.id}", "SK": "BOOKING", "slot": str(booking.slot)}
        texts |= {"owner": booking.owner, "status": booking.status}
        numbers = {"units": 1, "start": booking.start, "end": booking.end, "expires": booking.expires}
        numbers |= {"price": 2500, "version": booking.version}
        item = {name: {"S": text} for name, text in texts.items()}
        item |= {name: {"N": str(number)} for name, number in numbers.items()}
        answers[f"GetItem textbook BOOKING#{booking.id}"] = stub.Canned({"Item": item})
    return answers


def _pk(key: Mapping[str, Mapping[str, str]]) -> str:
    return key["PK"]["S"]


if __name__ == "__main__":
    main()
