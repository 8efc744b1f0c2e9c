"""What is still to come: a resource's published slots, and appointments as its days have them.

All are looked for within a bounded time ahead, since months are keys and each costs a query.
"""

from __future__ import annotations

from collections.abc import Iterator

from holdfast.app.ports import Days, Ledger, Slots
from holdfast.app.records import every
from holdfast.domain.booking import Booking
from holdfast.domain.business import Business
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.claim import Claim
from holdfast.domain.instants import DAY, MINUTE, Instant
from holdfast.domain.place import LONGEST_SLOT
from holdfast.domain.service import Service
from holdfast.domain.slot import Slot

LOOK_AHEAD = 5 * 366 * DAY
PAGE = 100


def slots_to_come(
    slots: Slots, business_id: str, resource: str, now: Instant, since: Instant, until: Instant
) -> Iterator[Slot]:
    """Those that are not over and lie in `[since, until)`, be it partly."""
    since, until = max(since, now), min(until, now + LOOK_AHEAD)
    if since >= until:
        return
    pages = every(
        lambda cursor: slots.published(
            business_id, [resource], since - LONGEST_SLOT, until, limit=PAGE, cursor=cursor
        )
    )
    yield from (slot for slot in pages if slot.end > since)


def claims_to_come(
    days: Days, business: Business, resource: str, now: Instant, *, ahead: int = LOOK_AHEAD
) -> Iterator[Claim]:
    """The live claims of a resource's appointments that are not over."""
    offset = business.ledger_offset
    for day in days.between(business.id, resource, now, now + ahead, offset):
        midnight = day.key.begins(offset)
        for claim in day.live(now).values():
            if claim.window and midnight + claim.window.end * MINUTE > now:
                yield claim


def appointments_to_come(
    ledger: Ledger, days: Days, catalogue: Catalogue, service: Service, now: Instant
) -> Iterator[Booking]:
    """The appointments of a service that are not over, with whichever resource."""
    ahead = _ahead(catalogue, service)
    for resource in catalogue.resources:
        claims = claims_to_come(days, catalogue.business, resource, now, ahead=ahead)
        found = ledger.bookings(sorted({claim.booking for claim in claims}))
        yield from (each for each in found.values() if each.service == service.id)


def _ahead(catalogue: Catalogue, service: Service) -> int:
    """A year beyond what customers may book; staff may do so too, but hardly further."""
    policies = {**catalogue.business.settings["policies"], **(service.settings.get("policies") or {})}
    days: int = policies["maximumAdvanceDays"] + 366
    return min(LOOK_AHEAD, days * DAY)
