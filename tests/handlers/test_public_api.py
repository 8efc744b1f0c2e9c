"""Reads without a token, from recorded events to answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from functions.public_api.handler import api
from holdfast.domain.instants import DAY, HOUR
from holdfast.domain.slot import SlotState
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, Reply, sample, stocked
from tests.support.builders import NOW, a_claim, a_resource, a_slot

SLOT = a_slot()


@pytest.fixture
def ports() -> MemoryPorts:
    ports = stocked()
    ports.memory.put_slot(SLOT)
    return ports


@pytest.fixture
def door(ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(api, ports, clock=clock), "list_slots")


def get(door: Door, path: str, **query: str) -> Reply:
    return door.ask("GET", path, caller=None, query=query)


def starts(reply: Reply) -> list[str]:
    assert reply.status == 200
    return [slot["start"] for slot in reply.body["items"]]


def test_health_tells_of_each_component(door: Door, ports: MemoryPorts) -> None:
    assert door.send(sample("health")).body == {
        "status": "healthy",
        "components": {"database": "up", "queue": "up", "events": "up"},
        "version": "1.2.3",
    }
    ports.up["queue"] = False
    reply = door.send(sample("health"))
    assert (reply.status, reply.body["status"], reply.body["components"]["queue"]) == (
        200,
        "degraded",
        "down",
    )


def test_the_contract_is_served(door: Door) -> None:
    assert get(door, "/v1/openapi.json").body["openapi"].startswith("3.1")


def test_a_business_is_told_without_what_is_its_own_affair(door: Door) -> None:
    reply = get(door, "/v1/businesses/bikes")
    assert (reply.status, reply.headers["ETag"]) == (200, '"1"')
    assert (reply.body["name"], reply.body["timeZone"]) == ("Bike repair", "Europe/Berlin")
    assert reply.body["policies"]["maximumAdvanceDays"] == 90
    assert "rateLimits" not in reply.body
    assert get(door, "/v1/businesses/cars").code == "not_found"


def test_resources_come_in_pages(door: Door, ports: MemoryPorts) -> None:
    ports.memory.resources["bikes", "stand-2"] = a_resource("stand-2")
    first = get(door, "/v1/businesses/bikes/resources", limit="1")
    assert [each["resourceId"] for each in first.body["items"]] == ["stand-1"]
    second = get(door, "/v1/businesses/bikes/resources", cursor=first.body["nextCursor"])
    assert [each["resourceId"] for each in second.body["items"]] == ["stand-2"]
    assert second.body["nextCursor"] is None
    assert get(door, "/v1/businesses/cars/resources").code == "not_found"


def test_a_slot_is_told_in_its_business_zone(door: Door) -> None:
    reply = get(door, f"/v1/slots/{SLOT.key.slot_id}")
    assert reply.headers["ETag"] == '"1"'
    assert reply.body == {
        "slotId": "bikes.stand-1.202606141000",
        "businessId": "bikes",
        "resourceId": "stand-1",
        "start": "2026-06-14T11:00:00.000+02:00",
        "end": "2026-06-14T12:00:00.000+02:00",
        "capacity": 2,
        "available": 2,
        "status": "AVAILABLE",
        "price": {"amount": "25.00", "currency": "EUR"},
        "metadata": {},
        "timeZone": "Europe/Berlin",
    }


def test_holds_change_what_is_available_but_not_the_etag(door: Door, ports: MemoryPorts) -> None:
    ports.memory.put_slot(SLOT.claimed("who", a_claim(units=2)))
    reply = get(door, f"/v1/slots/{SLOT.key.slot_id}")
    assert (reply.body["available"], reply.body["status"], reply.headers["ETag"]) == (0, "RESERVED", '"1"')


def test_a_deleted_slot_is_gone(door: Door, ports: MemoryPorts) -> None:
    ports.memory.put_slot(replace(SLOT, state=SlotState.DELETED))
    assert get(door, f"/v1/slots/{SLOT.key.slot_id}").code == "not_found"


def test_days_are_those_of_the_zone_and_the_last_one_counts_whole(door: Door, ports: MemoryPorts) -> None:
    midnight = SLOT.start - 11 * HOUR  # the 14th begins in Berlin
    for start in (midnight - HOUR, midnight, midnight + 23 * HOUR, midnight + 24 * HOUR):
        ports.memory.put_slot(a_slot(start=start))
    assert starts(door.send(sample("list_slots"))) == [
        "2026-06-14T00:00:00.000+02:00",
        "2026-06-14T11:00:00.000+02:00",
        "2026-06-14T23:00:00.000+02:00",
    ]
    path = "/v1/businesses/bikes/slots"
    assert starts(get(door, path, **{"from": "2026-06-14", "to": "2026-06-14", "timeZone": "UTC"})) == [
        "2026-06-14T09:00:00.000+00:00",
        "2026-06-14T21:00:00.000+00:00",
        "2026-06-14T22:00:00.000+00:00",
    ]
    instants = {"from": "2026-06-14T11:00:00+02:00", "to": "2026-06-14T23:00:00+02:00"}
    assert starts(get(door, path, **instants)) == ["2026-06-14T11:00:00.000+02:00"]


def test_without_a_stretch_it_is_the_month_to_come(door: Door, ports: MemoryPorts) -> None:
    for start in (NOW - HOUR, NOW + 40 * DAY):
        ports.memory.put_slot(a_slot(start=start))
    assert len(starts(get(door, "/v1/businesses/bikes/slots"))) == 1


def test_a_stretch_is_at_most_62_days(door: Door) -> None:
    path = "/v1/businesses/bikes/slots"
    assert get(door, path, **{"from": "2026-06-01", "to": "2026-08-01"}).status == 200
    reply = get(door, path, **{"from": "2026-06-01", "to": "2026-08-02"})
    assert (reply.code, reply.pointers) == ("validation_failed", ["/query/to"])


def test_slots_are_filtered_by_resource_and_by_what_they_are_now(door: Door, ports: MemoryPorts) -> None:
    ports.memory.resources["bikes", "stand-2"] = a_resource("stand-2")
    ports.memory.put_slot(a_slot(resource="stand-2").claimed("who", a_claim(units=2)))
    path = "/v1/businesses/bikes/slots"
    assert len(starts(get(door, path))) == 2
    assert len(starts(get(door, path, resourceId="stand-2"))) == 1
    assert get(door, path, resourceId="stand-9").body["items"] == []
    for status, count in {"AVAILABLE": 1, "RESERVED": 1, "RESERVED,AVAILABLE": 2, "BOOKED": 0}.items():
        assert len(starts(get(door, path, status=status))) == count
    door.now += 121_000
    assert len(starts(get(door, path, status="AVAILABLE"))) == 2


def test_a_filter_looks_on_until_a_page_is_full(door: Door, ports: MemoryPorts) -> None:
    for hour in range(1, 7):
        slot = a_slot(start=SLOT.start + hour * HOUR)
        ports.memory.put_slot(slot if hour % 3 == 0 else slot.claimed("who", a_claim(units=2)))
    page = get(door, "/v1/businesses/bikes/slots", status="AVAILABLE", limit="2")
    assert len(page.body["items"]) == 2
    rest = get(
        door, "/v1/businesses/bikes/slots", status="AVAILABLE", limit="2", cursor=page.body["nextCursor"]
    )
    assert (len(rest.body["items"]), rest.body["nextCursor"]) == (1, None)


def test_a_cursor_of_something_else_is_refused(door: Door) -> None:
    assert get(door, "/v1/businesses/bikes/slots", cursor="abc").pointers == ["/query/cursor"]
