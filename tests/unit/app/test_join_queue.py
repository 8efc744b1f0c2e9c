"""Join a full slot's queue: entry first, then place; a repeat finds both, a crash leaves neither in the way
(QUEUE-1)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from holdfast.app.join_queue import Joined
from holdfast.app.ports import Throttled
from holdfast.domain.booking import Contact
from holdfast.domain.entry import EntryEnding, EntryStatus
from holdfast.domain.errors import (
    AlreadyInQueue,
    Invalid,
    KeyReused,
    Malformed,
    NotFound,
    PolicyViolation,
    QueueFull,
    RateLimited,
    Refusal,
    SlotBlocked,
    SlotNotFull,
    SlotPast,
    Unavailable,
)
from holdfast.domain.identity import claimant
from holdfast.domain.instants import HOUR, MINUTE, NEVER, SECOND, Instant
from holdfast.domain.place import SlotKey
from holdfast.domain.queue import Place
from holdfast.domain.slot import Slot, SlotState
from tests.support.builders import (
    ALICE,
    BOB,
    BUSINESS,
    CAROL,
    DAN,
    EVE,
    NOW,
    SETTINGS,
    a_business,
    a_claim,
    a_slot,
    a_wish,
    asked,
)
from tests.support.memory import MemoryLedger
from tests.unit.app.shop import Shop, sold_out

SOLD = a_claim("sold", expires=NEVER)
FULL = a_slot(capacity=1, claims={"somebody": SOLD})


@pytest.fixture
def full() -> Shop:
    return sold_out()


def crash() -> None:
    raise Unavailable("crashed")


def crashes(shop: Shop, where: str, *, body: str = "") -> None:
    """A join by Alice under the key "key" dies at this call."""
    shop.pauses[where] = crash
    with pytest.raises(Unavailable):
        shop.join(asked(key="key", body=body))


def test_joining_takes_three_calls_the_entry_before_the_place(full: Shop) -> None:
    calls: list[str] = []
    full.memory.pause = calls.append
    full.join(asked(key="key"))
    assert calls == ["remember", "remembered", "enter", "entered", "join", "joined"]


def test_an_entry_keeps_what_was_asked_for_and_the_place_what_decides(full: Shop) -> None:
    slot = full.slot
    joined = full.join(asked(), notes="n", contact=Contact("Al"), subject={"id": "kid"}, metadata={"a": 1})
    entry = full.entry(joined)
    assert (joined.created, joined.replayed, joined.booking, joined.entry) == (True, False, None, entry)
    assert (entry.owner, entry.units, entry.slot, entry.start) == ("alice", 1, slot.key, slot.start)
    assert (entry.notes, entry.contact, entry.subject) == ("n", Contact("Al"), {"id": "kid"})
    assert (entry.status, entry.joined, entry.until) == (EntryStatus.WAITING, NOW, NOW + 24 * HOUR)
    assert entry.who == claimant("alice", "kid")
    assert full.slot.places == {entry.who: replace(entry.place, seq=slot.rev)}
    assert full.slot == joined.slot
    assert full.violations(NOW) == []


def test_places_are_in_the_order_of_joining(full: Shop) -> None:
    for number, who in enumerate((DAN, ALICE, CAROL), start=1):
        joined = full.join(asked(who, now=NOW - number))
        assert joined.slot.position(joined.entry.who, NOW) == number
    assert full.line(NOW) == ["dan", "alice", "carol"]


def test_a_parent_waits_for_two_children_and_for_themselves(full: Shop) -> None:
    for subject in ({"id": "child-1"}, {"id": "child-2"}, None):
        assert full.join(asked(), subject=subject).created
    assert not full.join(asked(), subject={"id": "child-1", "name": "Bo"}).created
    assert full.line(NOW) == ["alice"] * 3


def test_the_same_key_and_body_answers_the_same_place_as_a_replay(full: Shop) -> None:
    first = full.join(asked(key="key"))
    full.join(asked(BOB))
    rev = full.slot.rev
    again = full.join(asked(key="key", now=NOW + MINUTE))
    assert (again.created, again.replayed, again.entry) == (True, True, first.entry)
    assert full.slot.rev == rev
    assert len(full.memory.entries) == 2


@pytest.mark.parametrize("forgotten", [False, True])
@pytest.mark.parametrize("dies_at", ["nowhere", "join"])
def test_the_same_key_with_another_body_is_refused(full: Shop, dies_at: str, forgotten: bool) -> None:
    """The entry tells the body as well, should the caller's item be lost."""
    if dies_at == "nowhere":
        full.join(asked(key="key", body="a"))
    else:
        crashes(full, dies_at, body="a")
    if forgotten:
        full.memory.keys.clear()
    before = full.slot
    for _ in range(2):
        with pytest.raises(KeyReused):
            full.join(asked(key="key", body="b"))
    assert full.slot == before


def test_a_repeat_answers_whatever_the_business_has_changed_since(full: Shop) -> None:
    first = full.join(asked(key="key"))
    fields = {"customFields": {"type": "object", "required": ["wheels"]}}
    full.memory.businesses[BUSINESS] = a_business(domain=fields)
    assert full.join(asked(key="key")).entry == first.entry
    full.leave(asked())
    full.memory.put_slot(replace(full.slot, state=SlotState.DELETED))
    again = full.join(asked(key="key"))
    assert (again.replayed, again.entry.status) == (True, EntryStatus.LEFT)


def test_of_a_forgotten_key_the_place_is_found_all_the_same(full: Shop) -> None:
    first = full.join(asked(key="key"))
    full.memory.keys.clear()
    again = full.join(asked(key="key"))
    assert (again.replayed, again.entry, again.slot) == (True, first.entry, first.slot)


def test_under_another_key_the_place_there_is_answers(full: Shop) -> None:
    first = full.join(asked(key="key"))
    again = full.join(asked(key="other", now=NOW + MINUTE))
    assert (again.created, again.replayed, again.entry) == (False, False, first.entry)
    assert full.slot == first.slot


def test_under_another_key_and_for_other_units_it_is_refused_with_the_place_there_is() -> None:
    shop = sold_out(capacity=2)
    first = shop.join(asked())
    with pytest.raises(AlreadyInQueue) as refused:
        shop.join(asked(), units=2)
    assert refused.value.facts == {"entryId": first.entry.id, "waitingUnits": 1}
    assert shop.slot == first.slot


@pytest.mark.parametrize("confirmed", [False, True])
def test_who_has_the_slot_cannot_wait_for_it(confirmed: bool) -> None:
    shop = Shop(a_slot(capacity=1))
    held = shop.reserve(asked()).booking
    if confirmed:
        shop.confirm(asked(), held)
    with pytest.raises(AlreadyInQueue) as refused:
        shop.join(asked(now=NOW + SECOND))
    assert refused.value.facts == {"bookingId": held.id, "heldUnits": 1}
    assert shop.slot.places == {}


def test_a_crash_between_entry_and_place_leaves_nobody_in_front(full: Shop) -> None:
    before = full.slot
    crashes(full, "join")
    assert [each.status for each in full.memory.entries.values()] == [EntryStatus.WAITING]
    assert full.slot == before
    full.join(asked(BOB))
    again = full.join(asked(key="key"))
    assert (again.created, again.replayed, again.booking) == (True, True, None)
    assert full.line(NOW) == ["bob", "alice"]
    assert len(full.memory.entries) == 2
    assert full.violations(NOW) == []


@pytest.mark.parametrize("where", ["entered", "joined"])
def test_a_lost_answer_is_no_second_place(full: Shop, where: str) -> None:
    rev = full.slot.rev
    crashes(full, where)
    again = full.join(asked(key="key"))
    assert again.replayed
    assert full.slot.places == {again.entry.who: replace(again.entry.place, seq=rev)}
    assert len(full.memory.entries) == 1


def test_a_twin_of_the_same_request_gets_the_same_place(full: Shop) -> None:
    rev, twins = full.slot.rev, list[Joined]()
    full.pauses["join"] = lambda: twins.append(full.join(asked(key="key")))
    joined = full.join(asked(key="key"))
    assert twins[0].entry == joined.entry
    assert full.slot.rev == rev + 1


def test_my_own_past_hold_that_still_stands_in_the_slot_is_replaced_by_my_place() -> None:
    shop = Shop(a_slot(capacity=2))
    shop.confirm(asked(BOB), shop.reserve(asked(BOB)).booking)
    held = shop.reserve(asked()).booking
    joined = shop.join(asked(now=held.expires), units=2)
    assert set(joined.slot.places) == {held.who}
    assert held.who not in joined.slot.claims
    assert shop.violations(held.expires) == []


def test_my_own_past_place_is_replaced_by_a_new_one_at_the_end(full: Shop) -> None:
    first = full.join(asked())
    full.join(asked(BOB, now=NOW + HOUR))
    late = first.entry.until
    again = full.join(asked(now=late))
    assert full.line(late) == ["bob", "alice"]
    assert (again.created, again.entry.id != first.entry.id) == (True, True)
    ended = full.entry(first)
    assert ended.status is EntryStatus.EXPIRED
    assert ended.history[-1].deed.reason == EntryEnding.TIMED_OUT
    assert full.entry(again).status is EntryStatus.WAITING
    assert full.violations(late) == []


def test_my_own_past_place_goes_alone_where_its_entry_is_gone(full: Shop) -> None:
    first = full.join(asked())
    del full.memory.entries[first.entry.id]
    again = full.join(asked(now=first.entry.until))
    assert [place.entry for place in full.slot.places.values()] == [again.entry.id]


@pytest.mark.parametrize(
    ("slot", "units", "refusal", "facts"),
    [
        pytest.param(a_slot(capacity=2), 2, SlotNotFull, {"available": 2}, id="room"),
        pytest.param(
            a_slot(capacity=2, claims={"b": SOLD}), 1, SlotNotFull, {"available": 1}, id="room left"
        ),
        pytest.param(replace(FULL, state=SlotState.BLOCKED), 1, SlotBlocked, {}, id="blocked"),
        pytest.param(replace(FULL, state=SlotState.DELETED), 1, NotFound, {}, id="deleted"),
        pytest.param(replace(FULL, start=NOW), 1, SlotPast, {}, id="begun"),
        pytest.param(FULL, 2, Invalid, None, id="a party larger than the slot"),
    ],
)
def test_a_refused_join_says_why_and_leaves_no_place(
    slot: Slot, units: int, refusal: type[Refusal], facts: dict[str, int] | None
) -> None:
    shop = Shop(slot)
    with pytest.raises(refusal) as refused:
        shop.join(asked(), units=units)
    assert facts is None or refused.value.facts == facts
    assert shop.slot == slot


def test_a_queue_is_no_longer_than_the_business_says(full: Shop) -> None:
    full.queues(maxSize=2)
    for who in (BOB, CAROL):
        full.join(asked(who))
    with pytest.raises(QueueFull) as refused:
        full.join(asked())
    assert refused.value.facts == {"maxSize": 2}
    assert full.line(NOW) == ["bob", "carol"]
    assert not full.join(asked(BOB)).created


@pytest.mark.parametrize(
    ("settings", "refusal"),
    [
        pytest.param({"queue": {**SETTINGS["queue"], "enabled": False}}, PolicyViolation, id="no queues"),
        pytest.param(
            {"policies": {**SETTINGS["policies"], "idempotencyKeyRequired": True}}, Malformed, id="no key"
        ),
        pytest.param(
            {"domain": {"customFields": {"type": "object", "required": ["wheels"]}}}, Invalid, id="its fields"
        ),
        pytest.param({"rateLimits": {**SETTINGS["rateLimits"], "queuePerMinute": 0}}, RateLimited, id="rate"),
    ],
)
def test_what_the_business_does_not_allow_is_refused_before_anything_is_written(
    full: Shop, settings: dict[str, Any], refusal: type[Refusal]
) -> None:
    before = full.slot
    full.memory.businesses[BUSINESS] = a_business(**settings)
    with pytest.raises(refusal):
        full.join(asked())
    assert (full.slot, full.memory.entries) == (before, {})


def test_where_there_is_no_slot_nobody_waits(full: Shop) -> None:
    for nowhere in (SlotKey("boats", "pier", "2026-06-14", "1000"), replace(full.slot.key, time="2300")):
        with pytest.raises(NotFound):
            full.join_on(full.ledger, asked(), a_wish(nowhere))


def test_joins_are_counted_apart_from_reserves(full: Shop) -> None:
    full.memory.businesses[BUSINESS] = a_business(
        rateLimits={**SETTINGS["rateLimits"], "queuePerMinute": 1, "reservePerMinute": 0}
    )
    full.join(asked())
    with pytest.raises(RateLimited):
        full.join(asked())


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_repeat_after_the_caller_has_left_takes_no_place(full: Shop, forgotten: bool) -> None:
    full.join(asked(key="key"))
    full.leave(asked())
    if forgotten:
        full.memory.keys.clear()
    again = full.join(asked(key="key"))
    assert (again.replayed, again.entry.status, full.slot.places) == (True, EntryStatus.LEFT, {})


def test_who_left_may_join_again_at_the_end(full: Shop) -> None:
    full.join(asked(key="key"))
    full.join(asked(EVE))
    full.leave(asked())
    assert full.join(asked(key="another")).created
    assert full.line(NOW) == ["eve", "alice"]


class Busy(MemoryLedger):
    """A slot that is written so often that no join is judged."""

    def join(self, slot: SlotKey, who: str, place: Place, now: Instant, most: int) -> Slot:
        raise Throttled


def test_a_throttled_join_is_to_be_repeated(full: Shop) -> None:
    with pytest.raises(Unavailable):
        full.join_on(Busy(full.memory), asked(key="key"), a_wish(full.slot.key))
    assert full.join(asked(key="key")).created
    assert full.line(NOW) == ["alice"]


def test_a_slot_that_changes_under_every_write_is_given_up() -> None:
    """My own past hold needs a write on `rev`, which is never the one that was read."""
    shop = Shop(a_slot(capacity=1, claims={claimant("alice", None): a_claim(expires=NOW)}))
    shop.join(asked(BOB))

    def changes(where: str) -> None:
        if where.startswith("commit"):
            shop.memory.put_slot(replace(shop.slot, rev=shop.slot.rev + 1))

    shop.memory.pause = changes
    with pytest.raises(Unavailable):
        shop.join(asked())
    assert shop.line(NOW) == ["bob"]
