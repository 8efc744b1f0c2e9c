"""`Tickets` and `Connections`: a ticket is spent once, a subscription stands under its channel and goes with
its connection, and what was sent last only ever rises."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest
from moto import mock_aws

from holdfast.adapters.dynamodb.client import Dynamo
from holdfast.adapters.dynamodb.realtime import DynamoConnections
from holdfast.adapters.dynamodb.tickets import DynamoTickets
from holdfast.app.realtime_ports import Connections, Gone
from holdfast.app.tickets import Tickets
from holdfast.domain.caller import Caller
from holdfast.domain.instants import MINUTE
from holdfast.domain.realtime import CONNECTION_FOR, Subscription, TooManySubscriptions
from tests.support import dynalite
from tests.support.builders import NOW
from tests.support.clouds import connected
from tests.support.memory_realtime import MemoryConnections, MemoryTickets

ADA = Caller("ada", frozenset({"bikes:staff", "bikes:admin"}))
UNTIL = NOW + CONNECTION_FOR
WAITS = Subscription("QUEUE#slot", "line=", "who", "e" * 20, sent=5, asking=True)
WATCHES = Subscription("QUEUE#slot", "line=", sent=5, asking=True)
BOOKINGS = Subscription("BOOKINGS#ada", "line=")


@dataclass(frozen=True)
class Realtime:
    tickets: Tickets
    connections: Connections


@pytest.fixture(params=["memory", "moto", "emulator"])
def realtime(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Realtime]:
    match request.param:
        case "memory":
            yield Realtime(MemoryTickets(), MemoryConnections())
        case "moto":
            with mock_aws():
                yield from on_dynamodb()
        case _:
            monkeypatch.setenv("AWS_ENDPOINT_URL", request.getfixturevalue("emulated_dynamodb"))
            yield from on_dynamodb()


def on_dynamodb() -> Iterator[Realtime]:
    with connected() as (client, tables):
        dynamo = Dynamo(client)
        yield Realtime(DynamoTickets(dynamo, tables.ephemeral), DynamoConnections(dynamo, tables.ephemeral))


@pytest.fixture
def tickets(realtime: Realtime) -> Tickets:
    return realtime.tickets


@pytest.fixture
def connections(realtime: Realtime) -> Connections:
    """With one open line."""
    realtime.connections.open("line=", ADA, UNTIL)
    return realtime.connections


def listen(connections: Connections, subscription: Subscription) -> None:
    connections.enlist(subscription, 50)
    connections.subscribe(subscription, UNTIL)


def standing(connections: Connections, channel: str = "QUEUE#slot") -> list[Subscription]:
    found = connections.of(channel, NOW).subscriptions
    return sorted(found, key=lambda each: (each.connection, each.who))


def test_a_ticket_tells_whose_it_is_and_what_they_may(tickets: Tickets) -> None:
    tickets.keep("hash", ADA, NOW + MINUTE)
    assert tickets.spend("hash", NOW) == ADA


def test_a_ticket_of_one_without_groups_is_as_good(tickets: Tickets) -> None:
    tickets.keep("hash", Caller("bob"), NOW + MINUTE)
    assert tickets.spend("hash", NOW) == Caller("bob")


def test_a_ticket_is_spent_once_and_an_unknown_one_never(tickets: Tickets) -> None:
    tickets.keep("hash", ADA, NOW + MINUTE)
    assert [tickets.spend(each, NOW) for each in ("hash", "hash", "other")] == [ADA, None, None]


def test_a_ticket_that_is_past_lets_nobody_in(tickets: Tickets) -> None:
    tickets.keep("hash", ADA, NOW + MINUTE)
    assert tickets.spend("hash", NOW + MINUTE) is None


def test_of_many_who_bring_the_same_ticket_one_gets_in(
    emulated_dynamodb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulated_dynamodb)
    with connected() as (client, tables):
        tickets = DynamoTickets(Dynamo(client), tables.ephemeral)
        tickets.keep("hash", ADA, NOW + MINUTE)
        with ThreadPoolExecutor(16) as pool:
            spent = list(pool.map(lambda _: tickets.spend("hash", NOW), range(64)))
    assert spent.count(ADA) == 1


def test_all_who_listen_to_a_channel_are_found_as_they_subscribed(connections: Connections) -> None:
    for each in (WAITS, WATCHES, BOOKINGS):
        listen(connections, each)
    assert standing(connections) == [WATCHES, WAITS]
    assert standing(connections, "BOOKINGS#ada") == [BOOKINGS]
    assert standing(connections, "BOOKINGS#bob") == []


def test_a_subscription_that_is_past_is_not_there(connections: Connections) -> None:
    listen(connections, WAITS)
    assert connections.of(WAITS.channel, UNTIL).subscriptions == []


def test_what_a_line_listens_to_is_noted_once(connections: Connections) -> None:
    assert [connections.enlist(WAITS, 50) for _ in range(2)] == [False, True]
    assert not connections.subscribed(WAITS)
    connections.subscribe(WAITS, UNTIL)
    assert connections.subscribed(WAITS)


def test_a_line_listens_to_so_many_channels_and_those_it_has(connections: Connections) -> None:
    connections.enlist(WAITS, 2)
    connections.enlist(WATCHES, 2)
    with pytest.raises(TooManySubscriptions):
        connections.enlist(BOOKINGS, 2)
    assert connections.enlist(WAITS, 2)
    connections.leave("line=", WATCHES.channel, WATCHES.who)
    assert not connections.enlist(BOOKINGS, 2)


def test_a_line_that_is_not_open_listens_to_nothing(connections: Connections) -> None:
    with pytest.raises(Gone):
        connections.enlist(replace(WAITS, connection="other="), 50)


def test_what_all_were_told_stands_beside_them_and_only_rises(connections: Connections) -> None:
    listen(connections, WAITS)
    seen = [connections.of(WAITS.channel, NOW).told]
    for sequence in (7, 6, 8):
        connections.told(WAITS.channel, sequence, UNTIL)
        seen.append(connections.of(WAITS.channel, NOW).told)
    assert seen == [0, 7, 7, 8]
    assert standing(connections) == [WAITS]
    assert connections.of("QUEUE#other", NOW).told == 0


def test_what_was_sent_last_only_rises(connections: Connections) -> None:
    listen(connections, WAITS)
    for sequence in (7, 6, 7):
        connections.mark(WAITS, sequence)
    assert standing(connections) == [replace(WAITS, sent=7, asking=False)]


def test_one_who_has_missed_nothing_asks_no_more(connections: Connections) -> None:
    listen(connections, WAITS)
    for each in (WAITS, WATCHES):  # nobody watches, nor does so for this
        connections.settle(each)
    assert standing(connections) == [replace(WAITS, asking=False)]


def test_a_mark_takes_the_new_place_along(connections: Connections) -> None:
    listen(connections, WAITS)
    connections.mark(WAITS.following("n" * 20), 7)
    connections.mark(WATCHES, 9)  # nobody
    assert standing(connections) == [replace(WAITS, sent=7, entry="n" * 20, asking=False)]


def test_what_has_ended_is_not_followed_and_may_be_again(connections: Connections) -> None:
    for each in (WAITS, WATCHES):
        listen(connections, each)
        connections.end(each)
        connections.end(each)
    assert standing(connections) == []
    assert not connections.enlist(WAITS, 50)


def test_an_end_of_an_older_place_leaves_the_newer_one_alone(connections: Connections) -> None:
    listen(connections, WAITS.following("n" * 20))
    connections.end(WAITS)
    assert standing(connections) == [WAITS.following("n" * 20)]


def test_a_line_that_closes_takes_all_along_and_may_close_twice(connections: Connections) -> None:
    connections.open("other=", ADA, UNTIL)
    theirs = replace(WAITS, connection="other=")
    for each in (WAITS, WATCHES, BOOKINGS, theirs):
        listen(connections, each)
    for _ in range(2):
        connections.close("line=")
    assert standing(connections) == [theirs]
    assert standing(connections, "BOOKINGS#ada") == []
    connections.leave("line=", WAITS.channel, WAITS.who)  # makes no line anew
    with pytest.raises(Gone):
        connections.enlist(WAITS, 50)


def test_a_channel_of_many_is_read_to_its_end(connections: Connections) -> None:
    for number in range(120):
        long = replace(WAITS, connection=f"line-{number}=", entry="e" * 9_000)
        connections.subscribe(long, UNTIL)
    assert len(connections.of(WAITS.channel, NOW).subscriptions) == 120


def test_dynalite_refuses_no_expression_of_ours(
    emulated_dynamodb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in `test_expressions`: it says what AWS would say."""
    with dynalite.recording(emulated_dynamodb) as (endpoint, passed):
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        for found in on_dynamodb():
            found.tickets.keep("hash", ADA, NOW + MINUTE)
            found.tickets.spend("hash", NOW)
            found.connections.told(WAITS.channel, 7, UNTIL)
            found.connections.told(WAITS.channel, 7, UNTIL)
            found.tickets.spend("hash", NOW)
            found.connections.open("line=", ADA, UNTIL)
            for each in (WAITS, WATCHES, BOOKINGS):
                listen(found.connections, each)
                assert found.connections.subscribed(each)
                found.connections.settle(each)
                found.connections.mark(each, 9)
            assert len(standing(found.connections)) == 2
            for each in (WAITS, WATCHES):
                found.connections.end(each)
            found.connections.leave("line=", BOOKINGS.channel, BOOKINGS.who)
            found.connections.close("line=")
    with dynalite.running() as judge:
        answers = [dynalite.ask(judge, single) for request in passed for single in dynalite.singles(request)]
    refused = {answer["__type"].partition("#")[2] for status, answer in answers if status != 200}
    assert refused <= {"ConditionalCheckFailedException"}
    assert len(answers) > 20
