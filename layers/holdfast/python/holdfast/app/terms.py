"""The terms that hold for a booking, from what the catalog says now."""

from __future__ import annotations

from collections.abc import Callable

from holdfast.app.ports import Catalogues
from holdfast.domain.booking import Booking
from holdfast.domain.business import Business
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.terms import Terms


def terms_of(catalogues: Catalogues, business: Business, booking: Booking) -> Terms:
    """Its service's where the booking is of one that is still there, else its business's; a minute old at
    most, both of them."""
    return _terms(catalogues.recent, business, booking.service)


def terms_for(catalogues: Catalogues, business: Business, service_id: str | None) -> Terms:
    """The service's where it is one that is there, else the business's; as far as this process knows, which
    is enough to ask for a hold."""
    return _terms(catalogues.known, business, service_id)


def _terms(
    catalogue_of: Callable[[str], Catalogue | None], business: Business, service_id: str | None
) -> Terms:
    if service_id is None:
        return business.terms
    catalogue = catalogue_of(business.id)
    service = catalogue.services.get(service_id) if catalogue else None
    return Terms.of(business.settings, service.settings) if service else business.terms
