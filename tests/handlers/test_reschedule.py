"""Over the door: a booking moves on the version that was read, and a refusal names what is free nearby."""

from __future__ import annotations

from typing import Any

import pytest

from functions.booking_api.handler import api
from holdfast.domain.instants import HOUR
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, Reply, stocked
from tests.support.builders import BOB, BUSINESS, a_slot
from tests.unit.app.salon import a_service

SLOT = a_slot(capacity=1)
LATER = a_slot(start=SLOT.start + 2 * HOUR, capacity=1)
FREE = a_slot(start=SLOT.start + 4 * HOUR, capacity=4)
MONDAY = {"businessId": "bikes", "serviceId": "repair", "start": "2026-06-15T09:00:00+02:00"}


@pytest.fixture
def ports() -> MemoryPorts:
    ports = stocked()
    for slot in (SLOT, LATER, FREE):
        ports.memory.put_slot(slot)
    ports.memory.services[BUSINESS, "repair"] = a_service("repair")
    return ports


@pytest.fixture
def door(ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(api, ports, clock=clock), "reserve")


@pytest.fixture
def booking(door: Door) -> str:
    """Alice's, in SLOT."""
    held = door.ask("POST", "/v1/bookings/reserve", {"slotId": SLOT.key.slot_id}).body
    path = f"/v1/bookings/{held['bookingId']}"
    assert door.ask("POST", f"{path}/confirm").status == 200
    return path


def move(door: Door, path: str, to: dict[str, Any], *, version: int = 2, key: str | None = None) -> Reply:
    headers = {"if-match": f'"{version}"'} | ({"idempotency-key": key} if key else {})
    return door.ask("POST", f"{path}/reschedule", to, headers=headers)


def test_a_booking_moves_and_tells_from_where(door: Door, booking: str) -> None:
    moved = move(door, booking, {"slotId": LATER.key.slot_id})
    assert (moved.status, moved.headers["ETag"]) == (200, '"3"')
    told = {
        "slotId": LATER.key.slot_id,
        "status": "CONFIRMED",
        "start": "2026-06-14T13:00:00.000+02:00",
        "rescheduleCount": 1,
        "movedFrom": ["2026-06-14T11:00:00.000+02:00"],
        "version": 3,
    }
    assert {name: moved.body[name] for name in told} == told
    line = door.ask("GET", f"{booking}/history").body["items"][-1]
    assert line == {
        "from": "CONFIRMED",
        "to": "CONFIRMED",
        "trigger": "reschedule",
        "actor": "customer:alice",
        "at": "2026-06-12T11:00:00.000+02:00",
        "reason": None,
        "override": [],
        "fromStart": "2026-06-14T11:00:00.000+02:00",
        "toStart": "2026-06-14T13:00:00.000+02:00",
    }


def test_from_a_slot_to_a_start_of_a_service(door: Door, booking: str) -> None:
    moved = move(door, booking, MONDAY)
    assert (moved.status, moved.body["slotId"], moved.body["serviceId"]) == (200, None, "repair")
    assert moved.body["end"] == "2026-06-15T09:30:00.000+02:00"
    assert door.ask("GET", "/v1/bookings/my").body["items"] == [moved.body]


def test_it_needs_the_version_that_was_read(door: Door, booking: str) -> None:
    to = {"slotId": LATER.key.slot_id}
    without = door.ask("POST", f"{booking}/reschedule", to)
    assert (without.status, without.code) == (428, "precondition_required")
    stale = move(door, booking, to, version=1)
    assert (stale.status, stale.body["currentVersion"]) == (412, 2)


def test_a_repeat_is_known_by_its_key(door: Door, booking: str) -> None:
    key = "the-move-of-alice"
    first = move(door, booking, {"slotId": LATER.key.slot_id}, key=key)
    again = move(door, booking, {"slotId": LATER.key.slot_id}, key=key)
    assert (again.status, again.body["version"]) == (200, first.body["version"])
    assert again.headers["Idempotency-Replayed"] == "true"
    other = move(door, booking, {"slotId": FREE.key.slot_id}, key=key)
    assert (other.status, other.code) == (422, "idempotency_key_reused")


def test_a_refusal_names_what_is_free_nearby(door: Door, booking: str) -> None:
    door.ask("POST", "/v1/bookings/reserve", {"slotId": LATER.key.slot_id}, caller=BOB)
    refused = move(door, booking, {"slotId": LATER.key.slot_id})
    assert (refused.status, refused.code) == (409, "slot_held")
    assert [each["slotId"] for each in refused.body["alternatives"]] == [FREE.key.slot_id]


@pytest.mark.parametrize(
    ("to", "pointers"),
    [
        ({}, ["/slotId"]),
        (MONDAY | {"businessId": "boats"}, ["/businessId"]),
        ({"slotId": "boats.berth-1.202606141000"}, ["/slotId"]),
        ({"slotId": LATER.key.slot_id, "units": 2}, ["/units"]),
    ],
)
def test_where_to_is_named_like_in_a_reserve(
    door: Door, booking: str, to: dict[str, Any], pointers: list[str]
) -> None:
    refused = move(door, booking, to)
    assert (refused.status, refused.pointers) == (422, pointers)
