"""The queue, played: a full slot, three who wait, a cancellation, a turn, a lapse, and the next turn.

Each of those who wait listens over WebSocket, and what they hear is printed as it comes.
"""

from __future__ import annotations

import json
import selectors
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import httpx

from local.demo import HOURS, LIMITS, PATIENCE, Client, DemoError, free_slot, made, tell
from local.stack import Stack
from local.websocket_client import WebSocket

STUDIO, SEAT = "demo-studio", "seat"
TURN_SECONDS = 10
"""How long a turn lasts in this business; in the others ten minutes."""


class Ears:
    """The open WebSockets of several users, as a context manager. What they hear is printed while we wait."""

    def __init__(self) -> None:
        self._heard: defaultdict[str, list[str]] = defaultdict(list)
        self._sockets: list[WebSocket] = []
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for socket in self._sockets:
            socket.__exit__(None, None, None)
        self._selector.close()

    def open(self, client: Client, slot_id: str) -> None:
        """Listen to the slot's queue and to one's own bookings."""
        ticket = made(client.post("/v1/realtime/tickets"), 201)
        socket = WebSocket(f"{ticket['wsUrl']}?ticket={ticket['ticket']}")
        self._sockets.append(socket)
        self._selector.register(socket.fileno(), selectors.EVENT_READ, (client.user, socket))
        for channel in ({"channel": "queue", "slotId": slot_id}, {"channel": "bookings"}):
            socket.send(json.dumps({"action": "subscribe", **channel}))
        self.until(client, "subscribed", times=2)

    def until(self, client: Client, kind: str, *, times: int = 1) -> None:
        """Listen until they have heard it so often."""
        deadline = time.monotonic() + PATIENCE
        while self._heard[client.user].count(kind) < times:
            if time.monotonic() > deadline:
                raise DemoError(f"{client.user} did not hear {kind}, only {self._heard[client.user]}")
            for key, _ in self._selector.select(timeout=1):
                user, socket = key.data
                for text in socket.arrived():
                    self._hear(user, json.loads(text))

    def _hear(self, user: str, message: Mapping[str, Any]) -> None:
        self._heard[user].append(message["type"])
        if message["type"] != "subscribed":
            print(f"    {user:6} hears {message['type']:18} {_gist(message)}".rstrip(), flush=True)


def seed(stack: Stack, http: httpx.Client) -> None:
    """The studio and its seat, two days of slots; what is there stays."""
    platform = Client(http, stack, "platform")
    business = {
        "businessId": STUDIO,
        "name": "Demo Studio",
        "timeZone": "Europe/Berlin",
        "queue": {"claimSeconds": TURN_SECONDS},
        "rateLimits": dict.fromkeys(LIMITS, 10_000),
    }
    made(platform.post("/v1/admin/businesses", business), 201, 409)
    base = f"/v1/admin/businesses/{STUDIO}"
    made(platform.post(f"{base}/resources", {"resourceId": SEAT, "name": "Seat", "kind": "seat"}), 201, 409)
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for day in (1, 2):
        for hour in HOURS:
            start = midnight + timedelta(days=day, hours=hour)
            slot = {
                "resourceId": SEAT,
                "start": start.isoformat(),
                "end": (start + timedelta(minutes=60)).isoformat(),
                "capacity": 1,
            }
            made(platform.post(f"{base}/slots", slot), 201, 409)


def play(stack: Stack, http: httpx.Client) -> None:
    """All give back what they got, so that it can be played again."""
    seed(stack, http)
    alice, bob, carol, dave = (Client(http, stack, user) for user in ("alice", "bob", "carol", "dave"))
    slot = free_slot(dave, STUDIO, SEAT)

    print("\nDave has the only seat. Alice, Bob and Carol wait for it, and listen:")
    held = made(dave.post("/v1/bookings/reserve", {"slotId": slot}), 201)["bookingId"]
    tell("dave: reserve, confirm", made(dave.post(f"/v1/bookings/{held}/confirm"), 200), "status")
    with Ears() as ears:
        turns = [_wait_in_line(each, slot, ears) for each in (alice, bob, carol)]
        ears.until(alice, "queue.position")
        ears.until(bob, "queue.position")

        print(f"Dave cancels. It is Alice's turn, for {TURN_SECONDS} seconds:")
        made(dave.post(f"/v1/bookings/{held}/cancel"), 200)
        ears.until(alice, "queue.promoted")
        ears.until(alice, "booking.reserved")
        ears.until(carol, "queue.position")

        print("Alice does nothing. Her turn lapses, and it is Bob's:")
        ears.until(alice, "booking.expired")
        ears.until(bob, "queue.promoted")
        ears.until(bob, "booking.reserved")

        print("Bob confirms, and cancels later on. It is Carol's turn, and she declines:")
        made(bob.post(f"/v1/bookings/{turns[1]}/confirm"), 200)
        ears.until(bob, "booking.confirmed")
        made(bob.post(f"/v1/bookings/{turns[1]}/cancel"), 200)
        ears.until(carol, "queue.promoted")
        ears.until(carol, "booking.reserved")
        made(carol.post(f"/v1/bookings/{turns[2]}/release"), 200)
        ears.until(carol, "booking.expired")
    print("What became of their places:")
    for client in (alice, bob, carol):
        tell(f"{client.user}: GET /v1/queues/my", _place(client, slot), "status", "history")


def _wait_in_line(client: Client, slot_id: str, ears: Ears) -> str:
    """Their place, which is also the id of the booking that their turn will make."""
    wish = {"slotId": slot_id, "joinQueueIfFull": True}
    place = made(client.post("/v1/bookings/reserve", wish), 202)["queue"]
    tell(f"{client.user}: 202", place, "position", "totalInQueue", "estimatedWaitTime")
    ears.open(client, slot_id)
    entry_id: str = place["entryId"]
    return entry_id


def _place(client: Client, slot_id: str) -> dict[str, Any]:
    """What became of it, as they can read it."""
    items: Sequence[Mapping[str, Any]] = made(client.get("/v1/queues/my"), 200)["items"]
    place = next(each for each in items if each["slotId"] == slot_id)
    return {"status": place["status"], "history": " → ".join(line["to"] for line in place["history"])}


def _gist(message: Mapping[str, Any]) -> str:
    if "position" in message:
        return f"{message['position']} of {message['totalInQueue']}"
    booking = message.get("data", message)
    return ", ".join(str(booking[name]) for name in ("bookingNumber", "expiresAt") if booking.get(name))
