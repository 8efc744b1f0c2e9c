"""The availability endpoint as a warm function answers it: time, CPU, table calls of one page.

Half of each resource's open time is taken by appointments of half an hour. A loopback stub answers each query
with a whole month of days, so that what is timed is ours and the SDK's, not a table's.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import statistics
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from holdfast.app.ports import CatalogRecord
from holdfast.app.presets import resolve
from holdfast.domain.business import Business, Resource
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.identity import derived_id, short_hash
from holdfast.domain.instants import NEVER
from holdfast.domain.place import DayKey, Window
from holdfast.domain.schedule import WEEKDAYS
from holdfast.domain.service import Service
from tests.bench import scene, stub
from tests.bench.report import emit, progress
from tests.bench.settings import CATALOG, LEDGER, environment
from tests.bench.watch import tallied, watching

SERVICE, TAKEN_MINUTES = "visit", 30
ROUNDS = 25
OPEN = (*range(9 * 60, 12 * 60, TAKEN_MINUTES), *range(13 * 60, 18 * 60, TAKEN_MINUTES))
"""In minutes of the ledger's day, whose offset is the zone's in winter."""


def a_business() -> Business:
    settings = resolve(
        "default",
        {
            "name": "Bench",
            "timeZone": "Europe/Berlin",
            "hours": {day: [{"from": "09:00", "to": "18:00"}] for day in WEEKDAYS},
            "breaks": [{"weekdays": list(WEEKDAYS), "from": "12:00", "to": "13:00"}],
            "grid": {"stepMinutes": 5},
            "policies": {"maximumAdvanceDays": 365},
        },
    )
    return Business.of(scene.BUSINESS, settings, ledger_offset=scene.OFFSET, op="made")


def resources(many: int) -> list[Resource]:
    return [
        Resource(
            business=scene.BUSINESS, id=f"room-{number:02}", name="Room", kind="room", metadata={}, op="made"
        )
        for number in range(many)
    ]


def a_service() -> Service:
    settings = {"durationMinutes": 30, "price": {"amount": "45.00", "currency": "EUR"}}
    return Service(business=scene.BUSINESS, id=SERVICE, settings=settings, op="made")


def a_month() -> date:
    """The first of the next month of 31 days."""
    day = date.today().replace(day=1)
    while True:
        day = (day + timedelta(days=32)).replace(day=1)
        if (day + timedelta(days=30)).month == day.month:
            return day


def days_of(resource: str, first: date, days: int) -> Iterator[Day]:
    chance = random.Random(resource)
    for number in range(days):
        key = DayKey(scene.BUSINESS, resource, (first + timedelta(days=number)).isoformat())
        claims = {}
        for start in chance.sample(OPEN, len(OPEN) // 2):
            booking = derived_id("booking", key.day, str(start))
            window = Window(start, start + TAKEN_MINUTES)
            claims[booking[:11]] = Claim(booking, 1, NEVER, short_hash("print", booking), window)
        yield Day(key, rev=1, claims=claims)


def request(first: date, days: int) -> dict[str, Any]:
    span = {"from": first.isoformat(), "to": (first + timedelta(days=days - 1)).isoformat()}
    query = {"serviceId": SERVICE, "limit": "100", **span}
    return scene.request("GET", f"/v1/businesses/{scene.BUSINESS}/availability", query=query)


def answers(many: int, first: date) -> dict[str, stub.Canned]:
    from holdfast.adapters.dynamodb.catalog_items import item_of
    from holdfast.adapters.dynamodb.days import day_item

    there: list[CatalogRecord] = [a_business(), a_service(), *resources(many)]
    records = [item_of(each).serialize() for each in there]
    month = [day_item(day) for day in days_of("room-00", first, 31)]
    return {
        f"GetItem {CATALOG}": stub.Canned({"Item": {"revision": {"N": "7"}}}),
        f"Query {CATALOG}": stub.Canned({"Items": records, "Count": len(records)}),
        f"Query {LEDGER}": stub.Canned({"Items": month, "Count": len(month)}),
    }


def measured(many: int, days: int) -> dict[str, Any]:
    """Of the first page, once the catalogue is known."""
    from functions.public_api.handler import handler
    from holdfast import bootstrap

    event = request(a_month(), days)
    answer = handler(event, None)
    assert answer["statusCode"] == 200, answer
    with watching(bootstrap._client()), tallied() as tally:
        page = json.loads(handler(event, None)["body"])
    cpu, wall = [], []
    for _ in range(ROUNDS):
        began, spent = time.perf_counter(), time.process_time()
        handler(event, None)
        cpu.append(time.process_time() - spent)
        wall.append(time.perf_counter() - began)
    return {
        "bench": "availability",
        "case": f"endpoint, a page of 100: {many} resource{'s' * (many > 1)}, {days} days, 50% taken, 30 min",
        "starts": len(page["items"]),
        "calls": len(tally.calls),
        "millis": round(statistics.median(cpu) * 1e3, 3),
        "wallMillis": round(statistics.median(wall) * 1e3, 3),
    }


def main() -> None:
    # Log lines are written, as in Lambda, but not among the results.
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        for many, days in ((1, 30), (20, 31)):
            progress(f"availability: endpoint, {many} resource{'s' * (many > 1)}")
            with stub.running(answers(many, a_month())) as endpoint:
                os.environ |= environment(endpoint)
                emit(measured(many, days))
                _forget()


def _forget() -> None:
    """The next one has a stub and a catalogue of its own."""
    from holdfast import bootstrap

    for each in list(vars(bootstrap).values()):
        if clear := getattr(each, "cache_clear", None):
            clear()


if __name__ == "__main__":
    main()
