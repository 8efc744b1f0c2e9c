"""Before a change an admin is told whom it would leave without a rule to stand on; nothing is written."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from holdfast.app.asked import Asked
from holdfast.app.change_catalog import update_business, update_resource
from holdfast.app.dry_run import DryRun, Rehearsal
from holdfast.app.holidays import add_holiday, update_holiday
from holdfast.app.time_off import add_time_off, update_time_off
from holdfast.domain.caller import Caller
from holdfast.domain.closures import Closure, TimeOff
from holdfast.domain.errors import (
    AlreadyExists,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionRequired,
    StaleVersion,
)
from holdfast.domain.instants import DAY, HOUR, MINUTE
from tests.support.builders import ALICE, BOB, BUSINESS, CAROL, NOW, a_resource, a_slot, asked
from tests.support.memory_readers import MemoryDays, MemorySlots
from tests.unit.app.salon import OPEN, SAM, Salon, a_service, at

ADA = Caller("ada", frozenset({f"{BUSINESS}:admin"}))
LATE_OPENING = {**OPEN, "mon": [{"from": "10:00", "to": "18:00"}]}
CHRISTMAS_IN_JUNE = {"date": "2026-06-15", "name": "A day off", "kind": "public"}


class Calendars:
    """A country that keeps the Monday."""

    def require(self, country: str, subdivision: str | None) -> None:
        if country != "AT":
            raise Invalid("/holidays/country", "is no country")

    def closures(self, country: str, subdivision: str | None, first: int, last: int) -> Sequence[Closure]:
        assert (first, last) == (2025, 2026)
        return [Closure.of(CHRISTMAS_IN_JUNE)]


@dataclass
class Rehearsing(Salon):
    """Each change is asked for as a dry run."""

    bounds: dict[str, int] = field(default_factory=dict)

    def by(self, caller: Caller = ADA, **members: Any) -> Asked:
        return replace(asked(caller, **members), dry_run=True)

    @property
    def rehearsal(self) -> Rehearsal:
        return Rehearsal(self.ledger, MemoryDays(self.memory), self.catalogues, NOW, **self.bounds)

    def changed_business(self, *, by: Asked | None = None, **settings: Any) -> DryRun:
        there = self.memory.businesses[BUSINESS]
        by = by or self.by(expects=there.version)
        ports = (self.catalog, self.catalogues, Calendars())
        after = update_business(*ports, by, BUSINESS, {**there.settings, **settings})
        return self.rehearsal.business(after, Calendars())

    def changed_resource(self, resource: str, **terms: Any) -> DryRun:
        there = self.memory.resources[BUSINESS, resource]
        names = ("name", "kind", "capacity", "slots_may_overlap", "hours", "breaks", "metadata")
        whole = {name: getattr(there, name) for name in names} | terms
        by = self.by(expects=there.version)
        after = update_resource(self.catalog, self.catalogues, by, BUSINESS, resource, **whole)
        return self.rehearsal.resource(after)

    def new_holiday(self, name: str | None = None, **settings: Any) -> DryRun:
        whole = CHRISTMAS_IN_JUNE | settings
        after = add_holiday(self.catalog, self.catalogues, self.by(), BUSINESS, name, whole)
        return self.rehearsal.holiday(after)

    def new_time_off(self, start: int, end: int) -> DryRun:
        ports = (self.ledger, MemorySlots(self.memory), self.catalog)
        after = add_time_off(*ports, self.by(), BUSINESS, "chair-1", None, TimeOff(start, end))
        return self.rehearsal.time_off(after)


@pytest.fixture
def salon() -> Rehearsing:
    return Rehearsing()


def told(found: DryRun) -> dict[str, list[str]]:
    """The reasons by booking."""
    return {booking.id: list(reasons) for booking, reasons in found.orphaned}


def test_shorter_hours_orphan_who_stands_outside_of_them(salon: Rehearsing) -> None:
    early, late = salon.booked(asked(), at(9)), salon.booked(asked(), at(11))
    found = salon.changed_business(hours=LATE_OPENING)
    assert (found.checked, found.complete, told(found)) == (2, True, {early.id: ["outside_hours"]})
    assert found.until == NOW + 91 * DAY
    assert salon.changed_business().orphaned == []
    assert late.id not in told(found)


def test_a_new_break_orphans_who_it_runs_into(salon: Rehearsing) -> None:
    noon = salon.booked(asked(), at(12, 15))
    salon.booked(asked(), at(13))
    breaks = [{"weekdays": ["mon"], "from": "12:30", "to": "13:00"}]
    assert told(salon.changed_business(breaks=breaks)) == {noon.id: ["break"]}


def test_the_holidays_of_a_country_orphan_who_is_booked_on_them(salon: Rehearsing) -> None:
    monday = salon.booked(asked(), at(9))
    salon.booked(asked(), at(9) + DAY)
    assert told(salon.changed_business(holidays={"country": "AT"})) == {monday.id: ["holiday"]}


def test_another_zone_is_another_clock(salon: Rehearsing) -> None:
    nine = salon.booked(asked(), at(9))
    salon.booked(asked(), at(10))
    assert told(salon.changed_business(timeZone="Europe/London")) == {nine.id: ["outside_hours"]}


def test_buffers_and_the_grid_are_for_those_to_come(salon: Rehearsing) -> None:
    salon.booked(asked(), at(9), resource="chair-1")
    salon.booked(asked(BOB), at(9, 30), resource="chair-1")
    grid = {"stepMinutes": 60, "bufferBeforeMinutes": 20, "bufferAfterMinutes": 20}
    policies = salon.memory.businesses[BUSINESS].settings["policies"] | {"minimumNoticeMinutes": 10_000}
    assert salon.changed_business(grid=grid, policies=policies).orphaned == []


def test_hours_of_its_own_concern_the_one_resource(salon: Rehearsing) -> None:
    first, second = (
        salon.booked(asked(who), at(9), resource=chair)
        for who, chair in ((ALICE, "chair-1"), (BOB, "chair-2"))
    )
    found = salon.changed_resource("chair-1", hours=LATE_OPENING)
    assert (found.checked, told(found)) == (1, {first.id: ["outside_hours"]})
    assert second.id not in told(found)


def test_less_capacity_orphans_all_who_are_too_many_together(salon: Rehearsing) -> None:
    salon.add(replace(a_resource("room-1"), capacity=3))
    salon.offer(a_service(resourceIds=["room-1"]))
    three = [salon.booked(asked(who), at(9)) for who in (ALICE, BOB, CAROL)]
    alone = salon.booked(asked(), at(12))
    party = salon.booked(asked(), at(14), units=2)
    found = told(salon.changed_resource("room-1", capacity=1))
    assert found == {each.id: ["taken"] for each in three} | {party.id: ["too_many_units"]}
    assert alone.id not in found
    assert told(salon.changed_resource("room-1", capacity=3)) == {}


@pytest.mark.parametrize(
    ("kind", "reason"), [("public", "holiday"), ("blackout", "blackout"), ("maintenance", "maintenance")]
)
def test_a_holiday_orphans_those_of_its_days_and_resources(salon: Rehearsing, kind: str, reason: str) -> None:
    first = salon.booked(asked(), at(9), resource="chair-1")
    second = salon.booked(asked(BOB), at(9), resource="chair-2")
    salon.booked(asked(CAROL), at(9) + DAY)
    assert told(salon.new_holiday(kind=kind)) == {each.id: [reason] for each in (first, second)}
    found = salon.new_holiday(kind=kind, resourceIds=["chair-2"])
    assert (found.checked, told(found)) == (1, {second.id: [reason]})


def test_a_holiday_that_moves_orphans_those_of_its_new_days(salon: Rehearsing) -> None:
    tuesday = salon.booked(asked(), at(9) + DAY)
    there = add_holiday(salon.catalog, salon.catalogues, asked(ADA), BUSINESS, "day-off", CHRISTMAS_IN_JUNE)
    ports = (salon.catalog, salon.catalogues, salon.by(expects=there.version))
    moved = CHRISTMAS_IN_JUNE | {"date": "2026-06-16"}
    after = update_holiday(*ports, BUSINESS, "day-off", moved)
    assert told(salon.rehearsal.holiday(after)) == {tuesday.id: ["holiday"]}


def test_time_off_orphans_whom_it_touches_and_blocks_no_slot(salon: Rehearsing) -> None:
    touched = salon.booked(asked(), at(9), resource="chair-1")
    salon.booked(asked(BOB), at(9), resource="chair-2")
    salon.booked(asked(CAROL), at(11), resource="chair-1")
    slot = a_slot(start=at(9), resource="chair-1")
    salon.memory.put_slot(slot)
    assert told(salon.new_time_off(at(9, 29), at(11))) == {touched.id: ["time_off"]}
    assert salon.memory.slots[slot.key] == slot
    ports = (salon.ledger, MemorySlots(salon.memory), salon.catalog)
    there = add_time_off(*ports, asked(ADA), BUSINESS, "chair-1", "trip", TimeOff(at(15), at(16)))
    ends = TimeOff(at(10, 59), at(11, 1))
    by = salon.by(expects=there.version)
    after = update_time_off(*ports, by, BUSINESS, "chair-1", "trip", ends)
    assert len(told(salon.rehearsal.time_off(after))) == 1


def test_who_stood_against_the_rules_already_is_no_orphan_of_the_change(salon: Rehearsing) -> None:
    salon.by_hand(asked(SAM), salon.start(at(8)), "outside_hours")
    assert salon.changed_business(hours=LATE_OPENING).orphaned == []


def test_what_is_over_or_came_to_nothing_is_not_looked_at(salon: Rehearsing) -> None:
    cancelled = salon.booked(asked(), at(9))
    salon.cancel(asked(), cancelled)
    lapsed = salon.book(asked(BOB, now=NOW - HOUR), at(9, 30)).booking
    held = salon.book(asked(CAROL), at(9, 45)).booking
    begun = salon.booked(asked(now=NOW - 2 * HOUR), NOW - 30 * MINUTE)
    found = salon.changed_business(hours={day: [{"from": "17:00", "to": "18:00"}] for day in OPEN})
    assert (found.checked, set(told(found))) == (1, {held.id})
    assert {lapsed.id, begun.id}.isdisjoint(told(found))


def test_a_claim_whose_record_was_never_written_is_left_out(salon: Rehearsing) -> None:
    held = salon.book(asked(), at(9)).booking
    del salon.memory.bookings[held.id]
    assert salon.changed_business(hours=LATE_OPENING).checked == 0


def test_several_resources_are_each_judged(salon: Rehearsing) -> None:
    salon.add(replace(a_resource("room-1"), kind="room"))
    requires = [{"kind": "stand", "count": 1}, {"kind": "room", "count": 1}]
    salon.offer(a_service(requires=requires))
    both = salon.booked(asked(), at(9))
    assert told(salon.changed_resource("room-1", hours=LATE_OPENING)) == {both.id: ["outside_hours"]}


def test_the_look_is_bounded_and_says_so(salon: Rehearsing) -> None:
    for minute in (0, 30):
        salon.booked(asked(), at(9, minute))
    salon.bounds = {"most_checked": 1}
    found = salon.changed_business()
    assert (found.checked, found.complete) == (1, False)
    salon.bounds = {"most_queries": 2}
    found = salon.changed_business()
    assert (found.checked, found.complete, found.until) == (2, False, NOW + 31 * DAY)


@pytest.mark.parametrize(
    "change",
    [
        lambda salon: salon.changed_business(hours=LATE_OPENING),
        lambda salon: salon.changed_resource("chair-1", hours=LATE_OPENING),
        lambda salon: salon.new_holiday(),
        lambda salon: salon.new_time_off(at(9), at(10)),
    ],
)
def test_nothing_is_written(salon: Rehearsing, change: Callable[[Rehearsing], DryRun]) -> None:
    salon.booked(asked(), at(9))
    before = copy.deepcopy({name: value for name, value in vars(salon.memory).items() if name != "pause"})
    assert change(salon).checked == 1
    assert {name: value for name, value in vars(salon.memory).items() if name != "pause"} == before


def test_what_would_be_refused_is_refused(salon: Rehearsing) -> None:
    with pytest.raises(Forbidden):
        salon.changed_business(by=salon.by(SAM))
    with pytest.raises(PreconditionRequired):
        salon.changed_business(by=salon.by())
    with pytest.raises(StaleVersion):
        salon.changed_business(by=salon.by(expects=7))
    with pytest.raises(Invalid):
        salon.changed_business(holidays={"country": "XX"})
    with pytest.raises(Invalid):
        salon.new_time_off(at(10), at(9))
    with pytest.raises(NotFound):
        add_holiday(salon.catalog, salon.catalogues, salon.by(), "boats", None, CHRISTMAS_IN_JUNE)
    add_holiday(salon.catalog, salon.catalogues, asked(ADA), BUSINESS, "day-off", CHRISTMAS_IN_JUNE)
    with pytest.raises(AlreadyExists):
        salon.new_holiday("day-off")


def test_a_resource_of_another_kind_orphans_whom_it_no_longer_serves(salon: Rehearsing) -> None:
    salon.offer(a_service(requires=[{"kind": "stand", "count": 1}]))
    booked = salon.booked(asked(), at(9), resource="chair-1")
    salon.booked(asked(BOB), at(9), resource="chair-2")
    assert told(salon.changed_resource("chair-1", kind="room")) == {booked.id: ["no_resource"]}
