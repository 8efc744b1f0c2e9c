"""Appointments and the days they stand on, for tests; made like the values of `builders`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from holdfast.domain.appointment import Appointment
from holdfast.domain.booking import Booking, Deed, reserved
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.identity import subject_id
from holdfast.domain.instants import HOUR, MINUTE, Instant
from holdfast.domain.money import Money
from holdfast.domain.place import DayKey
from tests.support.builders import ALICE, BUSINESS, NOW, RESOURCE, a_claim

SERVICE = "tune-up"
MIDNIGHT = NOW + 14 * HOUR
"""Of the ledger calendar of `a_business`, which is one hour from UTC."""


def an_appointment(
    *,
    start: Instant = NOW + 48 * HOUR,
    minutes: int = 60,
    before: int = 0,
    after: int = 0,
    resources: Sequence[str] = (RESOURCE,),
    pooled: bool = False,
    service: str = SERVICE,
) -> Appointment:
    """`before` and `after` are its buffers, in minutes."""
    return Appointment(
        business=BUSINESS,
        service=service,
        resources=tuple(resources),
        start=start,
        begins=start - before * MINUTE,
        ends=start + (minutes + after) * MINUTE,
        pooled=pooled,
        ledger_offset=60,
    )


def an_appointment_booked(
    spot: Appointment | None = None,
    *,
    claim: Claim | None = None,
    owner: str = ALICE.id,
    at: Instant = NOW,
    subject: Mapping[str, object] | None = None,
) -> Booking:
    """A fresh RESERVED record of one without buffers."""
    spot, claim = spot or an_appointment(), claim or a_claim()
    return reserved(
        spot,
        spot.claimant(owner, subject_id(subject)),
        claim,
        Deed(claim.booking, f"customer:{owner}", at, "reserve"),
        start=spot.start,
        end=spot.ends,
        price=Money(2500, "EUR"),
        owner=owner,
        notes=None,
        contact=None,
        subject=subject,
        metadata={},
    )


def days_of(*bookings: Booking) -> dict[DayKey, Day]:
    """The days on which those bookings have their claims."""
    days: dict[DayKey, Day] = {}
    for booking in bookings:
        for key, claim in booking.claims.items():
            assert isinstance(key, DayKey)
            day = days.get(key, Day(key, 1))
            days[key] = replace(day, claims={**day.claims, booking.who: claim})
    return days
