"""The link of a guest's booking: who has it may all, who has not sees nothing, when it is void (BOOK-9)."""

from __future__ import annotations

import json

import pytest

from functions.admin_api.handler import api as admin_api
from holdfast.domain.booking import BookingStatus
from holdfast.domain.caller import Caller
from holdfast.domain.instants import MINUTE, SECOND
from holdfast.domain.manage_token import issue
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, NoPorts, Reply
from tests.handlers.guests import (
    CONTACT,
    OTHER_UUID,
    SLOT,
    STAFF,
    UUID,
    door_of,
    held,
    manage,
    open_to_guests,
    reserve,
)
from tests.support.builders import NOW


@pytest.fixture
def ports() -> MemoryPorts:
    return open_to_guests()


@pytest.fixture
def door(ports: MemoryPorts) -> Door:
    return door_of(ports)


# An email is no proof


def test_who_only_knows_the_email_is_shown_nothing_of_what_is_there(door: Door) -> None:
    mine = reserve(door, notes="My secret.", subject={"id": "child-1", "name": "Tim"})
    for key in (None, OTHER_UUID):
        theirs = reserve(door, key=key, subject={"id": "child-1"}, contact={**CONTACT, "phone": "112"})
        assert (theirs.status, theirs.code) == (409, "already_held")
        told = json.dumps(theirs.body)
        assert mine.body["manageToken"] not in told
        assert not [each for each in ("My secret.", "Tim", CONTACT["phone"]) if each in told]


# Hostile tokens

TOKENS = [
    "b" * 20,
    "b" * 20 + ".",
    "b" * 20 + "." + "A" * 42,
    "b" * 20 + "." + "A" * 44,
    "b" * 20 + "." + "A" * 42 + "=",
    "B" * 20 + "." + "A" * 43,
    "b" * 20 + "%2e" + "A" * 43,
    "..",
    "%00",
    "b" * 5_000,
    "b" * 20 + "." + "\u0660" * 43,
]


@pytest.mark.parametrize("token", TOKENS, ids=lambda each: ascii(each)[:30])
@pytest.mark.parametrize("deed", ["", "confirm", "cancel"])
def test_what_is_not_shaped_like_a_token_asks_no_port(token: str, deed: str) -> None:
    reply = manage(door_of(NoPorts()), token, deed)
    assert (reply.status, reply.code) == (404, "not_found")


def forged(token: str, ports: MemoryPorts) -> list[str]:
    booking_id, mac = token.split(".")
    swapped = mac[:-1] + ("A" if mac[-1] != "A" else "B")
    return [
        f"{booking_id}.{swapped}",
        f"{booking_id}.{mac[::-1]}",
        f"{'c' * 20}.{mac}",
        issue(ports.vault.key, "c" * 20, 1),
        issue(ports.vault.key, booking_id, 2),
        issue(b"o" * 64, booking_id, 1),
        issue(b"", booking_id, 1),
    ]


def test_no_forged_token_opens_anything_and_all_look_alike(door: Door, ports: MemoryPorts) -> None:
    token = held(door)
    before = ports.memory.bookings.copy()
    for other in forged(token, ports):
        assert other != token
        for deed in ("", "confirm", "release", "cancel"):
            reply = manage(door, other, deed)
            assert (reply.status, reply.code) == (404, "not_found")
            assert reply.body["detail"] == manage(door, issue(b"x", "a" * 20, 1)).body["detail"]
    assert ports.memory.bookings == before


def test_a_token_opens_its_own_booking_only(door: Door, ports: MemoryPorts) -> None:
    ann, bob = held(door), held(door, contact={**CONTACT, "email": "bob@example.org"})
    assert manage(door, ann, "cancel").status == 409  # a hold is released
    assert manage(door, ann, "release").status == 200
    assert manage(door, bob).body["status"] == "RESERVED"


# Useless after the booking, and once revoked


def test_a_token_is_void_when_the_hold_has_lapsed_swept_or_not(door: Door) -> None:
    token = held(door)
    door.now = NOW + 119 * SECOND
    assert manage(door, token).status == 200
    door.now = NOW + 120 * SECOND
    for deed in ("", "confirm", "release", "cancel"):
        assert manage(door, token, deed).status == 404


def test_a_token_is_void_after_the_end(door: Door) -> None:
    token = held(door)
    manage(door, token, "confirm")
    door.now = SLOT.end - 1
    assert manage(door, token).status == 200
    door.now = SLOT.end
    assert manage(door, token).status == 404


@pytest.mark.parametrize("became", [BookingStatus.COMPLETED, BookingStatus.NO_SHOW])
def test_a_token_is_void_once_staff_say_it_is_over(
    became: BookingStatus, door: Door, ports: MemoryPorts
) -> None:
    token = held(door)
    manage(door, token, "confirm")
    verb = {"COMPLETED": "complete", "NO_SHOW": "no-show"}[became]
    staff = Door(lambda clock: entry(admin_api, ports, clock=clock), "reserve", now=SLOT.start + MINUTE)
    booking_id = token.split(".")[0]
    assert staff.ask("POST", f"/v1/admin/bookings/{booking_id}/{verb}", {}, caller=STAFF).status == 200
    assert manage(door, token).status == 404


def revoke(ports: MemoryPorts, booking_id: str, **headers: str) -> Reply:
    staff = Door(lambda clock: entry(admin_api, ports, clock=clock), "reserve")
    path = f"/v1/admin/bookings/{booking_id}/revoke-link"
    return staff.ask("POST", path, {"reason": "It was forwarded."}, caller=STAFF, headers=headers)


def test_staff_revoke_a_link_and_the_booking_stays(door: Door, ports: MemoryPorts) -> None:
    reply = reserve(door, key=UUID)
    token, booking_id = reply.body["manageToken"], reply.body["bookingId"]
    manage(door, token, "confirm")
    key = {"idempotency-key": "revoke-0001"}
    revoked = revoke(ports, booking_id, **key)
    assert (revoked.status, revoked.body["status"], revoked.body["version"]) == (200, "CONFIRMED", 3)
    for deed in ("", "confirm", "release", "cancel"):
        assert manage(door, token, deed).status == 404
    again = revoke(ports, booking_id, **key)
    assert (again.headers["Idempotency-Replayed"], again.body["version"]) == ("true", 3)
    booking = ports.memory.bookings[booking_id]
    assert booking.link == 2
    last = booking.history[-1].deed
    assert (last.trigger, last.actor, last.reason) == ("revoke_link", "staff:stan", "It was forwarded.")


def test_a_repeat_of_the_reserve_gives_no_way_around_a_revoked_link(door: Door, ports: MemoryPorts) -> None:
    reply = reserve(door, key=UUID)
    revoke(ports, reply.body["bookingId"])
    again = reserve(door, key=UUID)
    assert again.body["manageToken"] == reply.body["manageToken"]
    assert manage(door, again.body["manageToken"]).status == 404


def test_nobody_but_staff_revokes(ports: MemoryPorts, door: Door) -> None:
    booking_id = reserve(door).body["bookingId"]
    staff = Door(lambda clock: entry(admin_api, ports, clock=clock), "reserve")
    path = f"/v1/admin/bookings/{booking_id}/revoke-link"
    assert staff.ask("POST", path, {}, caller=Caller("sue", frozenset({"boats:staff"}))).status == 404
    assert staff.ask("POST", path, {}, caller=None).status == 401
