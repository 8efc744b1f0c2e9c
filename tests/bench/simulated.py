"""A small model of DynamoDB in time: published latencies, units a second for each item, conflicts.

Clients are generators that yield how many milliseconds they wait; everything is drawn from one seed.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from random import Random

type Client = Generator[float]

_SCORES = (0.0, 1.2816, 1.6449, 2.3263)
"""Of the 50th, 90th, 95th and 99th percentile of a normal distribution."""

_LOWEST, _HIGHEST = -2.3263, 3.0902
"""Nothing was published beyond the 1st and the 99.9th."""


@dataclass(frozen=True, slots=True)
class Latency:
    """A distribution through its published percentiles, in ms: log-normal piece by piece."""

    p50: float
    p90: float
    p95: float
    p99: float

    def draw(self, random: Random) -> float:
        return self.at(random.gauss(0, 1))

    def at(self, score: float) -> float:
        score = min(max(score, _LOWEST), _HIGHEST)
        logs = [math.log(each) for each in (self.p50, self.p90, self.p95, self.p99)]
        piece = next((number for number in (0, 1) if score < _SCORES[number + 1]), 2)
        slope = (logs[piece + 1] - logs[piece]) / (_SCORES[piece + 1] - _SCORES[piece])
        return math.exp(logs[piece] + slope * (score - _SCORES[piece]))


PUT = Latency(7.6, 11.3, 13.2, 16.2)
TRANSACTION = Latency(25.3, 30.7, 36.4, 92.5)
"""FIGURES: PutItem, TransactWrite 5 (the smallest published)."""

READ = Latency(3.8, 5.65, 6.6, 8.1)
"""Not published there: taken as half of a put's, to the favour of those who read most."""

WRITES_A_MS, READS_A_MS, BURST_MS = 1.0, 3.0, 1_000.0
"""Units an item can be written and read by, of which a second's worth may be taken at once."""


class Clock:
    """Runs clients in order of time; of one instant, in the order they came to it."""

    def __init__(self) -> None:
        self.now = 0.0
        self._waiting: list[tuple[float, int, Client]] = []
        self._serial = itertools.count()

    def start(self, client: Client, at: float) -> None:
        heapq.heappush(self._waiting, (at, next(self._serial), client))

    def run(self) -> None:
        while self._waiting:
            self.now, _, client = heapq.heappop(self._waiting)
            for pause in client:
                self.start(client, self.now + pause)
                break


@dataclass(slots=True)
class Bucket:
    """Units that come back with time."""

    clock: Clock
    a_ms: float
    left: float = field(init=False)
    at: float = field(init=False)

    def __post_init__(self) -> None:
        self.left, self.at = self.a_ms * BURST_MS, self.clock.now

    def take(self, units: float) -> bool:
        """False where it is throttled, which takes nothing."""
        since = self.clock.now - self.at
        self.left = min(self.a_ms * BURST_MS, self.left + since * self.a_ms)
        self.at = self.clock.now
        if self.left < units:
            return False
        self.left -= units
        return True


@dataclass(slots=True)
class Slot:
    """An item of `sizes[taken]` bytes: our design keeps its claims in it, the others only counters."""

    clock: Clock
    capacity: int
    sizes: list[int]
    taken: int = 0
    version: int = 1
    in_transaction: bool = False
    writes: Bucket = field(init=False)
    reads: Bucket = field(init=False)

    def __post_init__(self) -> None:
        self.writes, self.reads = Bucket(self.clock, WRITES_A_MS), Bucket(self.clock, READS_A_MS)

    @property
    def free(self) -> int:
        return self.capacity - self.taken

    @property
    def write_units(self) -> int:
        """A write is charged for the item as it is, or as it becomes where that is more."""
        return max(1, math.ceil(self.sizes[min(self.taken + 1, self.capacity)] / 1024))

    @property
    def read_units(self) -> int:
        return max(1, math.ceil(self.sizes[min(self.taken, self.capacity)] / 4096))

    def sell(self) -> None:
        self.taken += 1
        self.version += 1


@dataclass(slots=True)
class Lock:
    clock: Clock
    held: bool = False
    writes: Bucket = field(init=False)

    def __post_init__(self) -> None:
        self.writes = Bucket(self.clock, WRITES_A_MS)


def run(clock: Clock, clients: Iterable[Client], random: Random, *, within_ms: float) -> None:
    """All clients to their end, each started at some instant of the first `within_ms`."""
    for client in clients:
        clock.start(client, random.uniform(0, within_ms))
    clock.run()
