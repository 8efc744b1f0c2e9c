"""The rules in Python and the conditions in DynamoDB's language say the same, whatever they meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.app.ports import ClaimRefused, Ledger, Lost
from holdfast.app.writes import SaveSlot, Write
from holdfast.domain.booking import Booking
from holdfast.domain.claim import Claim
from holdfast.domain.entry import Entry
from holdfast.domain.errors import Refusal
from holdfast.domain.instants import MINUTE, Instant
from holdfast.domain.promotion import Serve, next_step
from holdfast.domain.queue import Place
from holdfast.domain.slot import Slot
from tests.support.builders import a_booking, an_entry
from tests.support.clouds import Ports, in_memory
from tests.support.memory import Memory
from tests.support.strategies import (
    any_slots,
    bookings,
    claimants,
    claims,
    entries,
    nows,
    places,
    slots,
    writes_on,
)


@settings(max_examples=120)
@given(slot=slots(), who=claimants, claim=claims, now=nows)
def test_a_claim_is_made_exactly_where_the_rule_admits_it(
    ports: Ports, slot: Slot, who: str, claim: Claim, now: Instant
) -> None:
    slot = ports.put_apart(slot)
    admitted = slot.admits(who, claim.units, now)
    if admitted:
        answered = ports.ledger.claim(slot.key, who, claim, now)
        assert answered == slot.claimed(who, claim) == ports.ledger.slot(slot.key)
    else:
        with pytest.raises(ClaimRefused) as refused:
            ports.ledger.claim(slot.key, who, claim, now)
        assert refused.value.slot == slot == ports.ledger.slot(slot.key)


@settings(max_examples=120)
@given(slot=slots(), who=claimants, place=places, now=nows, most=st.sampled_from((1, 3, 4, 100, 294, 300)))
def test_a_place_is_given_exactly_where_the_rule_admits_it(
    ports: Ports, slot: Slot, who: str, place: Place, now: Instant, most: int
) -> None:
    slot = ports.put_apart(slot)
    if slot.admits_waiting(who, place, now, most):
        answered = ports.ledger.join(slot.key, who, place, now, most)
        assert answered == slot.joined(who, place, now) == ports.ledger.slot(slot.key)
    else:
        with pytest.raises(ClaimRefused) as refused:
            ports.ledger.join(slot.key, who, place, now, most)
        assert refused.value.slot == slot == ports.ledger.slot(slot.key)


@settings(max_examples=40)
@given(slot=slots(), who=claimants, place=places, now=nows, most=st.integers(1, 5))
def test_what_a_join_over_the_past_leaves_is_what_the_rule_says(
    ports: Ports, slot: Slot, who: str, place: Place, now: Instant, most: int
) -> None:
    slot = ports.put_apart(slot)
    try:
        joined = slot.joined_over_past(who, place, now, most)
    except Refusal:
        return
    ports.ledger.commit(SaveSlot(joined))
    assert ports.ledger.slot(slot.key) == joined


@settings(max_examples=40)
@given(slot=slots(), now=nows)
def test_what_the_steps_of_a_queue_leave_is_what_the_rule_says(
    ports: Ports, slot: Slot, now: Instant
) -> None:
    slot = ports.put_apart(slot)
    while step := next_step(slot, now):
        if isinstance(step, Serve):
            claim = Claim(step.place.entry, step.place.units, now + MINUTE, "f")
            slot = slot.promoted(step.who, claim, step.passed.keys(), now)
        else:
            slot = slot.without_place(step.who, now)
        ports.ledger.commit(SaveSlot(slot))
        assert ports.ledger.slot(slot.key) == slot


@settings(max_examples=40)
@given(slot=slots(), who=claimants, claim=claims, now=nows)
def test_what_an_eviction_leaves_is_what_the_rule_says(
    ports: Ports, slot: Slot, who: str, claim: Claim, now: Instant
) -> None:
    slot = ports.put_apart(slot)
    try:
        taken = slot.claimed_over_past(who, claim, now)
    except Refusal:
        return
    ports.ledger.replace(taken)
    assert ports.ledger.slot(slot.key) == taken


def _done(ledger: Ledger, writes: Sequence[Write]) -> bool:
    try:
        ledger.commit(*writes)
    except Lost:
        return False
    return True


@settings(max_examples=50)
@given(data=st.data())
def test_whatever_is_committed_has_the_same_effect_as_in_memory(ports: Ports, data: st.DataObject) -> None:
    slot = ports.put_apart(data.draw(slots()))
    # Its id is of this example alone, like the slot's resource.
    booking = a_booking(slot=slot, claim=Claim(slot.key.resource, 1, slot.start, "f"))
    memory = Memory()
    memory.put_slot(slot)
    model = in_memory(memory)
    entry = an_entry(slot.key.resource, slot=slot)
    if data.draw(st.booleans()):
        assert ports.ledger.record(booking) is model.ledger.record(booking) is None
    if data.draw(st.booleans()):
        assert ports.ledger.enter(entry) is model.ledger.enter(entry) is None
    # The same transaction twice is one request to AWS, which answers the first one's success again.
    several = st.lists(writes_on(slot, booking, entry), min_size=1, max_size=4, unique_by=repr)
    for writes in data.draw(several):
        assert _done(ports.ledger, writes) == _done(model.ledger, writes), writes
        assert ports.ledger.slot(slot.key) == model.ledger.slot(slot.key)
        assert ports.ledger.booking(booking.id) == model.ledger.booking(booking.id)
        assert ports.ledger.entry(entry.id) == model.ledger.entry(entry.id)


@settings(max_examples=25)
@given(slot=any_slots)
def test_any_slot_is_read_as_it_was_written(ports: Ports, slot: Slot) -> None:
    slot = ports.put_apart(slot)
    assert ports.ledger.slot(slot.key) == slot
    changed = replace(slot, rev=2, claims={}, places={}, served=(), due=None)
    ports.ledger.commit(SaveSlot(changed))
    assert ports.ledger.slot(slot.key) == changed


@settings(max_examples=25)
@given(booking=bookings())
def test_any_record_is_read_as_it_was_written(ports: Ports, booking: Booking) -> None:
    there = ports.ledger.record(booking)
    assert (there or booking).id == booking.id
    assert ports.ledger.booking(booking.id) == (there or booking)


@settings(max_examples=25)
@given(entry=entries)
def test_any_entry_is_read_as_it_was_written(ports: Ports, entry: Entry) -> None:
    there = ports.ledger.enter(entry)
    assert (there or entry).id == entry.id
    assert ports.ledger.entry(entry.id) == (there or entry)
