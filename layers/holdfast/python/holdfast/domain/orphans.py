"""Who has what changed rules would no longer let them have: told to an admin before the change is made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from holdfast.domain.appointment import Appointment
from holdfast.domain.availability import Reason, Snapshot, verdict
from holdfast.domain.availability_rules import rules_of
from holdfast.domain.booking import Booking
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.day import Day
from holdfast.domain.decision import NO_RESOURCE
from holdfast.domain.instants import MINUTE, Instant
from holdfast.domain.needs import serves
from holdfast.domain.place import DayKey

JUDGED = frozenset[str](
    {
        Reason.OUTSIDE_HOURS,
        Reason.BREAK,
        Reason.TIME_OFF,
        Reason.HOLIDAY,
        Reason.BLACKOUT,
        Reason.MAINTENANCE,
        Reason.TOO_MANY_UNITS,
        Reason.TAKEN,
    }
)
"""What still matters of one that is booked. How early it was booked, how long and on what grid does not, nor
do custom rules, which may go by the hour they are asked."""


def orphaning(
    before: Catalogue,
    after: Catalogue,
    booking: Booking,
    resources: Collection[str],
    days: Mapping[DayKey, Day],
    now: Instant,
) -> Sequence[str]:
    """The reasons that a change brings against an appointment with some of those resources; none against one
    that stood against the rules already. `days` are those that it touches."""
    new: dict[str, None] = {}
    for resource in booking.resources:
        if resource in resources and (reasons := _against(after, booking, resource, days, now)):
            known = _against(before, booking, resource, days, now)
            new |= dict.fromkeys(reason for reason in reasons if reason not in known)
    return list(new)


def _against(
    catalogue: Catalogue, booking: Booking, resource: str, days: Mapping[DayKey, Day], now: Instant
) -> Sequence[str]:
    """Its own claims left out, with the buffers that it has: other ones are for those to come."""
    spot = booking.spot
    if not isinstance(spot, Appointment):
        return []  # a slot is offered by its own facts
    service, there = catalogue.services.get(spot.service), catalogue.resources.get(resource)
    if service is None or there is None or not serves(catalogue, service, resource):
        return [NO_RESOURCE]
    rules = replace(
        rules_of(catalogue, service, there),
        before=(booking.start - spot.begins) // MINUTE,
        after=(spot.ends - booking.end) // MINUTE,
        pool=None,
        custom=(),
    )
    occupied = [
        stretch
        for key in spot.windows
        if key.resource == resource and key in days
        for stretch in days[key].occupied(spot.ledger_offset, now, without=booking.who)
    ]
    found = verdict(
        Snapshot(rules=rules, now=now, occupied=occupied), booking.start, booking.end, units=booking.units
    )
    return [reason for reason in found.reasons if reason in JUDGED]
