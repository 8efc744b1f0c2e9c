"""`Ledger.claim`, `replace` and `record`: single writes that decide, and tell what stood in their way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from holdfast.app.ports import ClaimRefused
from holdfast.domain.instants import HOUR, MINUTE, NEVER, SECOND, Instant
from holdfast.domain.slot import Slot, SlotState
from tests.support.builders import NOW, a_booking, a_claim, a_slot
from tests.support.clouds import Ports


def test_a_claim_with_room_is_made_and_answers_the_slot_as_it_is_then(ports: Ports) -> None:
    slot = ports.put(a_slot(capacity=3))
    answered = ports.ledger.claim(slot.key, "alice", a_claim(units=2), NOW)
    assert answered == slot.claimed("alice", a_claim(units=2))
    assert (answered.free, answered.rev) == (1, 2)
    assert ports.ledger.slot(slot.key) == answered


def test_a_claim_up_to_the_last_unit_is_made(ports: Ports) -> None:
    slot = ports.put(a_slot(capacity=2, claims={"bob": a_claim("b")}))
    assert ports.ledger.claim(slot.key, "alice", a_claim("a"), NOW).free == 0


def test_the_first_claim_says_when_the_sweep_must_look_and_later_ones_leave_it(ports: Ports) -> None:
    slot = ports.put(a_slot(capacity=2))
    first = ports.ledger.claim(slot.key, "alice", a_claim("a", expires=NOW + 90 * SECOND), NOW)
    second = ports.ledger.claim(slot.key, "bob", a_claim("b", expires=NOW + 30 * SECOND), NOW)
    assert (first.due, second.due) == (NOW + 90 * SECOND, NOW + 90 * SECOND)


@pytest.mark.parametrize(
    ("slot", "now"),
    [
        pytest.param(a_slot(capacity=1, claims={"bob": a_claim()}), NOW, id="full"),
        pytest.param(a_slot(claims={"alice": a_claim()}), NOW, id="mine already"),
        pytest.param(a_slot(claims={"alice": a_claim(expires=NOW - 1)}), NOW, id="mine, though past"),
        pytest.param(
            a_slot(capacity=1, claims={"bob": a_claim(expires=NOW - 1)}), NOW, id="full of what is past"
        ),
        pytest.param(a_slot(capacity=1, claims={"bob": a_claim(expires=NEVER)}), NOW, id="sold"),
        pytest.param(a_slot(state=SlotState.BLOCKED), NOW, id="blocked"),
        pytest.param(a_slot(state=SlotState.DELETED), NOW, id="deleted"),
        pytest.param(a_slot(start=NOW + HOUR), NOW + HOUR, id="begins this millisecond"),
        pytest.param(a_slot(start=NOW), NOW + HOUR, id="begun"),
    ],
)
def test_a_refused_claim_answers_what_it_was_judged_on_and_changes_nothing(
    ports: Ports, slot: Slot, now: Instant
) -> None:
    ports.put(slot)
    with pytest.raises(ClaimRefused) as refused:
        ports.ledger.claim(slot.key, "alice", a_claim("a"), now)
    assert refused.value.slot == slot
    assert ports.ledger.slot(slot.key) == slot


def test_a_claim_is_made_up_to_the_last_millisecond_before_the_start(ports: Ports) -> None:
    slot = ports.put(a_slot(start=NOW + HOUR))
    assert ports.ledger.claim(slot.key, "alice", a_claim(), NOW + HOUR - 1).claims


def test_a_claim_on_nothing_is_refused_with_nothing(ports: Ports) -> None:
    with pytest.raises(ClaimRefused) as refused:
        ports.ledger.claim(a_slot().key, "alice", a_claim(), NOW)
    assert refused.value.slot is None


def test_a_slot_is_replaced_on_the_rev_it_was_read_at(ports: Ports) -> None:
    slot = ports.put(a_slot(capacity=1, claims={"bob": a_claim(expires=NOW - 1)}))
    taken = slot.claimed_over_past("alice", a_claim("a"), NOW)
    ports.ledger.replace(taken)
    assert ports.ledger.slot(slot.key) == taken


@pytest.mark.parametrize("rev", [1, 2, 4])
def test_a_slot_is_not_replaced_on_any_other_rev(ports: Ports, rev: int) -> None:
    slot = ports.put(a_slot(capacity=5))
    newer = ports.ledger.claim(slot.key, "bob", a_claim(), NOW)
    with pytest.raises(ClaimRefused) as refused:
        ports.ledger.replace(replace(slot, capacity=9, rev=rev))
    assert refused.value.slot == newer
    assert ports.ledger.slot(slot.key) == newer


def test_a_slot_that_is_gone_is_not_replaced(ports: Ports) -> None:
    with pytest.raises(ClaimRefused) as refused:
        ports.ledger.replace(a_slot(rev=7))
    assert refused.value.slot is None
    assert ports.ledger.slot(a_slot().key) is None


def test_what_nothing_is_held_in_loses_its_due(ports: Ports) -> None:
    slot = ports.put(a_slot(due=NOW))
    ports.ledger.replace(slot.swept(NOW))
    swept = ports.ledger.slot(slot.key)
    assert swept is not None
    assert swept.due is None
    assert list(ports.ledger.due(NOW + HOUR)) == []


def test_a_new_record_is_written(ports: Ports) -> None:
    booking = a_booking(metadata={"wheels": 2}, subject={"id": "child-1"})
    assert ports.ledger.record(booking) is None
    assert ports.ledger.booking(booking.id) == booking


def test_a_record_that_is_there_already_answers_and_stays(ports: Ports) -> None:
    first = a_booking(metadata={"first": True})
    ports.ledger.record(first)
    twin = a_booking(claim=a_claim(expires=NOW + 5 * MINUTE), metadata={"first": False})
    assert ports.ledger.record(twin) == first
    assert ports.ledger.booking(first.id) == first
