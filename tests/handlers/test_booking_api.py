"""Bookings over HTTP, from recorded events to answers."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO

import pytest

from functions.booking_api.handler import api
from holdfast.app.ports import Catalog
from holdfast.domain.business import Business
from holdfast.domain.caller import Caller
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import HOUR, SECOND
from holdfast.domain.slot import SlotState
from holdfast.http.entry import entry
from holdfast.observability import logger
from tests.handlers.door import Door, MemoryPorts, a_whole_business, sample, stocked
from tests.support.builders import BOB, NOW, a_booking, a_slot
from tests.support.memory_readers import MemoryCatalog

SLOT = a_slot()
STAFF = Caller("stan", frozenset({"bikes:staff"}))


@pytest.fixture
def ports() -> MemoryPorts:
    ports = stocked()
    ports.memory.put_slot(SLOT)
    return ports


@pytest.fixture
def door(ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(api, ports, clock=clock), "reserve")


def reserved(door: Door, **members: object) -> str:
    reply = door.ask("POST", "/v1/bookings/reserve", {"slotId": SLOT.key.slot_id, **members})
    assert reply.status == 201
    booking_id: str = reply.body["bookingId"]
    return booking_id


def test_a_recorded_reserve_is_answered_with_the_whole_booking(door: Door) -> None:
    reply = door.send(sample("reserve"))
    assert reply.status == 201
    booking_id = reply.body["bookingId"]
    assert reply.headers["ETag"] == '"1"'
    assert reply.headers["Location"] == f"/v1/bookings/{booking_id}"
    assert "Idempotency-Replayed" not in reply.headers
    assert reply.headers["X-Correlation-Id"] == "KdTq1hTWliAEJ7w="
    assert reply.body == {
        "bookingId": booking_id,
        "bookingNumber": None,
        "businessId": "bikes",
        "slotId": "bikes.stand-1.202606141000",
        "serviceId": None,
        "resourceId": "stand-1",
        "resourceIds": ["stand-1"],
        "userId": "alice",
        "status": "RESERVED",
        "units": 1,
        "start": "2026-06-14T11:00:00.000+02:00",
        "end": "2026-06-14T12:00:00.000+02:00",
        "timeZone": "Europe/Berlin",
        "reservedAt": "2026-06-12T11:00:00.000+02:00",
        "expiresAt": "2026-06-12T11:02:00.000+02:00",
        "confirmedAt": None,
        "cancelledAt": None,
        "completedAt": None,
        "price": {
            "unit": {"amount": "25.00", "currency": "EUR"},
            "total": {"amount": "25.00", "currency": "EUR"},
        },
        "refund": None,
        "notes": "The brakes squeal.",
        "contact": {"name": "Alice Example", "email": "alice@example.org", "phone": "+49 30 1234567"},
        "subject": None,
        "metadata": {},
        "rescheduleCount": 0,
        "movedFrom": [],
        "seriesId": None,
        "version": 1,
        "serverTime": "2026-06-12T11:00:00.000+02:00",
    }


def test_a_repeat_is_marked_and_spacing_does_not_matter(door: Door) -> None:
    first, repeat = sample("reserve"), sample("reserve")
    repeat["body"] = json.dumps(json.loads(repeat["body"]), indent=4)
    made, again = door.send(first), door.send(repeat)
    assert (again.status, again.body) == (201, made.body)
    assert again.headers["Idempotency-Replayed"] == "true"


def test_the_alias_and_any_case_of_the_header_name_are_the_same_key(door: Door) -> None:
    body = {"slotId": SLOT.key.slot_id}
    one = door.ask("POST", "/v1/bookings/reserve", body, headers={"Idempotency-Key": "key-0001"})
    two = door.ask("POST", "/v1/bookings/reserve", body, headers={"X-IDEMPOTENCY-KEY": "key-0001"})
    assert two.headers["Idempotency-Replayed"] == "true"
    assert one.body == two.body


@pytest.mark.parametrize(
    ("body", "headers"),
    [({"units": 2}, {}), ({}, {"if-match": '"3"'})],
    ids=["another body", "another If-Match"],
)
def test_a_key_is_bound_to_its_request(door: Door, body: dict[str, object], headers: dict[str, str]) -> None:
    whole = {"slotId": SLOT.key.slot_id}
    door.ask("POST", "/v1/bookings/reserve", whole, idempotency_key="key-0001")
    reply = door.ask(
        "POST", "/v1/bookings/reserve", whole | body, idempotency_key="key-0001", headers=headers
    )
    assert (reply.status, reply.code) == (422, "idempotency_key_reused")


def test_asking_again_under_another_key_gives_the_one_there_is(door: Door) -> None:
    booking_id = reserved(door)
    reply = door.ask("POST", "/v1/bookings/reserve", {"slotId": SLOT.key.slot_id})
    assert (reply.status, reply.body["bookingId"]) == (200, booking_id)
    assert "Location" not in reply.headers


def test_the_main_way(door: Door) -> None:
    path = f"/v1/bookings/{reserved(door)}"
    extended = door.ask("POST", f"{path}/extend", {"seconds": 300}, if_match='"1"')
    assert extended.body["expiresAt"] == "2026-06-12T11:05:00.000+02:00"
    confirmed = door.ask("POST", f"{path}/confirm", raw="")
    assert (confirmed.status, confirmed.body["status"]) == (200, "CONFIRMED")
    assert confirmed.body["bookingNumber"].startswith("BOK-20260612-")
    assert confirmed.body["expiresAt"] is None
    amended = door.ask("PATCH", path, {"notes": "a\nb"}, if_match=confirmed.headers["ETag"])
    assert (amended.status, amended.body["notes"], amended.headers["ETag"]) == (200, "a\nb", '"4"')
    cancelled = door.ask("POST", f"{path}/cancel", {"reason": "rain"})
    assert cancelled.body["refund"] == {"percentage": 100, "amount": {"amount": "25.00", "currency": "EUR"}}
    told = door.ask("GET", f"{path}/history", caller=STAFF)
    assert [each["trigger"] for each in told.body["items"]] == [
        "reserve",
        "extend",
        "confirm",
        "amend",
        "cancel",
    ]
    assert told.body["items"][-1] == {
        "from": "CONFIRMED",
        "to": "CANCELLED",
        "trigger": "cancel",
        "actor": "customer:alice",
        "at": "2026-06-12T11:00:00.000+02:00",
        "reason": "rain",
        "override": [],
        "fromStart": None,
        "toStart": None,
    }


@pytest.mark.parametrize(("recorded", "status"), [("confirm", "CONFIRMED"), ("amend", "RESERVED")])
def test_recorded_deeds(door: Door, ports: MemoryPorts, recorded: str, status: str) -> None:
    held = a_booking(slot=SLOT)
    ports.memory.put_slot(SLOT.claimed(held.who, held.claim))
    ports.memory.put_booking(held)
    reply = door.send(sample(recorded))
    assert (reply.status, reply.body["status"], reply.headers["ETag"]) == (200, status, '"2"')


def test_release_needs_no_body(door: Door) -> None:
    reply = door.ask("POST", f"/v1/bookings/{reserved(door)}/release")
    assert (reply.status, reply.body["status"]) == (200, "EXPIRED")


def test_a_hold_past_its_end_is_seen_as_expired(door: Door) -> None:
    path = f"/v1/bookings/{reserved(door, holdSeconds=30)}"
    door.now += 30 * SECOND
    assert door.ask("GET", path).body["status"] == "EXPIRED"
    reply = door.ask("POST", f"{path}/confirm", {})
    assert (reply.status, reply.code) == (410, "hold_expired")


def test_customers_see_of_others_only_the_role(door: Door, ports: MemoryPorts) -> None:
    booking = a_booking(slot=SLOT)
    deed = replace(booking.history[0].deed, actor="staff:stan")
    ports.memory.put_booking(replace(booking, history=(replace(booking.history[0], deed=deed),)))
    told = door.ask("GET", f"/v1/bookings/{booking.id}/history")
    assert told.body["items"][0]["actor"] == "staff"


def test_nobody_else_knows_of_a_booking(door: Door) -> None:
    path = f"/v1/bookings/{reserved(door)}"
    assert door.ask("GET", path, caller=STAFF).status == 200
    for caller in (BOB, Caller("eve", frozenset({"cars:admin"}))):
        assert door.ask("GET", path, caller=caller).code == "not_found"
        assert door.ask("POST", f"{path}/confirm", {}, caller=caller).code == "not_found"


def test_my_bookings_are_filtered_by_what_they_are_now(door: Door, ports: MemoryPorts) -> None:
    for number, units in enumerate((1, 2, 3), start=1):
        slot = a_slot(start=NOW + (48 + number) * HOUR, capacity=3)
        ports.memory.put_slot(slot)
        reply = door.ask("POST", "/v1/bookings/reserve", {"slotId": slot.key.slot_id, "units": units})
        if units == 2:
            door.ask("POST", f"/v1/bookings/{reply.body['bookingId']}/confirm", {})
    held = door.ask("GET", "/v1/bookings/my", query={"status": "RESERVED", "limit": "1"})
    assert [each["units"] for each in held.body["items"]] == [1]
    rest = door.ask("GET", "/v1/bookings/my", query={"status": "RESERVED", "cursor": held.body["nextCursor"]})
    assert [each["units"] for each in rest.body["items"]] == [3]
    assert rest.body["nextCursor"] is None
    recorded = door.send(sample("my_bookings"))
    assert [each["status"] for each in recorded.body["items"]] == ["RESERVED", "CONFIRMED", "RESERVED"]
    assert door.ask("GET", "/v1/bookings/my", query={"to": "2026-06-13"}).body["items"] == []


def test_another_zone_can_be_asked_for(door: Door) -> None:
    reply = door.ask("GET", f"/v1/bookings/{reserved(door)}", query={"timeZone": "Asia/Tokyo"})
    assert (reply.body["start"], reply.body["timeZone"]) == ("2026-06-14T18:00:00.000+09:00", "Asia/Tokyo")


@pytest.mark.parametrize(
    ("slot", "status", "code"),
    [
        (None, 404, "not_found"),
        (replace(SLOT, state=SlotState.BLOCKED), 409, "slot_blocked"),
        (replace(SLOT, state=SlotState.DELETED), 404, "not_found"),
        (replace(SLOT, free=0, capacity=0), 409, "slot_full"),
    ],
    ids=["unknown", "blocked", "deleted", "full"],
)
def test_refusals_are_problems(door: Door, ports: MemoryPorts, slot: object, status: int, code: str) -> None:
    ports.memory.slots.clear()
    if slot is not None:
        ports.memory.slots[SLOT.key] = slot  # type: ignore[assignment]  # a Slot, where there is one
    reply = door.ask("POST", "/v1/bookings/reserve", {"slotId": SLOT.key.slot_id})
    assert (reply.status, reply.code) == (status, code)
    assert reply.body["correlationId"] == reply.headers["X-Correlation-Id"]


def test_a_held_slot_says_when_to_come_back(door: Door) -> None:
    reserved(door, units=2)
    reply = door.ask("POST", "/v1/bookings/reserve", {"slotId": SLOT.key.slot_id}, caller=BOB)
    assert (reply.status, reply.code, reply.body["available"]) == (409, "slot_held", 0)
    assert reply.headers["Retry-After"] == str(reply.body["retryAfter"]) == "120"


def test_preconditions(door: Door) -> None:
    path = f"/v1/bookings/{reserved(door)}"
    assert door.ask("PATCH", path, {"notes": "x"}).code == "precondition_required"
    assert door.ask("PATCH", path, {"notes": "x"}, if_match="*").code == "precondition_required"
    stale = door.ask("PATCH", path, {"notes": "x"}, if_match='"9"')
    assert (stale.status, stale.code, stale.body["currentVersion"]) == (412, "stale_version", 1)
    assert door.ask("POST", f"{path}/confirm", {}, if_match='"2"').code == "stale_version"


def test_a_transition_that_is_not_tells_both_states(door: Door) -> None:
    reply = door.ask("POST", f"/v1/bookings/{reserved(door)}/cancel", {})
    assert (reply.code, reply.body["from"], reply.body["to"]) == (
        "invalid_transition",
        "RESERVED",
        "CANCELLED",
    )


def test_a_business_can_require_a_key(door: Door, ports: MemoryPorts) -> None:
    ports.memory.businesses["bikes"] = a_whole_business(policies={"idempotencyKeyRequired": True})
    reply = door.ask("POST", "/v1/bookings/reserve", {"slotId": SLOT.key.slot_id})
    assert (reply.status, reply.code) == (400, "malformed_request")


def test_unavailable_names_whom_to_turn_to(door: Door, ports: MemoryPorts) -> None:
    ports.memory.businesses["bikes"] = a_whole_business(supportContact="help@example.org")

    def fail(at: str) -> None:
        raise Unavailable("DynamoDB is away")

    ports.memory.pause = fail
    reply = door.ask("POST", "/v1/bookings/reserve", {"slotId": SLOT.key.slot_id})
    assert (reply.status, reply.code) == (503, "temporarily_unavailable")
    assert reply.headers["Retry-After"] == "1"
    assert reply.body["supportContact"] == "help@example.org"


def test_a_catalog_that_cannot_be_read_does_not_hide_what_was_done(ports: MemoryPorts) -> None:
    class AwayCatalog(MemoryCatalog):
        def business(self, business_id: str) -> Business | None:
            raise Unavailable("the catalog is away")

    class Away(MemoryPorts):
        def catalog(self) -> Catalog:
            return AwayCatalog(self.memory)

    door = Door(lambda clock: entry(api, Away(ports.memory), clock=clock), "reserve")
    ports.memory.put_booking(a_booking(slot=SLOT))
    reply = door.ask("PATCH", f"/v1/bookings/{'b' * 20}", {"notes": "x"}, if_match='"1"')
    assert (reply.status, reply.body["timeZone"]) == (200, "UTC")


def test_what_breaks_is_told_to_the_log_only_and_without_what_was_sent(
    door: Door, ports: MemoryPorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = StringIO()
    monkeypatch.setattr(logger().registered_handler, "stream", log)

    def fail(at: str) -> None:
        raise RuntimeError("cannot cope with alice@example.org")

    ports.memory.pause = fail
    reply = door.send(sample("reserve"))
    assert (reply.status, reply.code) == (500, "internal_error")
    logged = log.getvalue()
    line = json.loads(logged)
    assert line["correlation_id"] == reply.body["correlationId"]
    assert (line["level"], line["route"], line["status"]) == ("ERROR", "/v1/bookings/reserve", 500)
    assert line["where"][0] == "RuntimeError"
    assert any("reserve.py" in frame for frame in line["where"])
    for secret in ("alice@example.org", "brakes", "Alice Example", "eyJ"):
        assert secret not in logged + json.dumps(reply.body)


def test_a_token_is_needed(door: Door) -> None:
    for caller in (None, Caller("")):
        reply = door.ask("POST", "/v1/bookings/reserve", {"slotId": SLOT.key.slot_id}, caller=caller)
        assert (reply.status, reply.code) == (401, "unauthenticated")
        assert reply.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/bookings/nope"),
        ("GET", "/v1/bookings/" + "B" * 20),
        ("GET", "/v1/bookings/" + "b" * 21),
        ("DELETE", "/v1/bookings/" + "b" * 20),
        ("GET", "/v1/bookings/my/"),
        ("GET", "/"),
        ("POST", "/v1/bookings/" + "b" * 20 + "/explode"),
    ],
)
def test_what_is_not_there_is_not_found(door: Door, method: str, path: str) -> None:
    reply = door.ask(method, path)
    assert (reply.status, reply.code) == (404, "not_found")


def test_a_well_formed_correlation_id_is_kept(door: Door) -> None:
    assert (
        door.ask("GET", "/x", x_correlation_id="abc.DEF-1234").headers["X-Correlation-Id"] == "abc.DEF-1234"
    )
    for malformed in ("short", "x" * 129, "new\nline-here", "späcial-chars"):
        reply = door.ask("GET", "/x", x_correlation_id=malformed)
        assert reply.headers["X-Correlation-Id"] == "KdTq1hTWliAEJ7w="
