"""`Callers`: keys are known for a day with what they were first used for, deeds are counted by the minute,
and the holds asked for lately are told; all to their caller alone."""

from __future__ import annotations

from holdfast.app.ports import REMEMBERED_FOR, Asking, Limited, Recollection
from holdfast.domain.instants import DAY, HOUR, MINUTE, SECOND, Instant
from holdfast.domain.place import SlotKey
from tests.support.builders import BUSINESS, NOW, RESOURCE, a_slot
from tests.support.clouds import Ports

SLOT = a_slot().key


def note(
    ports: Ports,
    caller: str = "alice",
    now: Instant = NOW,
    *,
    key: str | None = None,
    fingerprint: str = "print",
    deed: Limited | None = None,
    asking: Asking | None = None,
) -> Recollection:
    return ports.callers.note(caller, now, key=key, fingerprint=fingerprint, deed=deed, asking=asking)


def first(ports: Ports, caller: str, key: str, fingerprint: str, now: Instant) -> str | None:
    return note(ports, caller, now, key=key, fingerprint=fingerprint).first


def test_a_new_key_is_not_known(ports: Ports) -> None:
    assert first(ports, "alice", "key", "print", NOW) is None


def test_a_known_key_answers_the_fingerprint_it_was_first_seen_with(ports: Ports) -> None:
    first(ports, "alice", "key", "first", NOW)
    assert first(ports, "alice", "key", "second", NOW + SECOND) == "first"
    assert first(ports, "alice", "key", "third", NOW + HOUR) == "first"


def test_nobody_else_knows_the_key(ports: Ports) -> None:
    first(ports, "alice", "key", "print", NOW)
    assert first(ports, "bob", "key", "print", NOW) is None
    assert first(ports, "alice", "other-key", "print", NOW) is None


def test_a_key_is_known_for_a_day_from_when_it_was_first_seen(ports: Ports) -> None:
    first(ports, "alice", "key", "first", NOW)
    assert first(ports, "alice", "key", "second", NOW + DAY - 1) == "first"
    assert first(ports, "alice", "key", "third", NOW + DAY) is None
    assert first(ports, "alice", "key", "fourth", NOW + 2 * DAY - 1) == "third"


def test_of_many_keys_the_latest_stay_known(ports: Ports) -> None:
    for number in range(60):
        first(ports, "alice", f"key-{number}", f"print-{number}", NOW + number * SECOND)
    latest = {number: first(ports, "alice", f"key-{number}", "x", NOW + HOUR) for number in (40, 59)}
    assert latest == {40: "print-40", 59: "print-59"}


def test_deeds_are_counted_by_kind_and_minute(ports: Ports) -> None:
    start = NOW - NOW % MINUTE
    assert [note(ports, now=start + at, deed="reserve").used for at in (0, 1, MINUTE - 1)] == [1, 2, 3]
    assert note(ports, now=start + 2, deed="cancel").used == 1
    assert note(ports, now=start + MINUTE, deed="reserve").used == 1
    assert note(ports, "bob", start, deed="reserve").used == 1


def test_counts_go_on_after_old_minutes_were_cleared_away(ports: Ports) -> None:
    for minute in range(12):
        note(ports, now=NOW + minute * MINUTE, deed="reserve")
    assert note(ports, now=NOW + 11 * MINUTE, deed="reserve").used == 2


def test_a_hold_asked_for_is_told_from_the_next_request_on(ports: Ports) -> None:
    asking = Asking(SLOT.slot_id, "a" * 20, NOW)
    assert list(note(ports, deed="reserve", asking=asking).asked_for) == []
    assert list(note(ports, now=NOW + SECOND).asked_for) == [asking]
    assert list(note(ports, "bob", NOW + SECOND).asked_for) == []


def test_what_was_asked_for_first_at_a_slot_stays_until_it_is_replaced(ports: Ports) -> None:
    earlier, later = Asking(SLOT.slot_id, "a" * 20, NOW), Asking(SLOT.slot_id, "b" * 20, NOW + SECOND)
    note(ports, asking=earlier)
    note(ports, now=NOW + SECOND, asking=later)
    assert list(ports.callers.lately("alice", NOW + SECOND)) == [earlier]
    ports.callers.replace_asking("alice", later)
    assert list(ports.callers.lately("alice", NOW + SECOND)) == [later]


def test_holds_asked_for_are_forgotten_after_a_quarter_of_an_hour(ports: Ports) -> None:
    for number in range(12):
        slot = SlotKey(BUSINESS, RESOURCE, "2026-06-14", f"{number:02d}00")
        note(ports, now=NOW + number, asking=Asking(slot.slot_id, "a" * 20, NOW + number))
    assert len(ports.callers.lately("alice", NOW + 14 * MINUTE)) == 12
    assert list(ports.callers.lately("alice", NOW + 16 * MINUTE)) == []
    assert list(note(ports, now=NOW + 16 * MINUTE).asked_for) == []


def test_nothing_is_known_of_a_stranger(ports: Ports) -> None:
    assert list(ports.callers.lately("nobody", NOW)) == []


def test_what_was_forgotten_does_not_stand_in_the_way_of_what_is_asked_now(ports: Ports) -> None:
    note(ports, asking=Asking(SLOT.slot_id, "a" * 20, NOW))
    later = Asking(SLOT.slot_id, "b" * 20, NOW + REMEMBERED_FOR)
    assert list(note(ports, now=later.at, asking=later).asked_for) == []
    assert list(ports.callers.lately("alice", later.at)) == [later]
