"""Two hundred at once for overlapping starts of one resource's day, on a real DynamoDB API: nothing overlaps
beyond its capacity, nobody is put off, and who is refused was refused for somebody who has it (DESIGN 2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import replace
from dataclasses import dataclass
from functools import partial

import pytest

from holdfast.adapters.dynamodb.days import day_item
from holdfast.adapters.dynamodb.ledger import DynamoLedger
from holdfast.app.create_slot import NewSlot, create_slot
from holdfast.app.ports import Ledger
from holdfast.app.reserve import Reserved, reserve
from holdfast.app.wish import FreeStart, Wish
from holdfast.domain.caller import Caller
from holdfast.domain.day import Day
from holdfast.domain.errors import NotOffered, Overlap
from holdfast.domain.instants import MINUTE, Instant
from holdfast.domain.invariants_days import of_day
from holdfast.domain.place import DayKey
from holdfast.domain.slot import Slot
from tests.concurrency.arena import Arena, Meeting, all_at_once
from tests.support.builders import BUSINESS, NOW, a_resource, asked, at_once
from tests.unit.app.salon import GRID, Salon, a_service, at

MANY = 200
STEP, BEFORE, AFTER = 5, 5, 10
LENGTHS = (20, 30, 45)


class Overwriting(DynamoLedger):
    """A day is written whatever stands there by now, and all come before the first is written."""

    meeting: Meeting

    def replace_day(self, day: Day) -> None:
        self.meeting.come()
        self._write("put_item", Item=day_item(day))


@dataclass(frozen=True)
class Practice:
    """One doctor who sees `capacity` patients at a time."""

    arena: Arena
    capacity: int

    def __post_init__(self) -> None:
        salon = Salon(memory=self.arena.memory)
        salon.settle(
            grid=GRID | {"stepMinutes": STEP, "bufferBeforeMinutes": BEFORE, "bufferAfterMinutes": AFTER}
        )
        salon.add(replace(a_resource("doctor"), capacity=self.capacity))
        lengths = {"minDurationMinutes": min(LENGTHS), "maxDurationMinutes": max(LENGTHS)}
        salon.offer(a_service("visit", resourceIds=["doctor"], **lengths))
        salon.memory.revisions.clear()  # as the arena's tables have it

    def book(self, number: int, on: Ledger) -> Reserved:
        start = at(9) + number * 7 % 60 * STEP * MINUTE
        end = start + LENGTHS[number % len(LENGTHS)] * MINUTE
        spot = FreeStart(business=BUSINESS, service="visit", start=start, end=end)
        ports, user = self.arena.ports, asked(Caller(f"patient-{number:03d}"))
        catalogs = (self.arena.catalog, self.arena.catalogues)
        wish = Wish(spot=spot, metadata={})
        return at_once(reserve(on, ports.callers, *catalogs, ports.bookings, user, wish))

    def race(self, on: Ledger) -> Sequence[Reserved | Exception]:
        return all_at_once([partial(self.book, number, on) for number in range(MANY)])

    @property
    def day(self) -> Day:
        key = DayKey(BUSINESS, "doctor", "2026-06-15")
        (day,) = self.arena.ledger.slots_and_days([], [key])[1]
        return day


def occupied(number: int) -> tuple[Instant, Instant]:
    start = at(9) + number * 7 % 60 * STEP * MINUTE
    return start - BEFORE * MINUTE, start + (LENGTHS[number % len(LENGTHS)] + AFTER) * MINUTE


@pytest.mark.parametrize("capacity", [1, 3])
def test_two_hundred_appointments_at_once_never_overlap_beyond_the_capacity(
    arena: Arena, capacity: int
) -> None:
    practice = Practice(arena, capacity)
    answers = practice.race(arena.ledger)
    assert {type(answer) for answer in answers} == {Reserved, NotOffered}
    kept = [number for number, answer in enumerate(answers) if isinstance(answer, Reserved)]
    assert list(of_day(practice.day, capacity, NOW)) == []
    records = [arena.ledger.booking(claim.booking) for claim in practice.day.claims.values()]
    assert sorted(each.id for each in records if each) == sorted(
        answer.booking.id for answer in answers if isinstance(answer, Reserved)
    )
    for number, answer in enumerate(answers):
        if isinstance(answer, NotOffered):
            begins, ends = occupied(number)
            others = [occupied(other) for other in kept]
            beside = [each for each in others if each[0] < ends and begins < each[1]]
            assert answer.reasons == ("taken",)
            assert len(beside) >= capacity, "there was room"


def test_a_slot_and_appointments_at_once_share_no_minute(arena: Arena) -> None:
    practice, start = Practice(arena, 1), at(9, 30)
    admin = asked(Caller("admin", frozenset({f"{BUSINESS}:admin"})))
    new = NewSlot(resource="doctor", start=start, end=start + 30 * MINUTE, capacity=1, metadata={})
    publish = partial(create_slot, arena.ledger, arena.catalog, admin, BUSINESS, new)
    deeds: list[Callable[[], object]] = [publish]
    deeds += [partial(practice.book, number, arena.ledger) for number in range(20)]

    published, *answers = all_at_once(deeds)

    assert {type(answer) for answer in answers} <= {Reserved, NotOffered}
    assert type(published) in {Slot, Overlap}
    assert isinstance(published, Slot) == bool(practice.day.windows)
    assert list(of_day(practice.day, 1, NOW)) == []


def test_without_the_rev_a_day_is_sold_twice(arena: Arena) -> None:
    """The negative control: the same race, with the condition off."""
    practice = Practice(arena, 1)
    ledger = Overwriting(arena.dynamo, arena.tables.ledger, arena.tables.catalog)
    ledger.meeting = Meeting(MANY)
    answers = practice.race(ledger)
    promised = [number for number, answer in enumerate(answers) if isinstance(answer, Reserved)]
    overlapping = [
        (one, other)
        for one in promised
        for other in promised
        if one < other and occupied(one)[0] < occupied(other)[1] and occupied(other)[0] < occupied(one)[1]
    ]
    assert overlapping
