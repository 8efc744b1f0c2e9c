"""Who is refused a free start is told the nearest ones, and a storm of refusals asks once (HOLD-7)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from holdfast.adapters.recent_days import FRESH_FOR, MOST_LISTS, RecentDays
from holdfast.app.alternatives import MOST, MOST_LEDGERS, nearest_starts
from holdfast.app.ports import Days
from holdfast.app.wish import FreeStart
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.day import Day
from holdfast.domain.errors import NotFound
from holdfast.domain.instants import DAY, HOUR, MINUTE, to_datetime
from tests.support.offers import (
    BERLIN,
    CUT,
    NOW,
    SALON,
    ListedDays,
    a_cut,
    a_salon,
    at,
    days_of,
    somebody,
    taken,
)

TEN = at("10:00")


def instead(of: Catalogue, days: Iterable[Day] = (), start: int = TEN, **asked: Any) -> list[str]:
    return instead_on(ListedDays(days), of, start, **asked)


def instead_on(
    port: Days, of: Catalogue, start: int = TEN, *, units: int = 1, now: int = NOW, **asked: Any
) -> list[str]:
    spot = FreeStart(business=SALON, service=CUT, start=start, **asked)
    found = nearest_starts(port, of, of.services[CUT], spot, units, now)
    return [f"{to_datetime(offer.start, BERLIN):%a %H:%M} {offer.resource}" for offer in found]


def test_the_nearest_before_and_after_are_offered_first() -> None:
    days = days_of(taken("ann", "09:45", "10:45"))
    assert (
        instead(a_salon("ann"), days)
        == [
            "Mon 11:00 ann",
            "Sun 11:00 ann",
            "Tue 09:00 ann",
            "Sun 10:30 ann",
            "Tue 09:30 ann",
        ][:MOST]
    )


def test_the_one_that_was_refused_is_none_of_them() -> None:
    assert instead(a_salon("ann", "bob"))[:2] == ["Mon 09:30 ann", "Mon 10:30 ann"]


def test_it_is_with_whoever_has_least_to_do_or_with_the_one_asked_for() -> None:
    days = days_of(taken("ann", "10:00", "10:30"))
    assert instead(a_salon("ann", "bob"), days)[0] == "Mon 09:30 bob"
    assert instead(a_salon("ann", "bob"), days, resource="ann")[0] == "Mon 10:30 ann"
    with pytest.raises(NotFound):
        instead(a_salon("ann"), resource="bob")


def test_it_has_room_for_the_party_and_for_as_long_as_was_asked() -> None:
    salon = a_salon(somebody("ann", capacity=3), service=a_cut(maxDurationMinutes=120))
    days = days_of(taken("ann", "10:30", "11:00", units=2))
    assert instead(salon, days, units=2)[0] == "Mon 09:30 ann"
    assert instead(salon, days, units=2, end=TEN + 2 * HOUR)[0] == "Tue 09:00 ann"
    assert instead(salon, days, units=4) == []
    assert instead(salon, days, end=TEN - HOUR)[0] == "Mon 09:30 ann"


def test_only_what_was_read_whole_is_offered() -> None:
    """The ninth day after is not read, so what reaches into it cannot be told."""
    night = {"hours": {"sun": [{"from": "22:00", "to": "28:00"}]}, "grid": {"stepMinutes": 60}}
    salon = a_salon("ann", settings=night)
    far = instead(salon, start=at("2026-06-13 10:00"))
    assert far == ["Sun 22:00 ann", "Sun 23:00 ann", "Mon 00:00 ann", "Mon 01:00 ann", "Mon 02:00 ann"]
    last = instead(salon, start=at("2026-06-13 10:00"), now=at("2026-06-15 12:00"))
    assert last == []


def test_nothing_is_read_where_all_of_it_is_past_or_too_many_may_serve() -> None:
    days = ListedDays()
    assert instead_on(days, a_salon("ann"), NOW - 20 * DAY) == []
    assert instead_on(days, a_salon(*(f"who-{number:02}" for number in range(MOST_LEDGERS + 1)))) == []
    assert days.asked == []


def test_a_storm_of_refusals_asks_once_a_resource() -> None:
    table, clock = ListedDays(), [100.0]
    days = RecentDays(table, monotonic=lambda: clock[0])
    salon = a_salon("ann", "bob")
    for minute in range(0, 120, 30):
        assert instead_on(days, salon, TEN + minute * MINUTE)
    assert len(table.asked) == 2
    clock[0] += FRESH_FOR + 1
    instead_on(days, salon)
    assert len(table.asked) == 4


def test_what_is_remembered_is_bounded() -> None:
    table = ListedDays()
    days = RecentDays(table, monotonic=lambda: 100.0)
    for number in range(MOST_LISTS + 1):
        days.between("salon", "ann", number, number + 1, 0)
    days.between("salon", "ann", MOST_LISTS, MOST_LISTS + 1, 0)
    days.between("salon", "ann", 0, 1, 0)
    assert len(table.asked) == MOST_LISTS + 2
