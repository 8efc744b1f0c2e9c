"""What can be had, asked at the door: pages, zones, reasons, tags, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from functions.public_api.handler import api
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.instants import DAY, HOUR, NEVER, SECOND
from holdfast.domain.place import windows
from holdfast.domain.service import Service
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, Reply, a_whole_business
from tests.support.builders import NOW, a_claim, a_resource, a_slot
from tests.support.offers import at

HOURS = {day: [{"from": "09:00", "to": "12:00"}] for day in ("mon", "tue", "wed", "thu", "fri")}
MONDAY = {"from": "2026-06-15", "to": "2026-06-15"}
TEN_TO_ELEVEN = {"start": "2026-06-15T10:00:00+02:00", "end": "2026-06-15T11:00:00+02:00"}
PATH = "/v1/businesses/bikes/availability"
CAPACITY = "/v1/businesses/bikes/capacity"


@pytest.fixture
def ports() -> MemoryPorts:
    """A workshop with two stands, open from nine to noon."""
    ports = MemoryPorts()
    business = a_whole_business(hours=HOURS, policies={"maximumAdvanceDays": 90})
    ports.memory.businesses[business.id] = business
    for name in ("stand-1", "stand-2"):
        ports.memory.resources["bikes", name] = a_resource(name)
    told = {"durationMinutes": 60, "price": {"amount": "25.00", "currency": "EUR"}}
    ports.memory.services["bikes", "repair"] = Service(
        business="bikes", id="repair", settings=told, op="made"
    )
    return ports


@pytest.fixture
def door(ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(api, ports, clock=clock), "list_slots")


def ask(door: Door, path: str = PATH, query: Mapping[str, str] = MONDAY, **more: str) -> Reply:
    return door.ask("GET", path, caller=None, query={**query, **more})


def take(ports: MemoryPorts, resource: str, since: str, upto: str, *, expires: int = NEVER) -> None:
    for key, window in windows("bikes", resource, at(since), at(upto), 60).items():
        claim = Claim("b" * 20, 1, expires, "print", window)
        day = ports.memory.days.get(key, Day(key))
        ports.memory.put_day(replace(day, rev=day.rev + 1, claims={**day.claims, since: claim}))


def told(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.body
    return [f"{item['start'][11:16]} {item['resourceId']}" for item in reply.body["items"]]


def test_the_free_starts_of_a_service_are_listed(door: Door, ports: MemoryPorts) -> None:
    take(ports, "stand-1", "10:00", "11:00")
    reply = ask(door, serviceId="repair")
    assert told(reply) == [
        "09:00 stand-1",
        "09:00 stand-2",
        "10:00 stand-2",
        "11:00 stand-1",
        "11:00 stand-2",
    ]
    assert (reply.body["timeZone"], reply.body["nextCursor"]) == ("Europe/Berlin", None)
    assert reply.body["items"][0] == {
        "start": "2026-06-15T09:00:00.000+02:00",
        "end": "2026-06-15T10:00:00.000+02:00",
        "serviceId": "repair",
        "resourceId": "stand-1",
        "slotId": None,
        "available": 1,
        "capacity": 1,
        "price": {"amount": "25.00", "currency": "EUR"},
        "status": "AVAILABLE",
    }
    assert told(ask(door, serviceId="repair", resourceId="stand-1")) == ["09:00 stand-1", "11:00 stand-1"]
    assert told(ask(door, serviceId="repair", units="2")) == []


def test_answers_are_in_the_zone_that_was_asked_for_and_days_are_of_that_zone(door: Door) -> None:
    reply = ask(door, serviceId="repair", resourceId="stand-1", timeZone="Pacific/Auckland")
    assert reply.body["timeZone"] == "Pacific/Auckland"
    assert [item["start"] for item in reply.body["items"]] == [
        f"2026-06-15T{hour}:00:00.000+12:00" for hour in (19, 20, 21)
    ]
    night = ask(door, serviceId="repair", resourceId="stand-1", timeZone="America/Los_Angeles")
    assert [item["start"] for item in night.body["items"]] == [
        f"2026-06-15T{hour}:00:00.000-07:00" for hour in ("00", "01", "02")
    ]


def test_explained_what_cannot_be_had_stands_there_too(door: Door, ports: MemoryPorts) -> None:
    take(ports, "stand-1", "09:30", "10:30", expires=NOW + 60 * SECOND)
    reply = ask(door, serviceId="repair", resourceId="stand-1", explain="true")
    found = [(item["start"][11:16], item["status"], item["reasons"]) for item in reply.body["items"]]
    assert found == [
        ("09:00", "RESERVED", ["taken"]),
        ("10:00", "RESERVED", ["taken"]),
        ("11:00", "AVAILABLE", []),
    ]
    door.now += 60 * SECOND
    assert told(ask(door, serviceId="repair", resourceId="stand-1"))[0] == "09:00 stand-1"


@pytest.mark.parametrize("query", [{"serviceId": "repair"}, {"serviceId": "repair", "explain": "true"}, {}])
def test_pages_in_a_row_are_the_whole_list(door: Door, ports: MemoryPorts, query: dict[str, str]) -> None:
    take(ports, "stand-2", "10:00", "11:00")
    for hour in range(4):
        start = at("2026-06-16 09:00") + hour * HOUR
        ports.memory.put_slot(a_slot(start=start, resource=f"stand-{1 + hour % 2}"))
    week = {"from": "2026-06-15", "to": "2026-06-19", **query}
    whole = ask(door, query=week, limit="100")
    assert len(whole.body["items"]) > 3
    assert whole.body["nextCursor"] is None
    found, cursor = [], None
    while True:
        page = ask(door, query=week, limit="3", **({"cursor": cursor} if cursor else {}))
        found += page.body["items"]
        cursor = page.body["nextCursor"]
        if cursor is None:
            break
    assert found == whole.body["items"]


def test_without_a_service_the_published_slots_with_room_are_listed(door: Door, ports: MemoryPorts) -> None:
    free = a_slot(start=at("2026-06-16 09:00"))
    full = a_slot(start=at("2026-06-16 10:00"), capacity=1, claims={"x": a_claim(expires=NEVER)})
    for slot in (free, full):
        ports.memory.put_slot(slot)
    query = {"from": "2026-06-15", "to": "2026-06-17"}
    (item,) = ask(door, query=query).body["items"]
    assert (item["slotId"], item["serviceId"], item["available"]) == (free.key.slot_id, None, 2)
    explained = ask(door, query=query, explain="true").body["items"]
    assert [(item["status"], item["reasons"]) for item in explained] == [
        ("AVAILABLE", []),
        ("BOOKED", ["taken"]),
    ]
    assert ask(door, query=query, resourceId="stand-2").body["items"] == []


def test_a_published_slot_keeps_its_time_from_free_starts(door: Door, ports: MemoryPorts) -> None:
    slot = a_slot(start=at("10:00"))
    (window,) = windows("bikes", "stand-1", slot.start, slot.end, 60).items()
    ports.memory.put_day(Day(window[0], rev=1, windows={slot.key.slot_id: window[1]}))
    assert told(ask(door, serviceId="repair", resourceId="stand-1")) == ["09:00 stand-1", "11:00 stand-1"]


def test_who_has_the_answer_already_gets_a_304_until_something_is_taken(
    door: Door, ports: MemoryPorts
) -> None:
    query = {**MONDAY, "serviceId": "repair"}
    first = ask(door, query=query)
    tag = first.headers["ETag"]
    assert tag.startswith('W/"')
    assert first.headers["Cache-Control"] == "private, no-cache"
    door.now += 30 * SECOND
    again = door.ask("GET", PATH, caller=None, query=query, if_none_match=tag)
    assert (again.status, again.body) == (304, "")
    take(ports, "stand-1", "10:00", "11:00")
    assert door.ask("GET", PATH, caller=None, query=query, if_none_match=tag).status == 200
    capacity = ask(door, CAPACITY, TEN_TO_ELEVEN)
    same = door.ask("GET", CAPACITY, caller=None, query=TEN_TO_ELEVEN, if_none_match=capacity.headers["ETag"])
    assert same.status == 304


def test_an_admins_change_shows_in_the_next_answer(door: Door, ports: MemoryPorts) -> None:
    assert len(told(ask(door, serviceId="repair"))) == 6
    ports.memory.businesses["bikes"] = a_whole_business(hours={"mon": [{"from": "11:00", "to": "12:00"}]})
    ports.memory.revisions["bikes"] = 1
    assert told(ask(door, serviceId="repair")) == ["11:00 stand-1", "11:00 stand-2"]


def test_the_units_left_are_told_of_any_stretch(door: Door, ports: MemoryPorts) -> None:
    take(ports, "stand-1", "10:30", "11:30")
    reply = ask(door, CAPACITY, TEN_TO_ELEVEN)
    assert reply.status == 200
    assert reply.body == {
        "serviceId": None,
        "resourceId": None,
        "start": "2026-06-15T10:00:00.000+02:00",
        "end": "2026-06-15T11:00:00.000+02:00",
        "capacity": 2,
        "available": 1,
        "timeZone": "Europe/Berlin",
    }
    one = ask(door, CAPACITY, TEN_TO_ELEVEN, serviceId="repair", resourceId="stand-1", timeZone="UTC")
    assert (one.body["capacity"], one.body["available"]) == (1, 0)
    assert one.body["start"] == "2026-06-15T08:00:00.000+00:00"


def test_from_now_on_and_for_a_month_if_nothing_else_is_said(door: Door) -> None:
    reply = ask(door, query={"serviceId": "repair", "limit": "100", "resourceId": "stand-1"})
    starts = [item["start"] for item in reply.body["items"]]
    # It is eleven on a Friday: what begins now is over.
    assert (starts[0][:16], starts[-1][:16]) == ("2026-06-15T09:00", "2026-07-13T10:00")
    door.now += 3 * DAY
    assert ask(door, query={"serviceId": "repair"}).body["items"][0]["start"][:10] == "2026-06-16"


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("/v1/businesses/cars/availability", {}, 404, "not_found"),
        ("/v1/businesses/cars/capacity", TEN_TO_ELEVEN, 404, "not_found"),
        (PATH, {"serviceId": "wash"}, 404, "not_found"),
        (PATH, {"serviceId": "repair", "resourceId": "stand-9"}, 404, "not_found"),
        (PATH, {"resourceId": "stand-9"}, 404, "not_found"),
        (CAPACITY, {**TEN_TO_ELEVEN, "serviceId": "wash"}, 404, "not_found"),
        (CAPACITY, {**TEN_TO_ELEVEN, "resourceId": "stand-9"}, 404, "not_found"),
    ],
)
def test_what_is_not_there_is_not_found(
    door: Door, path: str, query: dict[str, str], status: int, code: str
) -> None:
    reply = ask(door, path, query)
    assert (reply.status, reply.code) == (status, code)


@pytest.mark.parametrize(
    ("path", "query", "pointer"),
    [
        (PATH, {"from": "2026-06-15T09:00:00"}, "/query/from"),
        (PATH, {"from": "2026-06-01", "to": "2026-08-02"}, "/query/to"),
        (PATH, {"from": "2026-06-02", "to": "2026-06-01"}, "/query/to"),
        (PATH, {"units": "0"}, "/query/units"),
        (PATH, {"units": "301"}, "/query/units"),
        (PATH, {"units": "²"}, "/query/units"),
        (PATH, {"explain": "yes"}, "/query/explain"),
        (PATH, {"serviceId": "A"}, "/query/serviceId"),
        (PATH, {"timeZone": "Mars/Base"}, "/query/timeZone"),
        (PATH, {"cursor": "abc"}, "/query/cursor"),
        (PATH, {"serviceId": "repair", "cursor": "abc"}, "/query/cursor"),
        (PATH, {"unknown": "1"}, "/query/unknown"),
        (CAPACITY, {"start": TEN_TO_ELEVEN["start"]}, "/query/end"),
        (CAPACITY, {"end": TEN_TO_ELEVEN["end"]}, "/query/start"),
        (CAPACITY, {**TEN_TO_ELEVEN, "end": "2026-06-15T11:00:00"}, "/query/end"),
        (CAPACITY, {**TEN_TO_ELEVEN, "end": TEN_TO_ELEVEN["start"]}, "/query/end"),
        (CAPACITY, {**TEN_TO_ELEVEN, "end": "2026-08-17T10:00:00+02:00"}, "/query/end"),
        (CAPACITY, {**TEN_TO_ELEVEN, "start": "2026-06-15"}, "/query/start"),
    ],
)
def test_every_fault_has_a_pointer(door: Door, path: str, query: dict[str, Any], pointer: str) -> None:
    reply = ask(door, path, query)
    assert (reply.status, reply.code, reply.pointers) == (422, "validation_failed", [pointer])
