"""What staff see of a queue and admins do to it; each deed once, with who and why in the entry's history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from holdfast.app.asked import Asked
from holdfast.app.join_queue import Joined
from holdfast.app.staff_queue import MOVE_TO_FRONT, REMOVE, Queue, change_place, see_queue
from holdfast.domain.caller import Caller
from holdfast.domain.entry import EntryStatus
from holdfast.domain.errors import Forbidden, InvalidTransition, NotFound, Unavailable
from holdfast.domain.queue import MOST_PASSED
from holdfast.domain.slot import SlotState
from tests.support.builders import ALICE, BOB, BUSINESS, CAROL, NOW, a_business, asked
from tests.unit.app.shop import Shop, sold_out

ADA = Caller("ada", frozenset({f"{BUSINESS}:admin"}))
STAN = Caller("stan", frozenset({f"{BUSINESS}:staff"}))
STRANGER = Caller("stranger", frozenset({"boats:admin"}))

type DoTo = Callable[[Shop, Asked, Joined], Queue]


def remove(shop: Shop, by: Asked, of: Joined) -> Queue:
    return change_place(
        shop.ledger, shop.catalog, by, BUSINESS, shop.slot.key, of.entry.id, REMOVE, reason="no-show"
    )


def to_front(shop: Shop, by: Asked, of: Joined) -> Queue:
    return change_place(
        shop.ledger, shop.catalog, by, BUSINESS, shop.slot.key, of.entry.id, MOVE_TO_FRONT, reason="ill"
    )


def see(shop: Shop, by: Asked, business: str = BUSINESS) -> Queue:
    return see_queue(shop.ledger, by, business, shop.slot.key)


DEEDS = [pytest.param(remove, id="remove"), pytest.param(to_front, id="move to front")]


@pytest.fixture
def full() -> Shop:
    return sold_out()


@pytest.fixture
def joined(full: Shop) -> list[Joined]:
    return [full.join(asked(who)) for who in (ALICE, BOB, CAROL)]


@pytest.mark.parametrize("who", [ADA, STAN])
def test_staff_see_who_waits_with_their_entries(full: Shop, joined: list[Joined], who: Caller) -> None:
    queue = see(full, asked(who))
    assert (queue.slot, queue.replayed) == (full.slot, False)
    assert queue.entries == {each.entry.id: each.entry for each in joined}


def test_a_place_whose_entry_is_missing_is_seen_without_one(full: Shop, joined: list[Joined]) -> None:
    del full.memory.entries[joined[0].entry.id]
    queue = see(full, asked(STAN))
    assert (len(queue.slot.places), len(queue.entries)) == (3, 2)


def test_others_are_told_there_is_no_such_slot(full: Shop, joined: list[Joined]) -> None:
    for who in (ALICE, STRANGER):
        with pytest.raises(NotFound):
            see(full, asked(who))
    with pytest.raises(NotFound):
        see(full, asked(STRANGER), business="boats")
    full.memory.put_slot(replace(full.slot, state=SlotState.DELETED))
    with pytest.raises(NotFound):
        see(full, asked(ADA))


def test_who_is_removed_has_no_place_and_the_reason_on_record(full: Shop, joined: list[Joined]) -> None:
    queue = remove(full, asked(ADA), joined[1])
    assert full.line(NOW) == ["alice", "carol"]
    assert queue.slot == full.slot
    entry = full.entry(joined[1])
    deed = entry.history[-1].deed
    assert entry.status is EntryStatus.EXPIRED
    assert (deed.trigger, deed.actor, deed.reason) == ("remove_from_queue", "admin:ada", "no-show")
    assert full.violations(NOW) == []


def test_who_is_moved_to_the_front_is_the_next_and_the_reason_is_on_record(
    full: Shop, joined: list[Joined]
) -> None:
    to_front(full, asked(ADA), joined[2])
    to_front(full, asked(ADA), joined[1])
    assert full.line(NOW) == ["bob", "carol", "alice"]
    entry = full.entry(joined[2])
    change = entry.history[-1]
    assert (change.before, change.after) == (EntryStatus.WAITING, EntryStatus.WAITING)
    assert (change.deed.trigger, change.deed.actor, change.deed.reason) == (
        "move_to_front",
        "admin:ada",
        "ill",
    )
    assert full.violations(NOW) == []
    full.give_back()
    assert full.promote(NOW) == 1
    assert full.turn_of(joined[1]).owner == "bob"


def test_moving_somebody_forward_is_no_pass_over() -> None:
    shop = sold_out(capacity=2)
    party, bob = shop.join(asked(), units=2), shop.join(asked(BOB))
    to_front(shop, asked(ADA), bob)
    shop.give_back()
    assert shop.promote(NOW) == 1
    assert [place.passed for place in shop.slot.places.values()] == [0]
    assert shop.entry(party).version == 1


def test_an_admin_may_move_somebody_before_the_strict_head() -> None:
    shop = sold_out(capacity=2)
    party, bob = shop.join(asked(), units=2), shop.join(asked(BOB))
    places = {**shop.slot.places, party.entry.who: replace(party.entry.place, passed=MOST_PASSED, seq=3)}
    shop.memory.put_slot(replace(shop.slot, places=places))
    shop.give_back()
    assert shop.promote(NOW) == 0
    to_front(shop, asked(ADA), bob)
    assert shop.promote(NOW) == 1
    assert shop.turn_of(bob).owner == "bob"


@pytest.mark.parametrize("do", DEEDS)
def test_a_repeat_is_done_once(full: Shop, joined: list[Joined], do: DoTo) -> None:
    first = do(full, asked(ADA, key="deed"), joined[2])
    again = do(full, asked(ADA, key="deed"), joined[2])
    assert (first.replayed, again.replayed, again.slot) == (False, True, first.slot)
    assert full.entry(joined[2]).version == 2


@pytest.mark.parametrize("do", DEEDS)
@pytest.mark.parametrize("where", ["read slot", "read entries", "commit SaveSlot+MoveEntry", "committed"])
def test_a_repeat_after_a_crash_does_what_the_first_did_not(
    full: Shop, joined: list[Joined], do: DoTo, where: str
) -> None:
    def crash() -> None:
        raise Unavailable("crashed")

    full.pauses[where] = crash
    with pytest.raises(Unavailable):
        do(full, asked(ADA, key="deed"), joined[2])
    do(full, asked(ADA, key="deed"), joined[2])
    assert full.entry(joined[2]).version == 2
    assert full.line(NOW) in (["alice", "bob"], ["carol", "alice", "bob"])


@pytest.mark.parametrize("do", DEEDS)
def test_what_changed_in_that_very_moment_is_looked_at_again(
    full: Shop, joined: list[Joined], do: DoTo
) -> None:
    full.pauses["commit SaveSlot+MoveEntry"] = lambda: full.leave(asked())
    do(full, asked(ADA), joined[2])
    assert full.line(NOW) in (["bob"], ["carol", "bob"])
    assert full.violations(NOW) == []


@pytest.mark.parametrize("do", DEEDS)
def test_who_does_not_wait_any_more_is_neither_removed_nor_moved(
    full: Shop, joined: list[Joined], do: DoTo
) -> None:
    full.pauses["commit SaveSlot+MoveEntry"] = lambda: full.leave(asked(CAROL))
    with pytest.raises(InvalidTransition) as refused:
        do(full, asked(ADA), joined[2])
    assert refused.value.facts["from"] == EntryStatus.LEFT
    full.give_back()
    full.promote(NOW)
    with pytest.raises(InvalidTransition):
        do(full, asked(ADA), joined[0])
    assert full.entry(joined[0]).status is EntryStatus.NOTIFIED


@pytest.mark.parametrize("do", DEEDS)
def test_an_entry_that_has_no_place_is_neither_removed_nor_moved(full: Shop, do: DoTo) -> None:
    first = full.join(asked())
    full.memory.put_slot(full.slot.without_place(first.entry.who, NOW))
    with pytest.raises(InvalidTransition):
        do(full, asked(ADA), first)
    full.join(asked(key="again"))
    with pytest.raises(InvalidTransition):
        do(full, asked(ADA), first)
    assert full.line(NOW) == ["alice"]


@pytest.mark.parametrize("do", DEEDS)
def test_only_admins_do_it_and_only_to_entries_of_that_slot(
    full: Shop, joined: list[Joined], do: DoTo
) -> None:
    for who in (STAN, ALICE, STRANGER):
        with pytest.raises(Forbidden):
            do(full, asked(who), joined[0])
    elsewhere = replace(joined[0].entry, id="f" * 20, slot=replace(full.slot.key, time="2200"))
    full.memory.put_entry(elsewhere)
    for nowhere in (elsewhere, replace(elsewhere, id="0" * 20)):
        with pytest.raises(NotFound):
            do(full, asked(ADA), joined[0]._replace(entry=nowhere))
    assert full.line(NOW) == ["alice", "bob", "carol"]


def test_an_admin_of_two_businesses_reaches_a_slot_through_its_own_only(
    full: Shop, joined: list[Joined]
) -> None:
    full.memory.businesses["boats"] = a_business("boats")
    both = Caller("both", frozenset({"boats:admin", f"{BUSINESS}:admin"}))
    with pytest.raises(NotFound):
        change_place(
            full.ledger,
            full.catalog,
            asked(both),
            "boats",
            full.slot.key,
            joined[0].entry.id,
            REMOVE,
            reason="r",
        )


def test_a_queue_that_never_stands_still_is_given_up(full: Shop, joined: list[Joined]) -> None:
    def changes(where: str) -> None:
        if where.startswith("commit"):
            full.memory.put_slot(replace(full.slot, rev=full.slot.rev + 1))

    full.memory.pause = changes
    with pytest.raises(Unavailable):
        remove(full, asked(ADA), joined[0])
    assert len(full.slot.places) == 3
