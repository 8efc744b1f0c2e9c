"""Bookings without an account: reserve by an email, act by the token, within the limits."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest

from holdfast.domain.errors import Unavailable
from holdfast.domain.guest import guest
from holdfast.domain.instants import HOUR, MINUTE
from holdfast.domain.manage_token import issue
from holdfast.observability import logger
from tests.handlers.door import Door, MemoryPorts, NoPorts, Reply
from tests.handlers.guests import (
    CONTACT,
    GUESTS,
    OTHER_UUID,
    SLOT,
    STAFF,
    UUID,
    WISH,
    door_of,
    held,
    manage,
    open_to_guests,
    reserve,
)
from tests.support.builders import NOW, a_claim, a_slot
from tests.support.memory_readers import MemoryCallers


@pytest.fixture
def ports() -> MemoryPorts:
    return open_to_guests()


@pytest.fixture
def door(ports: MemoryPorts) -> Door:
    return door_of(ports)


def test_a_guest_gets_a_hold_and_the_token_that_manages_it(door: Door, ports: MemoryPorts) -> None:
    reply = reserve(door, notes="The brakes squeal.")
    assert reply.status == 201
    token = reply.body["manageToken"]
    assert token == issue(ports.vault.key, reply.body["bookingId"], 1)
    assert reply.headers["Location"] == f"/v1/manage/{token}"
    assert reply.headers["ETag"] == '"1"'
    assert reply.body["status"] == "RESERVED"
    assert reply.body["userId"] == guest(CONTACT["email"]).id
    assert reply.body["contact"] == CONTACT
    booking = ports.memory.bookings[reply.body["bookingId"]]
    assert booking.history[0].deed.actor == f"customer:{guest(CONTACT['email']).id}"


def test_the_token_is_all_it_takes_from_then_on(door: Door) -> None:
    token = held(door)
    seen = manage(door, token)
    assert (seen.status, seen.body["status"]) == (200, "RESERVED")
    assert "manageToken" not in seen.body
    assert manage(door, token, "extend", {"seconds": 300}).body["expiresAt"] > seen.body["expiresAt"]
    confirmed = manage(door, token, "confirm", {"notes": "We come by bicycle."})
    assert (confirmed.status, confirmed.body["status"]) == (200, "CONFIRMED")
    assert confirmed.body["bookingNumber"].startswith("BOK-")
    assert (confirmed.body["notes"], confirmed.body["contact"]) == ("We come by bicycle.", CONTACT)
    cancelled = manage(door, token, "cancel", {"reason": "It rains."})
    assert (cancelled.body["status"], cancelled.body["refund"]["percentage"]) == ("CANCELLED", 100)


def test_a_hold_can_be_given_back(door: Door, ports: MemoryPorts) -> None:
    token = held(door)
    assert manage(door, token, "release").body["status"] == "EXPIRED"
    assert ports.memory.slots[SLOT.key].available(NOW) == 3


def test_a_booking_moves_under_the_same_token(door: Door, ports: MemoryPorts) -> None:
    later = a_slot(start=SLOT.start + HOUR)
    ports.memory.slots[later.key] = later
    token = held(door)
    tag = manage(door, token, "confirm").headers["ETag"]
    wish = {"slotId": later.key.slot_id}
    assert manage(door, token, "reschedule", wish).status == 428
    moved = manage(door, token, "reschedule", wish, if_match=tag)
    assert (moved.status, moved.body["slotId"]) == (200, later.key.slot_id)
    assert manage(door, token).body["slotId"] == later.key.slot_id


def test_a_move_that_is_refused_names_what_is_free(door: Door, ports: MemoryPorts) -> None:
    full = a_slot(start=SLOT.start + HOUR, capacity=1, claims={"else": a_claim()})
    free = a_slot(start=SLOT.start + 2 * HOUR)
    ports.memory.slots |= {full.key: full, free.key: free}
    token = held(door)
    tag = manage(door, token, "confirm").headers["ETag"]
    refused = manage(door, token, "reschedule", {"slotId": full.key.slot_id}, if_match=tag)
    assert (refused.status, refused.code) == (409, "slot_held")
    assert free.key.slot_id in [each["slotId"] for each in refused.body["alternatives"]]
    assert manage(door, token).body["slotId"] == SLOT.key.slot_id


def test_an_etag_saves_sending_it_again_and_guards_a_deed(door: Door) -> None:
    token = held(door)
    tag = manage(door, token).headers["ETag"]
    assert manage(door, token, if_none_match=tag).status == 304
    assert manage(door, token, "extend", {"seconds": 300}, if_match=tag).status == 200
    stale = manage(door, token, "confirm", if_match=tag)
    assert (stale.status, stale.code, stale.body["currentVersion"]) == (412, "stale_version", 2)


def test_a_business_has_to_allow_guests() -> None:
    ports = open_to_guests(policies={"guestBooking": False})
    reply = reserve(door_of(ports))
    assert (reply.status, reply.code, reply.body["rule"]) == (422, "policy_violation", "guest_booking")
    assert not ports.memory.bookings


def test_a_business_or_slot_that_is_not_there_is_not_found(door: Door) -> None:
    away = door.ask(
        "POST", "/v1/businesses/boats/guest-bookings", {**WISH, "slotId": "boats.pier-1.202606141000"}
    )
    assert (away.status, away.code) == (404, "not_found")
    assert reserve(door, slotId="bikes.stand-1.202606141100").status == 404


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"slotId": "boats.pier-1.202606141000"}, "/slotId"),
        (
            {"businessId": "boats", "serviceId": "cut", "start": "2026-06-14T10:00:00Z"},
            "/businessId",
        ),
    ],
)
def test_what_is_asked_for_is_of_the_business_in_the_path(
    wish: dict[str, Any], pointer: str, door: Door
) -> None:
    reply = door.ask("POST", GUESTS, {**wish, "contact": CONTACT}, caller=None)
    assert (reply.status, reply.pointers) == (422, [pointer])


@pytest.mark.parametrize(
    ("contact", "pointers"),
    [
        (None, ["/contact"]),
        ({}, ["/contact/email", "/contact/phone"]),
        ({"email": "ann@example.org"}, ["/contact/phone"]),
        ({"phone": "+49 30 1234567"}, ["/contact/email"]),
        ({"email": None, "phone": None}, ["/contact/email", "/contact/phone"]),
        ({"email": "", "phone": ""}, ["/contact/email", "/contact/phone"]),
        ({"email": "ann", "phone": "call me"}, ["/contact/email", "/contact/phone"]),
        ({**CONTACT, "userId": "alice"}, ["/contact/userId"]),
    ],
)
def test_a_guest_says_who_they_are(contact: object, pointers: list[str]) -> None:
    door = door_of(NoPorts())
    reply = door.ask("POST", GUESTS, {**WISH, "contact": contact}, caller=None)
    assert (reply.status, reply.code, reply.pointers) == (422, "validation_failed", pointers)


def test_contact_cannot_be_left_out() -> None:
    reply = door_of(NoPorts()).ask("POST", GUESTS, {"slotId": SLOT.key.slot_id}, caller=None)
    assert (reply.status, reply.pointers) == (422, ["/contact"])


def test_guests_do_not_wait(door: Door, ports: MemoryPorts) -> None:
    assert reserve(door, joinQueueIfFull=True).pointers == ["/joinQueueIfFull"]
    queue = {"joinIfFull": True, "enabled": True}
    full = open_to_guests(queue=queue)
    full.memory.slots[SLOT.key] = a_slot(capacity=1, claims={"else": a_claim()})
    reply = reserve(door_of(full))
    assert (reply.status, reply.code) == (409, "slot_held")
    assert reply.body["alternatives"] == []
    assert not full.memory.entries


@pytest.mark.parametrize("deed", ["confirm", "extend", "release", "reschedule", "cancel"])
def test_a_deed_takes_nothing_that_is_not_its_own(deed: str) -> None:
    reply = manage(door_of(NoPorts()), issue(b"k" * 64, "b" * 20, 1), deed, {"contact": CONTACT})
    assert (reply.status, reply.code) == (422, "validation_failed")


def test_who_has_an_account_is_a_guest_here_all_the_same(door: Door) -> None:
    reply = door.ask("POST", GUESTS, WISH, caller=STAFF)
    assert (reply.status, reply.body["userId"]) == (201, guest(CONTACT["email"]).id)


# Idempotency (SEC-3)


def test_a_repeat_is_answered_with_its_token_again(door: Door, ports: MemoryPorts) -> None:
    first, again = reserve(door, key=UUID), reserve(door, key=UUID)
    assert (again.status, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.body["manageToken"] == first.body["manageToken"]
    assert len(ports.memory.bookings) == 1
    other = reserve(door, key=UUID, units=2)
    assert (other.status, other.code) == (422, "idempotency_key_reused")


def test_a_key_is_scoped_by_the_email(door: Door, ports: MemoryPorts) -> None:
    ann = reserve(door, key=UUID)
    bob = reserve(door, key=UUID, contact={**CONTACT, "email": "bob@example.org"})
    assert (ann.status, bob.status) == (201, 201)
    assert ann.body["bookingId"] != bob.body["bookingId"]
    assert "Idempotency-Replayed" not in bob.headers
    assert reserve(door, key=UUID, contact={**CONTACT, "email": "ANN@example.org"}).code == (
        "idempotency_key_reused"
    )


@pytest.mark.parametrize(
    "key", ["guessable-key", "12345678", UUID[:-1], UUID + "0", UUID.replace("-", ""), f"{{{UUID}}}"]
)
def test_a_key_that_could_be_guessed_is_refused(key: str) -> None:
    door = door_of(NoPorts())
    for header in ("idempotency-key", "x-idempotency-key"):
        reply = door.ask("POST", GUESTS, WISH, caller=None, headers={header: key})
        assert (reply.status, reply.pointers) == (422, ["/headers/idempotency-key"])
    reply = manage(door, issue(b"k" * 64, "b" * 20, 1), "confirm", idempotency_key=key)
    assert (reply.status, reply.pointers) == (422, ["/headers/idempotency-key"])


def test_a_business_may_require_keys() -> None:
    door = door_of(open_to_guests(policies={"idempotencyKeyRequired": True}))
    assert (reserve(door).status, reserve(door, key=UUID).status) == (400, 201)


@pytest.mark.parametrize(("deeds", "last"), [(["release"], "release"), (["confirm", "cancel"], "cancel")])
def test_a_repeat_of_what_ended_the_booking_is_answered_as_before(
    door: Door, deeds: list[str], last: str
) -> None:
    token = held(door)
    for deed in deeds:
        done = manage(door, token, deed, idempotency_key=UUID)
        assert done.status == 200
    again = manage(door, token, last, idempotency_key=UUID)
    assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again.body["version"] == done.body["version"]
    assert manage(door, token, last, idempotency_key=OTHER_UUID).status == 404
    assert manage(door, token, last).status == 404
    assert manage(door, token).status == 404


# Limits (SEC-2)


def limited(most: int) -> Door:
    return door_of(open_to_guests(rateLimits={"reservePerMinute": most}))


def test_guests_are_limited_by_their_network_whatever_email_they_type() -> None:
    door = limited(2)

    def ask(number: int, source: str = "203.0.113.7") -> Reply:
        contact = {**CONTACT, "email": f"ann{number}@example.org"}
        return reserve(door, source=source, contact=contact)

    assert [ask(number).headers["RateLimit-Remaining"] for number in range(2)] == ["1", "0"]
    refused = ask(3)
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert (refused.headers["RateLimit-Limit"], refused.headers["RateLimit-Remaining"]) == ("2", "0")
    assert int(refused.headers["Retry-After"]) > 0
    assert ask(3, source="203.0.113.8").status == 201
    door.now += MINUTE
    assert ask(4).status == 409  # all of its capacity is held


def test_a_guest_is_limited_by_their_email_from_wherever_they_ask() -> None:
    door = limited(1)
    assert reserve(door, source="203.0.113.7").status == 201
    assert reserve(door, source="203.0.113.8").status == 429


def test_an_address_is_neither_kept_nor_told(
    ports: MemoryPorts, door: Door, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = StringIO()
    monkeypatch.setattr(logger().registered_handler, "stream", log)
    token = held(door, source="198.51.100.23")
    manage(door, token, "confirm")
    kept = repr(vars(ports.memory))
    assert "198.51.100.23" not in kept
    assert "address:" in kept
    logged = log.getvalue() + capsys.readouterr().out
    assert '"route":"/v1/manage/{token}/confirm"' in logged
    secrets = ("198.51.100.23", token, token.split(".")[1], CONTACT["email"], CONTACT["phone"])
    assert not [each for each in secrets if each in logged]


# Failures


def test_without_the_key_nothing_is_held_and_a_repeat_is_safe(ports: MemoryPorts, door: Door) -> None:
    ports.vault.up = False
    reply = reserve(door, key=UUID)
    assert (reply.status, reply.code) == (503, "temporarily_unavailable")
    assert not ports.memory.bookings
    ports.vault.up = True
    assert reserve(door, key=UUID).status == 201


def test_a_network_that_cannot_be_counted_does_not_stop_a_guest() -> None:
    class Forgetful(MemoryCallers):
        def note(self, caller: str, *more: Any, **members: Any) -> Any:
            raise Unavailable("no table")

    class Ports(MemoryPorts):
        def callers(self) -> MemoryCallers:
            return Forgetful(self.memory)

    ports = Ports(memory=open_to_guests().memory)
    assert reserve(door_of(ports)).status == 201
    assert reserve(door_of(ports), key=UUID).status == 503


def test_a_crash_between_claim_and_record_is_finished_by_the_repeat(ports: MemoryPorts, door: Door) -> None:
    first = reserve(door, key=UUID)
    del ports.memory.bookings[first.body["bookingId"]]
    again = reserve(door, key=UUID)
    assert (again.status, again.body["bookingId"]) == (201, first.body["bookingId"])
    assert manage(door, again.body["manageToken"]).status == 200


def test_instants_are_told_in_the_zone_asked_for(door: Door) -> None:
    token = held(door)
    told = door.ask("GET", f"/v1/manage/{token}", caller=None, query={"timeZone": "Asia/Seoul"}).body
    assert told["timeZone"] == "Asia/Seoul"
    assert told["start"].endswith("+09:00")
