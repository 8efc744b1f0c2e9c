"""A free start as it is at this instant: its days, and the revision of the offer, in one read (DESIGN 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from holdfast.app.ports import Catalogues, Ledger
from holdfast.app.wish import FreeStart
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.errors import NotFound, Unavailable
from holdfast.domain.instants import Instant
from holdfast.domain.money import Money
from holdfast.domain.needs import leading, needs_of
from holdfast.domain.offering import Offering, day_keys
from holdfast.domain.place import DayKey, LedgerKey, ledger_date
from holdfast.domain.prices import premium_resource, price_of
from holdfast.domain.service import Service

MOST_REVISIONS = 3
"""An admin who changes the catalogue more often than that while we look has us answer 503."""


class Look(NamedTuple):
    """All that a decision about the start depends on."""

    catalogue: Catalogue
    service: Service
    days: Mapping[DayKey, Day]

    def offering(self, now: Instant, *, without: str | None = None) -> Offering:
        return Offering(self.catalogue, self.service, self.days.values(), now, without=without)

    def price(self, start: Instant, resource: str) -> Money:
        """Of a unit of an appointment that is with that resource."""
        there = self.catalogue.resources.get(resource)
        premium = there is not None and premium_resource(there)
        return price_of(self.catalogue, self.service, start, premium=premium)

    def with_day(self, day: Day) -> Look:
        return self._replace(days={**self.days, day.key: day})

    def claimed(self, who: str, claims: Mapping[LedgerKey, Claim], now: Instant) -> Sequence[Day]:
        """Its days with these claims in them."""
        of_days = [(key, claim) for key, claim in claims.items() if isinstance(key, DayKey)]
        return [self.days[key].claimed(who, claim, now) for key, claim in of_days]


def look(ledger: Ledger, catalogues: Catalogues, spot: FreeStart, *, also: Sequence[DayKey] = ()) -> Look:
    """The days that a decision about the start needs, and `also` those that who moves has. What this process
    knows of the catalogue is used if its revision is still the one that was read with the days.

    Raises NotFound or Unavailable.
    """
    return look_at_all(ledger, catalogues, [spot], also=also)


def look_at_all(
    ledger: Ledger, catalogues: Catalogues, spots: Sequence[FreeStart], *, also: Sequence[DayKey] = ()
) -> Look:
    """The same for several starts, which differ in nothing else."""
    spot = spots[0]
    catalogue = catalogues.known(spot.business)
    for _ in range(MOST_REVISIONS):
        if catalogue is None:
            raise NotFound("business")
        service, missing = catalogue.services.get(spot.service), NotFound("service")
        keys: Sequence[DayKey] = ()
        if service:
            try:
                keys = [key for each in spots for key in days_for(catalogue, service, each)]
            except NotFound as refused:
                service, missing = None, refused
        days, revision = ledger.days_and_revision(spot.business, list(dict.fromkeys((*keys, *also))))
        if revision != catalogue.revision:
            catalogue = catalogues.of_revision(spot.business, revision)
        elif service is None:
            raise missing
        else:
            return Look(catalogue, service, {day.key: day for day in days})
    raise Unavailable("what is offered changes too quickly")


def days_for(catalogue: Catalogue, service: Service, spot: FreeStart) -> Sequence[DayKey]:
    """What a decision about that start alone needs, and where the same caller could have it already, with
    whomever (HOLD-5). Raises NotFound."""
    keys = day_keys(catalogue, service, spot.start, spot.end, resource=spot.resource)
    if spot.resource is None:
        return keys
    business = catalogue.business
    day = ledger_date(spot.start, business.ledger_offset).isoformat()
    theirs = (DayKey(business.id, each, day) for each in leading(needs_of(catalogue, service)))
    return list(dict.fromkeys((*keys, *theirs)))
