"""Units left all through a stretch of time, of resources and of a service's pool (SLOT-6)."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.app.capacity import room_between
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.errors import Invalid, NotFound
from holdfast.domain.instants import SECOND
from holdfast.domain.place import pool_of
from holdfast.domain.room import Room
from tests.support.offers import (
    CUT,
    NOW,
    ListedDays,
    a_cut,
    a_salon,
    a_slots_window,
    at,
    days_of,
    somebody,
    taken,
)

ANN, BOB, RED = somebody("ann", capacity=4), somebody("bob", capacity=2), somebody("red", "room", capacity=9)


def room(of: Catalogue, *days: Any, since: str = "10:00", upto: str = "11:00", **asked: str | None) -> Room:
    named = {"service": None, "resource": None, **asked}
    return room_between(ListedDays(days), of, at(since), at(upto), NOW, **named)


def test_of_a_resource_the_peak_of_what_is_taken_is_gone() -> None:
    days = days_of(
        taken("ann", "09:30", "10:10", units=1),
        taken("ann", "10:10", "10:20", units=1),
        taken("ann", "10:15", "10:30", units=2),
        taken("ann", "11:00", "12:00", units=4),
        taken("ann", "10:00", "11:00", units=1, expires=NOW, by="lapsed"),
    )
    assert room(a_salon(ANN, BOB), *days, resource="ann") == Room(4, 1)
    assert room(a_salon(ANN, BOB), *days) == Room(6, 3)


def test_of_a_service_all_count_that_serve_it_and_its_pool_bounds_them() -> None:
    salon = a_salon(ANN, BOB, RED, service=a_cut(resourceIds=["ann", "bob"], maxSimultaneous=5))
    days = days_of(taken("ann", "10:00", "11:00", units=1), taken(pool_of(CUT), "10:30", "11:30", units=2))
    assert room(salon, *days, service=CUT) == Room(5, 3)
    assert room(salon, *days, service=CUT, resource="bob") == Room(2, 2)
    assert room(salon, *days, service=CUT, since="09:00", upto="10:00") == Room(5, 5)


def test_where_several_are_required_units_go_to_all_of_them() -> None:
    salon = a_salon(
        ANN, BOB, RED, service=a_cut(requires=[{"kind": "staff", "count": 2}, {"kind": "room", "count": 1}])
    )
    assert room(salon, service=CUT) == Room(2, 2)
    assert room(salon, *days_of(taken("red", "10:00", "11:00", units=8)), service=CUT) == Room(2, 1)


def test_a_published_slot_has_its_resource_whole() -> None:
    assert room(a_salon(ANN), a_slots_window("ann", "10:59", "12:00"), resource="ann") == Room(4, 0)
    assert room(a_salon(ANN), a_slots_window("ann", "11:00", "12:00"), resource="ann") == Room(4, 4)


def test_a_minute_that_is_touched_counts() -> None:
    days = days_of(taken("ann", "11:00", "12:00", units=3))
    found = room_between(
        ListedDays(days), a_salon(ANN), at("10:00"), at("11:00") + SECOND, NOW, service=None, resource="ann"
    )
    assert found == Room(4, 1)


def test_nobody_has_no_room() -> None:
    assert room(a_salon()) == Room(0, 0)


@pytest.mark.parametrize(
    "asked", [{"resource": "gone"}, {"service": "gone"}, {"service": CUT, "resource": "red"}]
)
def test_what_is_not_there_is_not_found(asked: dict[str, str]) -> None:
    with pytest.raises(NotFound):
        room(a_salon(ANN, RED, service=a_cut(resourceIds=["ann"])), **asked)


def test_what_takes_too_many_reads_is_refused() -> None:
    many = [somebody(f"chair-{number}") for number in range(101)]
    assert room(a_salon(*many[:100])).available == 100
    with pytest.raises(Invalid):
        room(a_salon(*many))
    assert room(a_salon(*many), resource="chair-1").available == 1
