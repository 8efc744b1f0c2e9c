"""Units of an appointment change while its days have room, until it begins (BOOK-14, SLOT-5)."""

from __future__ import annotations

from collections.abc import Callable
from copy import replace

import pytest

from holdfast.domain.booking import Booking
from holdfast.domain.errors import NotOffered, SlotPast, StaleVersion
from tests.support.builders import a_resource, asked
from tests.unit.app.salon import SAM, Salon, a_service, at

NINE = at(9)


@pytest.fixture
def room() -> Salon:
    """A salon that cuts three at once in its one room."""
    salon = Salon()
    salon.add(replace(a_resource("room-1"), capacity=3))
    salon.offer(a_service(resourceIds=["room-1"]))
    return salon


@pytest.mark.parametrize("units", [1, 3])
def test_they_do_not_change_once_it_has_begun(room: Salon, units: int) -> None:
    booking = room.booked(asked(), NINE, units=2)
    by = asked(now=booking.start, expects=booking.version)
    with pytest.raises(SlotPast):
        room.amend(by, booking, units=units)


def test_a_cap_that_came_later_bounds_them(room: Salon) -> None:
    booking = room.booked(asked(), NINE)
    room.offer(a_service(resourceIds=["room-1"], maxSimultaneous=2))
    room.settle()
    with pytest.raises(NotOffered):
        room.amend(asked(expects=booking.version), booking, units=3)
    assert room.amend(asked(expects=booking.version), booking, units=2).units == 2


def test_a_cap_that_is_gone_does_not(room: Salon) -> None:
    room.offer(a_service(resourceIds=["room-1"], maxSimultaneous=1))
    booking = room.booked(asked(), NINE)
    room.offer(a_service(resourceIds=["room-1"]))
    room.settle()
    assert room.amend(asked(expects=booking.version), booking, units=3).units == 3


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda room, booking: room.confirm(asked(), booking),
        lambda room, booking: room.move_for(asked(SAM), room.confirm(asked(), booking), room.start(at(11))),
    ],
    ids=["confirmed", "moved"],
)
def test_who_was_quicker_on_the_same_booking_makes_the_version_stale(
    room: Salon, meanwhile: Callable[[Salon, Booking], Booking]
) -> None:
    held = room.book(asked(), NINE).booking
    room.pauses["read days"] = lambda: meanwhile(room, held)
    with pytest.raises(StaleVersion):
        room.amend(asked(expects=held.version), held, units=2)
