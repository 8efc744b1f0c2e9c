"""What staff pass over by code, and what nobody does (BOOK-7)."""

from __future__ import annotations

import pytest

from holdfast.domain.availability import Reason
from holdfast.domain.closures import TimeOff
from holdfast.domain.day import MOST_WINDOWS
from holdfast.domain.decision import OVERBOOK, Choice
from holdfast.domain.instants import DAY, HOUR, SECOND
from holdfast.domain.offering import day_keys
from holdfast.domain.place import DayKey, pool_of
from holdfast.domain.slot import SlotStatus
from tests.support.offers import (
    CUT,
    a_cut,
    a_salon,
    at,
    crammed,
    days_of,
    taken,
)
from tests.unit.domain.decisions import TEN, chosen, decided, reasons, refused

POOL = pool_of(CUT)


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (TEN, Reason.DURATION),
        (TEN - HOUR, Reason.DURATION),
        (TEN + HOUR + SECOND, Reason.DURATION),
        (TEN + 8 * DAY, Reason.DURATION),
    ],
)
def test_no_code_makes_an_appointment_of_what_is_none(end: int, told: Reason) -> None:
    salon = a_salon("ann")
    every_code = {*Reason, OVERBOOK}
    assert reasons(salon, end=end, ignoring=every_code) == (told,)
    assert reasons(salon, start=TEN + SECOND, ignoring=every_code) == (Reason.OFF_GRID,)
    assert list(day_keys(salon, salon.services[CUT], TEN, end)) in (
        [],
        [DayKey("salon", "ann", "2026-06-15")],
    )


def test_staff_pass_over_what_they_name_and_nothing_else() -> None:
    salon = a_salon("ann", time_off={"ann": [TimeOff(TEN, TEN + HOUR)]})
    late = at("11:45")
    assert reasons(salon, ignoring={Reason.BREAK}) == (Reason.TIME_OFF,)
    choice = decided(salon, ignoring={Reason.TIME_OFF, Reason.BREAK})
    assert isinstance(choice, Choice)
    assert choice.overridden == (Reason.TIME_OFF,)
    assert reasons(salon, start=late) == (Reason.OUTSIDE_HOURS,)
    assert chosen(salon, start=late, ignoring={Reason.OUTSIDE_HOURS}) == ("ann",)


def test_the_past_cannot_be_booked_by_anybody() -> None:
    told = refused(a_salon("ann"), now=TEN, ignoring={*Reason, OVERBOOK})
    assert (told.reasons, told.status) == ((Reason.PAST,), SlotStatus.EXPIRED)


def test_only_overbooking_goes_beyond_capacity() -> None:
    salon = a_salon("ann", service=a_cut(maxSimultaneous=1))
    busy = days_of(taken("ann", "10:00", "11:00"), taken(POOL, "10:00", "11:00"))
    full = (Reason.TAKEN, Reason.SERVICE_FULL)
    assert reasons(salon, busy, ignoring=set(full)) == full
    choice = decided(salon, busy, ignoring={OVERBOOK})
    assert isinstance(choice, Choice)
    assert (choice.overridden, choice.available) == (full, 0)
    assert reasons(salon, units=2) == (Reason.TOO_MANY_UNITS,)
    assert chosen(salon, units=2, ignoring={OVERBOOK}) == ("ann",)


def test_those_with_room_are_not_overbooked() -> None:
    salon = a_salon("ann", "bob")
    busy = days_of(
        taken("ann", "10:00", "11:00"), taken("bob", "09:00", "10:00"), taken("bob", "11:00", "12:00")
    )
    assert chosen(salon, busy) == chosen(salon, busy, ignoring={OVERBOOK}) == ("bob",)


def test_a_crammed_day_takes_no_entry_whoever_overbooks_it() -> None:
    salon = a_salon("ann")
    assert reasons(salon, [crammed("ann", MOST_WINDOWS)], ignoring={OVERBOOK}) == (Reason.TAKEN,)
    assert chosen(salon, [crammed("ann", MOST_WINDOWS - 1)]) == ("ann",)
