"""Create businesses and resources. A create that finds its own `op` there answers what it made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from holdfast.app.admins import administered
from holdfast.app.asked import Asked
from holdfast.app.custom_fields import require_schema
from holdfast.app.ports import Calendars, Catalog
from holdfast.app.records import add
from holdfast.domain.business import Business, Resource
from holdfast.domain.contradictions import of_resource, refuse_any
from holdfast.domain.errors import Forbidden
from holdfast.domain.instants import to_datetime
from holdfast.domain.place import standard_offset
from holdfast.domain.schedule import WeekHours


def create_business(
    catalog: Catalog, calendars: Calendars, asked: Asked, business_id: str, settings: Mapping[str, Any]
) -> Business:
    """Create a business from its resolved settings; its ledger offset is fixed here for good (DESIGN 2).

    Raises Forbidden, Invalid or AlreadyExists.
    """
    if not asked.caller.is_platform_admin:
        raise Forbidden("Only platform admins create businesses.")
    require_known(calendars, settings)
    offset = standard_offset(settings["timeZone"], to_datetime(asked.now).year)
    business = Business.of(business_id, settings, ledger_offset=offset, op=asked.op)
    return add(catalog, asked, business, lambda: catalog.business(business_id), what="business")


def require_known(calendars: Calendars, settings: Mapping[str, Any]) -> None:
    """Raises Invalid where the settings name national holidays, or custom fields, that nobody knows of."""
    require_schema(settings["domain"]["customFields"])
    if chosen := settings.get("holidays"):
        calendars.require(chosen["country"], chosen.get("subdivision"))


def create_resource(
    catalog: Catalog,
    asked: Asked,
    business_id: str,
    resource_id: str,
    *,
    name: str,
    kind: str,
    capacity: int,
    slots_may_overlap: bool,
    hours: WeekHours | None = None,
    breaks: Sequence[Mapping[str, Any]] = (),
    metadata: Mapping[str, object],
) -> Resource:
    """Raises NotFound, Forbidden, Invalid or AlreadyExists."""
    administered(catalog, asked, business_id)
    refuse_any(of_resource(hours, breaks))
    resource = Resource(
        business=business_id,
        id=resource_id,
        name=name,
        kind=kind,
        capacity=capacity,
        slots_may_overlap=slots_may_overlap,
        hours=hours,
        breaks=tuple(breaks),
        metadata=metadata,
        op=asked.op,
    )
    return add(catalog, asked, resource, lambda: catalog.resource(business_id, resource_id), what="resource")
