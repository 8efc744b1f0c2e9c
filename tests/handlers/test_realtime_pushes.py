"""What is pushed to whom and in which order: queues and bookings, on the in-memory ports."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from functions.stream_relay.handler import relay
from holdfast.adapters.dynamodb.bookings import save_booking
from holdfast.adapters.dynamodb.slots import save_slot
from holdfast.adapters.pushes import body_of
from holdfast.app.realtime_ports import BookingChanged, QueueChanged
from holdfast.app.writes import SaveBooking
from holdfast.domain.booking import Booking, Deed
from holdfast.domain.entry import EntryStatus
from holdfast.domain.identity import claimant
from holdfast.domain.instants import SECOND
from holdfast.domain.realtime import CONNECTION_FOR
from holdfast.domain.slot import Slot
from holdfast.domain.wait import estimated_wait
from tests.handlers.door import a_whole_business
from tests.handlers.live import BOOKINGS, CAROL, QUEUE, STAFF, World
from tests.support.builders import ALICE, BOB, NOW, a_booking, a_confirmed_booking, a_place, a_slot, an_entry
from tests.support.memory import Memory, MemoryLedger
from tests.support.memory_realtime import MemoryPushes


@pytest.fixture
def world() -> World:
    return World()


def test_a_burst_of_changes_is_one_push_of_the_latest_state(world: World) -> None:
    world.queue(ALICE, BOB, CAROL)
    line = world.follow(CAROL, QUEUE)
    slot = world.queue(CAROL, rev=9)
    signals = [QueueChanged(slot.key, rev) for rev in range(6, 10)]
    assert world.push(*signals) == {"batchItemFailures": []}
    (told,) = world.received(line, "queue.position")
    assert told == {
        "type": "queue.position",
        "slotId": slot.key.slot_id,
        "sequence": 9,
        "entryId": "carol" * 4,
        "position": 1,
        "totalInQueue": 1,
        "estimatedWaitTime": estimated_wait(slot, 1, a_whole_business().queue.claim_seconds),
    }


def test_a_signal_that_comes_late_or_twice_tells_nobody_anything_again(world: World) -> None:
    world.queue(ALICE)
    line = world.follow(ALICE, QUEUE)
    world.push(world.changed())
    assert world.received(line, "queue.position") == []  # the answer of subscribe told that already
    slot = world.queue(BOB, ALICE, rev=8)
    for rev in (8, 7, 6, 8):
        world.push(QueueChanged(slot.key, rev))
    assert [each["sequence"] for each in world.received(line, "queue.position")] == [8]


def test_staff_are_told_the_totals(world: World) -> None:
    world.queue(ALICE)
    line = world.follow(STAFF, QUEUE)
    world.queue(ALICE, BOB, rev=6)
    world.push(world.changed())
    (told,) = world.received(line, "queue.position")
    assert (told["sequence"], told["totalInQueue"]) == (6, 2)
    assert "position" not in told


def test_one_whose_turn_came_is_told_of_the_booking_and_followed_no_more(world: World) -> None:
    slot = world.queue(ALICE, BOB)
    line, other = world.follow(ALICE, QUEUE), world.follow(BOB, QUEUE)
    entry = next(each for each in world.memory.entries.values() if each.owner == "alice")
    world.queue(BOB, rev=6)
    turn = Deed("turn", "system:promoter", NOW, "promotion")
    world.memory.entries[entry.id] = entry.moved(EntryStatus.NOTIFIED, turn)
    world.push(world.changed())
    (told,) = world.received(line, "queue.promoted")
    assert told == {
        "type": "queue.promoted",
        "slotId": slot.key.slot_id,
        "sequence": 6,
        "entryId": entry.id,
        "bookingId": entry.id,
    }
    assert [each["position"] for each in world.received(other, "queue.position")] == [1]
    assert {each.connection for each, _ in world.connections.standing.values()} == {other}
    world.queue(BOB, rev=7)
    world.push(world.changed())
    assert len(world.received(line, "queue.promoted")) == 1


def test_one_who_left_is_told_so(world: World) -> None:
    world.queue(ALICE, BOB)
    line = world.follow(ALICE, QUEUE)
    (entry,) = (each for each in world.memory.entries.values() if each.owner == "alice")
    world.queue(BOB, rev=6)
    world.memory.entries[entry.id] = entry.moved(
        EntryStatus.LEFT, Deed("l", "customer:alice", NOW, "leave", "left")
    )
    world.push(world.changed())
    (told,) = world.received(line, "queue.left")
    assert (told["entryId"], told["reason"], told["sequence"]) == (entry.id, "left", 6)
    assert world.connections.standing == {}


def test_one_whose_time_is_over_hears_of_it_when_their_place_is_taken_out(world: World) -> None:
    slot = world.queue(ALICE, BOB)
    line = world.follow(ALICE, QUEUE)
    who = claimant("alice", None)
    world.memory.slots[slot.key] = replace(
        slot, rev=6, places={**slot.places, who: replace(slot.places[who], until=NOW)}
    )
    world.push(world.changed())
    assert len(world.sockets.received[line]) == 1
    assert len(world.connections.standing) == 1


def test_one_who_left_and_joined_again_goes_on_with_the_new_place(world: World) -> None:
    slot = world.queue(ALICE)
    line = world.follow(ALICE, QUEUE)
    again = an_entry("n" * 20, slot=slot)
    world.memory.entries[again.id] = again
    joined = a_slot(capacity=1, rev=8, places={claimant("alice", None): a_place(again.id)})
    world.memory.slots[slot.key] = joined
    world.push(world.changed())
    (told,) = world.received(line, "queue.position")
    assert (told["entryId"], told["position"]) == (again.id, 1)
    ((standing, _),) = world.connections.standing.values()
    assert (standing.entry, standing.sent) == (again.id, 8)


def test_what_changes_while_one_subscribes_is_not_missed(world: World) -> None:
    world.queue(BOB, ALICE)
    line = world.open(ALICE)
    changes = iter([lambda: world.queue(ALICE, rev=6)])
    world.sockets.before_post = lambda: (next(changes, lambda: None)(), None)[1]
    assert world.send(line, ALICE, QUEUE)["position"] == 2
    world.push(*world.pushes.sent)
    assert [(each["sequence"], each["position"]) for each in world.received(line, "queue.position")] == [
        (6, 1)
    ]


def test_what_all_the_others_were_told_meanwhile_is_told_to_the_one_who_came(world: World) -> None:
    world.queue(BOB, ALICE)
    earlier, line = world.follow(BOB, QUEUE), world.open(ALICE)

    def change() -> None:
        world.sockets.before_post = lambda: None
        world.queue(ALICE, BOB, rev=6)
        world.push(world.changed())

    world.sockets.before_post = change
    assert world.send(line, ALICE, QUEUE)["type"] == "subscribed"
    for _ in range(2):  # SQS may bring it twice
        world.push(*world.pushes.sent)
    for each in (earlier, line):
        assert [told["sequence"] for told in world.received(each, "queue.position")] == [6]


def test_one_who_came_in_time_to_be_told_is_not_told_again_for_having_asked(world: World) -> None:
    slot = world.queue(BOB, ALICE)
    line = world.open(ALICE)
    world.send(line, ALICE, QUEUE)
    ((stood, until),) = world.connections.standing.values()
    world.connections.subscribe(replace(stood, asking=True), until)  # before it looked for the second time
    world.queue(ALICE, BOB, rev=6)
    world.push(QueueChanged(slot.key, 6))
    world.push(QueueChanged(slot.key, 6, asker=line))
    assert [told["sequence"] for told in world.received(line, "queue.position")] == [6]


def test_a_fan_out_that_was_told_to_all_is_one_write_whoever_listens(world: World) -> None:
    slot = world.queue(ALICE, BOB, CAROL)
    for each in (ALICE, BOB, CAROL, STAFF):
        world.follow(each, QUEUE)
    world.queue(ALICE, BOB, CAROL, rev=6)
    world.push(world.changed())
    assert {each.sent for each, _ in world.connections.standing.values()} == {slot.rev}
    assert set(world.connections.all_told.values()) == {6}


def test_to_subscribe_again_tells_nothing_twice(world: World) -> None:
    world.queue(ALICE)
    line = world.follow(ALICE, QUEUE)
    assert "sequence" not in world.send(line, ALICE, QUEUE)
    world.queue(ALICE, rev=6)
    world.push(world.changed())
    assert [each["sequence"] for each in world.received(line, "queue.position")] == [6]


def test_who_unsubscribes_hears_no_more(world: World) -> None:
    world.queue(ALICE)
    line = world.follow(ALICE, QUEUE)
    assert world.send(line, ALICE, {**QUEUE, "action": "unsubscribe"})["type"] == "unsubscribed"
    world.queue(ALICE, rev=6)
    world.push(world.changed())
    assert world.received(line, "queue.position") == []
    assert world.connections.lists[line] == set()


def test_a_connection_that_is_gone_is_dropped_with_all_it_listened_to(world: World) -> None:
    world.queue(ALICE, BOB)
    lost, there = world.follow(ALICE, QUEUE), world.follow(BOB, QUEUE)
    world.send(lost, ALICE, BOOKINGS)
    world.sockets.gone = {lost}
    world.queue(ALICE, BOB, rev=6)
    assert world.push(world.changed()) == {"batchItemFailures": []}
    assert set(world.connections.lists) == {there}
    assert {each.connection for each, _ in world.connections.standing.values()} == {there}
    assert [each["sequence"] for each in world.received(there, "queue.position")] == [6]


def test_one_that_cannot_be_told_now_is_told_later_and_nobody_else_again(world: World) -> None:
    slot = world.queue(ALICE, BOB)
    slow, quick = world.follow(ALICE, QUEUE), world.follow(BOB, QUEUE)
    world.sockets.stuck = {slow}
    world.queue(ALICE, BOB, rev=6)
    failed = world.push(QueueChanged(slot.key, 6), QueueChanged(slot.key, 6, asker="x"))
    assert failed == {"batchItemFailures": [{"itemIdentifier": "0"}, {"itemIdentifier": "1"}]}
    assert world.pushes.hurried == ["receipt of 0", "receipt of 1"]
    world.sockets.stuck = set()
    assert world.push(QueueChanged(slot.key, 6)) == {"batchItemFailures": []}
    for line in (slow, quick):
        assert [each["sequence"] for each in world.received(line, "queue.position")] == [6]


def test_a_line_that_closes_takes_its_subscriptions_along(world: World) -> None:
    world.queue(ALICE)
    line = world.follow(ALICE, QUEUE)
    world.send(line, ALICE, BOOKINGS)
    world.close(line)
    assert (world.connections.lists, world.connections.standing) == ({}, {})


def test_a_subscription_ends_with_the_longest_a_connection_may_last(world: World) -> None:
    world.queue(ALICE)
    line = world.follow(ALICE, QUEUE)
    world.queue(ALICE, rev=6)
    world.now = NOW + CONNECTION_FOR
    world.push(world.changed())
    assert world.received(line, "queue.position") == []


def test_a_booking_is_told_to_its_owner_and_its_businesss_staff_alone(world: World) -> None:
    lines = {each: world.follow(each, BOOKINGS) for each in (ALICE, BOB)}
    staff = world.follow(STAFF, {**BOOKINGS, "businessId": "bikes"})
    booking = a_confirmed_booking()
    world.memory.bookings[booking.id] = booking
    world.push(BookingChanged(booking.id, booking.version))
    for line in (lines[ALICE], staff):
        (told,) = world.received(line, "booking.confirmed")
        assert told["sequence"] == booking.version
        assert told["data"]["bookingNumber"] == booking.number  # type: ignore[index]
    assert len(world.sockets.received[lines[BOB]]) == 1


def test_of_a_booking_only_the_latest_version_is_told(world: World) -> None:
    line = world.follow(ALICE, BOOKINGS)
    held = a_booking()
    world.memory.bookings[held.id] = a_confirmed_booking()
    world.push(BookingChanged(held.id, 1))  # its later version has a signal of its own
    assert world.received(line, "booking.reserved") == []
    world.push(BookingChanged(held.id, 1), BookingChanged(held.id, 2))
    assert [each["sequence"] for each in world.received(line, "booking.confirmed")] == [2]


@pytest.mark.parametrize(
    ("deed", "kind"),
    [("extend", "booking.extended"), ("amend", "booking.updated")],
)
def test_a_change_that_leaves_the_state_has_a_name_of_its_own(world: World, deed: str, kind: str) -> None:
    line = world.follow(ALICE, BOOKINGS)
    changed = a_booking().changed(Deed("op", "customer:alice", NOW + SECOND, deed))
    world.memory.bookings[changed.id] = changed
    world.push(BookingChanged(changed.id, 2))
    assert len(world.received(line, kind)) == 1


@pytest.mark.parametrize("body", ["{}", "[]", "no JSON", '{"slotId": "x", "rev": 1}', "null"])
def test_a_message_that_is_not_ours_fails_alone(world: World, body: str) -> None:
    world.queue(ALICE)
    line = world.follow(ALICE, QUEUE)
    world.queue(ALICE, rev=6)
    poison = {"messageId": "poison", "body": body}
    fine = {"messageId": "fine", "body": body_of(world.changed())}
    assert world.push_records([poison, fine]) == {"batchItemFailures": [{"itemIdentifier": "poison"}]}
    assert len(world.received(line, "queue.position")) == 1


# What the stream's reader sends to the pusher.


def a_record(number: int, before: Slot | Booking | None, after: Slot | Booking | None) -> dict[str, Any]:
    """As the stream tells of a write."""
    images = {name: _item(each) for name, each in (("OldImage", before), ("NewImage", after)) if each}
    some = next(iter(images.values()))
    keys = {"PK": some["PK"], "SK": some["SK"]}
    kind = "REMOVE" if after is None else "MODIFY" if before else "INSERT"
    return {"eventName": kind, "dynamodb": {"Keys": keys, "SequenceNumber": str(number), **images}}


def _item(each: Slot | Booking) -> dict[str, Any]:
    if isinstance(each, Slot):
        item: dict[str, Any] = save_slot(each)["Item"]
    else:
        item = save_booking(SaveBooking(each, absent=True))["Item"]
    return item


def queued(*people: str, rev: int) -> Slot:
    return a_slot(rev=rev, places={each: a_place((each * 20)[:20]) for each in people})


def relayed(pushes: MemoryPushes, *records: dict[str, Any]) -> list[str]:
    answer = relay(MemoryLedger(Memory()), pushes, list(records), NOW)
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def test_each_slot_whose_queue_changed_is_signalled_once_a_batch_with_its_latest_rev() -> None:
    pushes = MemoryPushes()
    one, two, three = queued(rev=1), queued("a", rev=2), queued("a", "b", rev=3)
    assert relayed(pushes, a_record(11, one, two), a_record(12, two, three)) == []
    assert pushes.sent == [QueueChanged(one.key, 3)]


def test_a_change_of_the_order_alone_is_signalled_too() -> None:
    pushes = MemoryPushes()
    relayed(pushes, a_record(11, queued("a", "b", rev=1), queued("b", "a", rev=2)))
    assert pushes.sent == [QueueChanged(a_slot().key, 2)]


def test_a_slot_whose_queue_is_as_it_was_is_not_signalled() -> None:
    pushes = MemoryPushes()
    held = replace(queued("a", rev=2), free=0)
    relayed(pushes, a_record(11, None, queued(rev=1)), a_record(12, queued("a", rev=1), held))
    assert pushes.sent == []


def test_each_version_of_a_booking_is_signalled() -> None:
    pushes = MemoryPushes()
    held, confirmed = a_booking(), a_confirmed_booking()
    relayed(pushes, a_record(11, None, held))
    relayed(pushes, a_record(12, held, confirmed), a_record(13, confirmed, confirmed))
    relayed(pushes, a_record(14, confirmed, None))
    assert pushes.sent == [BookingChanged(held.id, 1), BookingChanged(held.id, 2)]


def test_a_batch_whose_signals_cannot_be_sent_comes_again_from_the_first_of_them() -> None:
    pushes = MemoryPushes(refuses=True)
    one, two, three = queued(rev=1), queued("a", rev=2), queued("a", "b", rev=3)
    records = [a_record(9, None, one), a_record(10, one, two), a_record(11, two, three)]
    assert relayed(pushes, *records) == ["10"]
    pushes.refuses = False
    assert relayed(pushes, *records[1:]) == []
    assert pushes.sent == [QueueChanged(one.key, 3)]
