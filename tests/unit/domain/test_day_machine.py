"""Appointments of all lengths come, stay, change, move and go, and every minute of their ledgers is counted:
an offering and its days say the same as a list of what was taken and when (SLOT-5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from holdfast.domain.appointment import Appointment
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day, claimed_before, taken
from holdfast.domain.decision import Choice, Decision
from holdfast.domain.errors import Overlap
from holdfast.domain.identity import short_hash
from holdfast.domain.instants import HOUR, MINUTE, NEVER, SECOND, Instant
from holdfast.domain.invariants_days import of_day
from holdfast.domain.offering import Offering
from holdfast.domain.place import DayKey, pool_of, windows
from holdfast.domain.service import Service
from tests.support.appointments import MIDNIGHT
from tests.support.builders import BUSINESS, a_business, a_resource

STAND, ROOM, OFFSET = "stand-1", "room-1", 60
CLEAN, FIT = "clean", "fit"
LEDGERS = {CLEAN: (STAND, pool_of(CLEAN)), FIT: (STAND, ROOM)}
STEP = 5

owners = st.sampled_from(("alice", "bob", "carol"))
services = st.sampled_from((CLEAN, FIT))
starts = st.integers(-10, 10).map(lambda steps: MIDNIGHT + steps * STEP * MINUTE)
lengths = st.integers(1, 12).map(lambda steps: steps * STEP)
units = st.sampled_from((1, 1, 1, 2, 3))
chosen = st.integers(0, 99)
wishes = st.tuples(owners, services, starts, lengths, units, st.integers(1, 900))
"""Who wants what to begin when, for how many minutes; how many units; for how many seconds it is held."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One that was taken: from `begins` to `ends` with its buffers, until it expires."""

    spot: Appointment
    owner: str
    units: int
    begins: Instant
    ends: Instant
    expires: Instant

    @property
    def who(self) -> str:
        return self.spot.claimant(self.owner, None)

    @property
    def minutes(self) -> range:
        return range(self.begins // MINUTE, self.ends // MINUTE)

    @property
    def claim(self) -> Claim:
        return Claim(short_hash(self.who), self.units, self.expires, "print")


class Days(RuleBasedStateMachine):
    """`had` are all that were taken and not given back, past or not; `slots` those that were published."""

    def __init__(self) -> None:
        super().__init__()
        self.now: Instant = MIDNIGHT - HOUR
        self.days: dict[DayKey, Day] = {}
        self.had: list[Taken] = []
        self.slots: dict[str, range] = {}

    @initialize(
        stands=st.integers(1, 3),
        rooms=st.integers(1, 2),
        pool=st.integers(1, 3),
        buffers=st.tuples(*[st.sampled_from((0, 0, 5, 15))] * 4),
    )
    def opens(self, stands: int, rooms: int, pool: int, buffers: tuple[int, ...]) -> None:
        self.capacity = {STAND: stands, ROOM: rooms, pool_of(CLEAN): pool}
        self.buffers = {CLEAN: buffers[:2], FIT: buffers[2:]}
        requires = [{"kind": kind, "count": 1} for kind in ("stand", "room")]
        offered = [self._service(CLEAN, maxSimultaneous=pool, resourceIds=[STAND])]
        offered.append(self._service(FIT, requires=requires))
        resources = [a_resource(STAND, capacity=stands), a_resource(ROOM, kind="room", capacity=rooms)]
        self.catalogue = Catalogue(
            business=a_business(
                hours={"fri": [{"from": "00:00", "to": "48:00"}]},
                breaks=[],
                grid={"stepMinutes": STEP, "bufferBeforeMinutes": 0, "bufferAfterMinutes": 0},
            ),
            revision=1,
            services={each.id: each for each in offered},
            resources={each.id: each for each in resources},
        )

    def _service(self, name: str, **document: Any) -> Service:
        before, after = self.buffers[name]
        document["grid"] = {"bufferBeforeMinutes": before, "bufferAfterMinutes": after}
        document |= {"durationMinutes": STEP, "minDurationMinutes": STEP, "maxDurationMinutes": 60}
        return Service(business=BUSINESS, id=name, settings=document, op="made")

    @rule(wishes=st.lists(wishes, min_size=2, max_size=6))
    def many_reserve(self, wishes: Sequence[tuple[str, str, Instant, int, int, int]]) -> None:
        for wish in wishes:
            self._reserve(*wish)

    @rule(wish=wishes)
    def reserve(self, wish: tuple[str, str, Instant, int, int, int]) -> None:
        self._reserve(*wish)

    def _reserve(
        self, owner: str, service: str, start: Instant, minutes: int, units: int, seconds: int
    ) -> None:
        mine = [each for each in self._live() if self._is(each, owner, service, start)]
        found = claimed_before(self.days.values(), (service, start, [STAND]), (owner, None), OFFSET, self.now)
        assert [each.spot for each in mine] == ([found[0]] if found else [])
        decision = self._decide(service, start, minutes, units)
        if mine or not isinstance(decision, Choice):
            return
        begins, ends = self._span(service, start, minutes)
        new = Taken(decision.appointment, owner, units, begins, ends, self.now + seconds * SECOND)
        for key, window in new.spot.windows.items():
            claim = replace(new.claim, window=window)
            self.days[key] = day = self._day(key).claimed(new.who, claim, self.now)
            assert day.past(self.now) == {}
        self.had.append(new)

    @precondition(lambda self: any(self._live()))
    @rule(which=chosen)
    def confirm(self, which: int) -> None:
        before = self._one(which)
        self._put(before, replace(before, expires=NEVER))

    @precondition(lambda self: any(self._live()))
    @rule(which=chosen)
    def cancel(self, which: int) -> None:
        gone = self._one(which)
        for key in gone.spot.windows:
            self.days[key] = self.days[key].without(gone.who, self.now)
        self.had.remove(gone)

    @precondition(lambda self: any(self._live()))
    @rule(which=chosen, units=units)
    def change_units(self, which: int, units: int) -> None:
        before = self._one(which)
        others = taken(self.days.values(), before.spot, self.now, without=before.who)
        for ledger in LEDGERS[before.spot.service]:
            assert others.get(ledger, 0) == self._peak(ledger, before.minutes, without=before)
        if all(units + others.get(each, 0) <= self.capacity[each] for each in LEDGERS[before.spot.service]):
            self._put(before, replace(before, units=units))

    @precondition(lambda self: any(self._live()))
    @rule(which=chosen, start=starts, minutes=lengths)
    def move(self, which: int, start: Instant, minutes: int) -> None:
        before = self._one(which)
        if any(self._is(each, before.owner, before.spot.service, start) for each in self._live()):
            return
        service = before.spot.service
        decision = self._decide(service, start, minutes, before.units, without=before)
        if isinstance(decision, Choice):
            begins, ends = self._span(service, start, minutes)
            self._put(before, replace(before, spot=decision.appointment, begins=begins, ends=ends))

    @precondition(lambda self: len(self.slots) < 2)
    @rule(start=starts, minutes=lengths)
    def publish(self, start: Instant, minutes: int) -> None:
        name, end = f"slot at {start}", start + minutes * MINUTE
        wanted = range(start // MINUTE, end // MINUTE)
        free = all(not _meet(wanted, each) for other, each in self.slots.items() if other != name)
        free = free and self._peak(STAND, wanted) == 0
        cut = windows(BUSINESS, STAND, start, end, OFFSET)
        try:
            published = [
                self._day(key).with_window(name, window, self.now, may_overlap=False)
                for key, window in cut.items()
            ]
        except Overlap:
            assert not free
            return
        assert free
        self.days |= {day.key: day for day in published}
        self.slots[name] = wanted

    @precondition(lambda self: self.slots)
    @rule(which=chosen)
    def unpublish(self, which: int) -> None:
        name = sorted(self.slots)[which % len(self.slots)]
        del self.slots[name]
        for key, day in self.days.items():
            if name in day.windows:
                self.days[key] = day.without_window(name)

    @rule(millis=st.sampled_from((1, 999, 30 * SECOND, 5 * MINUTE, 20 * MINUTE)))
    def time_passes(self, millis: int) -> None:
        self.now += millis

    @invariant()
    def each_minute_is_taken_as_often_as_the_days_say(self) -> None:
        told: Counter[tuple[str, int]] = Counter()
        for day in self.days.values():
            midnight = day.key.begins(OFFSET) // MINUTE
            for claim in day.live(self.now).values():
                assert claim.window is not None
                for minute in range(claim.window.start, claim.window.end):
                    told[day.key.resource, midnight + minute] += claim.units
        counted: Counter[tuple[str, int]] = Counter()
        for each in self._live():
            for ledger in LEDGERS[each.spot.service]:
                counted.update({(ledger, minute): each.units for minute in each.minutes})
        assert told == counted

    @invariant()
    def nothing_is_sold_twice(self) -> None:
        for day in self.days.values():
            assert list(of_day(day, self.capacity[day.key.resource], self.now)) == []

    @invariant()
    def the_sweep_comes_for_what_is_held(self) -> None:
        for day in self.days.values():
            ends = [claim.expires for claim in day.claims.values() if not claim.confirmed]
            assert not ends or (day.due is not None and day.due <= min(ends))

    def _decide(
        self, service: str, start: Instant, minutes: int, units: int, *, without: Taken | None = None
    ) -> Decision:
        """Offered exactly where each of its minutes has room in each of its ledgers."""
        begins, ends = self._span(service, start, minutes)
        wanted = range(begins // MINUTE, ends // MINUTE)
        room = all(
            self._peak(ledger, wanted, without=without) + units <= self.capacity[ledger]
            for ledger in LEDGERS[service]
        )
        room = room and not any(_meet(wanted, slot) for slot in self.slots.values())
        who = without.who if without else None
        offering = Offering(
            self.catalogue, self.catalogue.services[service], self.days.values(), self.now, without=who
        )
        decision = offering.decide(start, start + minutes * MINUTE, units=units)
        assert isinstance(decision, Choice) == (room and start > self.now), decision.reasons
        return decision

    def _span(self, service: str, start: Instant, minutes: int) -> tuple[Instant, Instant]:
        before, after = self.buffers[service]
        return start - before * MINUTE, start + (minutes + after) * MINUTE

    def _peak(self, ledger: str, minutes: range, *, without: Taken | None = None) -> int:
        others = [each for each in self._live() if ledger in LEDGERS[each.spot.service] and each != without]
        return max(sum(each.units for each in others if minute in each.minutes) for minute in minutes)

    def _put(self, before: Taken, after: Taken) -> None:
        """One in place of another, in all days of both."""
        cut = after.spot.windows
        for key in {**before.spot.windows, **cut}:
            day = self._day(key)
            if key in cut:
                claim = replace(after.claim, booking=before.claim.booking, window=cut[key])
                self.days[key] = day.changed(before.who, after.who, claim, self.now)
            else:
                self.days[key] = day.without(before.who, self.now)
        self.had[self.had.index(before)] = after

    def _live(self) -> Iterator[Taken]:
        return (each for each in self.had if each.expires > self.now)

    def _one(self, which: int) -> Taken:
        live = list(self._live())
        return live[which % len(live)]

    @staticmethod
    def _is(one: Taken, owner: str, service: str, start: Instant) -> bool:
        return (one.owner, one.spot.service, one.spot.start) == (owner, service, start)

    def _day(self, key: DayKey) -> Day:
        return self.days.get(key, Day(key))


def _meet(one: range, other: range) -> bool:
    return one.start < other.stop and other.start < one.stop


TestDays = Days.TestCase
TestDays.settings = settings(max_examples=100, stateful_step_count=40)
