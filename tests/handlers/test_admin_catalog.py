"""Businesses, resources and members under the admins' door: read, change, remove, and who may."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from functions.admin_api.handler import api
from holdfast.app.change_catalog import update_business
from holdfast.app.ports import CatalogRecord
from holdfast.domain.caller import PLATFORM_ADMIN, Caller
from holdfast.domain.errors import StaleVersion
from holdfast.domain.instants import DAY, HOUR
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, stocked
from tests.support.builders import ALICE, NOW, a_business, a_slot, asked
from tests.support.memory_readers import MemoryCatalog

ADA = Caller("ada", frozenset({"bikes:admin"}))
EVE = Caller("eve", frozenset({"boats:admin"}))
ROOT = Caller("root", frozenset({PLATFORM_ADMIN}))
STAN = Caller("stan", frozenset({"bikes:staff"}))
BUSINESS = "/v1/admin/businesses/bikes"
RESOURCE = f"{BUSINESS}/resources/stand-1"
MEMBERS = f"{BUSINESS}/members"
SETTINGS: dict[str, Any] = {"name": "Bikes and more", "timeZone": "Europe/Berlin"}
STAND: dict[str, Any] = {"name": "First stand", "kind": "stand"}


@pytest.fixture
def ports() -> MemoryPorts:
    return stocked()


@pytest.fixture
def door(ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(api, ports, clock=clock), "create_slot")


def test_staff_read_all_settings(door: Door) -> None:
    told = door.ask("GET", BUSINESS, caller=STAN)
    assert (told.status, told.headers["ETag"], told.body["preset"]) == (200, '"1"', "default")
    assert door.ask("GET", BUSINESS, caller=ALICE).code == "forbidden"
    assert door.ask("GET", "/v1/admin/businesses/cars", caller=ROOT).code == "not_found"


def test_settings_are_replaced_as_a_whole(door: Door, ports: MemoryPorts) -> None:
    body = SETTINGS | {"hold": {"defaultSeconds": 60}, "timeZone": "Asia/Tokyo"}
    changed = door.ask("PUT", BUSINESS, body, caller=ADA, if_match='"1"')
    assert (changed.status, changed.headers["ETag"]) == (200, '"2"')
    assert (changed.body["name"], changed.body["timeZone"]) == ("Bikes and more", "Asia/Tokyo")
    assert (changed.body["hold"]["defaultSeconds"], changed.body["hold"]["maxSeconds"]) == (60, 900)
    business = ports.memory.businesses["bikes"]
    assert (business.ledger_offset, business.hold.default_seconds, business.op) == (60, 60, "made")
    back = door.ask("PUT", BUSINESS, SETTINGS, caller=ADA, if_match='"2"')
    assert back.body["hold"]["defaultSeconds"] == 120


def test_the_preset_stays_unless_another_is_named(door: Door) -> None:
    salon = door.ask("PUT", BUSINESS, SETTINGS | {"preset": "salon"}, caller=ADA, if_match='"1"')
    assert (salon.body["preset"], salon.body["policies"]["maxReschedules"]) == ("salon", 3)
    again = door.ask("PUT", BUSINESS, SETTINGS, caller=ADA, if_match='"2"')
    assert again.body["preset"] == "salon"


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"businessId": "bikes"}, "/businessId"),
        ({"hold": {"minSeconds": 200}}, "/hold/defaultSeconds"),
        ({"name": ""}, "/name"),
        ({"timeZone": "Mars/Olympus"}, "/timeZone"),
        ({"domain": {"customFields": {"type": "wheel"}}}, "/domain/customFields/type"),
        ({"version": 1}, "/version"),
    ],
)
def test_settings_that_are_none_change_nothing(
    door: Door, ports: MemoryPorts, members: dict[str, Any], pointer: str
) -> None:
    reply = door.ask("PUT", BUSINESS, SETTINGS | members, caller=ADA, if_match='"1"')
    assert (reply.status, reply.code, reply.pointers) == (422, "validation_failed", [pointer])
    assert ports.memory.businesses["bikes"].version == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [(BUSINESS, SETTINGS), (RESOURCE, STAND), (f"{MEMBERS}/ada", {"role": "admin"})],
)
def test_what_is_changed_needs_the_version_that_was_read(door: Door, path: str, body: dict[str, Any]) -> None:
    door.ask("POST", MEMBERS, {"userId": "ada", "role": "admin"}, caller=ADA)
    missing = door.ask("PUT", path, body, caller=ADA)
    assert (missing.status, missing.code) == (428, "precondition_required")
    assert door.ask("PUT", path, body, caller=ADA, if_match='"1"').headers["ETag"] == '"2"'
    stale = door.ask("PUT", path, body, caller=ADA, if_match='"1"')
    assert (stale.status, stale.code, stale.body["currentVersion"]) == (412, "stale_version", 2)
    for caller in (STAN, EVE, ALICE):
        assert door.ask("PUT", path, body, caller=caller, if_match='"2"').code == "forbidden"


def test_a_repeat_of_a_change_answers_what_it_made(door: Door) -> None:
    for _ in range(2):  # no answer is kept here: the business itself knows
        reply = door.ask("PUT", BUSINESS, SETTINGS, caller=ADA, if_match='"1"', idempotency_key="key-00001")
        assert (reply.status, reply.headers["ETag"]) == (200, '"2"')


@dataclass(frozen=True)
class Overtaken(MemoryCatalog):
    """Somebody else's change comes between the read and the write."""

    def save(self, record: CatalogRecord) -> None:
        rival = self.memory.businesses["bikes"]
        self.memory.businesses["bikes"] = replace(rival, version=rival.version + 1)
        super().save(record)


def test_a_rival_change_in_between_makes_the_version_stale(ports: MemoryPorts) -> None:
    asking = asked(ROOT, expects=1)
    with pytest.raises(StaleVersion) as refused:
        update_business(
            Overtaken(ports.memory),
            ports.catalogues(),
            ports.calendars(),
            asking,
            "bikes",
            a_business().settings,
        )
    assert refused.value.facts == {"currentVersion": 2}


def test_a_resource_is_read_and_replaced(door: Door) -> None:
    hours = {"mon": [{"from": "09:00", "to": "26:00"}]}
    pause = {"weekdays": ["mon"], "from": "12:00", "to": "13:00"}
    body = STAND | {"capacity": 3, "hours": hours, "breaks": [pause], "metadata": {"a": 1}}
    changed = door.ask("PUT", RESOURCE, body, caller=ADA, if_match='"1"')
    assert (changed.status, changed.headers["ETag"]) == (200, '"2"')
    told = door.ask("GET", RESOURCE, caller=STAN)
    assert told.body == changed.body
    assert (told.body["hours"], told.body["breaks"], told.body["capacity"]) == (hours, [pause], 3)
    back = door.ask("PUT", RESOURCE, STAND, caller=ADA, if_match='"2"').body
    assert (back["hours"], back["breaks"], back["capacity"], back["metadata"]) == (None, [], 1, {})


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"hours": {"mon": [{"from": "12:00", "to": "09:00"}]}}, "/hours/mon/0/to"),
        ({"breaks": [{"weekdays": ["mon"], "from": "13:00", "to": "12:00"}]}, "/breaks/0/to"),
        ({"resourceId": "stand-1"}, "/resourceId"),
        ({"kind": "Stand!"}, "/kind"),
    ],
)
def test_a_resource_that_is_none_is_refused(door: Door, members: dict[str, Any], pointer: str) -> None:
    reply = door.ask("PUT", RESOURCE, STAND | members, caller=ADA, if_match='"1"')
    assert (reply.status, reply.pointers) == (422, [pointer])


def test_a_resource_goes_once_its_slots_are_past_or_gone(door: Door, ports: MemoryPorts) -> None:
    far = a_slot(start=NOW + 700 * DAY)
    past = a_slot(start=NOW - HOUR)
    ports.memory.slots |= {far.key: far, past.key: past}
    refused = door.ask("DELETE", RESOURCE, caller=ADA)
    assert (refused.status, refused.code) == (409, "resource_in_use")
    assert refused.body["slotIds"] == [far.key.slot_id]
    del ports.memory.slots[far.key]
    assert door.ask("DELETE", RESOURCE, caller=STAN).code == "forbidden"
    assert door.ask("DELETE", RESOURCE, caller=ADA, if_match='"9"').code == "stale_version"
    assert door.ask("DELETE", RESOURCE, caller=ADA, if_match='"1"').status == 204
    for method in ("DELETE", "GET"):
        assert door.ask(method, RESOURCE, caller=ADA).code == "not_found"
    assert door.ask("PUT", RESOURCE, STAND, caller=ADA, if_match='"1"').code == "not_found"


def test_members_come_and_go(door: Door) -> None:
    made = door.ask("POST", MEMBERS, {"userId": "ada", "role": "admin"}, caller=ADA)
    assert (made.status, made.headers["ETag"], made.headers["Location"]) == (201, '"1"', f"{MEMBERS}/ada")
    assert made.body == {"businessId": "bikes", "userId": "ada", "role": "admin", "version": 1}
    assert door.ask("POST", MEMBERS, {"userId": "ada", "role": "staff"}, caller=ADA).code == "already_exists"
    door.ask("POST", MEMBERS, {"userId": "stan", "role": "staff"}, caller=ADA)
    listed = door.ask("GET", MEMBERS, caller=STAN, query={"limit": "1"})
    assert [each["userId"] for each in listed.body["items"]] == ["ada"]
    more = door.ask("GET", MEMBERS, caller=STAN, query={"cursor": listed.body["nextCursor"]})
    assert [each["userId"] for each in more.body["items"]] == ["stan"]
    raised = door.ask("PUT", f"{MEMBERS}/stan", {"role": "admin"}, caller=ADA, if_match='"1"')
    assert (raised.body["role"], raised.headers["ETag"]) == ("admin", '"2"')
    assert door.ask("GET", f"{MEMBERS}/stan", caller=STAN).body == raised.body
    assert door.ask("DELETE", f"{MEMBERS}/stan", caller=ADA, if_match='"1"').code == "stale_version"
    assert door.ask("DELETE", f"{MEMBERS}/stan", caller=ADA).status == 204
    assert door.ask("GET", f"{MEMBERS}/stan", caller=ADA).code == "not_found"
    assert door.ask("GET", MEMBERS, caller=ALICE).code == "forbidden"


def test_a_repeated_member_is_the_one_that_was_made(door: Door) -> None:
    for _ in range(2):
        reply = door.ask(
            "POST",
            MEMBERS,
            {"userId": "ada", "role": "admin"},
            caller=ADA,
            idempotency_key="key-00001",
        )
        assert reply.status == 201


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"userId": "ada", "role": "owner"}, "/role"),
        ({"userId": "a da", "role": "staff"}, "/userId"),
        ({"userId": "", "role": "staff"}, "/userId"),
        ({"role": "staff"}, "/userId"),
    ],
)
def test_a_member_that_is_none_is_refused(door: Door, body: dict[str, Any], pointer: str) -> None:
    reply = door.ask("POST", MEMBERS, body, caller=ADA)
    assert (reply.status, reply.pointers) == (422, [pointer])


def test_where_members_are_recorded_a_token_alone_changes_nothing(door: Door) -> None:
    bert = Caller("bert", frozenset({"bikes:admin"}))
    slot = {
        "resourceId": "stand-1",
        "start": "2026-06-14T11:00:00+02:00",
        "end": "2026-06-14T12:00:00+02:00",
        "capacity": 2,
    }
    assert door.ask("POST", f"{BUSINESS}/slots", slot, caller=bert).status == 201
    door.ask("POST", MEMBERS, {"userId": "ada", "role": "admin"}, caller=ADA)
    for method, path, body in (
        ("POST", f"{BUSINESS}/slots", slot),
        ("POST", f"{BUSINESS}/slots/generate", None),
        ("PUT", "/v1/admin/slots/bikes.stand-1.202606141000", {"capacity": 3}),
        ("DELETE", "/v1/admin/slots/bikes.stand-1.202606141000", None),
        ("PUT", BUSINESS, SETTINGS),
        ("PUT", RESOURCE, STAND),
        ("DELETE", RESOURCE, None),
        ("POST", MEMBERS, {"userId": "bert", "role": "admin"}),
        ("DELETE", f"{MEMBERS}/ada", None),
    ):
        reply = door.ask(method, path, body, caller=bert, if_match='"1"')
        assert (reply.status == 422) if path.endswith("generate") else (reply.code == "forbidden"), path
    door.ask("POST", MEMBERS, {"userId": "bert", "role": "staff"}, caller=ADA)
    assert door.ask("PUT", RESOURCE, STAND, caller=bert, if_match='"1"').code == "forbidden"
    door.ask("PUT", f"{MEMBERS}/bert", {"role": "admin"}, caller=ADA, if_match='"1"')
    assert door.ask("PUT", RESOURCE, STAND, caller=bert, if_match='"1"').status == 200
    assert door.ask("PUT", RESOURCE, STAND, caller=ROOT, if_match='"2"').status == 200
    in_no_group = Caller("ada")
    assert door.ask("PUT", RESOURCE, STAND, caller=in_no_group, if_match='"3"').code == "forbidden"
