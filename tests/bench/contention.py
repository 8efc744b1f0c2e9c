"""Many at once on few slots, on the emulator's DynamoDB: our claim beside the two classic designs.

A thousand threads wait at one barrier and go at once; 64 calls are on the wire at a time, for all designs
alike. Our rows run the booking function's real handler, each user with a key; the rivals run bare calls.
An attempt is a write that could decide: ours to the slot, the rival's transaction, the taking of its lock.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from holdfast.adapters.dynamodb.bookings import booking_item
from holdfast.app.expire import expire
from holdfast.app.ports import Timer
from holdfast.app.writes import SaveBooking, SaveSlot
from holdfast.domain.errors import Unavailable
from tests.bench import rivals, scene
from tests.bench.deployed import emulated, invoke
from tests.bench.report import emit, percentiles, progress
from tests.bench.settings import LEDGER
from tests.bench.watch import Faults, tallied, watching
from tests.support.ledger_state import read_ledger

REQUESTS = 1_000
ON_THE_WIRE = 64
MIXED_SLOTS, MIXED_CAPACITY = 10, 50
FAULTS = Faults(conflicts=0.05, throttled=0.05)
MOST_REPEATS = 5
LONG_PAST = 2_500
"""Milliseconds: longer ago than the janitors wait, so that timers and newcomers may act at once."""

_serial = itertools.count()


@dataclass(frozen=True, slots=True)
class Served:
    """What became of one request; `status` is HTTP's."""

    slot: str
    status: int
    attempts: int
    ms: float
    booking: str | None = None


def main() -> None:
    threading.stack_size(1 << 20)
    with emulated(), Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        import boto3
        from botocore.config import Config

        from holdfast import bootstrap

        bounds = Config(max_pool_connections=ON_THE_WIRE, retries={"total_max_attempts": 1})
        bare, ours = boto3.client("dynamodb", config=bounds), bootstrap._client()
        reserve(published(1, 1)[0])  # warm: imports, the business, connections
        with watching(bare, at_once=ON_THE_WIRE), watching(ours, at_once=ON_THE_WIRE):
            for slots, capacity in ((1, 1), (1, 10), (1, 100), (100, 10)):
                _compare("one slot" if slots == 1 else "many slots", slots, capacity, bare)
            _lapse(timers=False)
            _lapse(timers=True)
            with watching(ours, faults=FAULTS):
                _mixed()
        # Slots are put here without their windows in the days, which is all that may be found.
        found = read_ledger(bare, LEDGER).violations(scene.now())
        violations = [each for each in found if "window" not in each]
        assert not violations, violations


def at_once[T](tasks: Sequence[Callable[[], T]]) -> list[T]:
    """Run each in a thread of its own, all let go at the same instant."""
    barrier = threading.Barrier(len(tasks))

    def run(task: Callable[[], T]) -> T:
        barrier.wait(120)
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def _compare(row: str, slots: int, capacity: int, bare: Any) -> None:
    progress(f"contention: {row} of {capacity}, ledger")
    slot_ids = published(slots, capacity)
    served = at_once([partial(reserve, slot_ids[number % slots]) for number in range(REQUESTS)])
    _emit(row, "ledger", slots, capacity, served, sold_by_slot(served))
    designs: tuple[tuple[str, Callable[..., rivals.Outcome]], ...] = (
        ("transaction", rivals.by_transaction),
        ("lock", rivals.by_lock),
    )
    for design, run in designs:
        progress(f"contention: {row} of {capacity}, {design}")
        names = [f"{design}-{next(_serial)}" for _ in range(slots)]
        for name in names:
            rivals.seed(bare, name, capacity)
        tasks = [partial(_rival, run, bare, names[number % slots], number) for number in range(REQUESTS)]
        served = at_once(tasks)
        _emit(row, design, slots, capacity, served, sold_by_slot(served))


def _lapse(*, timers: bool) -> None:
    """A full slot whose hundred claims are past since the same second; with timers each is also ended now."""
    row = "lapse with timers" if timers else "lapse"
    progress(f"contention: {row}")
    expired = lapsed_slot(100)
    slot = expired[0].ledger.name
    tasks: list[Callable[[], Served | None]] = [partial(reserve, slot) for _ in range(REQUESTS)]
    if timers:
        for number, timer in enumerate(expired):  # spread among the requests
            tasks.insert(number * (REQUESTS // len(expired) + 1), partial(ring, timer))
    served = [each for each in at_once(tasks) if each]
    _emit(row, "ledger", 1, 100, served, sold_by_slot(served))


def _mixed() -> None:
    """Each user reserves, then confirms, and every other one cancels; a 503 is sent again with its key."""
    progress("contention: mixed")
    slot_ids = published(MIXED_SLOTS, MIXED_CAPACITY)
    served: list[Served] = []

    def user(number: int) -> None:
        slot, name = slot_ids[number % MIXED_SLOTS], f"mixed-{number}"

        def insist(path: str, body: dict[str, Any]) -> Served:
            for _ in range(MOST_REPEATS):
                served.append(ask(slot, name, path, body))
                if served[-1].status != 503:
                    break
            return served[-1]

        held = insist("/v1/bookings/reserve", {"slotId": slot})
        if held.booking and insist(f"/v1/bookings/{held.booking}/confirm", {}).status == 200 and number % 2:
            insist(f"/v1/bookings/{held.booking}/cancel", {})

    at_once([partial(user, number) for number in range(REQUESTS)])
    _emit("mixed", "ledger", MIXED_SLOTS, MIXED_CAPACITY, served, _standing(slot_ids))


def published(slots: int, capacity: int) -> list[str]:
    """Ids of new slots, each on a resource of its own."""
    made = [scene.a_slot(f"room-{next(_serial)}", scene.now(), capacity=capacity) for _ in range(slots)]
    for slot in made:
        _ledger().commit(SaveSlot(replace(slot, rev=1)))
    return [slot.key.slot_id for slot in made]


def lapsed_slot(claims: int) -> list[Timer]:
    """The timers of a new slot that is full of claims in the past, each with its record."""
    ends = scene.now() - LONG_PAST
    slot = scene.a_slot(f"room-{next(_serial)}", scene.now(), capacity=claims, claims=claims, ends=ends)
    _ledger().commit(SaveSlot(replace(slot, rev=1)))
    for record in scene.records_of(slot, ends - scene.HOLD):
        _ledger().commit(SaveBooking(record, absent=True))
    return [Timer(slot.key, who, claim.booking, claim.expires) for who, claim in slot.claims.items()]


def ring(timer: Timer) -> None:
    with contextlib.suppress(Unavailable):  # SQS brings it again
        expire(_ledger(), timer, scene.now())


def reserve(slot: str) -> Served:
    return ask(slot, f"user-{next(_serial)}", "/v1/bookings/reserve", {"slotId": slot})


def ask(slot: str, user: str, path: str, body: dict[str, Any]) -> Served:
    event = scene.request("POST", path, body, key=f"{user}-{path.rpartition('/')[2]}", user=user)
    started = time.perf_counter()
    with tallied() as tally:
        answer = invoke(event)
    spent = (time.perf_counter() - started) * 1_000
    booking = json.loads(answer["body"]).get("bookingId")
    return Served(slot, answer["statusCode"], tally.slot_writes, spent, booking)


def _rival(run: Callable[..., rivals.Outcome], client: Any, name: str, number: int) -> Served:
    user = f"{name}-{number}"
    at = scene.now()
    record = booking_item(scene.a_hold(scene.a_slot("rival", at, capacity=1), at))
    record |= {"PK": {"S": f"BOOKING#{user}"}, "kind": {"S": "rival"}}
    started = time.perf_counter()
    outcome = run(client, name, user, record)
    spent = (time.perf_counter() - started) * 1_000
    return Served(name, (201 if outcome.sold else 409) if outcome.answered else 503, outcome.attempts, spent)


def sold_by_slot(served: Sequence[Served]) -> Counter[str]:
    """Units promised, by slot."""
    return Counter(each.slot for each in served if each.status == 201)


def _standing(slot_ids: Sequence[str]) -> Counter[str]:
    """Units of the claims that stand in the slots, which cancelling has made fewer than were promised."""
    from holdfast.domain.place import SlotKey

    standing: Counter[str] = Counter()
    for slot_id in slot_ids:
        key = SlotKey.parse(slot_id)
        slot = _ledger().slot(key) if key else None
        standing[slot_id] = sum(claim.units for claim in slot.claims.values()) if slot else 0
    return standing


def _ledger() -> Any:
    from holdfast import bootstrap

    return bootstrap.ledger()


def _emit(
    row: str, design: str, slots: int, capacity: int, served: Sequence[Served], sold: Counter[str]
) -> None:
    p50, p95, p99 = percentiles([each.ms for each in served])
    emit(
        {
            "bench": "contention",
            "row": row,
            "design": design,
            "slots": slots,
            "capacity": capacity,
            "requests": len(served),
            "sold": sold.total(),
            "oversold": sum(max(0, units - capacity) for units in sold.values()),
            "gaveUp": sum(each.status == 503 for each in served),
            "attemptsPerRequest": round(sum(each.attempts for each in served) / len(served), 2),
            "maxAttempts": max(each.attempts for each in served),
            "p50Ms": p50,
            "p95Ms": p95,
            "p99Ms": p99,
        }
    )


if __name__ == "__main__":
    main()
