"""The whole system in one seeded run: the real use cases, in-memory ports, and DESIGN 9 after each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random

from holdfast.app.create_slot import NewSlot, create_slot
from holdfast.domain import invariants
from holdfast.domain.appointment import Spot
from holdfast.domain.booking import HELD, Booking
from holdfast.domain.caller import Caller
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.instants import HOUR, MINUTE, NEVER, SWEEP_AHEAD, Instant
from holdfast.domain.job import JobStatus
from holdfast.domain.place import LedgerKey, SlotKey
from holdfast.domain.slot import Slot
from tests.simulation.bookers import Bookers
from tests.simulation.clients import ADMINS, Clients
from tests.simulation.consumers import EACH_ALONE_AND_ALL, SKEW, Consumers
from tests.simulation.days import Days
from tests.simulation.hub import Hub, Task, Violation, demand
from tests.simulation.offer import SCENES, Offer
from tests.simulation.plan import TAKING, Request, has_queues, has_starts
from tests.simulation.queues import Queues
from tests.support.builders import BUSINESS, NOW, RESOURCE, SETTINGS, a_business, a_resource, asked
from tests.support.memory import Changed, Memory, MemoryLedger
from tests.support.memory_queues import MemoryJobs
from tests.support.memory_readers import MemoryCatalog

MOST_STEPS = 2_000
MOST_TASKS = 4
MOST_TURNS = 40

_BUSINESS = a_business(queue={**SETTINGS["queue"], "placeHours": 1})


@cache
def ledgers_of(spot: Spot) -> Sequence[LedgerKey]:
    return [spot] if isinstance(spot, SlotKey) else [*spot.windows]


class World:
    """One run of a plan under the schedule of a seed."""

    def __init__(self, plan: Sequence[Request], seed: int) -> None:
        self.random = Random(seed)
        self.hub = Hub(self.random, NOW)
        self.memory = Memory()
        self.memory.businesses[BUSINESS] = _BUSINESS
        self.memory.resources[BUSINESS, RESOURCE] = a_resource()
        self._has_queues = has_queues(plan)
        scene = self.random.choice(SCENES) if has_starts(plan) else None
        slots = [self._published(hour, plan).key for hour in (2, 3)]
        self.memory.pause = self.hub.pause
        jobs = MemoryJobs(self.memory)
        asking = (self.hub, self.memory, plan, slots, jobs)
        self.clients, self.days = Clients(*asking), None
        if scene:
            bookers = Bookers(*asking, offer=Offer(self.hub, self.memory, scene))
            self.clients, self.days = bookers, Days(self.hub, self.memory, bookers)
        self.defences = self.random.choice(EACH_ALONE_AND_ALL)
        self.consumers = Consumers(self.hub, self.memory, self.defences, jobs)
        self._checked = len(self.memory.stream)
        self.queues = Queues(self.hub, self.memory, self.clients, self.consumers)
        self._recorded_late: set[str] = set()

    def run(self) -> None:
        """Play the plan, let what is under way finish, and check what is left; raises Violation."""
        self._settle()
        for _ in range(MOST_STEPS):
            if self.clients.idle and not self.hub.tasks:
                break
            self._move()
        self.hub.accidents = False
        self._finish()
        self._serve_who_waits()
        for _ in range(4):
            self.hub.now += 2 * HOUR
            self.consumers.drain(self._finish)
        self._check_the_end()

    def _settle(self) -> None:
        self.hub.accidents = False
        while not self.clients.idle and self.clients.next.alone:
            self.clients.send_next()
            self._finish()
        self.hub.accidents = True

    def _published(self, hour: int, plan: Sequence[Request]) -> Slot:
        """Where there shall be queues, the largest party fills its slot, or nearly."""
        start = NOW + hour * HOUR
        largest = max(each.units for each in plan if each.kind in TAKING)
        new = NewSlot(
            resource=RESOURCE,
            start=start,
            end=start + 30 * MINUTE,
            capacity=self.random.choice(
                (largest, largest, largest + 1) if self._has_queues else (1, 1, 2, 3)
            ),
            metadata={},
        )
        admin = asked(Caller("admin", ADMINS))
        return create_slot(MemoryLedger(self.memory), MemoryCatalog(self.memory), admin, BUSINESS, new)

    def _move(self) -> None:
        moves = [(3, self._pass_time), *self.consumers.moves()]
        if self.hub.tasks:
            moves.append((60, self._step))
        if not self.clients.idle and len(self.hub.tasks) < MOST_TASKS:
            moves.append((12, self.clients.send_next))
        weights, choices = zip(*moves, strict=True)
        self.random.choices(choices, weights)[0]()
        self._check_promises()

    def _step(self) -> None:
        seen = len(self.memory.stream)
        task = self.hub.step()
        for changed in self.memory.stream[seen:]:
            self._check_write(task, changed)
        self._check_state()

    def _finish(self) -> None:
        for _ in range(MOST_STEPS):
            if not self.hub.tasks:
                return
            self._step()
        raise Violation(f"never done: {[task.name for task in self.hub.tasks]}")

    def _serve_who_waits(self) -> None:
        """Time goes from the end of one hold to the next, and who waits is served while there is room. The
        sweep alone may take a quarter of an hour each time."""
        stream, sweep = self.defences.stream, self.defences.sweep
        for turn in range(MOST_TURNS):
            if not any(slot.places for slot in self.memory.slots.values()) or not (stream or sweep):
                return
            self.consumers.drain(self._finish)
            if stream or turn:
                self.queues.check_nobody_is_stranded()
            held = self._holds(self.hub.now - SKEW)
            if not held:
                return
            self.hub.now = min(held) + SKEW if stream else self.hub.now + SWEEP_AHEAD + SKEW
            self.hub.log("time moves on")
        raise Violation("the queues come to no end")

    def _holds(self, after: Instant) -> list[Instant]:
        """The ends to come of what is held."""
        items: list[Slot | Day] = [*self.memory.slots.values(), *self.memory.days.values()]
        claims = [claim for item in items for claim in item.claims.values()]
        return [claim.expires for claim in claims if after < claim.expires < NEVER]

    def _pass_time(self) -> None:
        now = self.hub.now
        near = [end for end in self._holds(now) if end < now + HOUR]
        places = [place.until for slot in self.memory.slots.values() for place in slot.places.values()]
        jump = self.random.choice((1, 250, 1000, 2000, 5000, 30_000))
        if places and max(places) > now and self.random.random() < 0.03:
            jump = max(1, max(places) - now + self.random.choice((-2000, -1, 0, 1, 1999, 2001, 5000)))
        elif near and self.random.random() < 0.5:
            jump = max(1, min(near) - now + self.random.choice((-1000, -1, 0, 1, 500, 1999, 2000, 2001)))
        elif self.defences.ttl and self.random.random() < 0.1:
            jump = HOUR
        self.hub.now += jump
        self.hub.log(f"time moves by {jump} ms")

    def _check_write(self, task: Task, changed: Changed) -> None:
        before, after = changed.before, changed.after
        if isinstance(after, Booking):
            # A request an hour late writes the first version once more when the TTL has deleted it, and who
            # had read that one goes on from it.
            anew = after.id in self.consumers.reaped
            if isinstance(before, Booking) and (
                after.version != before.version + 1 or (after.history[:-1] != before.history and not anew)
            ):
                raise Violation(f"booking {after.id}: version {before.version} was overwritten")
            if before is None and after.expires <= self.hub.now:
                self._recorded_late.add(after.id)
        if self._has_queues:
            self.queues.check_write(task, changed)
        if self.days:
            self.days.check_write(task, changed)
        if isinstance(before, Slot) and isinstance(after, Slot):
            new = [each for who, each in after.claims.items() if before.claims.get(who) != each]
            if any(each.booking == task.replays and not each.confirmed for each in new):
                raise Violation(f"{task.name}: the repeat of an answered request took units")
            gone = [each for who, each in before.claims.items() if who not in after.claims]
            if task.janitor and any(each.is_live(self.hub.now) for each in gone):
                raise Violation(f"{task.name}: ended a hold before its end")

    def _check_state(self) -> None:
        changed = self.memory.stream[self._checked :]
        self._checked = len(self.memory.stream)
        for each in changed:
            if isinstance(each.after, Booking):
                demand(invariants.of_booking(each.after))
        if changed and self._has_queues:
            self.queues.check_state(changed)
        if self.days:
            self.days.check_state(changed)
        if changed:
            records = self.memory.bookings.values()
            for slot in self.memory.slots.values():
                demand(invariants.of_slot(slot, self.hub.now, SKEW))
                demand(invariants.of_records(slot, records, self.hub.now, SKEW))
            demand(invariants.of_resource(self.memory.slots.values(), self.memory.days.values()))

    def _check_promises(self) -> None:
        for answered, end in self.clients.kept_promises():
            booking = self.memory.bookings.get(answered.id, answered)
            claims = [self._claims_in(key).get(booking.who) for key in ledgers_of(booking.spot)]
            gone = any(claim is None or claim.booking != booking.id for claim in claims)
            if self.hub.now < end - SKEW and gone:
                raise Violation(f"booking {booking.id}: it was answered, and is gone before its end")

    def _claims_in(self, key: LedgerKey) -> Mapping[str, Claim]:
        item = self.memory.slots.get(key) if isinstance(key, SlotKey) else self.memory.days.get(key)
        return item.claims if item else {}

    def _check_the_end(self) -> None:
        self.queues.check_the_end()
        tidies_claims = self.defences.stream or self.defences.sweep
        for slot in self.memory.slots.values():
            if tidies_claims and slot.past(self.hub.now):
                raise Violation(f"{slot.key.slot_id}: past claims are left")
        if self.days and tidies_claims:
            self.days.check_the_end()
        for booking in self.memory.bookings.values():
            # A record written after its hold had ended is not the timers' to find.
            excused = booking.id in self._recorded_late and not (self.defences.sweep or self.defences.ttl)
            if booking.status in HELD and not excused:
                raise Violation(f"booking {booking.id}: {booking.status} long after its end")
        for job in self.memory.jobs.values():
            ended = [each.id for each in self.memory.bookings.values() if each.did(f"remove:{job.id}")]
            if job.ended != len(ended):
                raise Violation(f"job {job.id}: counted {job.ended}, ended {ended}")
            # One whose message was lost with its request is the sweep's to find.
            runs = job.id in self.consumers.delivered or self.defences.sweep
            if runs and job.status is not JobStatus.DONE:
                raise Violation(f"job {job.id}: never done")
        recorded = {each.after.id for each in self.memory.stream if isinstance(each.after, Booking)}
        if missing := recorded - self.memory.bookings.keys():
            raise Violation(f"bookings are gone: {missing}")
