"""One request's id stands in the log of everything that it leads to, on the deployed stack (OPS-1)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.door import Door
from tests.support.waiting import eventually

HOLD = 10
SOON = HOLD + 20
"""Its timer comes two seconds after it; the rest is patience."""


def _told(door: Door, function: str, message: str, correlation: str) -> list[dict[str, Any]]:
    return [
        line
        for line in door.log_of(function)
        if (line.get("message"), line.get("correlation_id")) == (message, correlation)
    ]


@pytest.fixture
def correlation() -> str:
    return f"test-{uuid4()}"


def test_a_hold_its_end_and_who_is_served_after_it_go_back_to_the_request_that_made_it(
    door: Door, correlation: str
) -> None:
    slot = door.new_slot()
    wish = {"slotId": slot, "holdSeconds": HOLD}
    held = door.caller("alice").post("/v1/bookings/reserve", wish, X_Correlation_Id=correlation)
    assert (held.status_code, held.headers["x-correlation-id"]) == (201, correlation)
    joined = door.caller("bob").post(f"/v1/slots/{slot}/queue")
    assert joined.status_code == 201, joined.text

    booking_id, entry_id = held.json()["bookingId"], joined.json()["entryId"]
    (request,) = eventually(lambda: _told(door, "BookingApi", "request", correlation), within=10)
    assert (request["route"], request["status"]) == ("/v1/bookings/reserve", 201)
    eventually(lambda: _told(door, "QueuePromoter", "timer sent", correlation), within=10)
    (rang, *_) = eventually(lambda: _told(door, "HoldExpirer", "timer rang", correlation), within=SOON)
    assert (rang["booking_id"], rang["ledger"]) == (booking_id, slot)

    eventually(lambda: _told(door, "QueuePromoter", "a queue moved", correlation), within=10)
    timers = eventually(
        lambda: [
            line
            for line in _told(door, "QueuePromoter", "timer sent", correlation)
            if line["booking_id"] == entry_id
        ],
        within=10,
    )
    assert timers[0]["ledger"] == slot


def test_a_job_goes_back_to_the_request_that_asked_for_it(door: Door, correlation: str) -> None:
    slot = door.new_slot()
    asked = door.caller("admin").delete(
        f"/v1/admin/slots/{slot}?cascade=cancel", X_Correlation_Id=correlation
    )
    assert asked.status_code == 202, asked.text
    (ran, *_) = eventually(lambda: _told(door, "SlotRemover", "job ran", correlation), within=20)
    assert ran["job_id"] == asked.json()["jobId"]


def test_each_sweep_which_nobody_asked_for_goes_by_an_id_of_its_own(door: Door) -> None:
    for _ in range(2):
        door.stack.client("lambda").invoke(FunctionName=door.stack.functions["Sweeper"])

    def two_sweeps() -> list[str]:
        ids = [line["correlation_id"] for line in door.log_of("Sweeper") if line.get("message") == "swept"]
        return ids if len(ids) >= 2 else []

    ids = eventually(two_sweeps, within=10)
    assert all(ids)
    assert len(set(ids)) == len(ids)


def test_figures_are_in_the_log_where_cloudwatch_takes_them_from(door: Door) -> None:
    door.http.get("/v1/health").raise_for_status()
    lines = eventually(lambda: [line for line in door.log_of("PublicApi") if "_aws" in line], within=10)
    (directive,) = lines[0]["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Holdfast"
    assert {"endpoint", "method", "status"} <= set(directive["Dimensions"][0])
