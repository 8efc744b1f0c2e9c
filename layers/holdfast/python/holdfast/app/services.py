"""The services of a business: add, change, remove. What contradicts the rest of its offers is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from holdfast.app.admins import administered
from holdfast.app.asked import Asked
from holdfast.app.existing import existing_service
from holdfast.app.offers import offers_of
from holdfast.app.ports import Catalog, Catalogues, Days, Ledger
from holdfast.app.records import add, change, remove
from holdfast.app.to_come import appointments_to_come
from holdfast.domain.contradictions import of_service, refuse_any
from holdfast.domain.errors import ServiceInUse
from holdfast.domain.service import Service

MOST_TOLD = 5


def add_service(
    catalog: Catalog,
    catalogues: Catalogues,
    asked: Asked,
    business_id: str,
    service_id: str,
    settings: Mapping[str, Any],
) -> Service:
    """Add a service from its resolved settings. Raises NotFound, Forbidden, Invalid or AlreadyExists."""
    administered(catalog, asked, business_id)
    service = Service(business=business_id, id=service_id, settings=settings, op=asked.op)
    refuse_any(of_service(service, offers_of(catalogues, business_id)))
    return add(catalog, asked, service, lambda: catalog.service(business_id, service_id), what="service")


def update_service(
    catalog: Catalog,
    catalogues: Catalogues,
    asked: Asked,
    business_id: str,
    service_id: str,
    settings: Mapping[str, Any],
) -> Service:
    """Raises NotFound, Forbidden, PreconditionRequired, StaleVersion or Invalid."""
    administered(catalog, asked, business_id)

    def changed(service: Service) -> Service:
        after = replace(service, settings=settings, version=service.version + 1, changed_by=asked.op)
        refuse_any(of_service(after, offers_of(catalogues, business_id)))
        return after

    return change(catalog, asked, lambda: existing_service(catalog, business_id, service_id), changed)


def remove_service(
    catalog: Catalog,
    catalogues: Catalogues,
    ledger: Ledger,
    days: Days,
    asked: Asked,
    business_id: str,
    service_id: str,
) -> None:
    """Raises NotFound, Forbidden, StaleVersion, or ServiceInUse while appointments of it are to come."""
    administered(catalog, asked, business_id)
    service = existing_service(catalog, business_id, service_id)
    asked.require_version(service.version)
    offers = offers_of(catalogues, business_id)
    to_come = appointments_to_come(ledger, days, offers, service, asked.now)
    if found := [booking.id for booking in islice(to_come, MOST_TOLD)]:
        raise ServiceInUse(found)
    remove(catalog, service)
