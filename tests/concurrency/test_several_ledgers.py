"""Races for several ledgers at once: rooms shared by services with staff of their own, and whole series.

Nobody is given a room twice, and whoever loses in one ledger has nothing in any other.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from copy import replace
from dataclasses import dataclass
from functools import partial

import pytest

from holdfast.app.asked import Asked
from holdfast.app.ports import Ledger
from holdfast.app.reserve import reserve
from holdfast.app.reserve_series import Made, reserve_series
from holdfast.app.series_wish import SeriesWish
from holdfast.app.standing import claims_of
from holdfast.app.wish import FreeStart, Wish
from holdfast.domain import invariants
from holdfast.domain.appointment import Appointment
from holdfast.domain.booking import Booking
from holdfast.domain.caller import Caller
from holdfast.domain.errors import NotOffered, SeriesNotOffered
from holdfast.domain.instants import HOUR, MINUTE, Instant
from holdfast.domain.place import DayKey, ledger_date
from holdfast.domain.series import Mode, Outcome
from tests.concurrency.arena import Arena, all_at_once
from tests.support.builders import BUSINESS, asked, at_once
from tests.unit.app.clinic import DOCTORS, NURSES, ROOMS, Clinic, weekly
from tests.unit.app.salon import at

PATIENTS = [Caller(f"patient-{number:02d}") for number in range(40)]
SERVICES = ("treatment", "checkup")
DATES = [ledger_date(start, 60).isoformat() for start in weekly(4)]
STEPS = [at(9) + step * 15 * MINUTE for step in range(10)]


@dataclass(frozen=True)
class Ward:
    """The arena with a clinic's catalogue, and one room for everybody."""

    arena: Arena
    ledger: Ledger

    @classmethod
    def of(cls, arena: Arena) -> Ward:
        clinic = Clinic(memory=arena.memory)
        del clinic.memory.resources[BUSINESS, ROOMS[1]]
        clinic.memory.revisions.clear()  # as the arena's tables have it
        return cls(arena, arena.ledger)

    def book(self, number: int, start: Instant) -> Booking:
        """Every other one is for the other service."""
        service = SERVICES[number % len(SERVICES)]
        spot = FreeStart(business=BUSINESS, service=service, start=start)
        ports = self.arena.ports
        return at_once(
            reserve(
                self.ledger,
                ports.callers,
                self.arena.catalog,
                self.arena.catalogues,
                ports.bookings,
                asked(PATIENTS[number]),
                Wish(spot=spot, metadata={}),
            )
        ).booking

    def book_series(self, by: Asked, starts: Sequence[Instant], mode: Mode = Mode.ALL_OR_NOTHING) -> Made:
        first, *others = (FreeStart(business=BUSINESS, service="treatment", start=start) for start in starts)
        ports = self.arena.ports
        return reserve_series(
            self.ledger,
            ports.callers,
            self.arena.catalog,
            self.arena.catalogues,
            ports.bookings,
            by,
            SeriesWish(wish=Wish(spot=first, metadata={}), others=others, mode=mode),
        )

    def strays(self, bookings: Sequence[Booking]) -> list[str]:
        """What stands on any day and is not of these bookings, and what of theirs does not stand."""
        ledger = self.arena.ledger
        found = [
            f"{each.id} is not as it was answered"
            for each in bookings
            if claims_of(ledger, each.claims, each.who, each.id) != each.claims
            or ledger.booking(each.id) != each
            or list(invariants.of_booking(each))
        ]
        keys = [DayKey(BUSINESS, name, date) for name in (*DOCTORS, *NURSES, *ROOMS) for date in DATES]
        _, days = ledger.slots_and_days([], keys)
        known = {each.id for each in bookings}
        return found + [
            f"{claim.booking} stands on {day.key.name}"
            for day in days
            for claim in day.claims.values()
            if claim.booking not in known
        ]


@pytest.fixture
def ward(arena: Arena) -> Ward:
    return Ward.of(arena)


def double_booked(bookings: Sequence[Booking]) -> list[str]:
    """Who was given a resource that somebody else was given as well, by what they were answered."""
    spots = [(each.id, each.spot) for each in bookings if isinstance(each.spot, Appointment)]
    return [
        f"{one} and {other} both have {shared}"
        for (one, first), (other, second) in itertools.combinations(spots, 2)
        if first.begins < second.ends and second.begins < first.ends
        for shared in sorted(set(first.resources) & set(second.resources))
    ]


def held(answers: Sequence[object], ledger: Ledger) -> list[Booking]:
    """All bookings of what was answered, read as they are."""
    ids = [each.id for each in answers if isinstance(each, Booking)]
    for made in (each for each in answers if isinstance(each, Made)):
        ids += [each.booking for each in made.series.occurrences if each.outcome is Outcome.RESERVED]
    records = ledger.bookings(ids)
    return [records[each] for each in ids]


def test_two_services_never_have_the_same_room_at_once(ward: Ward) -> None:
    deeds = [partial(ward.book, number, STEPS[number % len(STEPS)]) for number in range(len(PATIENTS))]
    answers = all_at_once(deeds)
    won = [each for each in answers if isinstance(each, Booking)]
    assert {type(each) for each in answers if not isinstance(each, Booking)} == {NotOffered}
    assert 2 <= len(won) <= 3  # of the three and a quarter hours that are asked for
    assert double_booked(won) == []
    assert ward.strays(won) == []
    for number, answer in enumerate(answers):
        start = STEPS[number % len(STEPS)]
        refused = not isinstance(answer, Booking)
        assert not refused or any(each.start < start + HOUR and start < each.end for each in won)


def test_with_nothing_checked_two_services_have_the_same_room(arena: Arena, ward: Ward) -> None:
    ward = replace(ward, ledger=arena.check_then_act(2))
    answers = all_at_once([partial(ward.book, number, at(9)) for number in range(2)])
    won = [each for each in answers if isinstance(each, Booking)]
    assert len(won) == 2
    assert "both have room-1" in str(double_booked(won))
    assert "is not as it was answered" in str(ward.strays(won))


def test_of_series_for_the_same_weeks_one_is_had_whole_and_the_others_not_at_all(ward: Ward) -> None:
    weeks = weekly(4)
    orders = [weeks, weeks[::-1], weeks[2:] + weeks[:2], weeks[1:]]
    deeds: list[Callable[[], object]] = [
        partial(ward.book_series, asked(who), orders[number % 4]) for number, who in enumerate(PATIENTS[:12])
    ]
    answers = all_at_once(deeds)
    (won,) = (each for each in answers if isinstance(each, Made))
    assert {type(each) for each in answers if each is not won} == {SeriesNotOffered}
    bookings = held([won], ward.ledger)
    assert len(bookings) == len(won.series.occurrences)
    assert ward.strays(bookings) == []


def test_with_nothing_checked_two_series_have_the_same_weeks(arena: Arena, ward: Ward) -> None:
    ward = replace(ward, ledger=arena.check_then_act(2))
    answers = all_at_once([partial(ward.book_series, asked(who), weekly(3)) for who in PATIENTS[:2]])
    assert all(isinstance(each, Made) for each in answers)
    assert len(double_booked(held(answers, arena.ledger))) == 6  # a doctor and the room, three times


def test_single_bookings_and_series_at_once_leave_every_series_whole(ward: Ward) -> None:
    weeks = weekly(3)
    deeds: list[Callable[[], object]] = [
        partial(ward.book_series, asked(who), [weeks[0] + number * HOUR, *weeks[1:]])
        for number, who in enumerate(PATIENTS[:5])
    ]
    deeds += [partial(ward.book, number, weeks[number % 3]) for number in range(10, 22)]
    answers = all_at_once(deeds)
    bookings = held(answers, ward.ledger)
    assert {type(each) for each in answers} <= {Booking, Made, NotOffered, SeriesNotOffered}
    assert double_booked(bookings) == []
    assert ward.strays(bookings) == []
    for made in (each for each in answers if isinstance(each, Made)):
        assert len(held([made], ward.ledger)) == 3


def test_of_many_who_take_what_they_get_each_week_goes_to_one(ward: Ward) -> None:
    weeks = weekly(4)
    deeds = [partial(ward.book_series, asked(who), weeks, Mode.SKIP_CONFLICTS) for who in PATIENTS[:10]]
    answers = [each for each in all_at_once(deeds) if isinstance(each, Made)]
    bookings = held(answers, ward.ledger)
    assert len(answers) == 10
    assert sorted(each.start for each in bookings) == weeks
    assert ward.strays(bookings) == []


@pytest.mark.parametrize("mode", [Mode.ALL_OR_NOTHING, Mode.SKIP_CONFLICTS])
def test_one_key_ten_times_at_once_is_one_series(ward: Ward, mode: Mode) -> None:
    weeks = weekly(3)

    def repeat() -> Made:
        return ward.book_series(asked(PATIENTS[0], key="key"), weeks, mode)

    answers = [each for each in all_at_once([repeat] * 10) if isinstance(each, Made)]
    assert len(answers) == 10
    assert len({each.series.occurrences for each in answers}) == 1
    bookings = held(answers[:1], ward.ledger)
    assert [each.start for each in bookings] == weeks
    assert ward.strays(bookings) == []


def test_the_helpers_tell_what_stands_and_what_does_not(ward: Ward) -> None:
    booking = ward.book(0, at(9))
    assert ward.strays([booking]) == []
    assert len(ward.strays([])) == 2
