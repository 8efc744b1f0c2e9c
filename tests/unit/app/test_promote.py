"""Serve who waits: in order, once, and whatever else happens in between (QUEUE-3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from holdfast.app.change_slot import Terms, update_slot
from holdfast.app.join_queue import Joined
from holdfast.app.promote import promote
from holdfast.domain.booking import BookingStatus, Contact
from holdfast.domain.entry import EntryEnding, EntryStatus
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import HOUR, JANITOR_SKEW, SECOND
from holdfast.domain.queue import MOST_PASSED, PASSED_OVER
from tests.support.builders import (
    ALICE,
    BOB,
    BUSINESS,
    CAROL,
    DAN,
    EVE,
    NOW,
    PLATFORM,
    a_claim,
    a_place,
    a_slot,
    asked,
)
from tests.unit.app.shop import Shop, sold_out

S, E = BookingStatus, EntryStatus
TURN = "commit SaveSlot+SaveBooking+MoveEntry"


@pytest.fixture
def full() -> Shop:
    return sold_out(capacity=4)


def crash() -> None:
    raise Unavailable("crashed")


def statuses(shop: Shop, *joined: Joined) -> list[EntryStatus]:
    return [shop.entry(each).status for each in joined]


def test_a_turn_is_a_hold_of_their_own_made_of_what_they_asked_for(full: Shop) -> None:
    joined = full.join(
        asked(), units=2, notes="n", contact=Contact("Al"), subject={"id": "kid"}, metadata={"a": 1}
    )
    full.give_back(2)
    late = NOW + HOUR
    assert full.promote(late) == 1
    turn = full.turn_of(joined)
    assert (turn.status, turn.units, turn.owner, turn.promoted) == (S.RESERVED, 2, "alice", True)
    assert (turn.reserved_at, turn.expires) == (late, late + 60 * SECOND)
    assert (turn.notes, turn.contact, turn.subject) == ("n", Contact("Al"), {"id": "kid"})
    assert turn.metadata == {"a": 1}
    assert full.slot.claims[turn.who] == turn.claim
    assert full.slot.places == {}
    deed = full.entry(joined).history[-1].deed
    assert (deed.trigger, deed.actor, deed.at) == ("promotion", "system:promoter", late)
    assert deed == turn.history[0].deed
    assert full.violations(late) == []


def test_turns_are_in_the_order_of_joining_until_the_room_is_used_up(full: Shop) -> None:
    joined = [full.join(asked(who)) for who in (DAN, ALICE, CAROL, BOB)]
    full.give_back(3)
    assert full.promote(NOW) == 3
    assert full.line(NOW) == ["bob"]
    assert statuses(full, *joined) == [E.NOTIFIED] * 3 + [E.WAITING]
    turns = [each for each in full.memory.bookings.values() if each.promoted]
    assert [each.owner for each in turns] == ["dan", "alice", "carol"]


def test_turns_end_with_the_queue_and_the_rest_is_for_newcomers(full: Shop) -> None:
    full.join(asked())
    full.give_back(3)
    assert full.promote(NOW) == 1
    assert full.slot.available(NOW) == 2
    assert full.reserve(asked(BOB)).created


def test_a_promotion_that_comes_again_finds_nothing_to_do(full: Shop) -> None:
    full.join(asked())
    full.give_back()
    assert full.promote(NOW) == 1
    before = full.slot
    assert [full.promote(NOW) for _ in range(3)] == [0, 0, 0]
    assert full.slot == before
    assert full.promote(NOW + 10 * HOUR) == 0


def test_of_promoters_side_by_side_each_place_is_served_by_one(full: Shop) -> None:
    for who in (ALICE, BOB):
        full.join(asked(who))
    full.give_back(2)
    other: list[int] = []
    full.pauses[TURN] = lambda: other.append(full.promote(NOW))
    assert full.promote(NOW) + other[0] == 2
    assert [each.promoted for each in full.memory.bookings.values()] == [False, True, True]
    assert full.violations(NOW) == []


def test_what_changed_while_it_was_decided_is_decided_again(full: Shop) -> None:
    alice, bob = (full.join(asked(who)) for who in (ALICE, BOB))
    full.give_back()
    full.pauses[TURN] = lambda: full.leave(asked())
    assert full.promote(NOW) == 1
    assert statuses(full, alice, bob) == [E.LEFT, E.NOTIFIED]
    assert full.turn_of(bob).owner == "bob"


@pytest.mark.parametrize("where", ["read slot", "read entry and booking", TURN, "committed"])
def test_a_promoter_that_dies_anywhere_loses_and_doubles_nobody(full: Shop, where: str) -> None:
    joined = [full.join(asked(who)) for who in (ALICE, BOB, CAROL)]
    full.give_back(2)
    full.pauses[where] = crash
    with pytest.raises(Unavailable):
        full.promote(NOW)
    full.promote(NOW)
    assert statuses(full, *joined) == [E.NOTIFIED, E.NOTIFIED, E.WAITING]
    assert [each.version for each in full.memory.entries.values()] == [2, 2, 1]
    assert full.violations(NOW) == []


def test_who_is_passed_over_is_told_why_in_the_same_step(full: Shop) -> None:
    party = full.join(asked(), units=4)
    full.join(asked(BOB))
    full.give_back(2)
    assert full.promote(NOW) == 1
    assert [place.passed for place in full.slot.places.values()] == [1]
    told = full.entry(party).history[-1]
    assert (told.before, told.after) == (E.WAITING, E.WAITING)
    assert (told.deed.trigger, told.deed.reason) == (PASSED_OVER, "4 units do not fit into 2; pass 1")
    assert full.violations(NOW) == []


def test_after_three_the_party_is_the_head_and_each_pass_is_on_record(full: Shop) -> None:
    party = full.join(asked(), units=4)
    others = [full.join(asked(who)) for who in (BOB, CAROL, DAN, EVE)]
    full.give_back(3)
    assert full.promote(NOW) == MOST_PASSED
    full.release(asked(BOB), full.turn_of(others[0]))
    assert full.promote(NOW) == 0
    assert full.slot.available(NOW) == 0
    history = full.entry(party).history
    assert [each.deed.trigger for each in history] == ["join", *[PASSED_OVER] * MOST_PASSED]
    for who, joined in ((CAROL, others[1]), (DAN, others[2])):
        full.release(asked(who), full.turn_of(joined))
    full.give_back()
    assert full.promote(NOW) == 1
    assert statuses(full, party, others[3]) == [E.NOTIFIED, E.WAITING]
    assert full.violations(NOW) == []


def test_a_place_without_an_entry_goes_alone_and_the_next_has_the_turn(full: Shop) -> None:
    gone, bob = full.join(asked()), full.join(asked(BOB))
    del full.memory.entries[gone.entry.id]
    full.give_back()
    assert full.promote(NOW) == 1
    assert full.turn_of(bob).owner == "bob"
    assert full.slot.places == {}


@pytest.mark.parametrize("status", sorted(set(EntryStatus) - {EntryStatus.WAITING}))
def test_a_place_whose_entry_has_ended_or_had_its_turn_goes_alone(full: Shop, status: EntryStatus) -> None:
    joined = full.join(asked())
    ended = replace(full.entry(joined), status=status)
    full.memory.put_entry(ended)
    full.give_back()
    assert full.promote(NOW) == 0
    assert (full.slot.places, full.entry(joined)) == ({}, ended)
    assert full.slot.available(NOW) == 1


def test_a_place_whose_booking_exists_goes_alone(full: Shop) -> None:
    """A slow twin of a reserve: it got the units itself and its other self joined the queue."""
    joined = full.join(asked())
    full.give_back(2)
    reserved = full.promote(NOW)
    twin = full.turn_of(joined)
    full.memory.put_entry(joined.entry)
    full.memory.put_slot(full.slot.without(twin.who).joined(twin.who, joined.entry.place, NOW))
    assert (reserved, full.promote(NOW)) == (1, 0)
    assert full.slot.places == {}
    assert full.booking(twin) == twin


def test_who_does_not_wait_any_more_is_not_passed_over_but_dropped(full: Shop) -> None:
    ghost, bob = full.join(asked(), units=4), full.join(asked(BOB))
    full.memory.put_entry(replace(ghost.entry, status=EntryStatus.LEFT))
    full.give_back()
    assert full.promote(NOW) == 1
    assert full.turn_of(bob).owner == "bob"
    assert full.slot.places == {}
    assert len(full.entry(ghost).history) == 1


def test_no_room_is_kept_for_one_who_does_not_wait_any_more(full: Shop) -> None:
    ghost = full.join(asked(), units=4)
    full.memory.put_entry(replace(ghost.entry, status=EntryStatus.LEFT))
    full.give_back()
    assert full.slot.available(NOW) == 0
    assert full.promote(NOW) == 0
    assert full.slot.places == {}
    assert full.slot.available(NOW) > 0


@pytest.mark.parametrize(
    ("late", "ending"),
    [
        pytest.param(24 * HOUR + JANITOR_SKEW, EntryEnding.TIMED_OUT, id="time over"),
        pytest.param(48 * HOUR + JANITOR_SKEW, EntryEnding.SLOT_PAST, id="slot begun"),
    ],
)
def test_places_that_are_over_end_with_their_entries(full: Shop, late: int, ending: EntryEnding) -> None:
    joined = [full.join(asked(who)) for who in (ALICE, BOB)]
    full.give_back()
    assert full.promote(NOW + late) == 0
    assert full.slot.places == {}
    for each in joined:
        entry = full.entry(each)
        assert (entry.status, entry.history[-1].deed.reason) == (E.EXPIRED, ending)
    assert full.violations(NOW + late) == []


def test_a_capacity_lowered_below_a_party_ends_its_place_and_says_why(full: Shop) -> None:
    party, bob = full.join(asked(), units=4), full.join(asked(BOB))
    full.give_back(2)
    by = asked(PLATFORM, expects=full.slot.terms)
    update_slot(full.ledger, full.catalog, by, full.slot.key, Terms(capacity=3))
    assert full.promote(NOW) == 1
    ended = full.entry(party)
    assert (ended.status, ended.history[-1].deed.reason) == (E.EXPIRED, EntryEnding.TOO_LARGE)
    assert full.turn_of(bob).owner == "bob"
    assert full.violations(NOW) == []


def test_a_past_hold_makes_room_without_its_expirer(shop: Shop) -> None:
    held = shop.reserve(asked(EVE), units=2).booking
    joined = shop.join(asked())
    assert shop.promote(held.expires + JANITOR_SKEW - 1) == 0
    assert shop.promote(held.expires + JANITOR_SKEW) == 1
    assert set(shop.slot.claims) == {joined.entry.who}
    shop.expire(held, held.expires + JANITOR_SKEW)
    assert shop.booking(held).status is S.EXPIRED
    assert set(shop.slot.claims) == {joined.entry.who}


def test_a_crashed_reserve_in_front_of_a_queue_delays_it_by_no_more_than_its_hold() -> None:
    shop = Shop(a_slot(capacity=1))
    shop.pauses["record"] = crash
    with pytest.raises(Unavailable):
        shop.reserve(asked(EVE))
    joined = shop.join(asked())
    (claim,) = shop.slot.claims.values()
    assert shop.promote(claim.expires + JANITOR_SKEW) == 1
    assert shop.turn_of(joined).owner == "alice"


def test_in_a_slot_that_is_not_there_nobody_is_served(full: Shop) -> None:
    nowhere = replace(full.slot.key, time="0000")
    assert promote(full.ledger, full.catalog, nowhere, NOW) == 0


def test_where_the_business_is_gone_nobody_is_served_and_it_is_told(full: Shop) -> None:
    full.join(asked())
    full.give_back()
    del full.memory.businesses[BUSINESS]
    with pytest.raises(Unavailable):
        full.promote(NOW)
    assert full.line(NOW) == ["alice"]


def test_a_queue_that_never_stands_still_is_left_to_the_next() -> None:
    shop = Shop(a_slot(capacity=1, places={"ghost": a_place("ghost")}))

    def changes(where: str) -> None:
        if where.startswith("commit"):
            shop.memory.put_slot(replace(shop.slot, rev=shop.slot.rev + 1))

    shop.memory.pause = changes
    with pytest.raises(Unavailable):
        shop.promote(NOW)


def test_a_long_queue_of_ghosts_is_cleared_in_one_go() -> None:
    ghosts = {f"ghost{number}": a_place(f"ghost{number}") for number in range(150)}
    shop = Shop(a_slot(capacity=1, claims={"somebody": a_claim(expires=NOW)}, places=ghosts))
    assert shop.promote(NOW + JANITOR_SKEW) == 0
    assert shop.slot.places == {}
