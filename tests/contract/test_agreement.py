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
from holdfast.domain.errors import Refusal
from holdfast.domain.instants import Instant
from holdfast.domain.slot import Claim, Slot
from tests.support.builders import a_booking
from tests.support.clouds import Ports, in_memory
from tests.support.memory import Memory
from tests.support.strategies import any_slots, bookings, claimants, claims, nows, slots, writes_on


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
    if data.draw(st.booleans()):
        assert ports.ledger.record(booking) is model.ledger.record(booking) is None
    # The same transaction twice is one request to AWS, which answers the first one's success again.
    several = st.lists(writes_on(slot, booking), min_size=1, max_size=4, unique_by=repr)
    for writes in data.draw(several):
        assert _done(ports.ledger, writes) == _done(model.ledger, writes), writes
        assert ports.ledger.slot(slot.key) == model.ledger.slot(slot.key)
        assert ports.ledger.booking(booking.id) == model.ledger.booking(booking.id)


@settings(max_examples=25)
@given(slot=any_slots)
def test_any_slot_is_read_as_it_was_written(ports: Ports, slot: Slot) -> None:
    slot = ports.put_apart(slot)
    assert ports.ledger.slot(slot.key) == slot
    changed = replace(slot, rev=2, claims={}, due=None)
    ports.ledger.commit(SaveSlot(changed))
    assert ports.ledger.slot(slot.key) == changed


@settings(max_examples=25)
@given(booking=bookings())
def test_any_record_is_read_as_it_was_written(ports: Ports, booking: Booking) -> None:
    there = ports.ledger.record(booking)
    assert (there or booking).id == booking.id
    assert ports.ledger.booking(booking.id) == (there or booking)
