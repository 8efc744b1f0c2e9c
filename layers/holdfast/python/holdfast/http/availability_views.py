"""What the answers about availability look like; like `views`, the types here are the contract."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, NotRequired, TypedDict

from holdfast.domain.instants import Instant
from holdfast.domain.room import Room
from holdfast.domain.slot import SlotStatus
from holdfast.http.views import MoneyView, Timestamp, money_view, timestamp

if TYPE_CHECKING:  # a function needs one of them only, and a start-up is short (ADR 0020)
    from holdfast.app.offer import Offer


class OfferView(TypedDict):
    """A place for an appointment, or a published slot. `reasons` are there where they were asked for: a place
    without any can be had."""

    start: Timestamp
    end: Timestamp
    serviceId: str | None
    resourceId: str
    slotId: str | None
    available: int
    capacity: int
    price: MoneyView
    status: SlotStatus
    reasons: NotRequired[Sequence[str]]


class OffersView(TypedDict):
    items: list[OfferView]
    nextCursor: str | None
    timeZone: str


class CapacityView(TypedDict):
    """Units that there are in that time, and those of them that are free all of it."""

    serviceId: str | None
    resourceId: str | None
    start: Timestamp
    end: Timestamp
    capacity: int
    available: int
    timeZone: str


def offer_view(offer: Offer, zone: tzinfo, *, explain: bool = False) -> OfferView:
    view: OfferView = {
        "start": timestamp(offer.start, zone),
        "end": timestamp(offer.end, zone),
        "serviceId": offer.service,
        "resourceId": offer.resource,
        "slotId": offer.slot,
        "available": offer.available,
        "capacity": offer.capacity,
        "price": money_view(offer.price),
        "status": offer.status,
    }
    return {**view, "reasons": list(offer.reasons)} if explain else view


def offers_view(offers: Sequence[Offer], cursor: str | None, zone: tzinfo, *, explain: bool) -> OffersView:
    return {
        "items": [offer_view(offer, zone, explain=explain) for offer in offers],
        "nextCursor": cursor,
        "timeZone": str(zone),
    }


def capacity_view(
    room: Room,
    start: Instant,
    end: Instant,
    zone: tzinfo,
    *,
    service: str | None,
    resource: str | None,
) -> CapacityView:
    return {
        "serviceId": service,
        "resourceId": resource,
        "start": timestamp(start, zone),
        "end": timestamp(end, zone),
        "capacity": room.capacity,
        "available": room.available,
        "timeZone": str(zone),
    }
