"""A guest at the door of a business that takes guests, and what they have in hand."""

from __future__ import annotations

from typing import Any

from functions.guest_api.handler import api
from holdfast.domain.caller import Caller
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, Reply, a_whole_business, stocked
from tests.support.builders import a_slot

SLOT = a_slot(capacity=3)
GUESTS = "/v1/businesses/bikes/guest-bookings"
CONTACT = {"name": "Ann", "email": "ann@example.org", "phone": "+49 30 1234567"}
WISH: dict[str, Any] = {"slotId": SLOT.key.slot_id, "contact": CONTACT}
UUID, OTHER_UUID = "6f1f0a52-3c1e-4b7a-9d2f-8e5a1c7b4d30", "00000000-0000-0000-0000-000000000001"
STAFF = Caller("stan", frozenset({"bikes:staff"}))


def open_to_guests(**settings: Any) -> MemoryPorts:
    ports = stocked()
    policies = {"guestBooking": True, **settings.pop("policies", {})}
    ports.memory.businesses["bikes"] = a_whole_business(policies=policies, **settings)
    ports.memory.slots[SLOT.key] = SLOT
    return ports


def door_of(ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(api, ports, clock=clock), "reserve")


def reserve(door: Door, *, key: str | None = None, source: str | None = None, **members: Any) -> Reply:
    headers = {"idempotency-key": key} if key else {}
    return door.ask("POST", GUESTS, {**WISH, **members}, caller=None, source=source, headers=headers)


def manage(door: Door, token: str, deed: str = "", body: object = None, **headers: str) -> Reply:
    path = f"/v1/manage/{token}" + (f"/{deed}" if deed else "")
    method = "POST" if deed else "GET"
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return door.ask(method, path, {} if deed and body is None else body, caller=None, headers=sent)


def held(door: Door, **members: Any) -> str:
    token: str = reserve(door, **members).body["manageToken"]
    return token
