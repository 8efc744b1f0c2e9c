"""What happens by itself: the stream's timers and promotions, the queue that delivers timers, the sweep,
DynamoDB's TTL.

Messages come twice, late, early and out of order; a batch comes again until its consumer is done with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from holdfast.app.expire import restore
from holdfast.app.promote import promote
from holdfast.app.remove_slot import run_removal
from holdfast.app.sweep import sweep
from holdfast.app.timers import ring, timers_for
from holdfast.domain.booking import Booking
from holdfast.domain.day import Day
from holdfast.domain.entry import Entry
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import SECOND, Instant
from holdfast.domain.place import SlotKey
from holdfast.domain.promotion import needs_a_look
from holdfast.domain.slot import Slot
from tests.simulation.hub import Hub, Violation
from tests.support.memory import Changed, Memory, MemoryLedger
from tests.support.memory_queues import MemoryJobs, MemoryTimers
from tests.support.memory_readers import MemoryCatalog

SKEW = 2 * SECOND
LONGEST_DELAY = 25 * SECOND
"""What 900 s are to SQS: later timers come early and are sent anew."""


@dataclass(frozen=True, slots=True)
class Defences:
    """Which of the three lines of defence are on in a run. The stream sends the timers and moves queues."""

    stream: bool = False
    sweep: bool = False
    ttl: bool = False


EACH_ALONE_AND_ALL = (
    Defences(stream=True),
    Defences(sweep=True),
    Defences(ttl=True),
    Defences(stream=True, sweep=True),
    Defences(stream=True, sweep=True, ttl=True),
)


@dataclass
class Consumers:
    hub: Hub
    memory: Memory
    defences: Defences
    jobs: MemoryJobs

    def __post_init__(self) -> None:
        self.ledger = MemoryLedger(self.memory)
        self.catalog = MemoryCatalog(self.memory)
        self.timers = MemoryTimers(self.memory)
        self._read = 0
        self._deleted: list[Booking] = []
        self.reaped: dict[str, Booking] = {}
        self.forgotten: set[str] = set()
        self.delivered: set[str] = set()

    def moves(self) -> list[tuple[int, Callable[[], None]]]:
        """What could happen now, with weights."""
        can: list[tuple[int, Callable[[], None]]] = []
        if self.defences.stream and self._read < len(self.memory.stream):
            can.append((6, self.deliver_stream))
        if self.timers.sent:
            can.append((6, self.deliver_timer))
        if self.jobs.sent:
            can.append((10, self.deliver_job))
        if self.defences.sweep:
            can.append((1, self.sweep))
        if self.defences.ttl:
            can.append((1, self.reap))
            if self._deleted:
                can.append((3, self.deliver_deletion))
        return can

    def deliver_stream(self) -> None:
        start = max(0, self._read - (3 if self.hub.random.random() < 0.1 else 0))
        end = min(len(self.memory.stream), self._read + self.hub.random.randint(1, 4))
        self._deliver_stream(self.memory.stream[start:end], end, self._skew())

    def _deliver_stream(self, batch: Sequence[Changed], end: int, skew: int) -> None:
        """As the queue promoter's `move_on`: timers first, then promotions; what fails comes again."""

        def consume(now: Instant) -> None:
            moving: dict[SlotKey, None] = {}
            for changed in batch:
                if isinstance(changed.after, Slot | Day):
                    before = changed.before if isinstance(changed.before, Slot | Day) else None
                    self.timers.schedule(timers_for(before, changed.after), now)
                    if isinstance(changed.after, Slot) and needs_a_look(changed.after, now):
                        moving[changed.after.key] = None
            failed = 0
            for key in moving:
                try:
                    promote(self.ledger, self.catalog, key, now)
                except Unavailable:
                    failed += 1
            if failed:
                raise Unavailable("reported as a batch item failure")

        def acknowledge() -> None:
            self._read = max(self._read, end)

        self.hub.spawn("promoter", consume, skew=skew, on_success=acknowledge, janitor=True)

    def deliver_timer(self) -> None:
        """Any message may come: mostly when its time is there, sometimes long before."""
        message = self.hub.random.choice(self.timers.sent)
        sent_for, timer = message
        if self.hub.now < min(sent_for, timer.expires) + SKEW and self.hub.random.random() < 0.8:
            return

        def acknowledge() -> None:
            if message in self.timers.sent and self.hub.random.random() > 0.1:
                self.timers.sent.remove(message)

        self.hub.spawn(
            f"expirer of {timer.booking[:4]}",
            lambda now: ring(self.ledger, self.timers, timer, now),
            skew=self._skew(),
            on_success=acknowledge,
            janitor=True,
        )

    def deliver_job(self) -> None:
        message = self.hub.random.choice(self.jobs.sent)

        def acknowledge() -> None:
            if message in self.jobs.sent and self.hub.random.random() > 0.1:
                self.jobs.sent.remove(message)

        self._run_job(message, acknowledge)

    def _run_job(self, message: tuple[str, int], acknowledge: Callable[[], None]) -> None:
        job_id, _ = message
        self.delivered.add(job_id)

        def remove(now: Instant) -> None:
            if run_removal(self.ledger, job_id, now) is not None:
                self.jobs.send(job_id)

        self.hub.spawn(f"remover {job_id[:4]}", remove, skew=self._skew(), on_success=acknowledge)

    def sweep(self) -> None:
        self._sweep(self._skew())

    def _sweep(self, skew: int) -> None:
        def look(now: Instant) -> None:
            sweep(self.ledger, self.catalog, self.jobs, now)

        self.hub.spawn("sweep", look, skew=skew, janitor=True)

    def reap(self) -> None:
        seen = len(self.memory.stream)
        self.memory.reap(self.hub.now)
        for changed in self.memory.stream[seen:]:
            gone = changed.before
            if not isinstance(gone, Booking | Entry):
                continue
            self.hub.log(f"the TTL deletes {type(gone).__name__.lower()} {gone.id[:4]}")
            if isinstance(gone, Booking):
                self._deleted.append(gone)
                self.reaped[gone.id] = gone
            else:
                self.forgotten.add(gone.id)
            for task in self.hub.tasks:  # a repeat that looks now finds nothing: DESIGN 4 gives it an hour
                task.replays = None if task.replays == gone.id else task.replays

    def deliver_deletion(self) -> None:
        gone = self.hub.random.choice(self._deleted)

        def acknowledge() -> None:
            if gone in self._deleted and self.hub.random.random() > 0.1:
                self._deleted.remove(gone)

        self.hub.spawn(
            f"relay of {gone.id[:4]}",
            lambda now: restore(self.ledger, gone, now),
            skew=self._skew(),
            on_success=acknowledge,
            janitor=True,
        )

    def drain(self, finish: Callable[[], None]) -> None:
        """Everything that is due happens, each on its own."""
        self._drain_stream(finish)
        for message in self.jobs.sent[:]:
            self.jobs.sent.remove(message)
            self._run_job(message, lambda: None)
            finish()
        if self.defences.ttl:
            self.reap()
            while self._deleted:
                gone = self._deleted.pop()
                self.hub.spawn("last relay", partial(restore, self.ledger, gone), skew=0, janitor=True)
                finish()
        if self.defences.sweep:
            self._sweep(skew=0)
            finish()
        self._drain_stream(finish)

    def _drain_stream(self, finish: Callable[[], None]) -> None:
        """What the stream tells, and the timers that are due, which make the stream tell more."""
        while self.defences.stream:
            while self._read < len(self.memory.stream):
                read = self._read
                self._deliver_stream(self.memory.stream[read:], len(self.memory.stream), skew=0)
                finish()
                if self._read == read:
                    raise Violation("the stream is not read, and nobody is in the way")
            due = [each for each in self.timers.sent if each[1].expires + SKEW <= self.hub.now]
            for message in due:
                self.timers.sent.remove(message)
                look = partial(ring, self.ledger, self.timers, message[1])
                self.hub.spawn("last timer", look, skew=0, janitor=True)
                finish()
            if not due and self._read == len(self.memory.stream):
                return

    def _skew(self) -> int:
        return self.hub.random.choice((0, 0, -SKEW, SKEW))
