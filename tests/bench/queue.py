"""Joins, positions and turns: how many a second, and how soon a turn comes once a unit is free.

Joins and positions run the booking function's real handler in this process on the emulator's DynamoDB, 16
requests at a time. Turns are those of the deployed local stack, through its stream: from the moment a release
is sent until the next one's hold stands in the table, looked for every 5 ms.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from holdfast.app.writes import SaveBooking, SaveSlot
from local import stack
from tests.bench import scene
from tests.bench.deployed import emulated, invoke
from tests.bench.report import emit, percentiles, progress
from tests.e2e.door import PATIENCE, Door
from tests.e2e.queue_hall import FullSlot, Hall
from tests.local.support import free_port
from tests.support.waiting import eventually

AT_ONCE = 16
JOINS, READS = 1_000, 2_000
LONGEST_QUEUE = 100
"""What the default preset lets one slot's queue grow to."""

HALLS, IN_LINE = 6, 20
MOST_SECONDS_TO_A_TURN = 20

_serial = itertools.count()


def main() -> None:
    with emulated(), Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        join(full_slots(1)[0], "warm")
        one_by_one(JOINS)
        over_many(JOINS, slots=100)
        positions(READS)
    with _deployed() as hall:
        _take_turns(hall, slots_at_once=HALLS, waiting=4)  # warm: as many workers as it takes
        _turns(hall, slots_at_once=1)
        _turns(hall, slots_at_once=HALLS)


def one_by_one(joins: int) -> None:
    """All join the same slot, and the next one when its queue is as long as it may be."""
    progress("queue: joins, one slot")
    slots = full_slots(-(-joins // LONGEST_QUEUE))
    by_slot = [[partial(join, slot, f"user-{number}") for number in range(LONGEST_QUEUE)] for slot in slots]
    took = [timed(tasks) for tasks in by_slot]
    _emit("joins, one slot", 1, [ms for each, _ in took for ms in each], sum(seconds for _, seconds in took))


def over_many(joins: int, *, slots: int) -> None:
    progress(f"queue: joins, {slots} slots")
    slot_ids = full_slots(slots)
    took, seconds = timed(
        [partial(join, slot_ids[number % slots], f"user-{number}") for number in range(joins)]
    )
    _emit(f"joins, {slots} slots", slots, took, seconds)


def positions(reads: int) -> None:
    progress("queue: positions")
    (slot,) = full_slots(1)
    users = [f"user-{number}" for number in range(LONGEST_QUEUE)]
    timed([partial(join, slot, user) for user in users])
    took, seconds = timed([partial(position, slot, users[number % LONGEST_QUEUE]) for number in range(reads)])
    _emit("positions", 1, took, seconds)


def full_slots(slots: int) -> list[str]:
    """Ids of new slots with one unit, which is held."""
    from holdfast import bootstrap

    at, made = scene.now(), []
    for _ in range(slots):
        slot = scene.a_slot(f"hall-{next(_serial)}", at, capacity=1, claims=1)
        bootstrap.ledger().commit(SaveSlot(replace(slot, rev=1)))
        for record in scene.records_of(slot, at):
            bootstrap.ledger().commit(SaveBooking(record, absent=True))
        made.append(slot.key.slot_id)
    return made


def join(slot: str, user: str) -> None:
    _expect(201, scene.request("POST", f"/v1/slots/{slot}/queue", {}, key=f"join {slot}", user=user))


def position(slot: str, user: str) -> None:
    _expect(200, scene.request("GET", f"/v1/slots/{slot}/queue/position", user=user))


def _expect(status: int, event: Mapping[str, Any]) -> None:
    answer = invoke(event)
    assert answer["statusCode"] == status, answer


def timed(tasks: Sequence[Callable[[], object]]) -> tuple[list[float], float]:
    """What each took in milliseconds, and all of them together in seconds."""

    def run(task: Callable[[], object]) -> float:
        started = time.perf_counter()
        task()
        return (time.perf_counter() - started) * 1_000

    started = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        took = list(pool.map(run, tasks))
    return took, time.perf_counter() - started


@contextmanager
def _deployed() -> Iterator[Hall]:
    """The local stack as `make run` starts it, without the demo."""
    progress("queue: the local stack")
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder, contextlib.redirect_stdout(None):
        try:
            running = stack.up(Path(folder), port=free_port())
            with httpx.Client(base_url=running.api_url, timeout=PATIENCE) as http:
                hall = Hall(Door(running, http))
                hall.open()
                yield hall
        finally:
            stack.down(Path(folder))


def _turns(hall: Hall, *, slots_at_once: int) -> None:
    row = "turns, one slot at a time" if slots_at_once == 1 else f"turns, {slots_at_once} slots at once"
    progress(f"queue: {row}")
    _emit(row, slots_at_once, *_take_turns(hall, slots_at_once=slots_at_once, waiting=IN_LINE))


def _take_turns(hall: Hall, *, slots_at_once: int, waiting: int) -> tuple[list[float], float]:
    """In each of the slots all turns of a queue, one after the other; what each took in milliseconds, and all
    of them together in seconds."""
    slots = [hall.filled(capacity=1, waiting=waiting) for _ in range(HALLS)]
    started = time.perf_counter()
    with ThreadPoolExecutor(slots_at_once) as pool:
        took = [ms for each in pool.map(partial(_pass_through, hall), slots) for ms in each]
    return took, time.perf_counter() - started


def _pass_through(hall: Hall, slot: FullSlot) -> list[float]:
    """Everybody releases as soon as they hold; milliseconds from each release to the next one's hold."""
    took: list[float] = []
    for number, (holding, following) in enumerate(itertools.pairwise([*slot.held, *slot.waiting])):
        started = time.perf_counter()
        released = hall.user(number).post(f"/v1/bookings/{holding}/release")
        assert released.status_code == 200, released.text
        eventually(partial(_holds, hall, slot, following), within=MOST_SECONDS_TO_A_TURN, every=0.005)
        took.append((time.perf_counter() - started) * 1_000)
    return took


def _holds(hall: Hall, slot: FullSlot, booking_id: str) -> bool:
    return any(claim.booking == booking_id for claim in hall.slot(slot.id).claims.values())


def _emit(row: str, slots: int, took: Sequence[float], seconds: float) -> None:
    p50, p95, p99 = percentiles(took)
    emit(
        {
            "bench": "queue",
            "row": row,
            "slots": slots,
            "requests": len(took),
            "perSecond": round(len(took) / seconds, 1),
            "p50Ms": p50,
            "p95Ms": p95,
            "p99Ms": p99,
        }
    )


if __name__ == "__main__":
    main()
