"""The bookings of a business, for its staff: every filter of BOOK-8, alone and together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from functions.admin_api.handler import api
from holdfast.domain.booking import Booking
from holdfast.domain.caller import Caller
from holdfast.domain.instants import DAY, HOUR
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, stocked
from tests.support.builders import ALICE, NOW, a_booking, a_claim, a_confirmed_booking, a_slot

STAN = Caller("stan", frozenset({"bikes:staff"}))
EVE = Caller("eve", frozenset({"boats:staff"}))
BOOKINGS = "/v1/admin/businesses/bikes/bookings"
NUMBER = "BOK-20260612-ABCDEF"


@pytest.fixture
def ports() -> MemoryPorts:
    """`h`: Alice holds, on stand 1; `s`: Bob has booked, on stand 2, a day later; `p`: yesterday's."""
    ports = stocked()
    far = a_claim("h" * 20, expires=NOW + DAY)
    held = a_booking(slot=a_slot(start=NOW + HOUR), claim=far)
    sold = a_confirmed_booking(
        slot=a_slot(start=NOW + DAY, resource="stand-2"), claim=replace(far, booking="s" * 20), owner="bob"
    )
    past = a_booking(slot=a_slot(start=NOW - DAY), claim=replace(far, booking="p" * 20))
    boats = replace(a_slot(start=NOW + HOUR), key=replace(a_slot().key, business="boats"))
    other = a_booking(slot=boats, claim=replace(far, booking="o" * 20))
    for each in (held, sold, past, other):
        ports.memory.bookings[each.id] = each
    ports.memory.numbers[NUMBER] = sold.id
    ports.memory.numbers["BOK-20260612-ELSE22"] = other.id
    return ports


@pytest.fixture
def door(ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(api, ports, clock=clock), "create_slot")


def ids(door: Door, **query: str) -> list[str]:
    reply = door.ask(
        "GET", BOOKINGS, caller=STAN, query={name.rstrip("_"): told for name, told in query.items()}
    )
    assert reply.status == 200, reply.body
    return [each["bookingId"][0] for each in reply.body["items"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["h", "s"]),
        ({"from_": "2026-06-11"}, ["p", "h", "s"]),
        ({"from_": "2026-06-12", "to": "2026-06-12"}, ["h"]),
        ({"status": "CONFIRMED"}, ["s"]),
        ({"status": "CONFIRMED,RESERVED"}, ["h", "s"]),
        ({"status": "EXPIRED"}, []),
        ({"resourceId": "stand-2"}, ["s"]),
        ({"resourceId": "stand-2", "status": "RESERVED"}, []),
        ({"serviceId": "haircut"}, []),
        ({"userId": "alice"}, ["p", "h"]),
        ({"userId": "alice", "from_": "2026-06-12"}, ["h"]),
        ({"userId": "alice", "resourceId": "stand-2"}, []),
        ({"userId": "carol"}, []),
        ({"number": NUMBER}, ["s"]),
        ({"number": NUMBER, "userId": "bob", "status": "CONFIRMED"}, ["s"]),
        ({"number": NUMBER, "userId": "alice"}, []),
        ({"number": NUMBER, "to": "2026-06-12"}, []),
        ({"number": "BOK-20260612-ELSE22"}, []),
        ({"number": "BOK-20260612-NQNE22"}, []),
    ],
    ids=str,
)
def test_filters_find_what_fits_them_all(door: Door, query: dict[str, str], found: list[str]) -> None:
    assert ids(door, **query) == found


def test_a_hold_that_is_over_is_found_as_expired(door: Door) -> None:
    door.now = NOW + DAY
    assert ids(door, status="EXPIRED", from_="2026-06-12") == ["h"]


@pytest.mark.parametrize("query", [{}, {"userId": "alice"}], ids=str)
def test_pages_lead_on(door: Door, ports: MemoryPorts, query: dict[str, str]) -> None:
    for number in range(5):
        slot = a_slot(start=NOW + (number + 2) * HOUR)
        booking: Booking = a_booking(slot=slot, claim=a_claim(str(number) * 20, expires=NOW + DAY))
        ports.memory.bookings[booking.id] = booking
    seen: list[str] = []
    more: dict[str, Any] = {}
    for _ in range(5):
        reply = door.ask(
            "GET", BOOKINGS, caller=STAN, query=query | {"limit": "2", "from": "2026-06-12"} | more
        )
        seen += [each["bookingId"][0] for each in reply.body["items"]]
        if reply.body["nextCursor"] is None:
            break
        more = {"cursor": reply.body["nextCursor"]}
    assert seen == ["h", *"01234", *([] if query else "s")]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"number": "7"}, "/query/number"),
        ({"userId": "a b"}, "/query/userId"),
        ({"serviceId": "A"}, "/query/serviceId"),
        ({"from": "2026-06-12", "to": "2026-08-30"}, "/query/to"),
        ({"cursor": "nonsense"}, "/query/cursor"),
        ({"owner": "alice"}, "/query/owner"),
    ],
    ids=str,
)
def test_what_is_no_filter_is_refused(door: Door, query: dict[str, str], pointer: str) -> None:
    reply = door.ask("GET", BOOKINGS, caller=STAN, query=query)
    assert (reply.status, reply.code, reply.pointers) == (422, "validation_failed", [pointer])


def test_only_staff_see_the_list(door: Door) -> None:
    for caller in (ALICE, EVE):
        assert door.ask("GET", BOOKINGS, caller=caller).code == "forbidden"


def test_staff_read_one_and_strangers_do_not(door: Door) -> None:
    path = f"/v1/admin/bookings/{'s' * 20}"
    told = door.ask("GET", path, caller=STAN, query={"timeZone": "Asia/Tokyo"})
    assert (told.status, told.body["userId"], told.headers["ETag"]) == (200, "bob", '"2"')
    assert (told.body["timeZone"], told.body["start"]) == ("Asia/Tokyo", "2026-06-13T18:00:00.000+09:00")
    assert door.ask("GET", path, caller=STAN).body["timeZone"] == "Europe/Berlin"
    for caller in (ALICE, EVE, Caller("bob")):
        assert door.ask("GET", path, caller=caller).code == "not_found"
