"""What a refused customer could have instead: what is free nearest to what they asked for (HOLD-7).

What is read is the same for all who ask for something of that day, so that a cache in front of the readers
answers a storm of refusals with one query a resource and month. It may be seconds old: an offer is judged
when it is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from holdfast.app.offer import Offer, offer_of_start
from holdfast.app.ports import Days, Slots
from holdfast.app.wish import FreeStart
from holdfast.domain.availability_rules import occupies
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.instants import DAY, MINUTE, Instant
from holdfast.domain.needs import ledgers_of, needs_of
from holdfast.domain.offering import Offering
from holdfast.domain.place import DayKey, SlotKey, ledger_date
from holdfast.domain.service import Service
from holdfast.domain.slot import Slot

MOST = 5
DAYS_BEFORE, DAYS_AFTER = 1, 8
MOST_READ = 100
MOST_LEDGERS = 40


def alternatives(slots: Slots, asked_for: SlotKey, units: int, now: Instant) -> Sequence[Slot]:
    """Free slots of the resource around the one that was refused, nearest first."""
    day = (date.fromisoformat(asked_for.day) - date(1970, 1, 1)).days * DAY
    page = slots.published(
        asked_for.business,
        [asked_for.resource],
        day - DAYS_BEFORE * DAY,
        day + DAYS_AFTER * DAY,
        limit=MOST_READ,
        cursor=None,
    )
    wanted = next((slot.start for slot in page.items if slot.key == asked_for), day)
    free = [slot for slot in page.items if slot.key != asked_for and slot.available(now) >= units]
    return sorted(free, key=lambda slot: (abs(slot.start - wanted), slot.start))[:MOST]


def nearest_starts(
    days: Days, catalogue: Catalogue, service: Service, asked_for: FreeStart, units: int, now: Instant
) -> Sequence[Offer]:
    """Free starts around the one that was refused, nearest first, for as long as was asked and with the same
    resource or any. None where more than `MOST_LEDGERS` would have to be read.

    Raises NotFound where the resource does not serve it."""
    business, start, resource = catalogue.business, asked_for.start, asked_for.resource
    length = _minutes(asked_for) or service.duration
    day = ledger_date(start, business.ledger_offset).isoformat()
    midnight = DayKey(business.id, "", day).begins(business.ledger_offset)
    since, until = midnight - DAYS_BEFORE * DAY, midnight + DAYS_AFTER * DAY
    # Whole days are read, and of those who begin in them the ones that lie within them are offered.
    begins, ends = occupies(catalogue, service, start, start + length * MINUTE)
    first, last = since + start - begins, until - (ends - start) + MINUTE
    ledgers = ledgers_of(service, needs_of(catalogue, service, resource))
    if len(ledgers) > MOST_LEDGERS or last <= max(first, now):
        return []
    found = [
        day
        for ledger in ledgers
        for day in days.between(business.id, ledger, since, until, business.ledger_offset)
    ]
    offering = Offering(catalogue, service, found, now)
    offers = offering.between(first, last, minutes=length, units=units, resource=resource)
    others = (minute * MINUTE for minute in offers.starts)
    nearest = sorted((abs(other - start), other) for other in others if other != start)[:MOST]
    return [offer_of_start(catalogue, service, other, offers.decide(other)) for _, other in nearest]


def _minutes(asked_for: FreeStart) -> int | None:
    """How long it was to last; None where nothing was said, or nothing that could be."""
    if asked_for.end is None:
        return None
    minutes, rest = divmod(asked_for.end - asked_for.start, MINUTE)
    return None if rest or minutes < 1 else minutes
