"""Entries of queues: written once, moved on their state, listed for their owner apart from bookings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from holdfast.app.ports import Lost, Page
from holdfast.app.writes import MoveEntry
from holdfast.domain.booking import Contact, Deed
from holdfast.domain.entry import Entry, EntryStatus
from holdfast.domain.instants import DAY, HOUR, SECOND
from tests.support.builders import NOW, a_booking, a_claim, a_slot, an_entry
from tests.support.clouds import Ports

S = EntryStatus
ENTRY = an_entry()
DEED = Deed("deed", "customer:alice", NOW + SECOND, "leave", "left")
LEAVE = MoveEntry(ENTRY.id, S.WAITING, S.LEFT, DEED)


def test_a_new_entry_is_written(ports: Ports) -> None:
    entry = an_entry(notes="n", contact=Contact("Al"), subject={"id": "kid"}, metadata={"wheels": 2})
    assert ports.ledger.enter(entry) is None
    assert ports.ledger.entry(entry.id) == entry


def test_an_entry_that_is_there_already_answers_and_stays(ports: Ports) -> None:
    ports.ledger.enter(ENTRY)
    assert ports.ledger.enter(replace(ENTRY, units=9, fingerprint="other")) == ENTRY
    left = ENTRY.moved(S.LEFT, DEED)
    ports.ledger.commit(LEAVE)
    assert ports.ledger.enter(ENTRY) == left
    assert ports.ledger.entry(ENTRY.id) == left


@pytest.mark.parametrize("before", S)
@pytest.mark.parametrize("after", S)
def test_an_entry_is_moved_from_the_state_it_is_in_and_no_other(
    ports: Ports, before: EntryStatus, after: EntryStatus
) -> None:
    """Which ways there are is the domain's to say, `before` is the ledger's to hold."""
    ports.ledger.enter(ENTRY)
    if before is not S.WAITING:
        ports.ledger.commit(MoveEntry(ENTRY.id, S.WAITING, before, replace(DEED, op="first")))
    there = ports.ledger.entry(ENTRY.id)
    assert there is not None
    for other in sorted(set(S) - {before}):
        with pytest.raises(Lost):
            ports.ledger.commit(MoveEntry(ENTRY.id, other, after, DEED))
    assert ports.ledger.entry(ENTRY.id) == there
    ports.ledger.commit(MoveEntry(ENTRY.id, before, after, DEED))
    assert ports.ledger.entry(ENTRY.id) == there.moved(after, DEED)


def test_an_entry_that_is_missing_is_not_moved(ports: Ports) -> None:
    with pytest.raises(Lost):
        ports.ledger.commit(LEAVE)
    assert ports.ledger.entry(ENTRY.id) is None


def test_an_entry_and_the_booking_of_its_turn_are_read_together(ports: Ports) -> None:
    assert ports.ledger.entry_and_booking(ENTRY.id) == (None, None)
    ports.ledger.enter(ENTRY)
    assert ports.ledger.entry_and_booking(ENTRY.id) == (ENTRY, None)
    turn = replace(a_booking(claim=a_claim(ENTRY.id)), promoted=True)
    ports.ledger.record(turn)
    assert ports.ledger.entry_and_booking(ENTRY.id) == (ENTRY, turn)
    alone = a_booking(claim=a_claim("f" * 20))
    ports.ledger.record(alone)
    assert ports.ledger.entry_and_booking(alone.id) == (None, alone)


def test_any_number_of_entries_is_read_at_once_without_those_that_are_not_there(ports: Ports) -> None:
    entries = {f"{number:020d}": an_entry(f"{number:020d}") for number in range(130)}
    for entry in entries.values():
        ports.ledger.enter(entry)
    assert ports.ledger.entries([*entries, "0" * 19 + "x"]) == entries
    assert ports.ledger.entries([]) == {}


def _all(fetch: Callable[[str | None], Page[Entry]], limit: int) -> list[Entry]:
    found: list[Entry] = []
    cursor: str | None = None
    for _ in range(50):
        page = fetch(cursor)
        assert len(page.items) <= limit
        found += page.items
        cursor = page.cursor
        if cursor is None:
            return found
    raise AssertionError("the list never ends")


def _of(ports: Ports, owner: str, limit: int = 100) -> list[Entry]:
    return _all(lambda cursor: ports.entries.of_owner(owner, limit=limit, cursor=cursor), limit)


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_pages_of_entries_make_up_the_list_by_the_slots_start_the_latest_first(
    ports: Ports, limit: int
) -> None:
    made = [
        an_entry(f"{number:020d}", slot=a_slot(start=NOW + hours * HOUR))
        for number, hours in enumerate((30, 20, 50, 40))
    ]
    for entry in (*made, an_entry("b" * 20, owner="bob")):
        ports.ledger.enter(entry)
    assert _of(ports, "alice", limit) == [made[2], made[3], made[0], made[1]]
    assert _of(ports, "carol", limit) == []


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_entries_of_slots_that_start_together_are_all_listed_once(ports: Ports, limit: int) -> None:
    for number in range(5):
        ports.ledger.enter(an_entry(f"{number:020d}"))
    assert sorted(each.id for each in _of(ports, "alice", limit)) == [f"{number:020d}" for number in range(5)]


def test_a_listed_entry_is_as_it_is_at_that_moment(ports: Ports) -> None:
    ports.ledger.enter(ENTRY)
    ports.ledger.commit(LEAVE)
    assert _of(ports, "alice") == [ENTRY.moved(S.LEFT, DEED)]


def test_entries_and_bookings_of_one_owner_are_listed_apart(ports: Ports) -> None:
    ports.ledger.enter(ENTRY)
    turn = replace(a_booking(claim=a_claim(ENTRY.id)), promoted=True)
    held = a_booking(claim=a_claim("f" * 20))
    for booking in (turn, held):
        ports.ledger.record(booking)
    assert _of(ports, "alice") == [ENTRY]
    page = ports.bookings.of_owner("alice", NOW, NOW + 90 * DAY, limit=100, cursor=None)
    assert [each.id for each in page.items] == [turn.id, held.id]
    day = ports.bookings.of_business("bikes", NOW, NOW + 9 * DAY, limit=100, cursor=None)
    assert [each.id for each in day.items] == [turn.id, held.id]
    also = ports.bookings.of_owner("alice", NOW, NOW + 90 * DAY, limit=1, cursor=None, also=[ENTRY.id])
    assert turn in also.items


def test_no_owner_sees_entries_under_the_name_they_are_filed_by(ports: Ports) -> None:
    ports.ledger.enter(ENTRY)
    page = ports.bookings.of_owner("QUEUED#alice", NOW, NOW + 90 * DAY, limit=9, cursor=None)
    assert list(page.items) == []


def test_an_entry_is_never_due(ports: Ports) -> None:
    ports.ledger.enter(ENTRY)
    assert list(ports.ledger.due(NOW + 400 * DAY)) == []
