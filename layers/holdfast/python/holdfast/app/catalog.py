"""Create businesses and resources. A create that finds its own `op` there answers what it made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from holdfast.app.admins import administered
from holdfast.app.asked import Asked
from holdfast.app.ports import Catalog, Lost
from holdfast.domain.business import Business, Resource
from holdfast.domain.errors import AlreadyExists, Forbidden, Unavailable
from holdfast.domain.instants import to_datetime
from holdfast.domain.place import standard_offset
from holdfast.domain.schedule import WeekHours


def create_business(
    catalog: Catalog, asked: Asked, business_id: str, settings: Mapping[str, Any]
) -> Business:
    """Create a business from its resolved settings; its ledger offset is fixed here for good (DESIGN 2).

    Raises Forbidden or AlreadyExists.
    """
    if not asked.caller.is_platform_admin:
        raise Forbidden("Only platform admins create businesses.")
    offset = standard_offset(settings["timeZone"], to_datetime(asked.now).year)
    business = Business.of(business_id, settings, ledger_offset=offset, op=asked.op)
    try:
        catalog.add_business(business)
    except Lost:
        there = catalog.business(business_id)
        if there is None:
            raise Unavailable("the business went as we looked") from None
        if there.op != asked.op:
            raise AlreadyExists(f"The business {business_id} exists already.") from None
        return there
    return business


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
    """Raises NotFound, Forbidden or AlreadyExists."""
    administered(catalog, asked, business_id)
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
    try:
        catalog.add_resource(resource)
    except Lost:
        there = catalog.resource(business_id, resource_id)
        if there is None:
            raise Unavailable("the resource went as we looked") from None
        if there.op != asked.op:
            raise AlreadyExists(f"The resource {resource_id} exists already.") from None
        return there
    return resource
