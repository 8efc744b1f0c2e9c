"""A business's own holidays: add, change, remove (AVAIL-3). They close free starts; published slots stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from holdfast.app.admins import administered
from holdfast.app.asked import Asked
from holdfast.app.existing import existing_holiday
from holdfast.app.offers import offers_of
from holdfast.app.ports import Catalog, Catalogues
from holdfast.app.records import add, change, remove
from holdfast.domain.closures import Closure
from holdfast.domain.contradictions import of_holiday, refuse_any
from holdfast.domain.holiday import Holiday
from holdfast.domain.identity import derived_id


def add_holiday(
    catalog: Catalog,
    catalogues: Catalogues,
    asked: Asked,
    business_id: str,
    holiday_id: str | None,
    settings: Mapping[str, Any],
) -> Holiday:
    """Without an id it gets one that comes from the request. Raises NotFound, Forbidden, Invalid or
    AlreadyExists."""
    administered(catalog, asked, business_id)
    _check(catalogues, business_id, settings)
    name = holiday_id or derived_id("holiday", asked.op)
    holiday = Holiday(business=business_id, id=name, settings=settings, op=asked.op)
    return add(catalog, asked, holiday, lambda: catalog.holiday(business_id, name), what="holiday")


def update_holiday(
    catalog: Catalog,
    catalogues: Catalogues,
    asked: Asked,
    business_id: str,
    holiday_id: str,
    settings: Mapping[str, Any],
) -> Holiday:
    """Raises NotFound, Forbidden, PreconditionRequired, StaleVersion or Invalid."""
    administered(catalog, asked, business_id)

    def changed(holiday: Holiday) -> Holiday:
        _check(catalogues, business_id, settings)
        return replace(holiday, settings=settings, version=holiday.version + 1, changed_by=asked.op)

    return change(catalog, asked, lambda: existing_holiday(catalog, business_id, holiday_id), changed)


def remove_holiday(catalog: Catalog, asked: Asked, business_id: str, holiday_id: str) -> None:
    """Raises NotFound, Forbidden or StaleVersion."""
    administered(catalog, asked, business_id)
    holiday = existing_holiday(catalog, business_id, holiday_id)
    asked.require_version(holiday.version)
    remove(catalog, holiday)


def _check(catalogues: Catalogues, business_id: str, settings: Mapping[str, Any]) -> None:
    Closure.of(settings)
    refuse_any(of_holiday(settings, offers_of(catalogues, business_id)))
