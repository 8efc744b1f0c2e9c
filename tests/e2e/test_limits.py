"""Limits, caps and cool-downs of a business that kept its preset's (SEC-2, HOLD-8)."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.door import Door
from tests.support.waiting import eventually

BUSINESS = "strict-gym"


@pytest.fixture(scope="module")
def slots(door: Door) -> list[str]:
    """Three slots of a business with a cool-down and otherwise the default limits."""
    platform = door.caller("platform")
    business = {
        "businessId": BUSINESS,
        "name": "Strict Gym",
        "timeZone": "America/New_York",
        "hold": {"cooldownSeconds": 60},
    }
    assert platform.post("/v1/admin/businesses", business).status_code == 201
    base = f"/v1/admin/businesses/{BUSINESS}"
    resource = {"resourceId": "ring", "name": "Ring", "kind": "ring"}
    assert platform.post(f"{base}/resources", resource).status_code == 201
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
    made = []
    for hour in range(3):
        slot = {
            "resourceId": "ring",
            "start": (start + timedelta(hours=hour)).isoformat(),
            "end": (start + timedelta(hours=hour + 1)).isoformat(),
            "capacity": 2,
        }
        answer = platform.post(f"{base}/slots", slot)
        assert answer.status_code == 201, answer.text
        made.append(answer.json()["slotId"])
    return made


def _wait_for_a_fresh_minute() -> None:
    """Thirty requests shall fall into one minute: limits are counted by the clock's."""
    eventually(lambda: time.time() % 60 <= 35, within=61)


def test_of_thirty_reserves_in_a_minute_ten_are_judged_and_twenty_refused(
    door: Door, slots: list[str]
) -> None:
    eager = door.stranger("eager")
    _wait_for_a_fresh_minute()

    answers = [eager.post("/v1/bookings/reserve", {"slotId": slots[0]}) for _ in range(30)]

    outcomes = Counter(answer.status_code for answer in answers)
    assert outcomes == {201: 1, 200: 9, 429: 20}, outcomes
    limited = [answer for answer in answers if answer.status_code == 429]
    assert {answer.json()["code"] for answer in limited} == {"rate_limited"}
    assert all(1 <= int(answer.headers["retry-after"]) <= 60 for answer in limited)
    assert [answer.headers["ratelimit-remaining"] for answer in answers[:3]] == ["9", "8", "7"]
    assert {answer.headers["ratelimit-limit"] for answer in answers} == {"10"}


def test_the_cool_down_refuses_neither_a_known_key_nor_a_live_hold(door: Door, slots: list[str]) -> None:
    patient = door.stranger("patient")
    body = {"slotId": slots[1]}
    first = patient.post("/v1/bookings/reserve", body, key="patient-and-known")
    assert first.status_code == 201, first.text
    assert patient.post("/v1/bookings/reserve", body).status_code == 200
    patient.post(f"/v1/bookings/{first.json()['bookingId']}/release")

    again = patient.post("/v1/bookings/reserve", body)
    assert (again.status_code, again.json()["rule"]) == (422, "hold_cooldown"), again.text
    assert 1 <= int(again.headers["retry-after"]) <= 60
    replay = patient.post("/v1/bookings/reserve", body, key="patient-and-known")
    assert (replay.status_code, replay.json()["bookingId"]) == (201, first.json()["bookingId"])
    assert patient.post("/v1/bookings/reserve", {"slotId": slots[2]}).status_code == 201
