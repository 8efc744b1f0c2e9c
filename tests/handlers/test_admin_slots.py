"""Slots under the admins' door: PUT, block, unblock, DELETE, and what each refuses."""

from __future__ import annotations

from typing import Any

import pytest

from functions.admin_api.handler import api
from holdfast.domain.caller import PLATFORM_ADMIN, Caller
from holdfast.domain.slot import SlotState
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, stocked
from tests.support.builders import ALICE, a_claim, a_slot

ADA = Caller("ada", frozenset({"bikes:admin"}))
ROOT = Caller("root", frozenset({PLATFORM_ADMIN}))
STAN = Caller("stan", frozenset({"bikes:staff"}))
NEW: dict[str, Any] = {
    "resourceId": "stand-1",
    "start": "2026-06-14T11:00:00+02:00",
    "end": "2026-06-14T12:00:00+02:00",
    "capacity": 2,
}
SLOT = "/v1/admin/slots/bikes.stand-1.202606141000"


@pytest.fixture
def ports() -> MemoryPorts:
    return stocked()


@pytest.fixture
def door(ports: MemoryPorts) -> Door:
    door = Door(lambda clock: entry(api, ports, clock=clock), "create_slot")
    made = door.ask("POST", "/v1/admin/businesses/bikes/slots", NEW, caller=ADA)
    assert (made.status, made.headers["ETag"]) == (201, '"1"')
    return door


def test_a_slot_gets_other_terms_and_a_new_etag(door: Door) -> None:
    body = {
        "end": "2026-06-14T13:00:00+02:00",
        "capacity": 5,
        "price": {"amount": "12.50", "currency": "EUR"},
        "metadata": {"room": "blue"},
    }
    reply = door.ask("PUT", SLOT, body, caller=ADA, if_match='"1"')
    assert (reply.status, reply.headers["ETag"]) == (200, '"2"')
    assert (reply.body["capacity"], reply.body["available"]) == (5, 5)
    assert reply.body["end"] == "2026-06-14T13:00:00.000+02:00"
    assert (reply.body["price"], reply.body["metadata"]) == (body["price"], body["metadata"])


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


SPECIAL = {"weekend": euros("12.00"), "holiday": euros("15.00"), "premium": euros("20.00")}
PRICED = {"price": euros("9.00"), "prices": SPECIAL}


@pytest.mark.parametrize(
    ("day", "metadata", "price"),
    [("12", {}, "9.00"), ("13", {}, "12.00"), ("15", {}, "15.00"), ("15", {"isPremium": True}, "20.00")],
)
def test_a_slot_costs_what_its_day_does(
    door: Door, day: str, metadata: dict[str, object], price: str
) -> None:
    holiday = {"holidayId": "fest", "date": "2026-06-15", "name": "Fest", "kind": "public"}
    holidays = "/v1/admin/businesses/bikes/holidays"
    assert door.ask("POST", holidays, {**holiday, "resourceIds": []}, caller=ADA).status == 201
    times = {"start": f"2026-06-{day}T17:00:00+02:00", "end": f"2026-06-{day}T18:00:00+02:00"}
    slot = {**NEW, **PRICED, **times, "metadata": metadata}
    made = door.ask("POST", "/v1/admin/businesses/bikes/slots", slot, caller=ADA)
    assert (made.status, made.body["price"]) == (201, euros(price))


@pytest.mark.parametrize("path", ["slots", "slots/generate"])
@pytest.mark.parametrize(
    ("prices", "pointer"),
    [
        ({"prices": {"weekend": {"amount": "1", "currency": "USD"}}}, "/prices/weekend/currency"),
        ({"prices": {"holiday": euros("1.001")}}, "/prices/holiday/amount"),
        ({"prices": {"monday": euros("1")}}, "/prices/monday"),
        ({"prices": {"weekend": None}}, "/prices/weekend"),
        ({"price": {"amount": "1", "currency": "USD"}, "prices": SPECIAL}, "/price/currency"),
    ],
)
def test_prices_are_in_the_business_s_currency(
    door: Door, path: str, prices: dict[str, object], pointer: str
) -> None:
    slot = {**NEW, "start": "2026-06-13T17:00:00+02:00", "end": "2026-06-13T18:00:00+02:00"}
    schedule = {
        "resourceId": "stand-1",
        "from": "2026-07-01",
        "to": "2026-07-02",
        "capacity": 1,
        "durationMinutes": 60,
    }
    body = {**(slot if path == "slots" else schedule), **prices}
    reply = door.ask("POST", f"/v1/admin/businesses/bikes/{path}", body, caller=ADA)
    assert (reply.status, reply.pointers) == (422, [pointer])


def test_an_update_needs_the_terms_that_were_read(door: Door) -> None:
    missing = door.ask("PUT", SLOT, {"capacity": 3}, caller=ADA)
    assert (missing.status, missing.code) == (428, "precondition_required")
    stale = door.ask("PUT", SLOT, {"capacity": 3}, caller=ADA, if_match='"7"')
    assert (stale.status, stale.code, stale.body["currentVersion"]) == (412, "stale_version", 1)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"start": NEW["start"]}, "/start"),
        ({"resourceId": "stand-1"}, "/resourceId"),
        ({"capacity": 0}, "/capacity"),
        ({"capacity": None}, "/capacity"),
        ({"end": "2026-06-14T11:00:00+02:00"}, "/end"),
        ({"price": {"amount": "1", "currency": "USD"}}, "/price/currency"),
        ({}, ""),
    ],
)
def test_what_cannot_change_or_makes_no_sense_is_refused(
    door: Door, ports: MemoryPorts, body: dict[str, Any], pointer: str
) -> None:
    reply = door.ask("PUT", SLOT, body, caller=ADA, if_match='"1"')
    assert (reply.status, reply.code, reply.pointers) == (422, "validation_failed", [pointer])
    assert ports.memory.slots[a_slot().key].terms == 1


def test_a_slot_is_closed_and_opened_as_often_as_one_likes(door: Door) -> None:
    for deed, status, etag in (
        ("block", "BLOCKED", '"2"'),
        ("block", "BLOCKED", '"2"'),
        ("unblock", "AVAILABLE", '"3"'),
        ("unblock", "AVAILABLE", '"3"'),
    ):
        reply = door.ask("POST", f"{SLOT}/{deed}", caller=ADA)
        assert (reply.status, reply.body["status"], reply.headers["ETag"]) == (200, status, etag)


def test_a_deleted_slot_is_gone_and_can_be_published_again(door: Door, ports: MemoryPorts) -> None:
    gone = door.ask("DELETE", SLOT, caller=ADA, if_match='"1"')
    assert (gone.status, gone.body) == (204, "")
    assert "Content-Type" not in gone.headers
    assert door.ask("DELETE", SLOT, caller=ADA).code == "not_found"
    assert ports.memory.slots[a_slot().key].state is SlotState.DELETED
    again = door.ask("POST", "/v1/admin/businesses/bikes/slots", NEW, caller=ADA)
    assert (again.status, again.headers["ETag"]) == (201, '"3"')


def test_live_bookings_stand_in_the_way(door: Door, ports: MemoryPorts) -> None:
    key = a_slot().key
    slot = ports.memory.slots[key]
    ports.memory.slots[key] = slot.claimed("alice", a_claim(units=2))
    for method, body in (("DELETE", None), ("PUT", {"capacity": 1})):
        reply = door.ask(method, SLOT, body, caller=ADA, if_match='"1"')
        assert (reply.status, reply.code) == (409, "slot_in_use")
        assert (reply.body["liveBookings"], reply.body["takenUnits"]) == (1, 2)


@pytest.mark.parametrize("caller", [STAN, ALICE, Caller("eve", frozenset({"boats:admin"}))])
def test_nobody_but_its_admins_changes_a_slot(door: Door, caller: Caller) -> None:
    for method, path, body in (
        ("PUT", SLOT, {"capacity": 3}),
        ("POST", f"{SLOT}/block", None),
        ("POST", f"{SLOT}/unblock", None),
        ("DELETE", SLOT, None),
    ):
        reply = door.ask(method, path, body, caller=caller, if_match='"1"')
        assert (reply.status, reply.code) == (403, "forbidden")


def test_what_is_not_there_is_not_found(door: Door) -> None:
    for slot_id in ("bikes.stand-1.202606141100", "bikes.stand-1.202602301000", "cars.stand-1.202606141000"):
        reply = door.ask("PUT", f"/v1/admin/slots/{slot_id}", {"capacity": 3}, caller=ROOT, if_match='"1"')
        assert (reply.status, reply.code) == (404, "not_found")


GENERATE = "/v1/admin/businesses/bikes/slots/generate"
SCHEDULE: dict[str, Any] = {
    "resourceId": "stand-1",
    "from": "2026-06-14",
    "to": "2026-06-15",
    "capacity": 1,
    "durationMinutes": 60,
    "hours": {"sun": [{"from": "11:00", "to": "13:00"}], "mon": [{"from": "09:00", "to": "10:00"}]},
}


def test_a_schedule_is_published_and_says_what_it_left_out(door: Door, ports: MemoryPorts) -> None:
    dry = door.ask("POST", GENERATE, SCHEDULE | {"dryRun": True}, caller=ADA)
    assert (dry.status, dry.body["dryRun"], len(ports.memory.slots)) == (200, True, 1)
    reply = door.ask("POST", GENERATE, SCHEDULE, caller=ADA)
    assert reply.body == dry.body | {"dryRun": False}
    assert [each["start"] for each in reply.body["created"]] == [
        *("2026-06-14T12:00:00.000+02:00", "2026-06-15T09:00:00.000+02:00"),
    ]
    assert reply.body["skipped"] == [
        {
            "start": "2026-06-14T11:00:00.000+02:00",
            "reason": "exists",
            "slotIds": ["bikes.stand-1.202606141000"],
        }
    ]
    assert (reply.body["timeZone"], len(ports.memory.slots)) == ("Europe/Berlin", 3)


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"from": "2026-06-16"}, "/to"),
        ({"to": "2027-06-16"}, "/to"),
        ({"from": "2026-02-30"}, "/from"),
        ({"from": "2026-06-14T00:00:00Z"}, "/from"),
        ({"from": 20260614}, "/from"),
        ({"durationMinutes": 0}, "/durationMinutes"),
        ({"gapMinutes": -1}, "/gapMinutes"),
        ({"hours": {"sun": [{"from": "12:00", "to": "11:00"}]}}, "/hours/sun/0/to"),
        ({"hours": None}, "/hours"),
        ({"resourceId": "stand-9"}, "/resourceId"),
        ({"start": "x"}, "/start"),
    ],
)
def test_a_schedule_that_is_none_is_refused(door: Door, members: dict[str, Any], pointer: str) -> None:
    reply = door.ask("POST", GENERATE, SCHEDULE | members, caller=ADA)
    assert (reply.status, reply.code, reply.pointers) == (422, "validation_failed", [pointer])


def test_only_admins_generate(door: Door) -> None:
    assert door.ask("POST", GENERATE, SCHEDULE, caller=STAN).code == "forbidden"
