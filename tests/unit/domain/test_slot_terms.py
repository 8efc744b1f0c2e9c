"""What an admin may make of a slot: other terms, closed, open again, gone (SLOT-3)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.domain import invariants
from holdfast.domain.errors import SlotInUse
from holdfast.domain.instants import HOUR, MINUTE, NEVER, SECOND, Instant
from holdfast.domain.money import Money
from holdfast.domain.slot import Slot, SlotState, SlotStatus
from tests.support.builders import NOW, a_claim, a_slot
from tests.support.strategies import nows, slots

HELD = a_claim("h", expires=NOW + 60 * SECOND)
SOLD = a_claim("s", units=2, expires=NEVER)
PAST = a_claim("p", expires=NOW)


def test_terms_that_are_not_named_stay() -> None:
    slot = a_slot(capacity=3, claims={"bob": HELD})
    changed = slot.amended("op-2", NOW, capacity=5)
    assert (changed.capacity, changed.free, changed.terms, changed.rev) == (5, 4, 2, 2)
    assert (changed.end, changed.price, changed.metadata, changed.claims) == (
        *(slot.end, slot.price, slot.metadata, slot.claims),
    )
    assert (changed.op, changed.changed_by) == (slot.op, "op-2")


def test_every_term_but_start_and_resource_can_change() -> None:
    changed = a_slot().amended(
        "op-2", NOW, end=a_slot().end + HOUR, capacity=1, price=Money(1, "EUR"), metadata={"a": 1}
    )
    assert (changed.end, changed.capacity) == (a_slot().end + HOUR, 1)
    assert (changed.price, changed.metadata) == (Money(1, "EUR"), {"a": 1})
    assert (changed.start, changed.key) == (a_slot().start, a_slot().key)


def test_the_capacity_goes_down_to_what_is_taken_and_no_further() -> None:
    slot = a_slot(capacity=6, claims={"bob": HELD, "carol": SOLD, "dan": PAST})
    assert slot.amended("op-2", NOW, capacity=3).free == 0
    with pytest.raises(SlotInUse) as refused:
        slot.amended("op-2", NOW, capacity=2)
    assert refused.value.facts == {"liveBookings": 2, "takenUnits": 3, "waiting": 0}


def test_what_is_past_is_taken_by_nobody_and_goes() -> None:
    slot = a_slot(capacity=3, claims={"dan": PAST, "bob": HELD})
    changed = slot.amended("op-2", NOW, capacity=1)
    assert (changed.claims, changed.free) == ({"bob": HELD}, 0)


def test_a_capacity_that_was_cut_under_its_bookings_may_still_be_raised() -> None:
    overbooked = replace(a_slot(capacity=2, claims={"carol": SOLD}), capacity=1, free=-1)
    assert overbooked.amended("op-2", NOW, capacity=1).free == -1
    assert overbooked.amended("op-2", NOW, metadata={}).free == -1
    assert overbooked.amended("op-2", NOW, capacity=4).free == 2


def test_a_blocked_slot_keeps_its_claims_and_lets_nobody_in() -> None:
    slot = a_slot(capacity=3, claims={"bob": HELD, "carol": SOLD})
    blocked = slot.in_state(SlotState.BLOCKED, "op-2", NOW)
    assert (blocked.status(NOW), blocked.available(NOW)) == (SlotStatus.BLOCKED, 0)
    assert (blocked.claims, blocked.terms, blocked.rev) == (slot.claims, 2, 2)
    assert not blocked.admits("alice", 1, NOW)
    again = blocked.in_state(SlotState.OPEN, "op-3", NOW)
    assert (again.terms, again.rev, again.due) == (3, 3, min(HELD.expires, NOW + 15 * MINUTE))


@pytest.mark.parametrize("claim", [HELD, SOLD])
def test_a_slot_with_a_live_claim_is_not_removed(claim: object) -> None:
    assert isinstance(claim, type(HELD))
    with pytest.raises(SlotInUse) as refused:
        a_slot(claims={"bob": claim}).removed("op-2", NOW)
    assert refused.value.facts == {"liveBookings": 1, "takenUnits": claim.units, "waiting": 0}


def test_a_tombstone_goes_on_where_the_slot_was() -> None:
    slot = a_slot(rev=7, terms=3, claims={"bob": PAST}, due=NOW)
    gone = slot.removed("op-2", NOW)
    assert (gone.state, gone.rev, gone.terms, gone.due) == (SlotState.DELETED, 8, 4, None)
    assert (gone.claims, gone.free, gone.changed_by) == ({}, slot.capacity, "op-2")


@given(slot=slots(), now=nows, capacity=st.integers(1, 12))
def test_whatever_an_admin_does_the_slot_still_adds_up(slot: Slot, now: Instant, capacity: int) -> None:
    results = [slot.in_state(SlotState.BLOCKED, "op-2", now)]
    try:
        results.append(slot.amended("op-2", now, capacity=capacity))
        results.append(slot.removed("op-2", now))
    except SlotInUse:
        assert slot.live(now) or slot.waiting(now)
    for changed in results:
        assert list(invariants.of_slot(changed, now)) == []
        assert changed.claims == slot.live(now)
        assert (changed.rev, changed.terms) == (slot.rev + 1, slot.terms + 1)
