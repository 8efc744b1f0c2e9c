"""Over the door: bookings change, limits are told in headers, refusals name what is free nearby."""

from __future__ import annotations

from dataclasses import replace

import pytest

from functions.booking_api.handler import api
from holdfast.domain.instants import HOUR
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, a_whole_business, stocked
from tests.support.builders import ALICE, BOB, a_slot

SLOT = a_slot(capacity=1)
NEARBY = a_slot(start=SLOT.start + 2 * HOUR, capacity=4)


@pytest.fixture
def ports() -> MemoryPorts:
    ports = stocked()
    ports.memory.slots |= {SLOT.key: SLOT, NEARBY.key: NEARBY}
    return ports


@pytest.fixture
def door(ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(api, ports, clock=clock), "reserve")


def test_a_refusal_names_what_is_free_nearby(door: Door) -> None:
    body = {"slotId": SLOT.key.slot_id}
    assert door.ask("POST", "/v1/bookings/reserve", body).status == 201
    refused = door.ask("POST", "/v1/bookings/reserve", body, caller=BOB)
    assert (refused.status, refused.code) == (409, "slot_held")
    assert [each["slotId"] for each in refused.body["alternatives"]] == [NEARBY.key.slot_id]
    too_many = door.ask("POST", "/v1/bookings/reserve", body | {"units": 5}, caller=BOB)
    assert too_many.body["alternatives"] == []


def test_units_and_subject_change_on_the_version_that_was_read(door: Door) -> None:
    body = {"slotId": NEARBY.key.slot_id, "subject": {"id": "tom"}}
    held = door.ask("POST", "/v1/bookings/reserve", body)
    path = f"/v1/bookings/{held.body['bookingId']}"
    changed = door.ask("PATCH", path, {"units": 3, "subject": {"id": "ann"}}, if_match='"1"')
    assert (changed.status, changed.body["units"], changed.body["subject"]) == (200, 3, {"id": "ann"})
    assert changed.body["price"]["total"]["amount"] == "75.00"
    full = door.ask("PATCH", path, {"units": 5}, if_match='"2"')
    assert (full.status, full.code) == (409, "slot_full")


def test_metadata_is_judged_by_the_businesss_schema(door: Door, ports: MemoryPorts) -> None:
    fields = {"type": "object", "properties": {"wheels": {"type": "integer"}}, "additionalProperties": False}
    domain = {"domainType": "resource", "entityName": "Bike", "customFields": fields}
    ports.memory.businesses["bikes"] = a_whole_business(domain=domain)
    body = {"slotId": NEARBY.key.slot_id, "metadata": {"wheels": "two"}}
    refused = door.ask("POST", "/v1/bookings/reserve", body)
    assert (refused.status, refused.pointers) == (422, ["/metadata/wheels"])
    assert ports.memory.bookings == {}
    assert door.ask("POST", "/v1/bookings/reserve", body | {"metadata": {"wheels": 2}}).status == 201


def test_limits_are_told_with_every_answer_and_refused_beyond(door: Door, ports: MemoryPorts) -> None:
    limits = {"reservePerMinute": 2, "queuePerMinute": 1, "positionPerMinute": 1, "cancelPerMinute": 1}
    ports.memory.businesses["bikes"] = replace(a_whole_business(rateLimits=limits))
    body = {"slotId": NEARBY.key.slot_id}
    left = [door.ask("POST", "/v1/bookings/reserve", body).headers["RateLimit-Remaining"] for _ in range(2)]
    assert left == ["1", "0"]
    limited = door.ask("POST", "/v1/bookings/reserve", body)
    assert (limited.status, limited.code) == (429, "rate_limited")
    assert limited.headers["RateLimit-Limit"] == "2"
    assert limited.headers["Retry-After"] == limited.headers["RateLimit-Reset"]
    assert door.ask("POST", "/v1/bookings/reserve", body, caller=BOB).status == 201


def test_a_page_of_my_bookings_has_the_one_made_a_moment_ago(door: Door) -> None:
    made = door.ask("POST", "/v1/bookings/reserve", {"slotId": NEARBY.key.slot_id})
    mine = door.ask("GET", "/v1/bookings/my")
    assert [each["bookingId"] for each in mine.body["items"]] == [made.body["bookingId"]]
    assert made.body["userId"] == ALICE.id
