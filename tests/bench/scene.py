"""The business, slots and bookings the benchmarks play with, and the requests clients send about them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from holdfast.app.presets import resolve
from holdfast.domain.booking import Booking, Deed, reserved
from holdfast.domain.business import Business
from holdfast.domain.claim import Claim
from holdfast.domain.identity import claimant, derived_id, short_hash
from holdfast.domain.instants import HOUR, SECOND, Instant
from holdfast.domain.money import Money
from holdfast.domain.place import SlotKey
from holdfast.domain.slot import Slot

BUSINESS, OWNER = "bench", "0f6c1f7e-3a54-4a0e-8f0e-2f6b7c1d9e10"
OFFSET = 60
HOLD = 900 * SECOND

_SAMPLE = Path(__file__).parents[2] / "events" / "samples" / "apigateway" / "reserve.json"


def now() -> Instant:
    return time.time_ns() // 1_000_000


def a_business() -> Business:
    """With every member of its settings, as businesses are created."""
    settings = resolve("default", {"name": "Bench", "timeZone": "Europe/Berlin", "currency": "EUR"})
    return Business.of(BUSINESS, settings, ledger_offset=OFFSET, op="made")


def a_slot(
    resource: str, at: Instant, *, capacity: int, claims: int = 0, ends: Instant | None = None
) -> Slot:
    """Two days ahead, with so many claims of one unit by others, each ending at `ends`."""
    start = (at + 48 * HOUR) // HOUR * HOUR
    key = SlotKey.at(BUSINESS, resource, start, OFFSET)
    taken = {
        claimant(f"other-{number}", None): _claim(resource, number, ends or at + HOLD)
        for number in range(claims)
    }
    return Slot(
        key=key,
        start=start,
        end=start + HOUR,
        capacity=capacity,
        free=capacity - claims,
        price=Money(2500, "EUR"),
        metadata={},
        claims=taken,
        due=(ends or at + HOLD) if claims else None,
        op=derived_id("op", resource),
    )


def a_hold(slot: Slot, at: Instant) -> Booking:
    """Of the bench's caller, just made."""
    claim = Claim(derived_id("hold", slot.key.slot_id), 1, at + HOLD, short_hash("hold"))
    return _record(slot, claimant(OWNER, None), claim, OWNER, at)


def records_of(slot: Slot, at: Instant) -> list[Booking]:
    """Of the claims in it."""
    return [_record(slot, who, claim, f"owner-of-{who}", at) for who, claim in slot.claims.items()]


def confirmed(hold: Booking, at: Instant) -> Booking:
    deed = Deed(derived_id("confirm", hold.id), f"customer:{OWNER}", at, "confirm")
    return hold.confirmed("BOK-20260612-ABCDEF", deed, contact=None, notes=None)


def with_claim_of(slot: Slot, booking: Booking) -> Slot:
    return replace(slot.claimed(booking.who, booking.claim), rev=slot.rev)


def request(
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
    query: Mapping[str, str] | None = None,
    user: str = OWNER,
) -> dict[str, Any]:
    """An API Gateway event: a recorded one with another address, body and key."""
    event: dict[str, Any] = json.loads(_SAMPLE.read_text(encoding="utf-8"))
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["requestContext"]["http"]["method"] = method
    event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"] = user
    event["queryStringParameters"] = dict(query or {})
    event["headers"] = {name: value for name, value in event["headers"].items() if "key" not in name}
    if key is not None:
        event["headers"]["idempotency-key"] = key
    event.pop("body", None)
    if body is not None:
        event["body"] = json.dumps(body)
    return event


def _claim(resource: str, number: int, ends: Instant) -> Claim:
    return Claim(derived_id("booking", resource, str(number)), 1, ends, short_hash("print", str(number)))


def _record(slot: Slot, who: str, claim: Claim, owner: str, at: Instant) -> Booking:
    deed = Deed(claim.booking, f"customer:{owner}", at, "reserve")
    return reserved(
        slot.key,
        who,
        claim,
        deed,
        start=slot.start,
        end=slot.end,
        price=slot.price,
        owner=owner,
        notes=None,
        contact=None,
        subject=None,
        metadata={},
    )
