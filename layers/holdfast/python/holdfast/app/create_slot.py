"""Publish a slot: the slot and its windows in the days it touches, in one transaction (SLOT-2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from holdfast.app.admins import administered
from holdfast.app.asked import Asked
from holdfast.app.ports import Catalog, Ledger, Lost
from holdfast.app.writes import SaveDay, SaveSlot
from holdfast.domain.business import Business
from holdfast.domain.errors import Invalid, NotFound, Overlap, Unavailable
from holdfast.domain.instants import MINUTE, Instant
from holdfast.domain.money import Money
from holdfast.domain.place import LONGEST_SLOT, SlotKey, windows
from holdfast.domain.prices import Tariff, premium_slot
from holdfast.domain.slot import Slot, SlotState

MOST_TRIES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSlot:
    resource: str
    start: Instant
    end: Instant
    capacity: int
    tariff: Tariff | None = None
    metadata: Mapping[str, object]


def create_slot(ledger: Ledger, catalog: Catalog, asked: Asked, business_id: str, new: NewSlot) -> Slot:
    """Publish a slot for the caller's business, or find the one this very request made before.

    Raises NotFound, Forbidden, Invalid or Overlap.
    """
    business = administered(catalog, asked, business_id)
    resource = catalog.resource(business_id, new.resource)
    if resource is None:
        raise Invalid("/resourceId", "there is no such resource")
    _check(new, business)
    key = SlotKey.at(business_id, new.resource, new.start, business.ledger_offset)
    cut = windows(business_id, new.resource, new.start, new.end, business.ledger_offset)
    for _ in range(MOST_TRIES):
        tombstone, days = ledger.slot_and_days(key, cut)
        if tombstone and tombstone.op == asked.op:
            if tombstone.state is SlotState.DELETED:
                raise NotFound("slot")  # this very request made it, and it was deleted since
            return tombstone
        if tombstone and not tombstone.vacant:
            raise Overlap("The resource has a slot that starts then.", [key.slot_id])
        slot = Slot(
            key=key,
            start=new.start,
            end=new.end,
            capacity=new.capacity,
            free=new.capacity,
            price=price_at(new.tariff, new.start, new.metadata, business),
            metadata=new.metadata,
            claims={},
            rev=tombstone.rev + 1 if tombstone else 1,
            terms=tombstone.terms + 1 if tombstone else 1,
            op=asked.op,
        )
        taken = (
            day.with_window(key.slot_id, cut[day.key], asked.now, may_overlap=resource.slots_may_overlap)
            for day in days
        )
        try:
            ledger.commit(SaveSlot(slot), *(SaveDay(day) for day in taken))
        except Lost:
            continue
        return slot
    raise Unavailable("the day changes too quickly")


def _check(new: NewSlot, business: Business) -> None:
    if new.start % MINUTE:
        raise Invalid("/start", "must be a whole minute")
    check_end(new.start, new.end)
    check_tariff(new.tariff, business)


def check_end(start: Instant, end: Instant) -> None:
    if end % MINUTE:
        raise Invalid("/end", "must be a whole minute")
    if end <= start:
        raise Invalid("/end", "must be after the start")
    if end - start > LONGEST_SLOT:
        raise Invalid("/end", "a slot lasts at most 7 days")


def check_price(price: Money | None, business: Business) -> None:
    if price and price.currency != business.currency:
        raise Invalid("/price/currency", f"must be the business's, {business.currency}")


def check_tariff(tariff: Tariff | None, business: Business) -> None:
    if tariff is None:
        return
    check_price(tariff.prices.base, business)
    for kind in ("weekend", "holiday", "premium"):
        price: Money | None = getattr(tariff.prices, kind)
        if price and price.currency != business.currency:
            raise Invalid(f"/prices/{kind}/currency", f"must be the business's, {business.currency}")


def price_at(
    tariff: Tariff | None, start: Instant, metadata: Mapping[str, object], business: Business
) -> Money:
    """What a slot costs that begins then: nothing without a tariff."""
    if tariff is None:
        return Money(0, business.currency)
    return tariff.at(start, business.zone, premium=premium_slot(metadata))
