"""The demo business, and the main job played over HTTP as a client would."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from local import users
from local.stack import Stack

CHAIRS = {"chair-1": 3, "chair-2": 1}
"""Resources of the demo business, with the capacity of their slots."""

LIMITS = ("reservePerMinute", "cancelPerMinute", "queuePerMinute", "positionPerMinute")
HOURS = (9, 11, 13, 15)
PATIENCE = 60.0


class DemoError(RuntimeError):
    """The stack answered what it should not."""


class Client:
    """One user over HTTP, with a real token; whom the stack does not know yet is made."""

    def __init__(self, http: httpx.Client, stack: Stack, user: str) -> None:
        self.user = user
        self._http = http
        self._headers = {"Authorization": f"Bearer {_token(stack, user)}"}

    def post(
        self, path: str, body: Mapping[str, Any] | None = None, *, version: int | None = None
    ) -> httpx.Response:
        headers = self._headers | {"Idempotency-Key": str(uuid4())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return self._http.post(path, json=body or {}, headers=headers)

    def get(self, path: str, **query: str) -> httpx.Response:
        return self._http.get(path, params=query, headers=self._headers)


def _token(stack: Stack, user: str) -> str:
    if user in stack.users:
        return stack.token(user)
    cognito, username = stack.client("cognito-idp"), f"{user}@holdfast.example"
    users.add(cognito, stack.user_pool_id, username, users.PASSWORD)
    return users.sign_in(cognito, stack.user_pool_client_id, username, users.PASSWORD)


def connect(stack: Stack) -> httpx.Client:
    return httpx.Client(base_url=stack.api_url, timeout=60)


def seed(stack: Stack, http: httpx.Client) -> None:
    """The demo business, its chairs and a week of slots; what is there stays."""
    platform, admin = Client(http, stack, "platform"), Client(http, stack, "admin")
    business = {
        "businessId": stack.business_id,
        "name": "Demo Salon",
        "timeZone": "Europe/Berlin",
        "preset": "default",
        "currency": "EUR",
        # So that one can play: without a word, 10 reserves and 5 cancels a minute are allowed (SEC-2).
        "rateLimits": dict.fromkeys(LIMITS, 10_000),
    }
    made(platform.post("/v1/admin/businesses", business), 201, 409)
    base = f"/v1/admin/businesses/{stack.business_id}"
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for chair, capacity in CHAIRS.items():
        body = {"resourceId": chair, "name": chair.replace("-", " ").title(), "kind": "chair"}
        made(admin.post(f"{base}/resources", body), 201, 409)
        for day in range(1, 8):
            for hour in HOURS:
                start = midnight + timedelta(days=day, hours=hour)
                slot = {
                    "resourceId": chair,
                    "start": start.isoformat(),
                    "end": (start + timedelta(minutes=60)).isoformat(),
                    "capacity": capacity,
                    "price": {"amount": "45.00", "currency": "EUR"},
                }
                made(admin.post(f"{base}/slots", slot), 201, 409)


def play(stack: Stack, http: httpx.Client) -> None:
    """Reserve, confirm, cancel; a hold that expires; two users and one last unit."""
    alice, bob = Client(http, stack, "alice"), Client(http, stack, "bob")

    print("\nAlice reserves, confirms and cancels:")
    held = made(
        alice.post("/v1/bookings/reserve", {"slotId": free_slot(alice, stack.business_id, "chair-1")}), 201
    )
    booking = f"/v1/bookings/{held['bookingId']}"
    tell("POST /v1/bookings/reserve", held, "status", "expiresAt")
    tell("POST …/confirm", made(alice.post(f"{booking}/confirm"), 200), "status", "bookingNumber")
    tell("POST …/cancel", made(alice.post(f"{booking}/cancel"), 200), "status", "refund")

    print("\nBob holds for ten seconds and does nothing; nobody asks, and it ends by itself:")
    slot = free_slot(bob, stack.business_id, "chair-1")
    held = made(bob.post("/v1/bookings/reserve", {"slotId": slot, "holdSeconds": 10}), 201)
    tell("POST /v1/bookings/reserve", held, "status", "expiresAt")
    tell("GET …/history", _until_ended(bob, held["bookingId"]), "from", "to", "reason", "at")

    print("\nAlice and Bob both want the last unit of a slot, in the same instant:")
    slot = free_slot(alice, stack.business_id, "chair-2")
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda who: who.post("/v1/bookings/reserve", {"slotId": slot}), (alice, bob)))
    for who, answer in zip((alice, bob), answers, strict=True):
        tell(f"{who.user}: {answer.status_code}", answer.json(), "status", "code")
        if answer.status_code == 201:
            made(who.post(f"/v1/bookings/{answer.json()['bookingId']}/release"), 200)
    if sorted(answer.status_code for answer in answers) != [201, 409]:
        raise DemoError("one unit was not given exactly once")


def free_slot(client: Client, business_id: str, resource_id: str) -> str:
    """A slot that nobody has touched yet."""
    query = {"resourceId": resource_id, "status": "AVAILABLE", "limit": "100"}
    slots = made(client.get(f"/v1/businesses/{business_id}/slots", **query), 200)["items"]
    untouched = [slot for slot in slots if slot["available"] == slot["capacity"]]
    if not untouched:
        raise DemoError(f"{resource_id} has no free slot left")
    slot_id: str = untouched[0]["slotId"]
    return slot_id


def _until_ended(client: Client, booking_id: str) -> dict[str, Any]:
    """The line of history that ended the hold, written without anyone asking."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        last = made(client.get(f"/v1/bookings/{booking_id}/history"), 200)["items"][-1]
        if last["to"] == "EXPIRED":
            ended: dict[str, Any] = last
            return ended
        print(".", end="", flush=True)
        time.sleep(1)
    raise DemoError(f"the hold {booking_id} did not end")


def made(answer: httpx.Response, *expected: int) -> dict[str, Any]:
    if answer.status_code not in expected:
        raise DemoError(
            f"{answer.request.method} {answer.url.path}: {answer.status_code} {answer.text[:500]}"
        )
    body: dict[str, Any] = answer.json()
    return body


def tell(what: str, body: Mapping[str, Any], *members: str) -> None:
    told = ", ".join(f"{name}: {body[name]}" for name in members if name in body)
    print(f"  {what:30} {told}")
