"""What becomes of a turn moves its entry in the same step, and the next is served (QUEUE-3, QUEUE-4)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from holdfast.app.change_slot import block_slot
from holdfast.app.create_slot import NewSlot, create_slot
from holdfast.app.expire import restore
from holdfast.app.join_queue import Joined
from holdfast.app.remove_slot import run_removal, start_removal
from holdfast.app.sweep import Swept, sweep
from holdfast.domain.booking import Booking, BookingStatus
from holdfast.domain.entry import EntryEnding, EntryStatus
from holdfast.domain.errors import HoldExpired, SlotBlocked, SlotFull, Unavailable
from holdfast.domain.instants import HOUR, JANITOR_SKEW, MINUTE, SECOND, Instant
from holdfast.domain.job import JobStatus
from holdfast.domain.slot import SlotState
from tests.support.builders import BOB, BUSINESS, CAROL, NOW, PLATFORM, RESOURCE, asked
from tests.unit.app.shop import Shop, sold_out

E = EntryStatus
LATE = NOW + 60 * SECOND + JANITOR_SKEW
"""When a hold that was promoted at NOW is past for everyone."""


@dataclass(frozen=True)
class Turn:
    """Alice has her turn, Bob waits for his."""

    shop: Shop
    alice: Joined
    bob: Joined

    @property
    def hold(self) -> Booking:
        return self.shop.turn_of(self.alice)

    @property
    def statuses(self) -> tuple[EntryStatus, EntryStatus]:
        return self.shop.entry(self.alice).status, self.shop.entry(self.bob).status

    def assert_sound(self, now: Instant) -> None:
        assert self.shop.violations(now) == []


def her_turn(shop: Shop) -> Turn:
    alice, bob = shop.join(asked()), shop.join(asked(BOB))
    shop.give_back()
    assert shop.promote(NOW) == 1
    return Turn(shop, alice, bob)


@pytest.fixture
def turn() -> Turn:
    return her_turn(sold_out())


def test_a_turn_that_is_confirmed_converts_its_entry(turn: Turn) -> None:
    confirmed = turn.shop.confirm(asked(), turn.hold).booking
    assert turn.statuses == (E.CONVERTED, E.WAITING)
    change = turn.shop.entry(turn.alice).history[-1]
    assert (change.before, change.deed) == (E.NOTIFIED, confirmed.history[-1].deed)
    assert turn.shop.promote(LATE) == 0
    turn.assert_sound(NOW)


def test_what_was_converted_stays_so_whatever_becomes_of_the_booking(turn: Turn) -> None:
    confirmed = turn.shop.confirm(asked(), turn.hold).booking
    turn.shop.cancel(asked(), confirmed)
    assert turn.statuses == (E.CONVERTED, E.WAITING)
    assert turn.shop.promote(NOW) == 1
    assert turn.statuses == (E.CONVERTED, E.NOTIFIED)
    turn.assert_sound(NOW)


def test_a_turn_that_is_released_was_declined_and_the_next_is_served(turn: Turn) -> None:
    turn.shop.release(asked(), turn.hold)
    assert turn.statuses == (E.LEFT, E.WAITING)
    assert turn.shop.entry(turn.alice).history[-1].deed.reason == "released"
    assert turn.shop.promote(NOW) == 1
    assert turn.statuses == (E.LEFT, E.NOTIFIED)
    turn.assert_sound(NOW)


def test_a_turn_that_lapses_expires_and_the_next_is_served(turn: Turn) -> None:
    assert turn.shop.expire(turn.hold, LATE) is None
    assert turn.statuses == (E.EXPIRED, E.WAITING)
    assert turn.shop.entry(turn.alice).history[-1].deed.reason == "lapsed"
    assert turn.shop.promote(LATE) == 1
    assert turn.statuses == (E.EXPIRED, E.NOTIFIED)
    turn.assert_sound(LATE)


def test_a_turn_that_lapses_twice_expires_once(turn: Turn) -> None:
    for later in range(3):
        turn.shop.expire(turn.hold, LATE + later)
    assert turn.shop.entry(turn.alice).version == 3


def test_the_next_may_be_served_before_the_lapse_is_told(turn: Turn) -> None:
    """The promotion evicts what is past; its record and entry are ended by their own timer."""
    assert turn.shop.promote(LATE) == 1
    assert turn.statuses == (E.NOTIFIED, E.NOTIFIED)
    turn.shop.expire(turn.hold, LATE)
    assert turn.statuses == (E.EXPIRED, E.NOTIFIED)
    assert set(turn.shop.slot.claims) == {turn.bob.entry.who}
    turn.assert_sound(LATE)


def test_a_turn_that_the_ttl_deleted_is_put_back_and_its_entry_with_it(turn: Turn) -> None:
    hold = turn.hold
    turn.shop.memory.reap(hold.expires + HOUR)
    assert hold.id not in turn.shop.memory.bookings
    for later in (0, SECOND):
        restore(turn.shop.ledger, hold, hold.expires + HOUR + later)
    assert turn.hold.status is BookingStatus.EXPIRED
    assert turn.statuses == (E.EXPIRED, E.WAITING)
    assert turn.shop.entry(turn.alice).version == 3
    turn.assert_sound(hold.expires + HOUR)


def test_a_turn_that_is_over_cannot_be_confirmed_nor_is_its_entry(turn: Turn) -> None:
    with pytest.raises(HoldExpired):
        turn.shop.confirm(asked(now=turn.hold.expires), turn.hold)
    assert turn.statuses == (E.NOTIFIED, E.WAITING)


def test_a_turn_may_be_extended_while_others_wait_and_stays_a_turn(turn: Turn) -> None:
    extended = turn.shop.extend(asked(), turn.hold, seconds=300).booking
    assert extended.expires == NOW + 300 * SECOND
    assert turn.shop.promote(LATE) == 0
    assert turn.statuses == (E.NOTIFIED, E.WAITING)
    turn.assert_sound(NOW)


def test_a_confirm_that_meets_the_lapse_leaves_one_outcome(turn: Turn) -> None:
    """A janitor's clock is ahead: whichever commits first, hold and entry say the same."""
    hold = turn.hold
    turn.shop.pauses["commit SetClaimExpiry+SaveBooking+TakeNumber+MoveEntry"] = lambda: turn.shop.expire(
        hold, LATE
    )
    with pytest.raises(HoldExpired):
        turn.shop.confirm(asked(now=hold.expires - 1), hold)
    assert turn.statuses == (E.EXPIRED, E.WAITING)
    turn.assert_sound(LATE)


def test_fewer_units_of_a_turn_are_the_next_ones_and_more_are_not_to_be_had_while_others_wait() -> None:
    shop = sold_out(capacity=2)
    alice, bob = shop.join(asked(), units=2), shop.join(asked(BOB))
    shop.give_back(2)
    assert shop.promote(NOW) == 1
    shop.join(asked(CAROL))
    shop.amend(asked(expects=1), shop.turn_of(alice), units=1)
    assert shop.promote(NOW) == 1
    assert shop.turn_of(bob).units == 1
    shop.release(asked(BOB), shop.turn_of(bob))
    with pytest.raises(SlotFull):
        shop.amend(asked(expects=2), shop.turn_of(alice), units=2)
    assert shop.violations(NOW) == []


def test_a_blocked_slot_serves_nobody_until_it_is_open_again(turn: Turn) -> None:
    shop = turn.shop
    block_slot(shop.ledger, shop.catalog, asked(PLATFORM), shop.slot.key)
    with pytest.raises(SlotBlocked):
        shop.confirm(asked(), turn.hold)
    shop.release(asked(), turn.hold)
    assert shop.promote(NOW) == 0
    assert turn.statuses == (E.LEFT, E.WAITING)


def test_the_removal_of_a_slot_ends_turns_and_places_with_a_reason(shop: Shop) -> None:
    shop.memory.slots.clear()
    start = NOW + 48 * HOUR
    new = NewSlot(resource=RESOURCE, start=start, end=start + HOUR, capacity=1, metadata={})
    shop.first = create_slot(shop.ledger, shop.catalog, asked(PLATFORM), BUSINESS, new)
    held = shop.reserve(asked(CAROL)).booking
    turn = Turn(shop, shop.join(asked()), shop.join(asked(BOB)))
    shop.release(asked(CAROL), held)
    shop.promote(NOW)
    job = start_removal(shop.ledger, shop.jobs, shop.catalog, asked(PLATFORM), shop.slot.key)
    assert run_removal(shop.ledger, job.id, NOW) is None
    assert turn.statuses == (E.EXPIRED, E.EXPIRED)
    for each in (turn.alice, turn.bob):
        deed = shop.entry(each).history[-1].deed
        assert (deed.reason, deed.actor) == (EntryEnding.SLOT_REMOVED, "admin:root")
    assert (shop.slot.state, shop.slot.places, shop.slot.claims) == (SlotState.DELETED, {}, {})
    assert (shop.memory.jobs[job.id].status, shop.memory.jobs[job.id].ended) == (JobStatus.DONE, 1)
    turn.assert_sound(NOW)


@pytest.mark.parametrize("dies_at", ["commit RemovePlace+MoveEntry", "committed", "read entry"])
def test_a_removal_that_dies_among_the_places_goes_on_where_it_was(turn: Turn, dies_at: str) -> None:
    shop = turn.shop
    shop.confirm(asked(), turn.hold)
    carol = shop.join(asked(CAROL))
    job = start_removal(shop.ledger, shop.jobs, shop.catalog, asked(PLATFORM), shop.slot.key)

    def crash() -> None:
        raise Unavailable("crashed")

    shop.pauses[dies_at] = crash
    with pytest.raises(Unavailable):
        run_removal(shop.ledger, job.id, NOW)
    assert run_removal(shop.ledger, job.id, NOW) is None
    assert [shop.entry(each).version for each in (turn.bob, carol)] == [2, 2]
    assert [shop.entry(each).status for each in (turn.bob, carol)] == [E.EXPIRED] * 2
    assert shop.slot.places == {}


def test_the_sweep_serves_what_no_stream_record_did_and_counts_it(turn: Turn) -> None:
    shop = turn.shop
    assert sweep(shop.ledger, shop.catalog, shop.jobs, NOW + 30 * SECOND) == Swept(0, 0, 0)
    found = sweep(shop.ledger, shop.catalog, shop.jobs, LATE)
    assert found.served == 1
    assert turn.statuses == (E.EXPIRED, E.NOTIFIED)
    assert shop.entry(turn.bob).history[-1].deed.actor == "system:sweeper"
    assert sweep(shop.ledger, shop.catalog, shop.jobs, LATE) == Swept(0, 0, 0)
    turn.assert_sound(LATE)


def test_the_sweep_finds_a_slot_with_room_and_waiting_within_a_quarter_of_an_hour() -> None:
    shop = sold_out()
    joined = shop.join(asked())
    shop.give_back()  # and its stream record is lost
    assert shop.slot.due is not None
    assert shop.slot.due <= NOW + 15 * MINUTE
    assert sweep(shop.ledger, shop.catalog, shop.jobs, NOW + 15 * MINUTE) == Swept(1, 0, 1)
    assert shop.turn_of(joined).owner == "alice"


def test_the_sweep_clears_a_queue_whose_places_all_timed_out() -> None:
    shop = sold_out()
    joined = [shop.join(asked(who)) for who in (BOB, CAROL)]
    late = NOW + 24 * HOUR + JANITOR_SKEW
    assert sweep(shop.ledger, shop.catalog, shop.jobs, late) == Swept(1, 0, 0)
    assert [shop.entry(each).status for each in joined] == [E.EXPIRED] * 2
    assert (shop.slot.places, shop.slot.due) == ({}, None)


def test_a_sweep_that_cannot_serve_leaves_it_to_the_next(turn: Turn) -> None:
    shop = turn.shop

    def out_of_order(where: str) -> None:
        if where.startswith("commit "):
            raise Unavailable("injected")

    shop.memory.pause = out_of_order
    assert sweep(shop.ledger, shop.catalog, shop.jobs, LATE) == Swept(1, 1, 0)
    shop.memory.pause = lambda _: None
    assert sweep(shop.ledger, shop.catalog, shop.jobs, LATE) == Swept(1, 0, 1)
