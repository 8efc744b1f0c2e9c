"""Appointments at free starts, played over HTTP: what is free, book it, move it, cancel it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from local.demo import Client, DemoError, made, tell
from local.stack import Stack

STYLISTS = ("anna", "ben")
SERVICE = "haircut"


def seed(stack: Stack, http: httpx.Client) -> None:
    """Two stylists and a haircut; what is there stays."""
    admin, base = Client(http, stack, "admin"), f"/v1/admin/businesses/{stack.business_id}"
    for stylist in STYLISTS:
        body = {"resourceId": stylist, "name": stylist.title(), "kind": "stylist"}
        made(admin.post(f"{base}/resources", body), 201, 409)
    service = {
        "serviceId": SERVICE,
        "name": "Haircut",
        "durationMinutes": 45,
        "grid": {"stepMinutes": 15, "bufferAfterMinutes": 15},
        "resourceIds": list(STYLISTS),
        "price": {"amount": "39.00", "currency": "EUR"},
    }
    made(admin.post(f"{base}/services", service), 201, 409)


def play(stack: Stack, http: httpx.Client) -> None:
    """Whatever stands in the calendar already, the first two free starts are used and given back."""
    alice = Client(http, stack, "alice")
    print("\nAlice looks for a haircut in the week to come, books the first start and moves it to the next:")
    first, second = _free(alice, stack)
    tell("GET …/availability", first, "start", "resourceId", "available")
    wish = {"businessId": stack.business_id, "serviceId": SERVICE}
    held = made(alice.post("/v1/bookings/reserve", wish | {"start": first["start"]}), 201)
    booking = f"/v1/bookings/{held['bookingId']}"
    tell("POST /v1/bookings/reserve", held, "status", "start", "resourceId")
    confirmed = made(alice.post(f"{booking}/confirm"), 200)
    tell("POST …/confirm", confirmed, "status", "bookingNumber")
    moved = made(
        alice.post(f"{booking}/reschedule", wish | {"start": second["start"]}, version=confirmed["version"]),
        200,
    )
    tell("POST …/reschedule", moved, "start", "rescheduleCount")
    tell("POST …/cancel", made(alice.post(f"{booking}/cancel"), 200), "status", "refund")


def _free(client: Client, stack: Stack) -> list[dict[str, Any]]:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    query = {"serviceId": SERVICE, "from": str(tomorrow), "to": str(tomorrow + timedelta(days=6))}
    path = f"/v1/businesses/{stack.business_id}/availability"
    items: list[dict[str, Any]] = made(client.get(path, **query, limit="100"), 200)["items"]
    if len(items) < 2:
        raise DemoError("no haircut is free in the week to come")
    return [items[0], next(item for item in items if item["start"] > items[0]["end"])]
