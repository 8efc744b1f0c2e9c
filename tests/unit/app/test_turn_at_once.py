"""A join that finds room by the clock has its turn at once; a repeat after the turn answers its booking."""

from __future__ import annotations

import pytest

from holdfast.domain.booking import BookingStatus
from holdfast.domain.entry import EntryStatus
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import JANITOR_SKEW, SECOND
from tests.support.builders import DAN, NOW, a_claim, a_slot, asked
from tests.unit.app.shop import Shop, sold_out

LAPSED = a_slot(capacity=1, claims={"somebody": a_claim("h", expires=NOW)})


def test_who_finds_room_by_the_clock_has_their_turn_at_once() -> None:
    """What is past still stood in the slot, so that the plain write could not see the room."""
    shop = Shop(LAPSED)
    late = NOW + JANITOR_SKEW
    joined = shop.join(asked(now=late))
    assert joined.booking == shop.turn_of(joined)
    assert joined.booking.promoted
    assert (joined.booking.status, joined.booking.expires) == (BookingStatus.RESERVED, late + 60 * SECOND)
    assert (joined.entry.status, joined.slot.places) == (EntryStatus.NOTIFIED, {})
    assert joined.entry.history[-1].deed.actor == "system:request"
    assert shop.slot.claims == {joined.entry.who: joined.booking.claim}
    assert shop.violations(late) == []


def test_room_that_clocks_do_not_agree_on_yet_is_waited_for() -> None:
    shop = Shop(LAPSED)
    joined = shop.join(asked(now=NOW + JANITOR_SKEW - 1))
    assert (joined.booking, list(joined.slot.places)) == (None, [joined.entry.who])
    assert shop.promote(NOW + JANITOR_SKEW) == 1


def test_who_finds_room_and_others_in_front_lets_them_have_it() -> None:
    shop = Shop(LAPSED)
    dan = shop.join(asked(DAN))
    joined = shop.join(asked(now=NOW + JANITOR_SKEW))
    assert joined.booking is None
    assert shop.turn_of(dan).owner == "dan"
    assert (shop.line(NOW), joined.slot) == (["alice"], shop.slot)


def test_a_turn_that_could_not_be_taken_at_once_is_left_to_the_stream() -> None:
    shop = Shop(LAPSED)
    late = NOW + JANITOR_SKEW
    shop.pauses["commit SaveSlot+SaveBooking+MoveEntry"] = crash
    joined = shop.join(asked(now=late, key="key"))
    assert (joined.booking, joined.entry.status) == (None, EntryStatus.WAITING)
    assert shop.promote(late) == 1
    again = shop.join(asked(now=late, key="key"))
    assert (again.booking, again.replayed) == (shop.turn_of(joined), True)


def test_a_turn_that_a_twin_of_the_request_had_meanwhile_is_the_answer() -> None:
    shop = sold_out()

    def twin() -> None:
        shop.join(asked(key="key"))
        shop.give_back()
        assert shop.promote(NOW) == 1

    shop.pauses["join"] = twin
    joined = shop.join(asked(key="key"))
    assert joined.booking == shop.turn_of(joined)
    assert (joined.entry.status, joined.slot) == (EntryStatus.NOTIFIED, shop.slot)


def crash() -> None:
    raise Unavailable("crashed")


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_repeat_after_the_turn_answers_what_became_of_it(forgotten: bool) -> None:
    full = sold_out()
    first = full.join(asked(key="key"))
    full.give_back()
    full.promote(NOW)
    if forgotten:
        full.memory.keys.clear()
    again = full.join(asked(key="key"))
    assert (again.replayed, again.booking) == (True, full.turn_of(first))
    full.release(asked(), full.turn_of(first))
    last = full.join(asked(key="key"))
    assert last.booking is not None
    assert (last.entry.status, last.booking.status) == (EntryStatus.LEFT, BookingStatus.EXPIRED)
    assert full.slot.places == {}
