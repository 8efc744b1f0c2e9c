"""Races for places and turns on a real ledger: nobody is lost, nobody is doubled, nobody overtakes.

Each race has its control: the same with the guard off must break, else it proves nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random

import pytest

from holdfast.app.expire import expire
from holdfast.app.join_queue import Joined
from holdfast.app.ports import Ledger, Timer
from holdfast.app.reserve import Reserved
from holdfast.domain.entry import EntryStatus
from holdfast.domain.errors import SlotFull, SlotHeld
from holdfast.domain.instants import JANITOR_SKEW
from holdfast.domain.queue import MOST_PASSED
from tests.concurrency.arena import Arena, Meeting, all_at_once
from tests.concurrency.waiting_room import (
    CheckedJoins,
    Forgetful,
    Overtaking,
    Unrevved,
    WaitingRoom,
    a_full_slot,
    position,
    repeated,
)
from tests.support.builders import NOW

JOINERS = 40
ROUNDS = 5


def _all_join(room: WaitingRoom, on: Ledger | None = None) -> list[Joined]:
    deeds = [partial(room.join, f"joiner-{number:02d}", on=on) for number in range(JOINERS)]
    return [answer for answer in all_at_once(deeds) if isinstance(answer, Joined)]


def test_forty_who_join_at_once_stand_at_one_to_forty(arena: Arena) -> None:
    room = a_full_slot(arena, capacity=1)

    joined = _all_join(room)

    assert sorted(position(each) for each in joined) == list(range(1, JOINERS + 1))
    in_order = [each.entry.id for each in sorted(joined, key=position)]
    assert room.waiting() == in_order
    assert {room.entry(each).status for each in in_order} == {EntryStatus.WAITING}
    assert room.violations() == []


def test_with_the_join_checked_before_it_is_written_places_are_given_twice_and_lost(arena: Arena) -> None:
    room = a_full_slot(arena, capacity=1)

    joined = _all_join(room, CheckedJoins(arena.dynamo, arena.tables.ledger, Meeting(JOINERS)))

    assert Counter(position(each) for each in joined)[1] > 1
    assert len(room.waiting()) < len(joined)


def _units_come_free(arena: Arena, ledger: Ledger | None = None) -> tuple[WaitingRoom, list[Reserved]]:
    """Three units come free while ten wait and twelve newcomers ask again and again; two promoters work.

    The newcomers who got something."""
    room = a_full_slot(arena, capacity=3, waiting=[1] * 10)
    newcomers = [f"newcomer-{number:02d}" for number in range(12)]

    def insist(user: str) -> Reserved:
        for _ in range(5):
            try:
                return arena.reserve(user, room.slot, on=ledger)
            except (SlotFull, SlotHeld):
                continue
        raise SlotFull(available=0)

    deeds: list[Callable[[], object]] = [partial(insist, user) for user in newcomers]
    deeds += [partial(room.release, booking) for booking in room.first]
    deeds += [repeated(room.promote, 10)] * 2
    answers = all_at_once(deeds)
    room.promote()
    return room, [answer for answer in answers if isinstance(answer, Reserved)]


def test_while_anyone_waits_no_newcomer_is_admitted_not_even_between_release_and_promotion(
    arena: Arena,
) -> None:
    for _ in range(ROUNDS):
        room, overtook = _units_come_free(arena)
        assert overtook == []
        assert [booking.id for booking in room.served()] == [entry.id for entry in room.queued[:3]]
        assert room.waiting() == [entry.id for entry in room.queued[3:]]
        assert room.violations() == []


def test_with_nobody_waiting_out_of_the_claims_condition_newcomers_overtake(arena: Arena) -> None:
    careless = Overtaking(arena.dynamo, arena.tables.ledger)
    overtook = [each for _ in range(ROUNDS) for each in _units_come_free(arena, careless)[1]]
    assert overtook


def _promoted_by_many(arena: Arena) -> WaitingRoom:
    """Six units come free one by one while twenty wait, and eight promoters look five times each."""
    room = a_full_slot(arena, capacity=6, waiting=[1] * 20)
    deeds: list[Callable[[], object]] = [partial(room.release, booking) for booking in room.first]
    deeds += [repeated(room.promote, 5)] * 8
    failed = [answer for answer in all_at_once(deeds) if isinstance(answer, Exception)]
    assert failed == []
    room.promote()
    return room


def test_promoters_side_by_side_and_again_give_each_turn_once_and_in_order(arena: Arena) -> None:
    for _ in range(ROUNDS):
        room = _promoted_by_many(arena)
        assert [booking.id for booking in room.served()] == [entry.id for entry in room.queued[:6]]
        assert room.waiting() == [entry.id for entry in room.queued[6:]]
        told = [room.entry(entry.id).status for entry in room.queued]
        assert told == [EntryStatus.NOTIFIED] * 6 + [EntryStatus.WAITING] * 14
        assert room.units_given(NOW) == 6
        assert room.violations() == []
        assert room.promote() == 0


CONFIRMING = 4


def _promoted_while_others_confirm(arena: Arena, ledger: Ledger) -> WaitingRoom:
    """A unit comes free; the four who hold the others confirm in the instant the promotion is decided."""
    room = a_full_slot(arena, capacity=CONFIRMING + 1, waiting=[1] * 10)
    *confirming, leaving = room.first
    room.release(leaving)
    deeds: list[Callable[[], object]] = [partial(room.confirm, each, on=ledger) for each in confirming]
    deeds.append(partial(room.promote, on=ledger))
    failed = [answer for answer in all_at_once(deeds) if isinstance(answer, Exception)]
    assert failed == []
    return room


def _given_once_the_holds_would_be_past(room: WaitingRoom) -> int:
    """All the units that were given, after the queue moved on when every hold of the beginning was over."""
    after = max(booking.expires for booking in room.first) + JANITOR_SKEW
    for booking in room.served():
        expire(room.arena.ledger, Timer(room.slot, booking.who, booking.id, booking.expires), after)
    room.promote(now=after)
    return room.units_given(after)


def test_a_promotion_takes_nothing_back_that_was_confirmed_since_it_was_decided(arena: Arena) -> None:
    for _ in range(ROUNDS):
        room = _promoted_while_others_confirm(arena, arena.ledger)
        assert room.violations() == []
        assert _given_once_the_holds_would_be_past(room) == CONFIRMING + 1


def test_with_the_promotions_rev_unchecked_what_was_confirmed_is_sold_again(arena: Arena) -> None:
    ledger = Unrevved(arena.dynamo, arena.tables.ledger, CONFIRMING + 1)
    room = _promoted_while_others_confirm(arena, ledger)
    assert "differ" in str(room.violations())
    assert _given_once_the_holds_would_be_past(room) > CONFIRMING + 1


PARTIES = [3, 2, 4, 1, 1, 1, 3, 1, 2, 1, 1, 4, 4, 1, 2, 1, 1, 3]


def _parties_are_served(arena: Arena, ledger: Ledger, parties: list[int], seed: int) -> WaitingRoom:
    """Parties wait for six units; who holds any gives them up, in a random order, while two promoters
    work."""
    room, random = a_full_slot(arena, capacity=6, waiting=parties), Random(seed)
    for _ in range(len(room.first) + len(parties)):
        leaving = random.choice(room.held())
        deeds: list[Callable[[], object]] = [repeated(partial(room.promote, on=ledger), 2)] * 2
        deeds.append(partial(room.release, leaving))
        assert not [answer for answer in all_at_once(deeds) if isinstance(answer, Exception)]
        room.promote(on=ledger)
        assert room.units_given() <= 6
    return room


@pytest.mark.parametrize("seed", range(3))
def test_parties_of_many_sizes_are_all_served_and_none_is_passed_over_more_than_three_times(
    arena: Arena, seed: int
) -> None:
    room = _parties_are_served(arena, arena.ledger, PARTIES, seed)
    assert [booking.id for booking in room.served()] == [entry.id for entry in room.queued]
    passed = room.times_passed()
    assert 0 < max(passed) <= MOST_PASSED
    assert room.violations() == []


def test_with_the_passes_forgotten_a_large_party_is_passed_over_again_and_again(arena: Arena) -> None:
    forgetful = Forgetful(arena.dynamo, arena.tables.ledger)
    room = _parties_are_served(arena, forgetful, [4, *[1] * 12], 0)
    assert max(room.times_passed()) > MOST_PASSED
