"""Free starts on the deployed stack: what is listed can be held and the reverse (AVAIL-4); an admin's change
shows in the very next answer of every warm worker (AVAIL-6)."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.e2e.door import Caller, Door

BUSINESS = "free-starts"
ZONE = ZoneInfo("America/New_York")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORKERS = 16
"""Requests at once: more than there are workers of a function, so that each of them is met."""


def hours(opens: str, closes: str) -> dict[str, Any]:
    return {day: [{"from": opens, "to": closes}] for day in WEEKDAYS}


@pytest.fixture(scope="module")
def studio(door: Door) -> str:
    """A business of two stylists, one of whom is off at noon; its path."""
    limits = dict.fromkeys(("reservePerMinute", "cancelPerMinute"), 10_000)
    business = {
        "businessId": BUSINESS,
        "name": "Free starts",
        "timeZone": "America/New_York",
        "hours": hours("09:00", "17:00"),
        "breaks": [{"weekdays": list(WEEKDAYS), "from": "12:00", "to": "12:30"}],
        "grid": {"stepMinutes": 30, "bufferAfterMinutes": 10},
        "hold": {"maxPerUser": 1000},
        "rateLimits": limits,
    }
    platform, base = door.caller("platform"), f"/v1/admin/businesses/{BUSINESS}"
    made(platform.post("/v1/admin/businesses", business))
    for stylist in ("anna", "ben"):
        resource = {"resourceId": stylist, "name": stylist.title(), "kind": "stylist"}
        made(platform.post(f"{base}/resources", resource))
    made(
        platform.post(
            f"{base}/services",
            {
                "serviceId": "cut",
                "name": "Cut",
                "durationMinutes": 40,
                "price": {"amount": "60.00", "currency": "EUR"},
            },
        )
    )
    day = soon()
    off = {"start": at(day, "13:00"), "end": at(day, "15:00"), "reason": "errands"}
    made(platform.post(f"{base}/resources/anna/time-off", off))
    made(
        platform.post(
            f"{base}/holidays",
            {"date": f"{day + timedelta(days=1)}", "name": "Inventory", "kind": "blackout"},
        )
    )
    return base


def made(answer: httpx.Response) -> Any:
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def soon() -> date:
    return date.today() + timedelta(days=10)


def at(day: date, time: str) -> str:
    """That time of the studio's clock, as an instant."""
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=ZONE).isoformat()


def local(day: date, time: str) -> str:
    """The same as answers tell it."""
    return datetime.fromisoformat(at(day, time)).isoformat(timespec="milliseconds")


def at_once(ask: Callable[[], httpx.Response]) -> list[httpx.Response]:
    with ThreadPoolExecutor(WORKERS) as every_worker:
        return list(every_worker.map(lambda _: ask(), range(2 * WORKERS)))


def listed(http: httpx.Client, **query: str) -> list[dict[str, Any]]:
    """All pages."""
    path, items = f"/v1/businesses/{BUSINESS}/availability", list[dict[str, Any]]()
    params = {"serviceId": "cut", "limit": "100", **query}
    while True:
        page = made(http.get(path, params=params))
        items += page["items"]
        if page["nextCursor"] is None:
            return items
        params["cursor"] = page["nextCursor"]


def reserve(caller: Caller, item: dict[str, Any]) -> httpx.Response:
    wish = {"businessId": BUSINESS, "serviceId": "cut", "resourceId": item["resourceId"]}
    return caller.post("/v1/bookings/reserve", wish | {"start": item["start"]})


def test_what_is_listed_can_be_held_and_what_is_not_cannot(door: Door, studio: str) -> None:
    alice, chance = door.caller("alice"), random.Random(7)
    span = {"from": str(soon()), "to": str(soon() + timedelta(days=2))}
    for stylist in ("anna", "ben"):
        of = span | {"resourceId": stylist}
        for taken in chance.sample(listed(door.http, **of), 4):
            assert reserve(alice, taken).status_code == 201
        explained = listed(door.http, **of, explain="true")
        offered = {item["start"] for item in listed(door.http, **of)}
        assert {item["start"] for item in explained if not item["reasons"]} == offered
        refused = [item for item in explained if item["reasons"]]
        assert {"break", "blackout", "taken"} <= {reason for item in refused for reason in item["reasons"]}
        for item in chance.sample(refused, 12):
            answer = reserve(door.caller("bob"), item)
            assert (answer.status_code, answer.json()["code"]) == (409, "not_offered"), answer.text
            assert answer.json()["reasons"] == item["reasons"]
        for item in chance.sample([each for each in explained if not each["reasons"]], 6):
            held = reserve(door.caller("bob"), item)
            assert held.status_code == 201, held.text
            released = door.caller("bob").post(f"/v1/bookings/{held.json()['bookingId']}/release")
            assert released.status_code == 200


def test_a_refused_start_names_the_nearest_free_ones(door: Door, studio: str) -> None:
    day = str(soon() + timedelta(days=4))
    first = listed(door.http, resourceId="ben", **{"from": day, "to": day})[3]
    assert reserve(door.caller("alice"), first).status_code == 201
    answer = reserve(door.caller("bob"), first)
    assert answer.status_code == 409, answer.text
    alternatives = answer.json()["alternatives"]
    assert alternatives
    assert reserve(door.caller("bob"), alternatives[0]).status_code == 201


@pytest.mark.parametrize(
    ("opens", "closes", "before"),
    [("08:00", "13:00", "07:30"), ("11:00", "18:00", "10:30"), ("09:00", "17:00", "07:00")],
)
def test_a_change_of_hours_shows_in_the_very_next_answer_of_every_warm_worker(
    door: Door, studio: str, opens: str, closes: str, before: str
) -> None:
    platform, day = door.caller("platform"), soon() + timedelta(days=6)
    alice, bob = door.caller("alice"), door.caller("bob")
    query = {"serviceId": "cut", "resourceId": "anna", "from": str(day), "to": str(day)}
    early = {"resourceId": "anna", "start": at(day, before)}

    def look() -> httpx.Response:
        return door.http.get(f"/v1/businesses/{BUSINESS}/availability", params=query)

    warm = at_once(look) + at_once(lambda: reserve(bob, early | {"start": at(day, "03:00")}))
    assert {answer.status_code for answer in warm} == {200, 409}
    settings = platform.get(studio)
    kept = {name: value for name, value in settings.json().items() if name not in ("businessId", "version")}
    body = kept | {"hours": hours(opens, closes)}
    changed = platform.put(studio, body, if_match=settings.headers["etag"])
    assert changed.status_code == 200, changed.text

    assert {made(answer)["items"][0]["start"] for answer in at_once(look)} == {local(day, opens)}
    told = Counter(
        (answer.status_code, *answer.json()["reasons"]) for answer in at_once(lambda: reserve(bob, early))
    )
    assert told == {(409, "outside_hours"): 2 * WORKERS}
    held = reserve(alice, {"resourceId": "anna", "start": at(day, opens)})
    assert held.status_code == 201, held.text
