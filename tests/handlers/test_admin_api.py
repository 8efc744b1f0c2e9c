"""Admin calls, with Powertools' idempotency on a table of moto's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.admin_api.handler import api
from holdfast.domain.business import Business
from holdfast.domain.caller import PLATFORM_ADMIN, Caller
from holdfast.http.entry import entry
from holdfast.http.kept_answers import KeptAnswers, in_table
from tests.handlers.door import Door, MemoryPorts, Reply, a_whole_business, sample, stocked
from tests.support.builders import ALICE, NOW

ROOT = Caller("root", frozenset({PLATFORM_ADMIN}))
ADA = Caller("ada", frozenset({"bikes:admin"}))
STAN = Caller("stan", frozenset({"bikes:staff"}))
RESOURCES = "/v1/admin/businesses/bikes/resources"
SLOTS = "/v1/admin/businesses/bikes/slots"
STAND: dict[str, Any] = {"resourceId": "stand-2", "name": "Second stand", "kind": "stand"}
SLOT: dict[str, Any] = {
    "resourceId": "stand-1",
    "start": "2026-06-14T11:00:00+02:00",
    "end": "2026-06-14T12:00:00+02:00",
    "capacity": 2,
}


@pytest.fixture
def table() -> Iterator[Any]:
    with mock_aws():
        yield boto3.resource("dynamodb").create_table(
            TableName="answers",
            KeySchema=[
                {"AttributeName": "PK", "KeyType": "HASH"},
                {"AttributeName": "SK", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "PK", "AttributeType": "S"},
                {"AttributeName": "SK", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )


@pytest.fixture
def ports() -> MemoryPorts:
    return stocked()


@pytest.fixture
def door(ports: MemoryPorts, table: Any) -> Door:
    keep = KeptAnswers(lambda: in_table("answers"))
    return Door(lambda clock: entry(api, ports, keep=keep, clock=clock), "create_slot")


def test_a_recorded_business_gets_what_its_preset_has(door: Door, ports: MemoryPorts) -> None:
    ports.memory.businesses.clear()
    reply = door.send(sample("create_business"))
    assert (reply.status, reply.headers["ETag"]) == (201, '"1"')
    assert reply.headers["Location"] == "/v1/businesses/bikes"
    assert (reply.body["preset"], reply.body["currency"]) == ("default", "EUR")
    assert reply.body["hold"]["defaultSeconds"] == 120
    assert reply.body["rateLimits"]["reservePerMinute"] == 10
    made = ports.memory.businesses["bikes"]
    assert (made.ledger_offset, made.hold.max_seconds) == (60, 900)


def test_members_given_win_over_the_preset_one_by_one(door: Door) -> None:
    reply = door.ask(
        "POST",
        "/v1/admin/businesses",
        {
            "businessId": "hair",
            "name": "Hair",
            "timeZone": "Europe/Vienna",
            "preset": "salon",
            "hours": {"sat": [{"from": "10:00", "to": "26:00"}]},
            "policies": {"maxReschedules": 1},
            "grid": {"stepMinutes": None},
        },
        caller=ROOT,
    )
    assert reply.status == 201
    assert reply.body["hours"] == {"sat": [{"from": "10:00", "to": "26:00"}]}
    assert reply.body["policies"]["maxReschedules"] == 1
    assert reply.body["policies"]["minimumNoticeMinutes"] == 120
    assert reply.body["grid"] == {"stepMinutes": None, "bufferBeforeMinutes": 0, "bufferAfterMinutes": 15}


def test_only_platform_admins_create_businesses_and_ids_are_taken_once(door: Door) -> None:
    body = {"businessId": "bikes", "name": "Bikes", "timeZone": "UTC"}
    refused = door.ask("POST", "/v1/admin/businesses", body, caller=ADA)
    assert (refused.status, refused.code) == (403, "forbidden")
    taken = door.ask("POST", "/v1/admin/businesses", body, caller=ROOT)
    assert (taken.status, taken.code) == (409, "already_exists")


def test_resources_are_added_by_admins_and_listed_by_staff(door: Door) -> None:
    made = door.ask("POST", RESOURCES, STAND, caller=ADA)
    assert (made.status, made.body["capacity"], made.body["slotsMayOverlap"]) == (201, 1, False)
    assert door.ask("POST", RESOURCES, STAND, caller=STAN).code == "forbidden"
    assert door.ask("POST", RESOURCES, STAND, caller=ADA).code == "already_exists"
    told = door.ask("GET", RESOURCES, caller=STAN)
    assert [each["resourceId"] for each in told.body["items"]] == ["stand-1", "stand-2"]
    assert door.ask("GET", RESOURCES, caller=ALICE).code == "forbidden"
    assert door.ask("POST", "/v1/admin/businesses/cars/resources", STAND, caller=ROOT).code == "not_found"


def test_a_resource_says_nothing_and_its_preset_speaks(door: Door, ports: MemoryPorts) -> None:
    links = a_whole_business("links")
    golf: Business = replace(links, settings={**links.settings, "preset": "golf"})
    ports.memory.businesses["links"] = golf
    path = "/v1/admin/businesses/links/resources"
    told = door.ask("POST", path, STAND, caller=ROOT).body
    assert (told["capacity"], told["slotsMayOverlap"]) == (4, True)
    own = STAND | {"resourceId": "stand-3", "capacity": 2, "slotsMayOverlap": False}
    told = door.ask("POST", path, own, caller=ROOT).body
    assert (told["capacity"], told["slotsMayOverlap"]) == (2, False)


def test_a_recorded_slot_is_published(door: Door, ports: MemoryPorts) -> None:
    reply = door.send(sample("create_slot"))
    assert (reply.status, reply.headers["ETag"]) == (201, '"1"')
    assert reply.headers["Location"] == "/v1/slots/bikes.stand-1.202606141000"
    assert reply.body["price"] == {"amount": "25.00", "currency": "EUR"}
    assert reply.body["status"] == "AVAILABLE"
    overlap = door.ask("POST", SLOTS, SLOT | {"start": "2026-06-14T11:30:00+02:00"}, caller=ADA)
    assert (overlap.status, overlap.code) == (409, "overlap")
    assert overlap.body["slotIds"] == ["bikes.stand-1.202606141000"]


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"end": "2026-06-14T11:00:00+02:00"}, "/end"),
        ({"start": "2026-06-14T10:59:59+02:00"}, "/start"),
        ({"end": "2026-06-30T11:00:00+02:00"}, "/end"),
        ({"resourceId": "stand-9"}, "/resourceId"),
        ({"price": {"amount": "1", "currency": "USD"}}, "/price/currency"),
        ({"price": {"amount": "1.005", "currency": "EUR"}}, "/price/amount"),
    ],
)
def test_what_the_rules_refuse_has_a_pointer_too(
    door: Door, ports: MemoryPorts, members: dict[str, Any], pointer: str
) -> None:
    reply = door.ask("POST", SLOTS, SLOT | members, caller=ADA)
    assert (reply.status, reply.code, reply.pointers) == (422, "validation_failed", [pointer])
    assert not ports.memory.slots


def post(door: Door, **members: Any) -> Reply:
    return door.ask("POST", SLOTS, SLOT | members, caller=ADA, idempotency_key="key-00001")


def test_a_repeat_gets_the_kept_answer(door: Door, ports: MemoryPorts, table: Any) -> None:
    made = post(door)
    ports.memory.slots.clear()
    again = post(door)
    assert (again.status, again.body) == (201, made.body)
    assert {again.headers[name] == made.headers[name] for name in ("ETag", "Location")} == {True}
    assert "Idempotency-Replayed" not in made.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    (kept,) = table.scan()["Items"]
    assert kept["PK"] == "ANSWERS"
    assert kept["ttl"] > 0


def test_another_body_under_the_key_is_refused(door: Door) -> None:
    post(door)
    reply = post(door, capacity=3)
    assert (reply.status, reply.code) == (422, "idempotency_key_reused")


def test_keys_are_the_callers_own(door: Door) -> None:
    post(door)
    reply = door.ask("POST", SLOTS, SLOT, caller=ROOT, idempotency_key="key-00001")
    assert reply.code == "overlap"


def test_refusals_are_not_kept(door: Door, ports: MemoryPorts, table: Any) -> None:
    resource = ports.memory.resources.pop(("bikes", "stand-1"))
    assert post(door).status == 422
    assert table.scan()["Items"] == []
    ports.memory.resources["bikes", "stand-1"] = resource
    assert post(door).status == 201


def test_what_was_made_answers_for_itself_when_the_kept_answer_is_lost(door: Door, table: Any) -> None:
    made = post(door)
    for kept in table.scan()["Items"]:
        table.delete_item(Key={"PK": kept["PK"], "SK": kept["SK"]})
    again = post(door)
    assert (again.status, again.body) == (201, made.body)


def test_a_repeat_meets_the_first_at_work(door: Door, ports: MemoryPorts) -> None:
    met: list[Reply] = []

    def knock_again(at: str) -> None:
        if not met and at.startswith("commit"):
            met.append(post(door))

    ports.memory.pause = knock_again
    assert post(door).status == 201
    (reply,) = met
    assert (reply.status, reply.code, reply.headers["Retry-After"]) == (409, "request_in_progress", "1")


def test_without_the_table_of_answers_nothing_keyed_is_done(ports: MemoryPorts) -> None:
    with mock_aws():
        keep = KeptAnswers(lambda: in_table("nowhere"))
        door = Door(lambda clock: entry(api, ports, keep=keep, clock=clock), "create_slot", NOW)
        reply = post(door)
        assert (reply.status, reply.code) == (503, "temporarily_unavailable")
        assert not ports.memory.slots
        assert door.ask("POST", SLOTS, SLOT, caller=ADA).status == 201
