"""Schemathesis against the running stack: what it is given to begin with, and what it saw.

It reads the published contract and makes up requests by itself. No generator can guess the id of a booking
that is there, so each operation's example names an object in the state it needs, and a dictionary tells the
ids that exist. All else is its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.e2e.door import Caller, Door

type Json = dict[str, Any]

RESOURCE = "court-1"
ROOMY = "court-roomy"
SERVICE = "tennis"
APPROVED = "tennis-if-approved"
SEED = 20261121
LONGEST = 900
UNLIMITED = {f"{deed}PerMinute": 1_000_000 for deed in ("reserve", "queue", "position", "cancel")}
# The gateway answers undeclared methods, with 404. Whether valid data is accepted depends on states that a
# schema cannot tell: that every operation accepts some is a test of its own. For it the examples are sent as
# they are: ids of earlier answers would be put into bodies where they do not go with what is there.
CHECKS = """
[checks]
unsupported_method.enabled = false
positive_data_acceptance.enabled = false
missing_required_header.expected-statuses = ["4xx"]
negative_data_rejection.expected-statuses = ["4xx"]

[phases.examples.extra-data-sources]
responses = false
"""
ALSO_LIKELY = {
    "query.timeZone": ["Europe/Vienna", "Asia/Tokyo"],
    "header.If-Match": ["*"],
}


def user_of(token: str) -> str:
    """Whose the token is."""
    claims = token.split(".")[1]
    told: Json = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    return str(told["sub"])


@dataclass(frozen=True)
class Seen:
    """One request and its answer."""

    operation: str
    status: int
    phase: str
    negative: bool
    linked: bool
    """It followed a link from an earlier answer."""


@dataclass(frozen=True)
class Run:
    failed: bool
    printed: str
    seen: list[Seen]


class Stock:
    """A business without limits, and objects in it for every operation to begin with."""

    def __init__(self, door: Door, business: str) -> None:
        self.business, self.changed = business, f"{business}-changed"
        """The second is the one whose settings are changed, so that the first keeps its limits."""
        self._hours, self._weeks = count(24 * 40), count()
        self._alice, self._platform = door.caller("alice"), door.caller("platform")
        self.customer = user_of(self._alice.token)
        for each in (self.business, self.changed):
            settings = {
                "businessId": each,
                "name": "Contract",
                "timeZone": "Europe/Vienna",
                "currency": "EUR",
                "rateLimits": UNLIMITED,
                "hold": {"maxPerUser": 1_000, "cooldownSeconds": 0},
                "policies": {"guestBooking": True, "maximumAdvanceDays": 3_650},
            }
            self._make(self._platform, "/v1/admin/businesses", settings)
        self.resource(RESOURCE)
        self.resource(ROOMY, capacity=100)
        self.service(SERVICE)
        self.service(APPROVED, policies={"approvalRequired": True})

    def resource(self, resource_id: str, **terms: Any) -> str:
        self._add("resources", {"resourceId": resource_id, "name": "A court", "kind": "court"} | terms)
        return resource_id

    def service(self, service_id: str, **terms: Any) -> str:
        self._add("services", {"serviceId": service_id, "name": "Tennis", "durationMinutes": 60} | terms)
        return service_id

    def holiday(self) -> str:
        body = {"name": "A day off", "date": "2031-01-01", "kind": "blackout"}
        return str(self._add("holidays", body)["holidayId"])

    def time_off(self) -> str:
        body = {"start": "2031-02-03T08:00:00Z", "end": "2031-02-04T12:00:00Z"}
        return str(self._add(f"resources/{RESOURCE}/time-off", body)["timeOffId"])

    def member(self) -> str:
        user_id = str(uuid4())
        self._add("members", {"userId": user_id, "role": "staff"})
        return user_id

    def slot(self, *, capacity: int = 20) -> str:
        start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(
            hours=next(self._hours)
        )
        body = {"resourceId": RESOURCE, "start": start.isoformat(), "capacity": capacity}
        made = self._add("slots", body | {"end": (start + timedelta(minutes=50)).isoformat()})
        return str(made["slotId"])

    def held(self) -> str:
        wish = {"slotId": self.slot(), "holdSeconds": 900}
        return str(self._make(self._alice, "/v1/bookings/reserve", wish)["bookingId"])

    def sold(self) -> str:
        booking = self.held()
        self._make(self._alice, f"/v1/bookings/{booking}/confirm", {})
        return booking

    def asking(self) -> str:
        """A booking that waits for the business's approval."""
        wish = self._at_a_start(APPROVED) | {"start": self._next_morning(), "holdSeconds": 900}
        booking = str(self._make(self._alice, "/v1/bookings/reserve", wish)["bookingId"])
        self._make(self._alice, f"/v1/bookings/{booking}/confirm", {})
        return booking

    def series(self) -> str:
        wish = self._at_a_start(SERVICE) | {"starts": [self._next_morning(), self._next_morning()]}
        return str(self._make(self._alice, "/v1/bookings/series", wish)["seriesId"])

    def guest(self, *, sold: bool = False) -> tuple[str, str]:
        """A guest's booking and its token."""
        contact = {"email": "guest@example.org", "phone": "+43 1 2345678"}
        wish = {"slotId": self.slot(), "holdSeconds": 900, "contact": contact}
        made = self._make(self._alice, f"/v1/businesses/{self.business}/guest-bookings", wish)
        if sold:
            self._make(self._alice, f"/v1/manage/{made['manageToken']}/confirm", {})
        return str(made["bookingId"]), str(made["manageToken"])

    def full(self) -> str:
        """A slot that is sold to somebody else."""
        slot_id = self.slot(capacity=1)
        sold = self._make(self._platform, "/v1/bookings/reserve", {"slotId": slot_id})
        self._make(self._platform, f"/v1/bookings/{sold['bookingId']}/confirm", {})
        return slot_id

    def waiting(self) -> tuple[str, str]:
        """A full slot and the customer's place in its queue."""
        slot_id = self.full()
        return slot_id, str(self._make(self._alice, f"/v1/slots/{slot_id}/queue", {})["entryId"])

    def job(self) -> str:
        path = f"/v1/admin/slots/{self.slot()}"
        headers = {"Authorization": f"Bearer {self._platform.token}", "Idempotency-Key": str(uuid4())}
        answer = self._platform.http.delete(path, params={"cascade": "cancel"}, headers=headers)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["jobId"])

    def _at_a_start(self, service_id: str) -> Json:
        return {"businessId": self.business, "serviceId": service_id, "resourceId": ROOMY}

    def _next_morning(self) -> str:
        """Nine o'clock of the next Monday that nobody has had yet, after all examples of the contract."""
        return f"{date(2030, 6, 3) + timedelta(weeks=next(self._weeks))}T09:00:00+02:00"

    def _add(self, what: str, body: Json) -> Json:
        return self._make(self._platform, f"/v1/admin/businesses/{self.business}/{what}", body)

    def _make(self, caller: Caller, path: str, body: Json) -> Json:
        answer = caller.post(path, body)
        assert answer.is_success, answer.text
        made: Json = answer.json()
        return made


NEEDS_SOLD = {
    *("cancelBooking", "startBooking", "completeBooking", "markNoShow", "cancelForCustomer"),
    *("rescheduleBooking", "rescheduleForCustomer", "cancelManagedBooking", "rescheduleManagedBooking"),
}
NEEDS_APPROVAL = {"approveBooking", "rejectBooking"}
NEEDS_A_PLACE = {
    *("getQueuePosition", "leaveSlotQueue", "getQueue", "removeEntry", "moveEntryToFront"),
}
NEW_IDS = {
    "addBusiness": "businessId",
    "addResource": "resourceId",
    "addService": "serviceId",
    "addHoliday": "holidayId",
    "addTimeOff": "timeOffId",
}
"""Operations that give an id which must not be there yet."""


def begun(contract: Json, stock: Stock, *, spare: int) -> tuple[Json, dict[str, list[str]]]:
    """The contract with examples of things that exist, and all the ids there are: those and some to spare."""
    contract = json.loads(json.dumps(contract))
    known: dict[str, list[str]] = {"businessId": [stock.business], "resourceId": [RESOURCE]}
    for operation in (each for methods in contract["paths"].values() for each in methods.values()):
        ids = _ids_for(operation, stock)
        for parameter in operation["parameters"]:
            name = parameter["name"]
            if name in ids:
                parameter["schema"]["examples"] = [ids[name]]
                known[name] = [*known.get(name, ()), ids[name]]
            if name == "If-Match":
                changed = operation["operationId"] in NEEDS_SOLD | NEEDS_APPROVAL
                parameter["schema"]["examples"] = ['"2"' if changed else '"1"']
        if "requestBody" in operation:
            media = operation["requestBody"]["content"]["application/json"]
            media["example"] = _body_for(contract, operation, stock)
    for schema in contract["components"]["schemas"].values():
        schema.pop("examples", None)  # they name what is not there, under the key of the one that does
    for _ in range(spare):
        known["bookingId"] += [stock.held(), stock.sold()]
        known["slotId"].append(stock.slot())
    return contract, {name: sorted(set(ids)) for name, ids in known.items()}


def _ids_for(operation: Json, stock: Stock) -> Mapping[str, str]:
    named = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
    ids = {"businessId": stock.business, "resourceId": RESOURCE}
    if operation["operationId"] == "deleteResource":
        ids["resourceId"] = stock.resource("court-unused")
    if "bookingId" in named:
        ids["bookingId"] = _booking_for(operation, stock)
    if "token" in named:
        ids["token"] = stock.guest(sold=operation["operationId"] in NEEDS_SOLD)[1]
    makers = {
        "seriesId": stock.series,
        "holidayId": stock.holiday,
        "timeOffId": stock.time_off,
        "userId": stock.member,
        "jobId": stock.job,
    }
    ids |= {name: make() for name, make in makers.items() if name in named}
    if "serviceId" in named:
        ids["serviceId"] = stock.service(f"service-{uuid4().hex[:8]}")
    if operation["operationId"] in NEEDS_A_PLACE:
        ids["slotId"], ids["entryId"] = stock.waiting()
    elif "slotId" in named:
        ids["slotId"] = stock.full() if operation["operationId"] == "joinSlotQueue" else stock.slot()
    return {name: value for name, value in ids.items() if name in named}


def _booking_for(operation: Json, stock: Stock) -> str:
    if operation["operationId"] in NEEDS_APPROVAL:
        return stock.asking()
    return stock.sold() if operation["operationId"] in NEEDS_SOLD else stock.held()


def _body_for(contract: Json, operation: Json, stock: Stock) -> Json:
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    body: Json = dict(contract["components"]["schemas"][reference.rpartition("/")[2]]["examples"][0])
    new = NEW_IDS.get(operation["operationId"])
    if new:
        with_resources = {"resourceIds", "requires"}  # a business that was just made has none
        kept = {name: value for name, value in body.items() if name not in with_resources}
        return kept | {new: f"new-{uuid4().hex[:8]}"}
    if "slotId" in body:
        body["slotId"] = stock.slot()
    elif "businessId" in body:
        body["businessId"] = stock.business
    match operation["operationId"]:
        case "addMember":
            body["userId"] = str(uuid4())
        case "addBooking":
            body["userId"] = stock.customer
    if "dryRun" in body:
        body["dryRun"] = False  # what a dry run answers is not there
    return body


def run(
    door: Door,
    stock: Stock,
    contract: Json,
    folder: Path,
    *,
    phases: str,
    mode: str,
    cases: int,
    spare: int = 0,
) -> Run:
    """Let Schemathesis at the stack; the same seed makes the same requests."""
    prepared, ids = begun(contract, stock, spare=spare)
    (folder / "openapi.json").write_text(json.dumps(prepared))
    (folder / "schemathesis.toml").write_text(_settings(door, stock, ids))
    report = folder / "seen.ndjson"
    done = subprocess.run(
        [
            *(sys.executable, "-W", "ignore", "-m", "schemathesis.cli"),
            *("--config-file", "schemathesis.toml", "run", "openapi.json", "--url", door.stack.api_url),
            *("--phases", phases, "--mode", mode, "--max-examples", str(cases)),
            *("--seed", str(SEED), "--workers", "1"),
            *("--generation-deterministic", "--continue-on-failure"),
            *("--report", "ndjson", "--report-ndjson-path", str(report), "--no-color"),
        ],
        cwd=folder,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    return Run(
        done.returncode != 0, done.stdout + done.stderr, list(_seen(report)) if report.is_file() else []
    )


def _settings(door: Door, stock: Stock, ids: Mapping[str, list[str]]) -> str:
    lines = [CHECKS]
    for tag, user in (("bookings", "alice"), ("admin", "platform")):
        token = door.caller(user).token
        lines += [
            "[[operations]]",
            f'include-tag = "{tag}"',
            f'headers = {{ Authorization = "Bearer {token}" }}',
        ]
    lines += ["[[operations]]", 'include-operation-id = "updateBusiness"']
    lines += [f'parameters = {{ "path.businessId" = "{stock.changed}" }}']
    likely = {place.rpartition(".")[2]: values for place, values in ALSO_LIKELY.items()}
    known = {**ids, **likely}
    lines += [f"[dictionaries.{name}]\nvalues = {json.dumps(values)}" for name, values in known.items()]
    lines.append("[parameters]")
    for name in ids:
        lines.append(f'"path.{name}" = {{ dictionary = "{name}", probability = 0.8 }}')
    # No resource: it would be put into every body that may name one, where most do not go with a slot.
    lines.append('"body.slotId" = { dictionary = "slotId", probability = 0.5 }')
    for place in ALSO_LIKELY:
        name = place.rpartition(".")[2]
        lines.append(f'"{place}" = {{ dictionary = "{name}", probability = 0.9 }}')
    return "\n".join(lines) + "\n"


def _seen(report: Path) -> Iterator[Seen]:
    for line in report.read_text().splitlines():
        event = json.loads(line).get("ScenarioFinished")
        if event is None:
            continue
        cases = event["recorder"].get("cases", {})
        for case_id, exchange in event["recorder"].get("interactions", {}).items():
            value = cases[case_id]["value"]
            if exchange.get("response"):
                yield Seen(
                    operation=f"{value['method']} {value['path']}",
                    status=exchange["response"]["status_code"],
                    phase=event["phase"],
                    negative=value["meta"]["generation"]["mode"] == "negative",
                    linked=bool(cases[case_id].get("is_transition_applied")),
                )
