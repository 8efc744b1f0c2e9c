"""What a refused customer is told they could have instead (HOLD-7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from holdfast.app.alternatives import alternatives, nearest_starts
from holdfast.app.offer import Offer
from holdfast.app.ports import Catalogues, Days
from holdfast.app.wish import FreeStart
from holdfast.domain.errors import NotFound, Unavailable
from holdfast.domain.instants import Instant
from holdfast.domain.place import SlotKey
from holdfast.http import availability_views, views
from holdfast.http.api import Call
from holdfast.http.booking_answers import zone_of
from holdfast.http.ports import Ports


def instead[B](
    call: Call[B], ports: Ports, spot: SlotKey | FreeStart, units: int
) -> Sequence[Mapping[str, Any]]:
    """Slots near a slot, free starts near a start. Offers help who was refused; that they cannot be read must
    not hide the refusal."""
    zone = zone_of(call, ports, spot.business)
    try:
        if isinstance(spot, SlotKey):
            business = ports.catalog().business(spot.business)
            slots = alternatives(ports.recent_slots(), spot, units, call.now)
            timely = (
                slot
                for slot in slots
                if business and not business.terms.untimely(slot.start, call.now, business.zone)
            )
            return [views.slot_view(slot, zone, call.now) for slot in timely]
        offers = _near(ports.recent_days(), ports.catalogues(), spot, units, call.now)
        return [availability_views.offer_view(offer, zone) for offer in offers]
    except Unavailable:
        return []


def _near(days: Days, catalogues: Catalogues, spot: FreeStart, units: int, now: Instant) -> Sequence[Offer]:
    catalogue = catalogues.known(spot.business)
    service = catalogue.services.get(spot.service) if catalogue else None
    if catalogue is None or service is None:
        return []
    try:
        return nearest_starts(days, catalogue, service, spot, units, now)
    except NotFound:
        return []  # what this process knows of the catalogue may be older than the refusal
