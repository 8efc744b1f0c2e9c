"""Leave a queue: place and entry in one transaction; a late repeat takes nothing that came since."""

from __future__ import annotations

from dataclasses import replace

import pytest

from holdfast.domain.entry import EntryEnding, EntryStatus
from holdfast.domain.errors import KeyReused, NotFound, Unavailable
from holdfast.domain.instants import JANITOR_SKEW, MINUTE, SECOND
from holdfast.domain.slot import SlotState
from tests.support.builders import ALICE, BOB, DAN, NOW, asked
from tests.unit.app.shop import Shop, sold_out


@pytest.fixture
def full() -> Shop:
    return sold_out()


def crash() -> None:
    raise Unavailable("crashed")


def test_who_leaves_has_no_place_and_an_entry_that_says_so(full: Shop) -> None:
    joined = full.join(asked())
    full.join(asked(BOB))
    full.leave(asked(now=NOW + SECOND))
    assert full.line(NOW) == ["bob"]
    left = full.entry(joined)
    deed = left.history[-1].deed
    assert (left.status, left.version) == (EntryStatus.LEFT, 2)
    assert (deed.trigger, deed.actor, deed.reason) == ("leave", "customer:alice", EntryEnding.LEFT)
    assert full.violations(NOW) == []


def test_leaving_where_one_does_not_wait_changes_nothing(full: Shop) -> None:
    full.join(asked(BOB))
    before = full.slot
    full.leave(asked())
    full.leave(asked(BOB), subject_id="child")
    assert full.slot == before


def test_a_child_leaves_and_the_parent_stays(full: Shop) -> None:
    for subject in (None, {"id": "child"}):
        full.join(asked(), subject=subject)
    full.leave(asked(), subject_id="child")
    assert full.line(NOW) == ["alice"]
    assert full.memory.entries[next(iter(full.slot.places.values())).entry].subject is None


@pytest.mark.parametrize("state", [None, SlotState.DELETED])
def test_from_a_slot_that_is_not_there_nobody_leaves(full: Shop, state: SlotState | None) -> None:
    if state:
        full.memory.put_slot(replace(full.slot, state=state))
    else:
        full.memory.slots.clear()
    with pytest.raises(NotFound):
        full.leave(asked())


def test_one_leaves_a_blocked_slot_and_one_that_has_begun(full: Shop) -> None:
    for who in (ALICE, BOB):
        full.join(asked(who))
    full.leave(asked(now=full.slot.start + MINUTE))
    full.memory.put_slot(replace(full.slot, state=SlotState.BLOCKED, rev=full.slot.rev + 1))
    full.leave(asked(BOB))
    assert full.slot.places == {}


def test_a_repeat_under_the_same_key_is_done_and_with_another_body_refused(full: Shop) -> None:
    full.join(asked())
    for _ in range(2):
        full.leave(asked(key="leave"))
    with pytest.raises(KeyReused):
        full.leave(asked(key="leave", body="other"))
    assert full.slot.places == {}


def test_a_late_repeat_does_not_give_up_a_place_taken_since(full: Shop) -> None:
    full.join(asked())
    full.leave(asked(key="leave"))
    again = full.join(asked(now=NOW + JANITOR_SKEW))
    full.leave(asked(key="leave", now=NOW + MINUTE))
    assert full.line(NOW) == ["alice"]
    assert full.entry(again).status is EntryStatus.WAITING
    full.leave(asked(key="leave-again", now=NOW + MINUTE))
    assert full.slot.places == {}


@pytest.mark.parametrize("where", ["read slot", "commit RemovePlace+MoveEntry", "committed"])
def test_a_repeat_after_a_crash_does_what_the_first_did_not(full: Shop, where: str) -> None:
    joined = full.join(asked())
    full.pauses[where] = crash
    with pytest.raises(Unavailable):
        full.leave(asked(key="leave", now=NOW + SECOND))
    full.leave(asked(key="leave", now=NOW + MINUTE))
    assert full.slot.places == {}
    assert (full.entry(joined).status, full.entry(joined).version) == (EntryStatus.LEFT, 2)


def test_a_place_whose_entry_has_ended_or_is_gone_goes_alone(full: Shop) -> None:
    for gone in (False, True):
        joined = full.join(asked())
        if gone:
            del full.memory.entries[joined.entry.id]
        else:
            full.memory.put_entry(replace(joined.entry, status=EntryStatus.EXPIRED))
        entries = dict(full.memory.entries)
        full.leave(asked())
        assert (full.slot.places, full.memory.entries) == ({}, entries)


def test_a_place_that_was_passed_over_in_that_very_moment_is_left_all_the_same() -> None:
    shop = sold_out(capacity=2)
    joined = shop.join(asked(), units=2)
    bob = shop.join(asked(BOB))

    def turn() -> None:
        shop.give_back()
        shop.promote(NOW)

    shop.pauses["commit RemovePlace+MoveEntry"] = turn
    shop.leave(asked())
    assert shop.turn_of(bob).owner == "bob"
    assert (shop.slot.places, shop.entry(joined).status) == ({}, EntryStatus.LEFT)
    assert shop.violations(NOW) == []


def test_a_turn_that_came_in_that_very_moment_stays_and_is_theirs_to_release(full: Shop) -> None:
    joined = full.join(asked())

    def turn() -> None:
        full.give_back()
        full.promote(NOW)

    full.pauses["commit RemovePlace+MoveEntry"] = turn
    full.leave(asked())
    assert full.entry(joined).status is EntryStatus.NOTIFIED
    full.release(asked(), full.turn_of(joined))
    assert full.entry(joined).status is EntryStatus.LEFT


def test_a_place_that_is_never_twice_the_same_is_given_up(full: Shop) -> None:
    joined = full.join(asked())
    full.join(asked(DAN))

    def changes(where: str) -> None:
        if where.startswith("commit"):
            full.memory.put_slot(full.slot.moved_to_front(joined.entry.who, NOW))

    full.memory.pause = changes
    with pytest.raises(Unavailable):
        full.leave(asked())
    assert full.line(NOW) == ["alice", "dan"]
