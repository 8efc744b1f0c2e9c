"""Tickets, and what may be followed: the way into real time, on the in-memory ports."""

from __future__ import annotations

from typing import Any

import pytest

from functions.booking_api.handler import api as booking_api
from functions.realtime_authorizer.handler import admit
from holdfast.domain.caller import Caller
from holdfast.domain.instants import HOUR, MINUTE, Instant
from holdfast.domain.realtime import MOST_SUBSCRIPTIONS
from holdfast.http.entry import entry as http_entry
from tests.handlers.door import Door, MemoryPorts, stocked
from tests.handlers.live import BOOKINGS, QUEUE, STAFF, World
from tests.support.builders import ALICE, BOB, NOW
from tests.support.memory_realtime import MemoryTickets

ARN = "arn:aws:execute-api:us-east-1:000000000000:abc/live/$connect"


@pytest.fixture
def world() -> World:
    return World()


def issue(ports: MemoryPorts) -> tuple[str, dict[str, Any]]:
    door = Door(lambda clock: http_entry(booking_api, ports, clock=clock), "reserve")
    reply = door.ask("POST", "/v1/realtime/tickets", {}, caller=STAFF)
    assert reply.status == 201
    return reply.body["ticket"], reply.body


def connect(tickets: MemoryTickets, ticket: str | None, now: Instant = NOW) -> tuple[str, dict[str, str]]:
    query = None if ticket is None else {"ticket": ticket}
    policy = admit(tickets, {"methodArn": ARN, "queryStringParameters": query}, now)
    (statement,) = policy["policyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("execute-api:Invoke", ARN)
    return statement["Effect"], policy.get("context", {})


def test_a_ticket_lets_its_caller_in_once() -> None:
    ports = stocked()
    ticket, body = issue(ports)
    assert body["wsUrl"] == "wss://live.example/live"
    assert body["expiresAt"] > body["serverTime"]
    assert connect(ports.issued, ticket) == ("Allow", {"owner": "sam", "groups": "bikes:staff"})
    assert connect(ports.issued, ticket) == ("Deny", {})


def test_a_ticket_is_good_for_a_minute() -> None:
    ports = stocked()
    early, late = issue(ports)[0], issue(ports)[0]
    assert connect(ports.issued, early, NOW + MINUTE - 1)[0] == "Allow"
    assert connect(ports.issued, late, NOW + MINUTE)[0] == "Deny"


def test_a_ticket_cannot_be_guessed_and_is_not_what_is_stored() -> None:
    ports = stocked()
    tickets = {issue(ports)[0] for _ in range(20)}
    assert len(tickets) == 20
    assert all(len(each) >= 43 for each in tickets)  # 256 bits
    assert not tickets & set(ports.issued.kept)


@pytest.mark.parametrize("ticket", [None, "", "x" * 43])
def test_nobody_gets_in_without_a_ticket(ticket: str | None) -> None:
    assert connect(MemoryTickets(), ticket) == ("Deny", {})


def test_one_who_waits_is_told_at_once_where_they_stand(world: World) -> None:
    world.queue(ALICE, BOB)
    told = world.send(world.open(BOB), BOB, QUEUE)
    assert told["type"] == "subscribed"
    assert (told["position"], told["totalInQueue"], told["sequence"]) == (2, 2, 5)
    assert "minute" in str(told["estimatedWaitTime"])
    assert (told["channel"], told["slotId"]) == ("queue", QUEUE["slotId"])


def test_a_foreign_queue_is_not_there_for_a_customer(world: World) -> None:
    world.queue(ALICE)
    told = world.send(world.open(BOB), BOB, QUEUE)
    assert (told["type"], told["code"]) == ("error", "not_found")
    world.push(world.changed())
    assert world.connections.standing == {}


def test_staff_follow_the_queues_of_their_business_and_no_other(world: World) -> None:
    world.queue(ALICE, BOB)
    told = world.send(world.open(STAFF), STAFF, QUEUE)
    assert (told["type"], told["totalInQueue"]) == ("subscribed", 2)
    assert "position" not in told
    elsewhere = Caller("eve", frozenset({"boats:staff"}))
    assert world.send(world.open(elsewhere), elsewhere, QUEUE)["code"] == "not_found"


def test_a_place_that_is_over_gives_no_right_to_listen(world: World) -> None:
    world.queue(ALICE)
    world.now = NOW + 24 * HOUR
    assert world.send(world.open(ALICE), ALICE, QUEUE)["code"] == "not_found"


def test_all_bookings_of_a_business_are_for_its_staff(world: World) -> None:
    wanted = {**BOOKINGS, "businessId": "bikes"}
    assert world.send(world.open(ALICE), ALICE, wanted)["code"] == "forbidden"
    assert world.send(world.open(STAFF), STAFF, wanted)["type"] == "subscribed"
    assert world.send(world.open(STAFF), STAFF, {**BOOKINGS, "businessId": "boats"})["code"] == "forbidden"


def test_a_connection_follows_so_many_channels_and_no_more(world: World) -> None:
    world.queue(ALICE)
    line = world.open(ALICE)
    world.connections.lists[line] = {(f"QUEUE#{number}", "") for number in range(MOST_SUBSCRIPTIONS)}
    told = world.send(line, ALICE, QUEUE)
    assert (told["code"], told["most"]) == ("too_many_subscriptions", MOST_SUBSCRIPTIONS)
    world.send(line, ALICE, {"action": "unsubscribe", "channel": "bookings"})
    world.connections.lists[line].pop()
    assert world.send(line, ALICE, QUEUE)["type"] == "subscribed"


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("not JSON", "malformed_request"),
        ("[]", "malformed_request"),
        ("", "malformed_request"),
        ("[" * 2000, "malformed_request"),
        ('{"action": "ping", "pad": "' + "x" * 3000 + '"}', "malformed_request"),
        ({"action": "dance"}, "malformed_request"),
        ({"action": ["subscribe"]}, "malformed_request"),
        ({"channel": "queue"}, "malformed_request"),
        ({"action": "subscribe"}, "validation_failed"),
        ({"action": "subscribe", "channel": "weather"}, "validation_failed"),
        ({"action": "subscribe", "channel": "queue"}, "validation_failed"),
        ({"action": "subscribe", "channel": "queue", "slotId": "../x"}, "validation_failed"),
        ({"action": "subscribe", "channel": "queue", "slotId": 7}, "validation_failed"),
        ({**QUEUE, "businessId": "bikes"}, "validation_failed"),
        ({**BOOKINGS, "businessId": "No Such"}, "validation_failed"),
        ({**BOOKINGS, "userId": "bob"}, "validation_failed"),
        ({"action": "ping", "extra": 1}, "validation_failed"),
        (QUEUE, "not_found"),
    ],
)
def test_what_cannot_be_served_is_answered_with_its_code(world: World, frame: object, code: str) -> None:
    told = world.send(world.open(ALICE), ALICE, frame)
    assert (told["type"], told["code"]) == ("error", code)
    assert told["detail"]


def test_a_ping_is_answered(world: World) -> None:
    assert world.send(world.open(ALICE), ALICE, {"action": "ping"}) == {"type": "pong"}


def test_a_failure_behind_us_is_told_as_one_that_passes(world: World) -> None:
    world.queue(ALICE)
    line = world.open(ALICE)
    world.pushes.refuses = True
    world.sockets.before_post = lambda: (world.queue(ALICE, rev=6), None)[1]
    assert world.send(line, ALICE, QUEUE)["code"] == "temporarily_unavailable"
