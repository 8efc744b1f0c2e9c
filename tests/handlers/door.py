"""Knocks on a handler with recorded API Gateway events, and reads its answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from holdfast.adapters.national_holidays import NationalHolidays
from holdfast.app.ports import (
    Bookings,
    Calendars,
    Callers,
    Catalog,
    Catalogues,
    Days,
    Entries,
    Jobs,
    Ledger,
    Secrets,
    Slots,
)
from holdfast.app.presets import resolve
from holdfast.app.tickets import Tickets
from holdfast.domain.business import Business
from holdfast.domain.caller import Caller
from holdfast.domain.instants import Instant
from holdfast.http.entry import LambdaHandler
from holdfast.settings import Settings
from tests.support.builders import ALICE, NOW, a_business, a_resource
from tests.support.memory import Memory, MemoryLedger
from tests.support.memory_queues import MemoryJobs
from tests.support.memory_readers import (
    MemoryBookings,
    MemoryCallers,
    MemoryCatalog,
    MemoryCatalogues,
    MemoryDays,
    MemoryEntries,
    MemorySlots,
)
from tests.support.memory_realtime import MemoryTickets
from tests.support.memory_secrets import MemorySecrets

SAMPLES = Path(__file__).parents[2] / "events" / "samples" / "apigateway"


def sample(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return event


@dataclass
class MemoryPorts:
    """Everything a handler is given, on one memory."""

    memory: Memory = field(default_factory=Memory)
    queue: MemoryJobs = field(init=False)
    vault: MemorySecrets = field(default_factory=MemorySecrets)
    issued: MemoryTickets = field(default_factory=MemoryTickets)
    up: dict[str, bool] = field(default_factory=lambda: {"database": True, "queue": True, "events": True})

    def __post_init__(self) -> None:
        self.queue = MemoryJobs(self.memory)

    def ledger(self) -> Ledger:
        return MemoryLedger(self.memory)

    def callers(self) -> Callers:
        return MemoryCallers(self.memory)

    def catalog(self) -> Catalog:
        return MemoryCatalog(self.memory)

    def fresh_catalog(self) -> Catalog:
        return MemoryCatalog(self.memory)

    def catalogues(self) -> Catalogues:
        return MemoryCatalogues(self.memory, national=self.calendars().closures)

    def calendars(self) -> Calendars:
        return NationalHolidays()

    def days(self) -> Days:
        return MemoryDays(self.memory)

    def recent_days(self) -> Days:
        return MemoryDays(self.memory)

    def slots(self) -> Slots:
        return MemorySlots(self.memory)

    def recent_slots(self) -> Slots:
        return MemorySlots(self.memory)

    def bookings(self) -> Bookings:
        return MemoryBookings(self.memory)

    def entries(self) -> Entries:
        return MemoryEntries(self.memory)

    def jobs(self) -> Jobs:
        return self.queue

    def tickets(self) -> Tickets:
        return self.issued

    def secrets(self) -> Secrets:
        return self.vault

    def health(self) -> Mapping[str, bool]:
        return self.up

    def settings(self) -> Settings:
        return Settings(
            "local", "", "", "answers", "", version="1.2.3", realtime_url="wss://live.example/live"
        )


class NoPorts(MemoryPorts):
    """For requests that must be refused before any port is asked."""

    def _touched(self) -> Any:
        raise AssertionError("a port was asked")

    ledger = callers = catalog = fresh_catalog = slots = recent_slots = _touched
    catalogues = calendars = days = recent_days = _touched
    bookings = entries = jobs = tickets = secrets = _touched


class Context:
    """What of Lambda's context is read."""

    def get_remaining_time_in_millis(self) -> int:
        return 5_000


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> str:
        assert self.headers["Content-Type"] == "application/problem+json"
        assert self.body["status"] == self.status
        code: str = self.body["code"]
        assert self.body["type"] == f"urn:holdfast:problem:{code}"
        return code

    @property
    def pointers(self) -> list[str]:
        return [fault["pointer"] for fault in self.body["errors"]]


@dataclass
class Door:
    """A function at a settable instant. Requests are a recorded one with other members."""

    handler_at: Callable[[Callable[[], Instant]], LambdaHandler]
    recorded: str
    now: Instant = NOW

    def __post_init__(self) -> None:
        self._handler = self.handler_at(lambda: self.now)

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        caller: Caller | None = ALICE,
        source: str | None = None,
        raw: str | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **more_headers: str,
    ) -> Reply:
        event = sample(self.recorded)
        event["rawPath"] = event["requestContext"]["http"]["path"] = path
        event["requestContext"]["http"]["method"] = method
        if source is not None:
            event["requestContext"]["http"]["sourceIp"] = source
        event["queryStringParameters"] = dict(query or {})
        if caller is None:
            event["requestContext"].pop("authorizer", None)
        else:
            event["requestContext"]["authorizer"] = {
                "jwt": {
                    "claims": {"sub": caller.id, "cognito:groups": f"[{' '.join(sorted(caller.groups))}]"}
                }
            }
        sent = {"content-type": "application/json"}
        sent |= headers or {}
        sent |= {name.replace("_", "-"): value for name, value in more_headers.items()}
        event["headers"] = sent
        event.pop("body", None)
        if raw is not None or body is not None:
            event["body"] = raw if raw is not None else json.dumps(body)
        return self.send(event)

    def send(self, event: Mapping[str, Any]) -> Reply:
        answer = self._handler(event, Context())
        assert answer["headers"]["X-Correlation-Id"]
        assert answer["headers"]["X-Content-Type-Options"] == "nosniff"
        is_json = "json" in answer["headers"].get("Content-Type", "")
        body = json.loads(answer["body"]) if is_json else answer["body"]
        return Reply(answer["statusCode"], answer["headers"], body)


def a_whole_business(business_id: str = "bikes", **settings: object) -> Business:
    """With every member of its settings, as businesses are created."""
    given = {"name": "Bike repair", "timeZone": "Europe/Berlin", **settings}
    return a_business(business_id, **resolve("default", given))


def stocked() -> MemoryPorts:
    """A business with one resource and no slots."""
    ports = MemoryPorts()
    business, resource = a_whole_business(), a_resource()
    ports.memory.businesses[business.id] = business
    ports.memory.resources[business.id, resource.id] = resource
    return ports
