"""Over the door: `Prefer: dry-run` answers whom a change would orphan, and nothing is changed (RFC 7240)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.admin_api.handler import api
from functions.booking_api.handler import api as booking_api
from holdfast.domain.caller import Caller
from holdfast.http.api import Answer, Call
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, Reply, stocked
from tests.support.builders import BUSINESS
from tests.unit.app.salon import a_service

ADA = Caller("ada", frozenset({f"{BUSINESS}:admin"}))
BASE = f"/v1/admin/businesses/{BUSINESS}"
MONDAY = {"businessId": BUSINESS, "serviceId": "repair", "start": "2026-06-15T09:00:00+02:00"}
AFTERNOONS = {"hours": {"mon": [{"from": "13:00", "to": "18:00"}]}}
SETTINGS = {"name": "Bikes", "timeZone": "Europe/Berlin"} | AFTERNOONS
STAND = {"name": "Stand", "kind": "stand"} | AFTERNOONS
HOLIDAY = {"name": "Race day", "date": "2026-06-15", "kind": "public"}
TIME_OFF = {"start": "2026-06-15T08:00:00+02:00", "end": "2026-06-15T12:00:00+02:00", "reason": "race"}


@dataclass
class Answers:
    """What would be kept of keyed requests."""

    kept: list[str] = field(default_factory=list)

    def __call__(self, call: Call[Any], run: Callable[[], Answer]) -> Answer:
        self.kept.append(call.asked.op)
        return run()


@pytest.fixture
def ports() -> MemoryPorts:
    ports = stocked()
    ports.memory.services[BUSINESS, "repair"] = a_service("repair")
    return ports


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def door(ports: MemoryPorts, answers: Answers) -> Door:
    return Door(lambda clock: entry(api, ports, keep=answers, clock=clock), "reserve")


@pytest.fixture
def booking(ports: MemoryPorts) -> str:
    """Alice's, on Monday at nine."""
    customer = Door(lambda clock: entry(booking_api, ports, clock=clock), "reserve")
    held = customer.ask("POST", "/v1/bookings/reserve", MONDAY).body["bookingId"]
    assert customer.ask("POST", f"/v1/bookings/{held}/confirm").status == 200
    return str(held)


def ask(
    door: Door, method: str, path: str, body: dict[str, Any], *, prefer: str = "dry-run", **headers: str
) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return door.ask(method, BASE + path, body, caller=ADA, headers={"prefer": prefer} | sent)


@pytest.mark.parametrize(
    ("method", "path", "body", "reason"),
    [
        ("PUT", "", SETTINGS, "outside_hours"),
        ("PUT", "/resources/stand-1", STAND, "outside_hours"),
        ("POST", "/holidays", HOLIDAY, "holiday"),
        ("POST", "/resources/stand-1/time-off", TIME_OFF, "time_off"),
    ],
)
def test_it_tells_whom_the_change_would_orphan(
    door: Door,
    ports: MemoryPorts,
    booking: str,
    method: str,
    path: str,
    body: dict[str, Any],
    reason: str,
) -> None:
    before = copy.deepcopy((ports.memory.businesses, ports.memory.resources, ports.memory.holidays))
    reply = ask(door, method, path, body, **({"if_match": '"1"'} if method == "PUT" else {}))
    assert (reply.status, reply.headers["Preference-Applied"]) == (200, "dry-run")
    assert reply.body == {
        "dryRun": True,
        "checked": 1,
        "orphaned": [
            {
                "bookingId": booking,
                "userId": "alice",
                "serviceId": "repair",
                "resourceId": "stand-1",
                "start": "2026-06-15T09:00:00.000+02:00",
                "end": "2026-06-15T09:30:00.000+02:00",
                "reasons": [reason],
            }
        ],
        "until": reply.body["until"],
        "complete": True,
        "timeZone": "Europe/Berlin",
    }
    assert (ports.memory.businesses, ports.memory.resources, ports.memory.holidays) == before
    assert ports.memory.absences == {}


def test_what_exists_is_replaced_in_a_dry_run_as_well(door: Door, booking: str) -> None:
    for path, body in (("/holidays", HOLIDAY), ("/resources/stand-1/time-off", TIME_OFF)):
        identified = body | {"holidayId" if path == "/holidays" else "timeOffId": "race"}
        later = {name: value.replace("-15", "-16") for name, value in identified.items()}
        assert ask(door, "POST", path, later, prefer="").status == 201
        reply = ask(door, "PUT", f"{path}/race", body, if_match='"1"')
        assert [each["bookingId"] for each in reply.body["orphaned"]] == [booking]


def test_its_answer_is_not_kept_for_the_change_itself(door: Door, answers: Answers, booking: str) -> None:
    key = {"idempotency_key": "the-race-of-june"}
    tried = ask(door, "POST", "/holidays", HOLIDAY, **key)
    assert (tried.status, answers.kept) == (200, [])
    made = ask(door, "POST", "/holidays", HOLIDAY, prefer="", **key)
    assert (made.status, len(answers.kept)) == (201, 1)
    assert "Preference-Applied" not in made.headers


@pytest.mark.parametrize(
    "prefer", ["dry-run", "Dry-Run", "respond-async, dry-run; wait=1", "return=minimal,dry-run"]
)
def test_a_preference_may_stand_among_others(door: Door, prefer: str) -> None:
    assert ask(door, "POST", "/holidays", HOLIDAY, prefer=prefer).status == 200


@pytest.mark.parametrize("prefer", ["", "respond-async", "dry-run=no", "dry", "return=dry-run"])
def test_another_preference_is_none_of_ours(door: Door, prefer: str) -> None:
    assert ask(door, "POST", "/holidays", HOLIDAY, prefer=prefer).status == 201


def test_it_is_judged_like_the_change(door: Door) -> None:
    stale = ask(door, "PUT", "", SETTINGS, if_match='"7"')
    assert (stale.status, stale.code) == (412, "stale_version")
    blind = ask(door, "PUT", "", SETTINGS)
    assert (blind.status, blind.code) == (428, "precondition_required")
    wrong = ask(door, "POST", "/resources/stand-1/time-off", TIME_OFF | {"end": TIME_OFF["start"]})
    assert (wrong.status, wrong.pointers) == (422, ["/end"])
    stranger = door.ask("PUT", BASE, SETTINGS, headers={"prefer": "dry-run"})
    assert (stranger.status, stranger.code) == (403, "forbidden")


def test_where_there_is_no_dry_run_the_preference_is_not_applied(door: Door, booking: str) -> None:
    reply = door.ask(
        "POST", f"/v1/admin/bookings/{booking}/start", {}, caller=ADA, headers={"prefer": "dry-run"}
    )
    assert (reply.status, reply.body["status"]) == (200, "IN_PROGRESS")
    assert "Preference-Applied" not in reply.headers
