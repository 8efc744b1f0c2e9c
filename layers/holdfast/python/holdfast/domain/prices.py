"""What a unit costs, by the day it begins on and what is premium (SPEC BOOK-12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any, Self

from holdfast.domain import money
from holdfast.domain.business import Resource
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.closures import Closure, ClosureKind
from holdfast.domain.instants import Instant, to_datetime
from holdfast.domain.money import Money
from holdfast.domain.service import Service

_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What is None is priced as if it were nothing special."""

    base: Money
    weekend: Money | None = None
    holiday: Money | None = None
    premium: Money | None = None

    @classmethod
    def of(cls, settings: Mapping[str, Any], currency: str) -> Self:
        """From a document with `price` and `prices` as API.md shapes them; without a price it is free."""
        named = {kind: money.of(price) for kind, price in (settings.get("prices") or {}).items()}
        base = settings.get("price")
        return cls(base=money.of(base) if base else Money(0, currency), **named)

    def on(self, day: date, closures: Iterable[Closure], *, premium: bool) -> Money:
        """Premium goes before holiday, that before weekend. A holiday is a day of a public closure, also of
        one that closes nothing."""
        if premium and self.premium:
            return self.premium
        if self.holiday and any(each.kind is ClosureKind.PUBLIC and each.covers(day) for each in closures):
            return self.holiday
        if self.weekend and day.weekday() >= _SATURDAY:
            return self.weekend
        return self.base


@dataclass(frozen=True, slots=True)
class Tariff:
    """Prices, and the holidays that they go by."""

    prices: Prices
    closures: Sequence[Closure] = ()

    def at(self, start: Instant, zone: tzinfo, *, premium: bool) -> Money:
        """By the day that the clock of the zone shows then."""
        return self.prices.on(to_datetime(start, zone).date(), self.closures, premium=premium)


def price_of(catalogue: Catalogue, service: Service, start: Instant, *, premium: bool = False) -> Money:
    """Of one unit of a service that begins then, by the day it is on the business's clock."""
    business = catalogue.business
    tariff = Tariff(Prices.of(service.settings, business.currency), catalogue.closures)
    return tariff.at(start, business.zone, premium=premium)


def premium_slot(metadata: Mapping[str, object]) -> bool:
    """Whoever publishes a slot says so of each: upstream's `isPremium` stands in its metadata."""
    return metadata.get("isPremium") is True


def premium_resource(resource: Resource) -> bool:
    """A free start has no metadata of its own, so its resource says it."""
    return resource.metadata.get("premium") is True
