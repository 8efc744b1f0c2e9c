"""Over the door: staff approve, reject, book by hand and move, passing over rules by their codes (BOOK-7)."""

from __future__ import annotations

from typing import Any

import pytest

from functions.admin_api.handler import api
from functions.booking_api.handler import api as booking_api
from holdfast.domain.caller import Caller
from holdfast.domain.instants import DAY, HOUR
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, Reply, a_whole_business, stocked
from tests.support.builders import ALICE, BUSINESS, NOW, a_slot
from tests.unit.app.salon import a_service

SAM = Caller("sam", frozenset({f"{BUSINESS}:staff"}))
BY_HAND = f"/v1/admin/businesses/{BUSINESS}/bookings"
MONDAY = {"businessId": BUSINESS, "serviceId": "repair", "start": "2026-06-15T09:00:00+02:00"}
AT_NIGHT = MONDAY | {"start": "2026-06-15T03:00:00+02:00"}
PAY_AT_THE_DESK = {"contact": {"name": "Ann", "phone": "+43 1 234"}, "notes": "pays at the desk"}
SLOT = a_slot(capacity=1)


@pytest.fixture
def ports() -> MemoryPorts:
    ports = stocked()
    ports.memory.services[BUSINESS, "repair"] = a_service("repair")
    ports.memory.put_slot(SLOT)
    return ports


@pytest.fixture
def desk(ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(api, ports, clock=clock), "reserve")


@pytest.fixture
def customer(ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(booking_api, ports, clock=clock), "reserve")


def at_the_desk(desk: Door, path: str, body: dict[str, Any], **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return desk.ask("POST", path, body, caller=SAM, headers=sent)


def asking(ports: MemoryPorts, customer: Door) -> str:
    """The path of a booking that waits to be approved."""
    ports.memory.businesses[BUSINESS] = a_whole_business(policies={"approvalRequired": True})
    held = customer.ask("POST", "/v1/bookings/reserve", MONDAY).body["bookingId"]
    asks = customer.ask("POST", f"/v1/bookings/{held}/confirm").body
    assert asks["status"] == "PENDING_APPROVAL"
    return f"/v1/admin/bookings/{held}"


def test_a_walk_in_is_booked_at_once(desk: Door, ports: MemoryPorts) -> None:
    made = at_the_desk(desk, BY_HAND, MONDAY | PAY_AT_THE_DESK)
    assert (made.status, made.headers["ETag"]) == (201, '"2"')
    assert made.headers["Location"] == f"/v1/admin/bookings/{made.body['bookingId']}"
    assert made.body["userId"] == f"walk-in:{made.body['bookingId']}"
    told = ("status", "version", "expiresAt", "notes")
    assert [made.body[name] for name in told] == ["CONFIRMED", 2, None, "pays at the desk"]
    assert made.body["bookingNumber"].startswith("BOK-20260612-")
    assert desk.ask("GET", made.headers["Location"], caller=SAM).body == made.body


def test_a_customer_finds_what_was_booked_for_them(desk: Door, customer: Door) -> None:
    made = at_the_desk(desk, BY_HAND, {"slotId": SLOT.key.slot_id, "userId": ALICE.id})
    assert customer.ask("GET", "/v1/bookings/my").body["items"] == [made.body]
    history = customer.ask("GET", f"/v1/bookings/{made.body['bookingId']}/history").body["items"]
    assert [(line["from"], line["to"], line["actor"]) for line in history] == [
        ("PENDING", "RESERVED", "staff"),
        ("RESERVED", "CONFIRMED", "staff"),
    ]


def test_a_repeat_is_known_by_its_key(desk: Door, ports: MemoryPorts) -> None:
    first = at_the_desk(desk, BY_HAND, MONDAY, idempotency_key="at-the-desk-1")
    again = at_the_desk(desk, BY_HAND, MONDAY, idempotency_key="at-the-desk-1")
    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = at_the_desk(desk, BY_HAND, AT_NIGHT, idempotency_key="at-the-desk-1")
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert len(ports.memory.bookings) == 1


def test_a_rule_is_named_with_a_reason_and_both_are_kept(desk: Door) -> None:
    refused = at_the_desk(desk, BY_HAND, AT_NIGHT)
    assert (refused.status, refused.code, refused.body["reasons"]) == (409, "not_offered", ["outside_hours"])
    unsaid = at_the_desk(desk, BY_HAND, AT_NIGHT | {"override": ["outside_hours"]})
    assert (unsaid.status, unsaid.pointers) == (422, ["/reason"])
    override = {"override": ["break", "outside_hours"], "reason": "an emergency"}
    made = at_the_desk(desk, BY_HAND, AT_NIGHT | override)
    assert made.status == 201


@pytest.mark.parametrize(
    ("more", "pointers"),
    [
        ({"override": ["sunshine"], "reason": "r"}, ["/override/0"]),
        ({"override": ["Off Grid"], "reason": "r"}, ["/override/0"]),
        ({"override": [], "reason": ""}, ["/reason"]),
        ({"userId": "no user"}, ["/userId"]),
        ({"businessId": "boats"}, ["/businessId"]),
        ({"holdSeconds": 60}, ["/holdSeconds"]),
    ],
)
def test_what_is_sent_is_checked(desk: Door, more: dict[str, Any], pointers: list[str]) -> None:
    refused = at_the_desk(desk, BY_HAND, MONDAY | more)
    assert (refused.status, refused.pointers) == (422, pointers)


def test_overbooking_is_told_in_the_history(desk: Door, customer: Door, ports: MemoryPorts) -> None:
    body = {"slotId": SLOT.key.slot_id}
    customer.ask("POST", "/v1/bookings/reserve", body)
    assert at_the_desk(desk, BY_HAND, body).code == "slot_held"
    more = {"override": ["overbook"], "reason": "a stool", "userId": "bob"}
    made = at_the_desk(desk, BY_HAND, body | more)
    path = f"/v1/bookings/{made.body['bookingId']}/history"
    line = customer.ask("GET", path, caller=Caller("bob")).body["items"][0]
    assert (line["override"], line["reason"], line["trigger"]) == (["overbook"], "a stool", "by_hand")
    assert ports.memory.slots[SLOT.key].free == -1


def test_staff_move_with_codes_and_without_if_match(desk: Door, ports: MemoryPorts) -> None:
    ports.memory.businesses[BUSINESS] = a_whole_business(policies={"maxReschedules": 0})
    booking = at_the_desk(desk, BY_HAND, MONDAY).body["bookingId"]
    path, to = f"/v1/admin/bookings/{booking}/reschedule", {"slotId": SLOT.key.slot_id}
    refused = at_the_desk(desk, path, to)
    assert (refused.status, refused.body["rule"]) == (422, "max_reschedules")
    why = {"override": ["max_reschedules"], "reason": "they asked"}
    moved = at_the_desk(desk, path, to | why, if_match='"2"')
    assert (moved.status, moved.body["slotId"], moved.body["version"]) == (200, SLOT.key.slot_id, 3)
    stale = at_the_desk(desk, path, MONDAY | why, if_match='"2"')
    assert (stale.status, stale.code) == (412, "stale_version")


def test_what_is_approved_is_confirmed(desk: Door, customer: Door, ports: MemoryPorts) -> None:
    path = asking(ports, customer)
    approved = at_the_desk(desk, f"{path}/approve", {"reason": "gladly"})
    assert (approved.status, approved.body["status"]) == (200, "CONFIRMED")
    assert (approved.body["confirmedAt"], approved.body["expiresAt"]) == (
        "2026-06-12T11:00:00.000+02:00",
        None,
    )
    again = at_the_desk(desk, f"{path}/approve", {})
    assert (again.status, again.code) == (409, "invalid_transition")


def test_what_is_rejected_is_refunded_whole(desk: Door, customer: Door, ports: MemoryPorts) -> None:
    path = asking(ports, customer)
    unsaid = at_the_desk(desk, f"{path}/reject", {})
    assert (unsaid.status, unsaid.pointers) == (422, ["/reason"])
    desk.now = NOW + 12 * HOUR
    rejected = at_the_desk(desk, f"{path}/reject", {"reason": "fully staffed"})
    assert (rejected.status, rejected.body["status"]) == (200, "CANCELLED")
    assert rejected.body["refund"]["percentage"] == 100


@pytest.mark.parametrize("deed", ["approve", "reject"])
def test_after_the_deadline_it_is_gone(desk: Door, customer: Door, ports: MemoryPorts, deed: str) -> None:
    path = asking(ports, customer)
    desk.now = NOW + DAY
    late = at_the_desk(desk, f"{path}/{deed}", {"reason": "r"})
    assert (late.status, late.code) == (410, "hold_expired")
