"""Create businesses and resources. A create that finds its own `op` there answers what it made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holdfast.app.asked import Asked
from holdfast.app.ports import Catalog, Lost
from holdfast.domain.business import Business, Resource
from holdfast.domain.errors import AlreadyExists, Forbidden, NotFound, Unavailable
from holdfast.domain.instants import to_datetime
from holdfast.domain.place import standard_offset


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
    metadata: Mapping[str, object],
) -> Resource:
    """Raises NotFound, Forbidden or AlreadyExists."""
    if catalog.business(business_id) is None:
        raise NotFound("business")
    if not asked.caller.administers(business_id):
        raise Forbidden("Only its admins add resources to a business.")
    resource = Resource(
        business=business_id,
        id=resource_id,
        name=name,
        kind=kind,
        capacity=capacity,
        slots_may_overlap=slots_may_overlap,
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
