"""A forgotten hold ends by itself: by timer, by sweep, by DynamoDB's TTL, each on its own (HOLD-4)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from holdfast import clock
from holdfast.adapters.dynamodb.keys import booking_key
from tests.e2e.door import Door
from tests.support.ledger_state import read_ledger
from tests.support.waiting import eventually

HOLD = 20
STORED_WITHIN = 10


def _stored(door: Door, booking_id: str) -> Any:
    """The record as it stands in the table, without asking the service."""
    answer = door.stack.client("dynamodb").get_item(
        TableName=door.stack.tables["ledger"], Key=booking_key(booking_id), ConsistentRead=True
    )
    return answer.get("Item")


def _stored_as_expired(door: Door, booking_id: str) -> Any:
    item = _stored(door, booking_id)
    return item if item and item["status"]["S"] == "EXPIRED" else None


def _assert_ended(item: Any) -> None:
    last = item["history"]["L"][-1]["M"]
    assert (last["from"]["S"], last["to"]["S"], last["reason"]["S"]) == ("RESERVED", "EXPIRED", "lapsed")


def _hold(door: Door, slot: str, *, seconds: int = HOLD) -> tuple[str, float]:
    """A hold of Alice's, and when it ends by the monotonic clock."""
    started = time.monotonic()
    answer = door.caller("alice").post("/v1/bookings/reserve", {"slotId": slot, "holdSeconds": seconds})
    assert answer.status_code == 201, answer.text
    return answer.json()["bookingId"], started + seconds


def _take_in_the_second_it_ends(door: Door, slot: str, ends: float) -> float:
    """Bob asks until he has the unit; how long after the end that was."""

    def ask() -> bool:
        return door.caller("bob").post("/v1/bookings/reserve", {"slotId": slot}).status_code == 201

    eventually(ask, within=ends - time.monotonic() + 5, every=0.2)
    return time.monotonic() - ends


@pytest.fixture
def without_timers(door: Door) -> Iterator[None]:
    """The queue's consumer is off: timers are sent, nobody takes them."""
    functions = door.stack.client("lambda")
    mapping = door.stack.timer_mapping_id
    functions.update_event_source_mapping(UUID=mapping, Enabled=False)
    yield
    functions.update_event_source_mapping(UUID=mapping, Enabled=True)


def test_a_forgotten_hold_is_stored_as_expired_by_its_timer(door: Door) -> None:
    booking_id, ends = _hold(door, door.new_slot())

    left = ends - time.monotonic()
    item = eventually(lambda: _stored_as_expired(door, booking_id), within=left + STORED_WITHIN)

    assert time.monotonic() >= ends - 1
    _assert_ended(item)


def test_its_unit_is_taken_in_the_second_it_ends_and_the_record_still_ends(door: Door) -> None:
    slot = door.new_slot()
    booking_id, ends = _hold(door, slot)

    assert _take_in_the_second_it_ends(door, slot, ends) < 2

    left = ends - time.monotonic()
    _assert_ended(eventually(lambda: _stored_as_expired(door, booking_id), within=left + STORED_WITHIN))
    state = read_ledger(door.stack.client("dynamodb"), door.stack.tables["ledger"])
    assert state.violations(clock.now()) == []


@pytest.mark.usefixtures("without_timers")
def test_the_sweep_alone_ends_a_hold_and_one_whose_unit_was_taken(door: Door) -> None:
    left_alone, taken = door.new_slot(), door.new_slot()
    forgotten, _ = _hold(door, left_alone)
    evicted, ends = _hold(door, taken)
    assert _take_in_the_second_it_ends(door, taken, ends) < 2
    _make_due(door, evicted)

    def swept() -> bool:
        door.stack.client("lambda").invoke(FunctionName=door.stack.functions["Sweeper"])
        return all(_stored_as_expired(door, each) for each in (forgotten, evicted))

    eventually(swept, within=STORED_WITHIN)

    for booking_id in (forgotten, evicted):
        _assert_ended(_stored(door, booking_id))
    assert door.http.get(f"/v1/slots/{left_alone}").json()["available"] == 1


@pytest.mark.usefixtures("without_timers")
def test_the_ttl_alone_ends_a_hold(door: Door) -> None:
    slot = door.new_slot()
    booking_id, ends = _hold(door, slot, seconds=10)
    eventually(lambda: time.monotonic() > ends + 2, within=20)
    door.stack.client("dynamodb").update_item(  # an hour later, as far as DynamoDB is concerned
        TableName=door.stack.tables["ledger"],
        Key=booking_key(booking_id),
        UpdateExpression="SET #ttl = :past",
        ExpressionAttributeNames={"#ttl": "ttl"},
        ExpressionAttributeValues={":past": {"N": str(int(time.time()) - 1)}},
    )

    _assert_ended(eventually(lambda: _stored_as_expired(door, booking_id), within=30))
    state = read_ledger(door.stack.client("dynamodb"), door.stack.tables["ledger"])
    (ledger,) = (each for each in state.slots if each.key.slot_id == slot)
    assert (ledger.claims, ledger.free) == ({}, 1)


def _make_due(door: Door, booking_id: str) -> None:
    """A record is due five minutes after its hold: let them be over."""
    door.stack.client("dynamodb").update_item(
        TableName=door.stack.tables["ledger"],
        Key=booking_key(booking_id),
        UpdateExpression="SET #due = :past",
        ExpressionAttributeNames={"#due": "due"},
        ExpressionAttributeValues={":past": {"N": str(clock.now() - 1000)}},
    )
