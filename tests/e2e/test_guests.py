"""A guest's booking on the deployed stack, from the hold to its end, by nothing but its token (BOOK-9)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.e2e.door import Door

BUSINESS = "for-guests"
CONTACT = {"name": "Gina Guest", "email": "gina@example.org", "phone": "+43 1 2345678"}


@pytest.fixture(scope="module")
def stylists(door: Door) -> str:
    """A business that takes guests, open all week; its stylist."""
    week = {
        day: [{"from": "08:00", "to": "20:00"}] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    }
    settings = {"businessId": BUSINESS, "name": "For guests", "timeZone": "Asia/Tokyo", "hours": week}
    platform, base = door.caller("platform"), f"/v1/admin/businesses/{BUSINESS}"
    _done(platform.post("/v1/admin/businesses", settings | {"policies": {"guestBooking": True}}))
    _done(platform.post(f"{base}/resources", {"resourceId": "anna", "name": "Anna", "kind": "stylist"}))
    _done(platform.post(f"{base}/services", {"serviceId": "cut", "name": "Cut", "durationMinutes": 60}))
    return "anna"


def _done(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


def _ask(door: Door, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
    sent = {"Idempotency-Key": str(uuid4())} | headers
    return door.http.post(path, json=body, headers=sent)


def test_a_guest_holds_confirms_moves_and_cancels_by_the_token_alone(door: Door, stylists: str) -> None:
    starts = f"/v1/businesses/{BUSINESS}/availability?serviceId=cut&resourceId={stylists}"
    first, _, second = (item["start"] for item in _done(door.http.get(starts))["items"][10:13])
    start = {"businessId": BUSINESS, "serviceId": "cut", "resourceId": stylists}
    reserve = f"/v1/businesses/{BUSINESS}/guest-bookings"
    key = {"Idempotency-Key": str(uuid4())}
    held = _done(_ask(door, reserve, start | {"start": first, "contact": CONTACT}, **key))
    again = _ask(door, reserve, start | {"start": first, "contact": CONTACT}, **key)
    assert (again.json()["manageToken"], again.headers["idempotency-replayed"]) == (
        held["manageToken"],
        "true",
    )
    assert first not in {item["start"] for item in _done(door.http.get(starts))["items"]}

    manage = f"/v1/manage/{held['manageToken']}"
    assert _done(_ask(door, f"{manage}/confirm", {}))["status"] == "CONFIRMED"
    tag = door.http.get(manage).headers["etag"]
    moved = _done(_ask(door, f"{manage}/reschedule", start | {"start": second}, **{"If-Match": tag}))
    assert moved["start"] == second
    free = {item["start"] for item in _done(door.http.get(starts))["items"]}
    assert (first in free, second in free) == (True, False)

    assert _done(_ask(door, f"{manage}/cancel", {"reason": "It rains."}))["status"] == "CANCELLED"
    assert door.http.get(manage).status_code == 404


def test_a_token_that_was_tampered_with_opens_nothing(door: Door, stylists: str) -> None:
    assert door.http.get(f"/v1/manage/{'a' * 20}.{'b' * 43}").status_code == 404
