"""A slot's queue: who may join it, in which order they stand, that no newcomer goes past it (QUEUE-1, -2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.domain import invariants
from holdfast.domain.claim import Claim
from holdfast.domain.errors import (
    AlreadyHeld,
    AlreadyInQueue,
    Invalid,
    QueueFull,
    Refusal,
    SlotBlocked,
    SlotFull,
    SlotHeld,
    SlotInUse,
    SlotNotFull,
    SlotPast,
)
from holdfast.domain.instants import HOUR, NEVER, SECOND, SWEEP_AHEAD, Instant
from holdfast.domain.queue import MOST_PASSED, Place
from holdfast.domain.slot import LARGEST_CAPACITY, Slot, SlotState, SlotStatus
from tests.support.builders import NOW, a_claim, a_place, a_slot
from tests.support.strategies import claimants, claims, nows, places, slots

HELD = a_claim("h", expires=NOW + 60 * SECOND)
SOLD = a_claim("s", expires=NEVER)
PAST = a_claim("p", expires=NOW)
GONE = a_place("gone", until=NOW)
FULL = a_slot(capacity=1, claims={"bob": HELD})
QUEUED = a_slot(capacity=2, claims={"bob": HELD}, places={"dan": a_place("d"), "eve": a_place("e")})


def test_a_place_is_live_up_to_its_last_millisecond() -> None:
    assert a_place(until=NOW + 1).is_live(NOW)
    assert not a_place(until=NOW).is_live(NOW)


def test_a_place_passed_over_three_times_is_strict() -> None:
    place = a_place()
    for _ in range(MOST_PASSED):
        assert not place.strict
        place = place.passed_over()
    assert place.strict


@given(slots(), claimants, claims, nows)
def test_no_newcomer_takes_a_unit_while_anyone_waits(
    slot: Slot, who: str, claim: Claim, now: Instant
) -> None:
    if slot.waiting(now):
        assert not slot.admits(who, claim.units, now)
        with pytest.raises((SlotFull, SlotHeld, SlotBlocked, SlotPast)):
            slot.claimed_over_past(who, claim, now)
        for holder, held in slot.live(now).items():
            with pytest.raises((SlotFull, SlotHeld, SlotBlocked, SlotPast)):
                slot.changed_over_past(holder, holder, replace(held, units=held.units + 1), now)


@given(slots(), nows)
def test_while_anyone_waits_a_reader_sees_nothing_available(slot: Slot, now: Instant) -> None:
    if slot.waiting(now):
        assert slot.available(now) == 0
        assert slot.status(now) is not SlotStatus.AVAILABLE


@given(slots(), nows)
def test_places_that_have_timed_out_keep_nothing_from_a_newcomer(slot: Slot, now: Instant) -> None:
    if not slot.waiting(now):
        bare = replace(slot, places={})
        assert (slot.available(now), slot.status(now)) == (bare.available(now), bare.status(now))
        if slot.available(now):
            taken = slot.claimed_over_past("new", a_claim("n", expires=NEVER), now)
            assert taken.places == slot.places


def test_room_that_is_kept_for_those_who_wait_is_neither_available_nor_sold() -> None:
    assert (QUEUED.available(NOW), QUEUED.status(NOW)) == (0, SlotStatus.RESERVED)
    with pytest.raises(SlotFull) as refused:
        replace(QUEUED, claims={}, free=2).claimed_over_past("new", a_claim(), NOW)
    assert refused.value.facts == {"available": 0, "waiting": 2}
    with pytest.raises(SlotHeld) as held:
        QUEUED.claimed_over_past("new", a_claim(), NOW)
    assert held.value.facts == {"available": 0, "retryAfter": 60, "waiting": 2}


def test_who_joins_a_full_slot_stands_at_the_rev_of_their_write() -> None:
    slot = replace(FULL, rev=7)
    assert slot.admits_waiting("alice", a_place("a"), NOW, 100)
    joined = slot.joined("alice", a_place("a"), NOW)
    assert joined.places == {"alice": a_place("a", seq=7)}
    assert (joined.rev, joined.claims, joined.free, joined.terms) == (8, slot.claims, 0, slot.terms)
    assert joined.position("alice", NOW) == 1
    assert joined.live_place("alice", NOW) == a_place("a", seq=7)
    assert joined.live_place("bob", NOW) is None


@pytest.mark.parametrize(
    ("slot", "units", "most"),
    [
        pytest.param(a_slot(capacity=2), 1, 100, id="room"),
        pytest.param(a_slot(capacity=2, claims={"bob": HELD}), 1, 100, id="room left"),
        pytest.param(FULL, 2, 100, id="a party larger than the slot"),
        pytest.param(replace(FULL, state=SlotState.BLOCKED), 1, 100, id="blocked"),
        pytest.param(replace(FULL, state=SlotState.DELETED), 1, 100, id="deleted"),
        pytest.param(replace(FULL, start=NOW), 1, 100, id="begun"),
        pytest.param(QUEUED, 1, 2, id="a queue as long as the business allows"),
        pytest.param(
            replace(FULL, capacity=LARGEST_CAPACITY, free=0), 1, 1, id="a capacity that fills the item"
        ),
        pytest.param(a_slot(capacity=1, claims={"alice": HELD}), 1, 100, id="a claim of their own"),
        pytest.param(a_slot(capacity=1, claims={"alice": PAST}), 1, 100, id="a past claim of their own"),
        pytest.param(replace(FULL, places={"alice": a_place()}), 1, 100, id="a place of their own"),
    ],
)
def test_a_plain_join_is_refused(slot: Slot, units: int, most: int) -> None:
    assert not slot.admits_waiting("alice", a_place(units=units), NOW, most)


@pytest.mark.parametrize(
    ("slot", "units"),
    [
        pytest.param(FULL, 1, id="full"),
        pytest.param(a_slot(capacity=1, claims={"bob": PAST}), 1, id="full of what is past"),
        pytest.param(a_slot(capacity=2, claims={"bob": HELD}), 2, id="less room than asked for"),
        pytest.param(replace(QUEUED, claims={}, free=2), 1, id="room that is kept for who waits"),
        pytest.param(
            a_slot(capacity=LARGEST_CAPACITY - 100, claims={"bob": a_claim(units=200)}), 1, id="a large slot"
        ),
    ],
)
def test_a_plain_join_is_admitted(slot: Slot, units: int) -> None:
    assert slot.admits_waiting("alice", a_place(units=units), NOW, 100)


@pytest.mark.parametrize(
    ("slot", "units", "most", "refusal", "facts"),
    [
        pytest.param(a_slot(state=SlotState.BLOCKED), 1, 9, SlotBlocked, {}, id="blocked"),
        pytest.param(a_slot(start=NOW), 1, 9, SlotPast, {}, id="begun"),
        pytest.param(a_slot(capacity=3), 2, 9, SlotNotFull, {"available": 3}, id="room"),
        pytest.param(
            a_slot(capacity=1, claims={"bob": PAST}), 1, 9, SlotNotFull, {"available": 1}, id="room by now"
        ),
        pytest.param(
            a_slot(capacity=1, places={"dan": GONE}),
            1,
            9,
            SlotNotFull,
            {"available": 1},
            id="nobody waits now",
        ),
        pytest.param(QUEUED, 1, 2, QueueFull, {"maxSize": 2}, id="as many as may wait"),
        pytest.param(
            a_slot(capacity=298, claims={"bob": a_claim(units=298)}, places=QUEUED.places),
            1,
            100,
            QueueFull,
            {"maxSize": 2},
            id="as many as the item takes",
        ),
    ],
)
def test_a_refused_join_says_why(
    slot: Slot, units: int, most: int, refusal: type[Refusal], facts: dict[str, int]
) -> None:
    with pytest.raises(refusal) as refused:
        slot.joined_over_past("alice", a_place(units=units), NOW, most)
    assert type(refused.value) is refusal
    assert refused.value.facts == facts


def test_a_party_larger_than_the_slot_cannot_join_it() -> None:
    with pytest.raises(Invalid) as refused:
        FULL.joined_over_past("alice", a_place(units=2), NOW, 100)
    assert refused.value.facts["errors"] == [
        {"pointer": "/units", "detail": "must be at most 1, the slot's capacity"}
    ]


def test_a_join_over_past_claims_takes_them_all_out_and_leaves_the_past_places_of_others() -> None:
    slot = a_slot(
        capacity=3, claims={"a": PAST, "bob": replace(SOLD, units=2)}, places={"dan": GONE}, due=NOW - HOUR
    )
    joined = slot.joined_over_past("alice", a_place("a", units=2), NOW, 100)
    assert (joined.claims, joined.free) == ({"bob": replace(SOLD, units=2)}, 1)
    assert joined.places == {"dan": GONE, "alice": a_place("a", units=2, seq=slot.rev)}
    assert joined.due == GONE.until


def test_my_own_past_place_is_replaced_by_my_new_one_and_does_not_count() -> None:
    slot = a_slot(capacity=1, claims={"bob": HELD}, places={"alice": GONE, "dan": a_place("d")})
    joined = slot.joined_over_past("alice", a_place("new"), NOW, 2)
    assert list(joined.waiting(NOW)) == ["dan", "alice"]
    assert joined.places["alice"] == a_place("new", seq=slot.rev)


@given(slots(), claimants, places, nows, st.integers(1, 5))
def test_whoever_joins_is_the_last_and_the_slot_adds_up(
    slot: Slot, who: str, place: Place, now: Instant, most: int
) -> None:
    if slot.live_claim(who, now) or slot.live_place(who, now) or not place.is_live(now):
        return  # the use case answers with what they have, and does not ask
    try:
        joined = slot.joined_over_past(who, place, now, most)
    except SlotNotFull:
        assert slot.available(now) >= place.units
        return
    except (SlotBlocked, SlotPast):
        assert slot.available(now) == 0
        return
    except Invalid:
        assert place.units > slot.capacity
        return
    except QueueFull:
        assert len(slot.places.keys() - {who}) >= most
        return
    assert slot.available(now) < place.units
    assert list(joined.waiting(now)) == [*slot.waiting(now), who]
    assert joined.claims == slot.live(now)
    assert list(invariants.of_slot(joined, now)) == []
    assert joined.due is not None
    assert joined.due <= now + SWEEP_AHEAD


@given(slots(), claimants, places, nows, st.integers(1, 5))
def test_what_a_plain_join_admits_is_at_most_late_to_see_what_is_past(
    slot: Slot, who: str, place: Place, now: Instant, most: int
) -> None:
    if slot.admits_waiting(who, place, now, most):
        joined = slot.joined(who, place, now)
        assert list(invariants.of_slot(joined, now)) == []
        assert joined.due is not None
        assert list(joined.places)[-1] == who
        assert joined.places[who].seq > max((each.seq for each in slot.places.values()), default=-10)
        try:
            evicting = slot.joined_over_past(who, place, now, most)
        except SlotNotFull:
            assert slot.past(now) or any(not each.is_live(now) for each in slot.places.values())
        else:
            assert evicting.places == joined.places


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.booleans()), max_size=40))
def test_who_waits_is_in_the_order_of_joining_whoever_leaves(steps: list[tuple[str, bool]]) -> None:
    slot, line = FULL, list[str]()
    for who, leaves in steps:
        if who in line and leaves:
            line.remove(who)
            slot = slot.without_place(who, NOW)
        elif who not in line:
            line.append(who)
            slot = slot.joined(who, a_place(who), NOW)
        assert list(slot.waiting(NOW)) == line
        assert [slot.position(each, NOW) for each in line] == list(range(1, len(line) + 1))
        assert (slot.due is None) <= (not line)


@given(slots(), nows)
def test_the_one_moved_to_the_front_stands_before_all_others_who_keep_their_order(
    slot: Slot, now: Instant
) -> None:
    for who in slot.waiting(now):
        moved = slot.moved_to_front(who, now)
        others = [each for each in slot.waiting(now) if each != who]
        assert list(moved.waiting(now)) == [who, *others]
        assert moved.position(who, now) == 1
        assert (moved.rev, moved.terms, moved.claims) == (slot.rev + 1, slot.terms, slot.claims)
        assert {each.entry for each in moved.places.values()} == {p.entry for p in slot.places.values()}
        assert list(invariants.of_slot(moved, now)) == []


@given(slots(), nows)
def test_a_place_taken_out_leaves_all_else(slot: Slot, now: Instant) -> None:
    for who in slot.places:
        left = slot.without_place(who, now)
        assert left == replace(
            slot,
            places={other: place for other, place in slot.places.items() if other != who},
            rev=slot.rev + 1,
            due=left.due,
        )
        assert (left.due is not None) >= bool(left.places)


def test_one_who_does_not_wait_has_no_position() -> None:
    for who in ("bob", "nobody"):
        with pytest.raises(ValueError, match="not in list"):
            QUEUED.position(who, NOW)


@given(slots(), nows)
def test_a_slot_that_somebody_waits_for_is_not_removed(slot: Slot, now: Instant) -> None:
    if slot.waiting(now):
        with pytest.raises(SlotInUse) as refused:
            slot.removed("op", now, keeping=slot.claims.keys())
        assert refused.value.facts["waiting"] == len(slot.waiting(now))
    elif not slot.live(now):
        assert slot.removed("op", now).state is SlotState.DELETED


def test_a_tombstone_with_places_is_not_published_over() -> None:
    gone = a_slot(state=SlotState.DELETED, places={"dan": GONE})
    assert not gone.vacant
    assert gone.without_place("dan", NOW).vacant


def test_the_capacity_is_raised_no_further_than_the_queue_leaves_room_for_in_the_item() -> None:
    assert QUEUED.amended("op", NOW, capacity=298).capacity == 298
    with pytest.raises(Invalid) as refused:
        QUEUED.amended("op", NOW, capacity=299)
    assert refused.value.facts["errors"] == [
        {"pointer": "/capacity", "detail": "must be at most 298 while 2 wait"}
    ]


@given(st.integers(1, LARGEST_CAPACITY), st.integers(1, LARGEST_CAPACITY), st.integers(0, LARGEST_CAPACITY))
def test_no_join_brings_capacity_and_queue_over_what_one_item_takes(
    capacity: int, most: int, waiting: int
) -> None:
    queue = {
        f"w{number}": a_place(f"w{number}") for number in range(min(waiting, LARGEST_CAPACITY - capacity))
    }
    slot = a_slot(capacity=capacity, claims={"bob": a_claim(units=capacity)}, places=queue)
    joins: tuple[Callable[[], Slot], ...] = (
        lambda: slot.joined("alice", a_place(), NOW),
        lambda: slot.joined_over_past("alice", a_place(), NOW, most),
    )
    plain = slot.admits_waiting("alice", a_place(), NOW, most)
    for join in joins[not plain :]:
        try:
            joined = join()
        except QueueFull:
            assert not plain
            assert len(queue) >= min(most, LARGEST_CAPACITY - capacity)
            continue
        assert len(joined.places) <= most
        assert len(joined.places) + joined.capacity <= LARGEST_CAPACITY


def test_a_claim_goes_to_nobody_who_is_in_the_slot_or_waits_for_it() -> None:
    for to_who, refusal in (("dan", AlreadyInQueue), ("carol", AlreadyHeld)):
        slot = replace(QUEUED, claims={**QUEUED.claims, "carol": SOLD}, free=0)
        with pytest.raises(refusal):
            slot.changed_over_past("bob", to_who, HELD, NOW)
    taken = QUEUED.changed_over_past("bob", "frank", HELD, NOW)
    assert (taken.claims, taken.places) == ({"frank": HELD}, QUEUED.places)


def test_a_past_place_does_not_keep_a_claim_from_its_claimant() -> None:
    slot = a_slot(capacity=1, claims={"bob": HELD}, places={"dan": GONE})
    assert slot.changed_over_past("bob", "dan", HELD, NOW).claims == {"dan": HELD}
