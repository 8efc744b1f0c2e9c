"""Reads with If-None-Match: who has the answer already gets a 304, and never one that is out of date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from functions.admin_api.handler import api as admin_api
from functions.booking_api.handler import api as booking_api
from functions.public_api.handler import api as public_api
from holdfast.domain.caller import Caller
from holdfast.domain.instants import NEVER, SECOND
from holdfast.http.api import Api
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, Reply, stocked
from tests.support.builders import ALICE, BOB, a_booking, a_claim, a_confirmed_booking, a_slot

ADMIN = Caller("ada", frozenset({"bikes:admin"}))
SOLD = a_confirmed_booking()
FULL = a_slot(capacity=1, claims={"somebody": a_claim("s" * 20, expires=NEVER)})
BOOKING = f"/v1/bookings/{SOLD.id}"
QUEUE = f"/v1/slots/{FULL.key.slot_id}/queue"
POSITION = f"{QUEUE}/position"


@pytest.fixture
def ports() -> MemoryPorts:
    ports = stocked()
    ports.memory.put_slot(FULL)
    ports.memory.put_booking(SOLD)
    return ports


def door_of(api: Api, ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(api, ports, clock=clock), "reserve")


@pytest.fixture
def door(ports: MemoryPorts) -> Door:
    return door_of(booking_api, ports)


def assert_unchanged(reply: Reply, first: Reply) -> None:
    assert (reply.status, reply.body) == (304, "")
    assert reply.headers["ETag"] == first.headers["ETag"]
    assert "Content-Type" not in reply.headers


@pytest.mark.parametrize(
    ("api", "path"),
    [
        (public_api, "/v1/businesses/bikes"),
        (admin_api, "/v1/admin/businesses/bikes"),
        (booking_api, BOOKING),
        (booking_api, f"{BOOKING}/history"),
        (admin_api, f"/v1/admin{BOOKING.removeprefix('/v1')}"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_has_not_changed_is_not_sent_again(api: Api, path: str, ports: MemoryPorts) -> None:
    door = door_of(api, ports)
    caller = ADMIN if api is admin_api else ALICE
    first = door.ask("GET", path, caller=caller)
    assert (first.status, first.headers["Cache-Control"]) == (200, "private, no-cache")
    assert first.headers["Vary"] == "Authorization"
    assert_unchanged(door.ask("GET", path, caller=caller, if_none_match=first.headers["ETag"]), first)
    other = door.ask("GET", path, caller=caller, if_none_match='"999"')
    assert (other.status, other.body) == (200, first.body)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ('"3"', 304),
        ('W/"3"', 304),
        ("*", 304),
        (' "1" ,W/"2",\t"3"', 304),
        ('"a, b", "3"', 304),
        ('"1", "2"', 200),
        ('"33"', 200),
        ('"3, 4"', 200),
        ("3", 200),
        ('"3', 200),
        ('w/"4"', 200),
        ('""', 200),
        ("", 200),
        ('"' * 4_001, 200),
    ],
    ids=lambda each: ascii(each)[:20],
)
def test_tags_are_compared_weakly_one_by_one(door: Door, ports: MemoryPorts, sent: str, status: int) -> None:
    ports.memory.put_booking(replace(SOLD, version=3))
    assert door.ask("GET", BOOKING, if_none_match=sent).status == status


def test_a_change_makes_the_tag_stale(door: Door) -> None:
    first = door.ask("GET", BOOKING).headers["ETag"]
    changed = door.ask("PATCH", BOOKING, {"notes": "By the window."}, if_match=first)
    assert changed.headers["Cache-Control"] == "no-store"
    again = door.ask("GET", BOOKING, if_none_match=first)
    assert (again.status, again.body["notes"]) == (200, "By the window.")


def test_a_hold_the_clock_has_ended_is_told_though_nobody_wrote_it(door: Door, ports: MemoryPorts) -> None:
    held = a_booking()
    ports.memory.put_booking(held)
    path = f"/v1/bookings/{held.id}"
    tag = door.ask("GET", path).headers["ETag"]
    assert door.ask("GET", path, if_none_match=tag).status == 304
    door.now = held.expires
    reply = door.ask("GET", path, if_none_match=tag)
    assert (reply.status, reply.body["status"]) == (200, "EXPIRED")


def test_a_slot_is_sent_whole_since_its_tag_names_its_terms_only(ports: MemoryPorts) -> None:
    door, path = door_of(public_api, ports), f"/v1/slots/{FULL.key.slot_id}"
    ports.memory.put_slot(a_slot(capacity=1))
    first = door.ask("GET", path)
    ports.memory.put_slot(FULL)
    again = door.ask("GET", path, if_none_match=first.headers["ETag"])
    assert (first.headers["ETag"], first.body["available"]) == (again.headers["ETag"], 1)
    assert (again.status, again.body["available"]) == (200, 0)
    assert again.headers["Cache-Control"] == "no-store"


def test_what_may_not_be_seen_is_not_confirmed_by_a_304(door: Door) -> None:
    tag = door.ask("GET", BOOKING).headers["ETag"]
    assert door.ask("GET", BOOKING, caller=BOB, if_none_match=tag).code == "not_found"
    assert door.ask("GET", BOOKING, caller=None, if_none_match="*").code == "unauthenticated"


def test_a_refusal_is_never_kept(door: Door) -> None:
    reply = door.ask("GET", POSITION, if_none_match="*")
    assert (reply.status, reply.headers["Cache-Control"]) == (404, "no-store")
    assert "ETag" not in reply.headers


def test_a_position_that_has_not_moved_is_not_sent_again(door: Door, ports: MemoryPorts) -> None:
    door.ask("POST", QUEUE, {})
    first = door.ask("GET", POSITION)
    assert first.headers["ETag"].startswith('W/"')
    assert first.headers["Cache-Control"] == "private, no-cache"
    door.now += 30 * SECOND
    unchanged = door.ask("GET", POSITION, if_none_match=first.headers["ETag"])
    assert_unchanged(unchanged, first)
    assert unchanged.headers["RateLimit-Remaining"] == "98"


def _someone_joins(door: Door, ports: MemoryPorts) -> None:
    assert door.ask("POST", QUEUE, {}, caller=Caller("carol")).status == 201


def _the_head_leaves(door: Door, ports: MemoryPorts) -> None:
    assert door.ask("DELETE", QUEUE, caller=BOB).status == 204


def _the_slot_changes(door: Door, ports: MemoryPorts) -> None:
    slot = ports.memory.slots[FULL.key]
    ports.memory.put_slot(slot.amended("op", door.now, end=slot.end + SECOND))


def _the_place_is_another(door: Door, ports: MemoryPorts) -> None:
    assert door.ask("DELETE", QUEUE).status == 204
    assert door.ask("POST", QUEUE, {}).status == 201


@pytest.mark.parametrize(
    "change", [_someone_joins, _the_head_leaves, _the_slot_changes, _the_place_is_another]
)
def test_whatever_moves_is_told(
    door: Door, ports: MemoryPorts, change: Callable[[Door, MemoryPorts], None]
) -> None:
    door.ask("POST", QUEUE, {}, caller=BOB)
    door.ask("POST", QUEUE, {})
    tag = door.ask("GET", POSITION).headers["ETag"]
    assert door.ask("GET", POSITION, if_none_match=tag).status == 304
    change(door, ports)
    assert door.ask("GET", POSITION, if_none_match=tag).status == 200
