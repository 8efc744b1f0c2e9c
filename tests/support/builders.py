"""Values for tests, each with sensible members so that a test names only what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from holdfast.app.asked import Asked
from holdfast.app.join_queue import Joined
from holdfast.app.reserve import Reserved
from holdfast.app.wish import Wish
from holdfast.domain.absence import Absence
from holdfast.domain.booking import Booking, BookingStatus, Change, Deed, reserved
from holdfast.domain.business import Business, Resource
from holdfast.domain.caller import PLATFORM_ADMIN, Caller
from holdfast.domain.claim import Claim
from holdfast.domain.closures import TimeOff
from holdfast.domain.entry import Entry, EntryStatus
from holdfast.domain.holiday import Holiday
from holdfast.domain.identity import claimant, derived_id, short_hash
from holdfast.domain.instants import HOUR, SECOND, Instant
from holdfast.domain.money import Money
from holdfast.domain.place import SlotKey
from holdfast.domain.queue import Place
from holdfast.domain.service import Service
from holdfast.domain.slot import Slot

NOW: Instant = 1_781_254_800_000
"""Friday 12 June 2026, 09:00 UTC."""

BUSINESS, RESOURCE = "bikes", "stand-1"
ALICE, BOB, CAROL, DAN, EVE = (Caller(name) for name in ("alice", "bob", "carol", "dan", "eve"))
PLATFORM = Caller("root", frozenset({PLATFORM_ADMIN}))

SETTINGS: Mapping[str, Any] = {
    "name": "Bike repair",
    "timeZone": "Europe/Berlin",
    "currency": "EUR",
    "hold": {
        "defaultSeconds": 120,
        "minSeconds": 10,
        "maxSeconds": 900,
        "totalMaxSeconds": 1800,
        "cooldownSeconds": 0,
        "maxPerUser": 10,
    },
    "queue": {"enabled": True, "maxSize": 100, "claimSeconds": 60, "joinIfFull": False, "placeHours": 24},
    "policies": {
        "minimumNoticeMinutes": 0,
        "maximumAdvanceDays": 90,
        "cancellationDeadlineMinutes": 0,
        "rescheduleDeadlineMinutes": 0,
        "maxReschedules": 3,
        "approvalRequired": False,
        "approvalHours": 24,
        "guestBooking": False,
        "idempotencyKeyRequired": False,
        "afterEnd": "complete",
    },
    "domain": {"customFields": {}},
    "rateLimits": {
        "reservePerMinute": 1000,
        "cancelPerMinute": 1000,
        "queuePerMinute": 1000,
        "positionPerMinute": 1000,
    },
    "refundTiers": [
        {"beforeMinutes": 1440, "percentage": 100},
        {"beforeMinutes": 120, "percentage": 50},
    ],
}


def a_business(business_id: str = BUSINESS, **settings: object) -> Business:
    return Business.of(business_id, {**SETTINGS, **settings}, ledger_offset=60, op="made")


def a_resource(
    resource_id: str = RESOURCE,
    *,
    kind: str = "stand",
    capacity: int = 1,
    slots_may_overlap: bool = False,
    metadata: Mapping[str, object] | None = None,
) -> Resource:
    return Resource(
        business=BUSINESS,
        id=resource_id,
        name="Stand",
        kind=kind,
        capacity=capacity,
        slots_may_overlap=slots_may_overlap,
        metadata=metadata or {},
        op="made",
    )


def a_service(service_id: str = "repair", **settings: object) -> Service:
    return Service(
        business=BUSINESS,
        id=service_id,
        settings={"name": "Repair", "durationMinutes": 60, **settings},
        op="made",
    )


def a_holiday(holiday_id: str = "outing", *, date: str = "2026-07-01", **settings: object) -> Holiday:
    given = {"date": date, "name": "Works outing", "kind": "blackout", **settings}
    return Holiday(business=BUSINESS, id=holiday_id, settings=given, op="made")


def an_absence(
    absence_id: str = "away",
    *,
    resource: str = RESOURCE,
    start: Instant = NOW + 24 * HOUR,
    end: Instant = NOW + 48 * HOUR,
) -> Absence:
    time_off = TimeOff(start, end, "Fishing")
    return Absence(business=BUSINESS, resource=resource, id=absence_id, time_off=time_off, op="made")


def a_slot(
    *,
    start: Instant = NOW + 48 * HOUR,
    capacity: int = 2,
    claims: Mapping[str, Claim] | None = None,
    places: Mapping[str, Place] | None = None,
    **members: Any,
) -> Slot:
    """`places` stand in the order they are given in, whatever their `seq`."""
    taken, queue = claims or {}, places or {}
    return Slot(
        key=SlotKey.at(BUSINESS, members.pop("resource", RESOURCE), start, 60),
        start=start,
        end=members.pop("end", start + HOUR),
        capacity=capacity,
        free=capacity - sum(claim.units for claim in taken.values()),
        price=Money(2500, "EUR"),
        metadata={},
        claims=taken,
        places={who: replace(queue[who], seq=number) for number, who in enumerate(queue, 1 - len(queue))},
        op="made",
        **members,
    )


def a_place(
    entry: str = "e" * 20,
    *,
    units: int = 1,
    joined: Instant = NOW,
    until: Instant = NOW + 24 * HOUR,
    passed: int = 0,
    seq: int = 0,
) -> Place:
    return Place(entry, units, joined, until, passed, seq)


def an_entry(
    entry_id: str = "e" * 20,
    *,
    slot: Slot | None = None,
    owner: str = ALICE.id,
    units: int = 1,
    at: Instant = NOW,
    **members: Any,
) -> Entry:
    """One that waits; its `place` is what `a_place` makes of the same members."""
    slot = slot or a_slot()
    deed = Deed(entry_id, f"customer:{owner}", at, "join")
    defaults: dict[str, Any] = {
        "who": claimant(owner, None),
        "until": at + 24 * HOUR,
        "fingerprint": "print",
        "metadata": {},
        "history": (Change(EntryStatus.WAITING, EntryStatus.WAITING, deed),),
    }
    return Entry(
        id=entry_id,
        slot=slot.key,
        owner=owner,
        units=units,
        start=slot.start,
        joined=at,
        **{**defaults, **members},
    )


def a_claim(
    booking: str = "b" * 20,
    *,
    units: int = 1,
    expires: Instant = NOW + 120 * SECOND,
    fingerprint: str = "print",
) -> Claim:
    return Claim(booking, units, expires, fingerprint)


def a_booking(
    *,
    slot: Slot | None = None,
    claim: Claim | None = None,
    owner: str = ALICE.id,
    at: Instant = NOW,
    metadata: Mapping[str, object] | None = None,
    subject: Mapping[str, object] | None = None,
) -> Booking:
    """A fresh RESERVED record."""
    claim = claim or a_claim()
    slot = slot or a_slot()
    return reserved(
        slot.key,
        claimant(owner, None),
        claim,
        Deed(claim.booking, f"customer:{owner}", at, "reserve"),
        start=slot.start,
        end=slot.end,
        price=slot.price,
        owner=owner,
        notes=None,
        contact=None,
        subject=subject,
        metadata=metadata or {},
    )


def a_confirmed_booking(**members: Any) -> Booking:
    held = a_booking(**members)
    deed = Deed("confirm-op", f"customer:{held.owner}", held.reserved_at + SECOND, "confirm")
    confirmed = held.confirmed("BOK-20260612-ABCDEF", deed, contact=None, notes=None)
    assert confirmed.status is BookingStatus.CONFIRMED
    return confirmed


def asked(
    caller: Caller = ALICE,
    *,
    now: Instant = NOW,
    key: str | None = None,
    body: str = "",
    expects: int | None = None,
) -> Asked:
    """A request; without a key every call is one of its own."""
    return Asked(
        caller=caller,
        now=now,
        op=derived_id("key", caller.id, key) if key else derived_id("random", str(next(_serial))),
        fingerprint=short_hash("body", body),
        keyed=key is not None,
        expects=expects,
    )


def a_wish(slot: SlotKey | None = None, *, units: int = 1, **members: Any) -> Wish:
    return Wish(spot=slot or a_slot().key, units=units, **{"metadata": {}, **members})


def at_once(answer: Reserved | Joined) -> Reserved:
    """The answer of a reserve that need not wait."""
    assert isinstance(answer, Reserved)
    return answer


_serial = iter(range(10**9))
