"""A place that can be had or, with reasons, not: a free start of a service, or a published slot."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.domain.business import Business
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.decision import Decision, against
from holdfast.domain.instants import Instant
from holdfast.domain.money import Money
from holdfast.domain.prices import premium_resource, price_of
from holdfast.domain.service import Service
from holdfast.domain.slot import Slot, SlotStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """`service` is None for a slot, `slot` (its id) for a free start."""

    service: str | None
    resource: str
    slot: str | None
    start: Instant
    end: Instant
    available: int
    capacity: int
    price: Money
    status: SlotStatus
    reasons: tuple[str, ...]


def offer_of_start(catalogue: Catalogue, service: Service, start: Instant, decision: Decision) -> Offer:
    """Of a start that somebody may serve."""
    premium = premium_resource(catalogue.resources[decision.resource])
    return Offer(
        service=service.id,
        resource=decision.resource,
        slot=None,
        start=start,
        end=decision.end,
        available=decision.available,
        capacity=decision.capacity,
        price=price_of(catalogue, service, start, premium=premium),
        status=decision.status,
        reasons=decision.reasons,
    )


def offer_of_slot(business: Business, slot: Slot, units: int, now: Instant) -> Offer:
    """What is too early or too late for its business is closed, whatever room it has."""
    reasons = against(slot, units, now)
    untimely = () if reasons else tuple(business.terms.untimely(slot.start, now, business.zone))
    return Offer(
        service=None,
        resource=slot.key.resource,
        slot=slot.key.slot_id,
        start=slot.start,
        end=slot.end,
        available=0 if untimely else slot.available(now),
        capacity=slot.capacity,
        price=slot.price,
        status=SlotStatus.BLOCKED if untimely else slot.status(now),
        reasons=reasons or untimely,
    )
