"""The three designs under published latencies: a thousand requests at once, simulated from one seed.

What the emulator cannot show is here: latencies of the region, 1,000 write units a second for each item by
the size our adapter really writes, conflicts of transactions, throttling. Each request notes its caller
first, which is the same for all. Retries are those of `rivals`; ours makes none: a throttled claim reads
the slot and answers from that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from holdfast.adapters.dynamodb.slots import slot_item
from tests.bench import rivals, scene
from tests.bench.report import emit, percentiles, progress
from tests.bench.simulated import PUT, READ, TRANSACTION, Client, Clock, Lock, Slot, run
from tests.bench.units import item_size

REQUESTS, SEED = 1_000, 20_260_612
WITHIN_MS = 5.0
COUNTER_BYTES = 120
"""A rival's slot: key, capacity, free, version, times, price."""


@dataclass(slots=True)
class Request:
    """`sold` is None until it is answered, and stays so where it gave up."""

    slot: Slot
    lock: Lock
    began: float = 0.0
    ended: float = 0.0
    attempts: int = 0
    sold: bool | None = None


type Design = Callable[[Clock, Random, Request], Client]


def ledger(clock: Clock, random: Random, request: Request) -> Client:
    """Note, claim, record; of a throttled claim a read tells the answer unless there is room."""
    slot = request.slot
    yield PUT.draw(random)
    request.attempts = 1
    there, back = _halves(PUT.draw(random))
    yield there
    throttled = not slot.writes.take(slot.write_units)
    won = not throttled and slot.free > 0
    if won:
        slot.sell()
    yield back
    if won:
        yield PUT.draw(random)
        request.sold = True
    elif not throttled:
        request.sold = False
    else:
        there, back = _halves(READ.draw(random))
        yield there
        refused = slot.reads.take(slot.read_units) and slot.free < 1
        yield back
        request.sold = False if refused else None


def transaction(clock: Clock, random: Random, request: Request, *, on_version: bool = True) -> Client:
    """Note, then read and write slot and record together on the version read, with retries."""
    slot = request.slot
    yield PUT.draw(random)
    for attempt in range(1, rivals.MOST_TRANSACTIONS + 1):
        there, back = _halves(READ.draw(random))
        yield there
        free, version = slot.free, slot.version
        yield back
        if free < 1:
            request.sold = False
            return
        request.attempts += 1
        whole = TRANSACTION.draw(random)
        yield whole / 4
        stands = slot.version == version if on_version else slot.free > 0
        # Twice the units, once to prepare and once to commit; a conflict is refused before it is charged.
        if not slot.in_transaction and slot.writes.take(2 * slot.write_units) and stands:
            slot.in_transaction = True
            yield whole / 2
            slot.sell()
            slot.in_transaction = False
            yield whole / 4
            request.sold = True
            return
        yield whole / 4  # cancelled: sooner than a commit
        if attempt < rivals.MOST_TRANSACTIONS:
            yield 1_000 * random.uniform(0, min(rivals.LONGEST_PAUSE, rivals.FIRST_PAUSE * 2**attempt))


def lock(clock: Clock, random: Random, request: Request) -> Client:
    """Note, take the lock, read, write, write, give it back; again after a pause while another has it."""
    slot, guard = request.slot, request.lock
    yield PUT.draw(random)
    for attempt in range(rivals.LOCK_RETRIES + 1):
        if attempt:
            yield 1_000 * (rivals.LOCK_PAUSE + random.uniform(0, rivals.LOCK_JITTER))
        request.attempts += 1
        there, back = _halves(PUT.draw(random))
        yield there
        taken = guard.writes.take(1) and not guard.held
        guard.held |= taken
        yield back
        if not taken:
            continue
        yield READ.draw(random)
        request.sold = slot.free > 0
        if request.sold:
            yield PUT.draw(random)
            slot.sell()
            yield PUT.draw(random)
        there, back = _halves(PUT.draw(random))
        yield there
        guard.held = False
        yield back
        return


DESIGNS: dict[str, Design] = {"ledger": ledger, "transaction": transaction, "lock": lock}


def simulated(design: str, slots: int, capacity: int, *, seed: int = SEED) -> dict[str, Any]:
    """One line of results; the same for the same seed."""
    clock, random = Clock(), Random(seed)
    sizes = claimed_sizes(capacity) if design == "ledger" else [COUNTER_BYTES] * (capacity + 1)
    places = [(Slot(clock, capacity, sizes), Lock(clock)) for _ in range(slots)]
    requests = [Request(*places[number % slots]) for number in range(REQUESTS)]

    def served(request: Request) -> Client:
        request.began = clock.now
        yield from DESIGNS[design](clock, random, request)
        request.ended = clock.now

    run(clock, [served(request) for request in requests], random, within_ms=WITHIN_MS)
    p50, p95, p99 = percentiles([request.ended - request.began for request in requests])
    sold = sum(request.sold is True for request in requests)
    return {
        "bench": "contention-model",
        "design": design,
        "slots": slots,
        "capacity": capacity,
        "requests": REQUESTS,
        "sold": sold,
        "oversold": sum(max(0, -slot.free) for slot, _ in places),
        "gaveUp": sum(request.sold is None for request in requests),
        "attemptsPerRequest": round(sum(request.attempts for request in requests) / REQUESTS, 2),
        "p50Ms": p50,
        "p95Ms": p95,
        "p99Ms": p99,
    }


def claimed_sizes(capacity: int) -> list[int]:
    """Bytes of a slot as our adapter writes it, with no claim, one, and so on until it is full."""
    at = 1_781_254_800_000
    items = (slot_item(scene.a_slot("room", at, capacity=capacity, claims=n)) for n in range(capacity + 1))
    return [item_size(item) for item in items]


def main() -> None:
    for slots, capacity in ((1, 1), (1, 10), (1, 100), (100, 10)):
        for design in DESIGNS:
            progress(f"contention-model: {slots} of {capacity}, {design}")
            emit(simulated(design, slots, capacity))


def _halves(whole: float) -> tuple[float, float]:
    """The way there and the way back."""
    return whole / 2, whole / 2


if __name__ == "__main__":
    main()
