"""Appointments over HTTP: a start of a service is held, confirmed and told like a slot (API.md)."""

from __future__ import annotations

from typing import Any

import pytest

from functions.booking_api.handler import api
from functions.public_api.handler import api as public_api
from holdfast.domain.instants import DAY, HOUR
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, a_whole_business, stocked
from tests.support.builders import BOB, BUSINESS, NOW, a_slot
from tests.unit.app.salon import a_service

RESERVE = "/v1/bookings/reserve"
MONDAY = "2026-06-15T09:00:00+02:00"
WISH = {"businessId": "bikes", "serviceId": "repair", "start": MONDAY}


@pytest.fixture
def ports() -> MemoryPorts:
    ports = stocked()
    price = {"amount": "30.00", "currency": "EUR"}
    ports.memory.services[BUSINESS, "repair"] = a_service("repair", price=price)
    return ports


@pytest.fixture
def door(ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(api, ports, clock=clock), "reserve")


def test_a_free_start_is_answered_with_the_whole_booking(door: Door) -> None:
    reply = door.ask("POST", RESERVE, WISH | {"resourceId": "stand-1"})
    assert reply.status == 201
    told = {
        "businessId": "bikes",
        "slotId": None,
        "serviceId": "repair",
        "resourceId": "stand-1",
        "resourceIds": ["stand-1"],
        "status": "RESERVED",
        "start": "2026-06-15T09:00:00.000+02:00",
        "end": "2026-06-15T09:30:00.000+02:00",
        "price": {
            "unit": {"amount": "30.00", "currency": "EUR"},
            "total": {"amount": "30.00", "currency": "EUR"},
        },
        "rescheduleCount": 0,
        "seriesId": None,
    }
    assert {name: reply.body[name] for name in told} == told
    booking = f"/v1/bookings/{reply.body['bookingId']}"
    confirmed = door.ask("POST", f"{booking}/confirm")
    assert (confirmed.status, confirmed.body["status"]) == (200, "CONFIRMED")
    assert door.ask("GET", "/v1/bookings/my").body["items"] == [confirmed.body]


def test_what_is_taken_is_told_apart_from_what_is_gone(door: Door) -> None:
    held = door.ask("POST", RESERVE, WISH).body
    refused = door.ask("POST", RESERVE, WISH, caller=BOB)
    assert (refused.status, refused.code, refused.body["reasons"]) == (409, "not_offered", ["taken"])
    assert refused.headers["Retry-After"] == "120"
    nearest = refused.body["alternatives"][0]
    assert (nearest["start"], nearest["resourceId"]) == ("2026-06-15T09:30:00.000+02:00", "stand-1")
    taken = door.ask("POST", RESERVE, WISH | {"start": nearest["start"]}, caller=BOB)
    assert taken.status == 201
    door.ask("POST", f"/v1/bookings/{held['bookingId']}/confirm")
    gone = door.ask("POST", RESERVE, WISH, caller=BOB)
    assert (gone.code, "Retry-After" in gone.headers) == ("not_offered", False)


def test_a_business_that_approves_has_the_booking_wait(door: Door, ports: MemoryPorts) -> None:
    approving = a_whole_business(policies={"approvalRequired": True})
    ports.memory.businesses[BUSINESS] = approving
    held = door.ask("POST", RESERVE, WISH).body
    asks = door.ask("POST", f"/v1/bookings/{held['bookingId']}/confirm").body
    assert (asks["status"], asks["bookingNumber"] is not None) == ("PENDING_APPROVAL", True)
    assert asks["expiresAt"] == "2026-06-13T11:00:00.000+02:00"
    door.now = NOW + DAY
    late = door.ask("GET", f"/v1/bookings/{held['bookingId']}").body
    assert (late["status"], late["expiresAt"]) == ("EXPIRED", None)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/slotId"]),
        ({"businessId": "bikes"}, ["/serviceId", "/start"]),
        ({"serviceId": "repair", "start": MONDAY}, ["/businessId"]),
        (WISH | {"start": "2026-06-15T09:00:00"}, ["/start"]),
        (WISH | {"slotId": "bikes.stand-1.202606141000"}, ["/businessId", "/serviceId", "/start"]),
        (WISH | {"joinQueueIfFull": True}, ["/joinQueueIfFull"]),
    ],
)
def test_a_spot_is_named_in_one_way(door: Door, body: dict[str, Any], pointers: list[str]) -> None:
    reply = door.ask("POST", RESERVE, body)
    assert (reply.status, reply.pointers) == (422, pointers)


@pytest.mark.parametrize("missing", ["businessId", "serviceId", "resourceId"])
def test_what_is_not_there_is_not_found(door: Door, missing: str) -> None:
    reply = door.ask("POST", RESERVE, WISH | {missing: "nowhere"})
    assert (reply.status, reply.code) == (404, "not_found")


@pytest.mark.parametrize(
    ("policy", "reason"),
    [({"minimumNoticeMinutes": 49 * 60}, "minimum_notice"), ({"maximumAdvanceDays": 1}, "maximum_advance")],
)
def test_a_slot_is_taken_neither_too_early_nor_too_late(
    door: Door, ports: MemoryPorts, policy: dict[str, int], reason: str
) -> None:
    slot = a_slot(start=NOW + 48 * HOUR)
    ports.memory.put_slot(slot)
    ports.memory.businesses[BUSINESS] = a_whole_business(policies=policy)
    reply = door.ask("POST", RESERVE, {"slotId": slot.key.slot_id})
    assert (reply.status, reply.code, reply.body["reasons"]) == (409, "not_offered", [reason])
    public = Door(lambda clock: entry(public_api, ports, clock=clock), "reserve")
    listed = public.ask("GET", "/v1/businesses/bikes/availability", query={"to": "2026-06-20"})
    assert listed.body["items"] == []
    explained = public.ask(
        "GET", "/v1/businesses/bikes/availability", query={"to": "2026-06-20", "explain": "true"}
    )
    told = [(item["status"], item["available"], item["reasons"]) for item in explained.body["items"]]
    assert told == [("BLOCKED", 0, [reason])]
