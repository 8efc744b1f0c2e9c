"""The queue on the deployed stack: no turn lost, none doubled, none out of order (QUEUE-1 to QUEUE-5)."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

import pytest

from functions.queue_promoter.handler import move_on
from holdfast import clock
from holdfast.app.ports import Ledger
from holdfast.domain import invariants
from holdfast.domain.claim import Claim
from holdfast.domain.entry import EntryStatus
from holdfast.domain.identity import claimant, derived_id, short_hash
from holdfast.domain.instants import SECOND
from tests.bench.report import percentiles
from tests.e2e.door import Caller, Door
from tests.e2e.queue_hall import BUSINESS, Hall, key_of
from tests.e2e.queue_story import CAPACITY, USERS, Story, play
from tests.support.builders import a_business
from tests.support.ledger_state import read_ledger
from tests.support.ledger_stream import slot_writes
from tests.support.memory import Memory
from tests.support.memory_queues import MemoryTimers
from tests.support.memory_readers import MemoryCatalog
from tests.support.waiting import eventually

SETTLED_WITHIN = 10
"""Seconds for what happens by itself."""


@pytest.fixture(scope="module")
def hall(door: Door) -> Hall:
    hall = Hall(door)
    hall.open()
    return hall


@pytest.fixture(scope="module")
def story(hall: Hall) -> Story:
    return play(hall)


def test_of_sixty_who_race_for_three_units_three_hold_and_the_others_stand_at_one_to_fifty_seven(
    story: Story,
) -> None:
    assert Counter(answer.status_code for answer in story.raced) == {201: CAPACITY, 202: USERS - CAPACITY}
    places = [answer.json()["queue"] for answer in story.raced if answer.status_code == 202]
    assert sorted(place["position"] for place in places) == list(range(1, USERS - CAPACITY + 1))
    waiting = story.full.waiting(clock.now()).values()
    assert [place.entry for place in waiting] == story.in_order


def test_the_order_of_turns_is_the_order_of_joining_and_everybody_has_one(story: Story) -> None:
    assert story.turns == story.in_order
    turns = [story.bookings[each].reserved_at for each in story.turns]
    assert turns == sorted(turns)
    p50, p95, p99 = percentiles(story.delays())
    print(f"served in {story.seconds:.1f} s; from a unit's end to the next turn, ms: {p50=} {p95=} {p99=}")


def test_nothing_is_oversold_and_nobody_overtakes_in_any_write_of_the_slot(story: Story) -> None:
    assert len(story.writes) > 2 * USERS
    assert [sentence for write in story.writes for sentence in write.violations()] == []


def test_each_place_ends_as_its_booking_did(hall: Hall, story: Story) -> None:
    ended = Counter(entry.status for entry in story.entries.values() if entry.id in story.in_order)
    assert ended.total() == USERS - CAPACITY
    assert set(ended) == {EntryStatus.LEFT, EntryStatus.CONVERTED, EntryStatus.EXPIRED}
    for entry_id in story.in_order:
        entry, booking = story.entries[entry_id], story.bookings[entry_id]
        assert list(invariants.of_entry(entry, booking)) == []
        assert [change.after for change in entry.history][:2] == [EntryStatus.WAITING, EntryStatus.NOTIFIED]
    stack = hall.door.stack
    assert read_ledger(stack.client("dynamodb"), stack.tables["ledger"]).violations(clock.now()) == []


class Killed(BaseException):
    """The function's process is gone in the middle of its work."""


class Mortal:
    """A ledger whose process dies after so many calls: when the last has taken effect, before the next."""

    def __init__(self, ledger: Ledger, calls: int) -> None:
        self._ledger, self._left = ledger, calls

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any) -> Any:
            if self._left == 0:
                raise Killed
            self._left -= 1
            return getattr(self._ledger, name)(*args)

        return call


MOST_CALLS = 30
"""More than a promoter makes for two turns at one slot and one at another."""


def test_a_promoter_killed_after_any_call_loses_and_doubles_nobody_when_its_records_come_again(
    hall: Hall,
) -> None:
    calls = 0
    with hall.without_promoter():
        while calls < MOST_CALLS and _killed_and_redelivered(hall, calls):
            calls += 1
    assert 10 <= calls < MOST_CALLS


def _killed_and_redelivered(hall: Hall, calls: int) -> bool:
    """One batch about two slots, whose promoter dies after so many calls and is sent it again, twice; whether
    it died at all."""
    stream = hall.stream()
    slots = [hall.filled(capacity=2, waiting=3), hall.filled(capacity=1, waiting=2)]
    for slot in slots:
        for number, booking_id in enumerate(slot.held):
            assert hall.user(number).post(f"/v1/bookings/{booking_id}/release").status_code == 200
    records = stream.slot_records({slot.id for slot in slots})
    ledger, timers = hall.ledger, MemoryTimers(Memory())
    catalog = MemoryCatalog(Memory())
    catalog.add(a_business(BUSINESS))
    killed = False
    try:
        move_on(cast("Ledger", Mortal(ledger, calls)), catalog, timers, records, clock.now())
    except Killed:
        killed = True
    for _ in range(2):
        answer = move_on(ledger, catalog, timers, records, clock.now())
        assert answer == {"batchItemFailures": []}
    for slot in slots:
        served, waiting = slot.waiting[: len(slot.held)], slot.waiting[len(slot.held) :]
        now = hall.slot(slot.id)
        assert sorted(claim.booking for claim in now.claims.values()) == sorted(served)
        assert [place.entry for place in now.waiting(clock.now()).values()] == waiting
        for entry_id in slot.waiting:
            assert list(invariants.of_entry(hall.entry(entry_id), ledger.booking(entry_id))) == []
    since = slot_writes(stream.slot_records({slot.id for slot in slots}))
    assert [booking for write in since for booking in write.given] == [
        each for slot in slots for each in slot.waiting[: len(slot.held)]
    ]
    assert [sentence for write in since for sentence in write.violations()] == []
    return killed


def test_a_crashed_reserve_in_front_of_a_queue_delays_it_by_no_more_than_its_hold(hall: Hall) -> None:
    slot_id, now = hall.new_slot(capacity=1), clock.now()
    crashed = Claim(derived_id("crashed", slot_id), 1, now + 10 * SECOND, short_hash("crashed"))
    hall.ledger.claim(key_of(slot_id), claimant("crashed", None), crashed, now)
    joined = hall.user(0).post(f"/v1/slots/{slot_id}/queue")
    assert (joined.status_code, joined.json()["position"]) == (201, 1), joined.text
    entry_id = joined.json()["entryId"]

    turn = eventually(lambda: hall.ledger.booking(entry_id), within=10 + SETTLED_WITHIN)

    assert turn.reserved_at >= crashed.expires
    assert hall.ledger.booking(crashed.booking) is None
    assert [claim.booking for claim in hall.slot(slot_id).claims.values()] == [entry_id]
    assert hall.user(0).post(f"/v1/bookings/{entry_id}/confirm").json()["status"] == "CONFIRMED"


def test_who_waits_sees_their_position_rise_and_leaves_at_any_time(door: Door) -> None:
    alice, bob, carol = door.caller("alice"), door.caller("bob"), door.stranger("carol")
    slot = door.new_slot()
    queue = f"/v1/slots/{slot}/queue"
    early = alice.post(queue)
    assert (early.status_code, early.json()["code"]) == (409, "slot_not_full")
    held = alice.post("/v1/bookings/reserve", {"slotId": slot}).json()["bookingId"]
    holder = alice.post(queue)
    assert (holder.status_code, holder.json()["code"]) == (409, "already_in_queue")

    joined = bob.post(queue)
    waiting = carol.post("/v1/bookings/reserve", {"slotId": slot, "joinQueueIfFull": True})

    assert (joined.status_code, joined.json()["position"]) == (201, 1)
    assert (waiting.status_code, waiting.json()["queue"]["position"]) == (202, 2)
    assert bob.post(queue).status_code == 200
    seen = carol.get(f"{queue}/position")
    assert (seen.json()["position"], seen.json()["totalInQueue"]) == (2, 2)
    assert carol.get(f"{queue}/position", If_None_Match=seen.headers["etag"]).status_code == 304

    assert bob.delete(queue).status_code == 204
    assert bob.get(f"{queue}/position").status_code == 404
    moved = carol.get(f"{queue}/position", If_None_Match=seen.headers["etag"])
    assert (moved.status_code, moved.json()["position"]) == (200, 1)
    alice.post(f"/v1/bookings/{held}/release")

    entry_id = waiting.json()["queue"]["entryId"]
    eventually(lambda: entry_id in _held(carol), within=SETTLED_WITHIN)
    assert carol.post(f"/v1/bookings/{entry_id}/confirm").json()["status"] == "CONFIRMED"
    (mine,) = (each for each in carol.get("/v1/queues/my").json()["items"] if each["slotId"] == slot)
    assert [line["to"] for line in mine["history"]] == ["WAITING", "NOTIFIED", "CONVERTED"]
    (left,) = (each for each in bob.get("/v1/queues/my").json()["items"] if each["slotId"] == slot)
    assert (left["status"], left["history"][-1]["reason"]) == ("LEFT", "left")


def _held(user: Caller) -> list[str]:
    """The bookings they find among theirs, not having asked for any but a place."""
    mine = user.get("/v1/bookings/my", {"status": "RESERVED"}).json()["items"]
    return [booking["bookingId"] for booking in mine]


def test_staff_see_who_waits_and_admins_remove_one_and_move_one_to_the_front(door: Door) -> None:
    alice, staff, admin = door.caller("alice"), door.caller("staff"), door.caller("admin")
    slot = door.new_slot()
    held = alice.post("/v1/bookings/reserve", {"slotId": slot}).json()["bookingId"]
    waiters = [door.stranger(name) for name in ("dora", "emil", "fritz")]
    first, second, third = (each.post(f"/v1/slots/{slot}/queue").json()["entryId"] for each in waiters)
    path = f"/v1/admin/businesses/{door.stack.business_id}/queues/{slot}"

    assert alice.get(path).status_code in (403, 404)
    assert [each["entryId"] for each in staff.get(path).json()["items"]] == [first, second, third]
    assert staff.post(f"{path}/entries/{first}/remove", {"reason": "mine"}).status_code == 403
    removed = admin.post(f"{path}/entries/{first}/remove", {"reason": "asked by phone"})
    assert (removed.status_code, removed.json()["totalInQueue"]) == (200, 2), removed.text
    moved = admin.post(f"{path}/entries/{third}/move-to-front", {"reason": "waited here last week"})

    assert [each["entryId"] for each in moved.json()["items"]] == [third, second], moved.text
    told = moved.json()["items"][0]["history"][-1]
    assert (told["trigger"], told["reason"]) == ("move_to_front", "waited here last week")
    assert waiters[0].get(f"/v1/slots/{slot}/queue/position").status_code == 404
    assert waiters[2].get(f"/v1/slots/{slot}/queue/position").json()["position"] == 1
    alice.post(f"/v1/bookings/{held}/release")
    eventually(lambda: third in _held(waiters[2]), within=SETTLED_WITHIN)
    assert waiters[1].get(f"/v1/slots/{slot}/queue/position").json()["position"] == 1
