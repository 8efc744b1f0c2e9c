"""Where somebody stands, and all their queues: what a crash left behind is not shown (QUEUE-4, QUEUE-5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from holdfast.app.asked import Asked
from holdfast.app.queue_position import Listed, Standing, my_queues, queue_position
from holdfast.domain.entry import EntryStatus
from holdfast.domain.errors import NotFound, RateLimited, Unavailable
from holdfast.domain.instants import HOUR
from holdfast.domain.slot import SlotState
from tests.support.builders import ALICE, BOB, BUSINESS, NOW, SETTINGS, a_business, a_slot, a_wish, asked
from tests.support.memory_readers import MemoryEntries
from tests.unit.app.shop import Shop, sold_out


@pytest.fixture
def full() -> Shop:
    return sold_out()


def position(shop: Shop, by: Asked, subject_id: str | None = None) -> Standing:
    return queue_position(shop.ledger, shop.callers, shop.catalog, by, shop.first.key, subject_id=subject_id)


def listed(shop: Shop, by: Asked, *, limit: int = 25, cursor: str | None = None) -> list[Listed]:
    page = my_queues(shop.ledger, MemoryEntries(shop.memory), by, limit=limit, cursor=cursor)
    return list(page.items)


def test_a_position_takes_two_calls(full: Shop) -> None:
    full.join(asked())
    calls: list[str] = []
    full.memory.pause = calls.append
    position(full, asked())
    assert calls == ["remember", "remembered", "read slot"]


def test_a_standing_is_the_place_and_what_its_view_needs(full: Shop) -> None:
    full.join(asked(BOB))
    full.join(asked(), units=1)
    standing = position(full, asked())
    assert (standing.position, standing.slot) == (2, full.slot)
    assert standing.place == list(full.slot.waiting(NOW).values())[1]
    assert standing.business.id == BUSINESS
    full.leave(asked(BOB))
    assert position(full, asked()).position == 1


def test_each_child_has_a_position_of_its_own(full: Shop) -> None:
    for child in ("a", "b"):
        full.join(asked(), subject={"id": child})
    assert [position(full, asked(), child).position for child in ("a", "b")] == [1, 2]
    with pytest.raises(NotFound):
        position(full, asked())


def test_who_does_not_wait_has_no_position(full: Shop) -> None:
    with pytest.raises(NotFound):
        position(full, asked())
    joined = full.join(asked())
    with pytest.raises(NotFound):
        position(full, asked(now=joined.entry.until))
    full.give_back()
    full.promote(NOW)
    with pytest.raises(NotFound):
        position(full, asked())


def test_in_a_slot_that_is_not_there_nobody_has_a_position(full: Shop) -> None:
    full.join(asked())
    full.memory.put_slot(replace(full.slot, state=SlotState.DELETED))
    with pytest.raises(NotFound):
        position(full, asked())
    full.memory.businesses.clear()
    with pytest.raises(NotFound):
        position(full, asked())


def test_positions_are_counted_by_the_minute(full: Shop) -> None:
    full.memory.businesses[BUSINESS] = a_business(
        rateLimits={**SETTINGS["rateLimits"], "positionPerMinute": 2}
    )
    full.join(asked())
    for _ in range(2):
        position(full, asked())
    with pytest.raises(RateLimited):
        position(full, asked())


def test_my_queues_tell_where_i_wait_and_what_became_of_the_rest(full: Shop) -> None:
    left = full.join(asked())
    full.leave(asked())
    full.join(asked(BOB))
    waits = full.join(asked())
    assert {(each.entry.id, each.entry.status, each.position) for each in listed(full, asked())} == {
        (left.entry.id, EntryStatus.LEFT, None),
        (waits.entry.id, EntryStatus.WAITING, 2),
    }
    assert [each.position for each in listed(full, asked(BOB))] == [1]


def test_an_entry_without_a_place_is_not_shown(full: Shop) -> None:
    def crash() -> None:
        raise Unavailable("crashed")

    full.pauses["join"] = crash
    with pytest.raises(Unavailable):
        full.join(asked(key="key"))
    assert listed(full, asked()) == []
    other = full.join(asked(key="other"))
    assert [each.entry for each in listed(full, asked())] == [other.entry]
    assert listed(full, asked(now=other.entry.until)) == []
    full.memory.slots.clear()
    assert listed(full, asked()) == []


def test_my_queues_come_by_the_slots_start_the_latest_first(full: Shop) -> None:
    joined = []
    for hours in (30, 20, 40):
        there = a_slot(start=NOW + hours * HOUR, capacity=1)
        full.memory.put_slot(replace(there, claims=full.slot.claims, free=0))
        joined.append(full.join_on(full.ledger, asked(ALICE), a_wish(there.key)).entry)
    assert [each.entry for each in listed(full, asked())] == [joined[2], joined[0], joined[1]]
    assert [each.position for each in listed(full, asked())] == [1, 1, 1]
    page = my_queues(full.ledger, MemoryEntries(full.memory), asked(), limit=2, cursor=None)
    assert [each.entry for each in page.items] == [joined[2], joined[0]]
    assert [each.entry for each in listed(full, asked(), cursor=page.cursor)] == [joined[1]]
