"""Change what the catalog says of businesses, resources and members; `records` has how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from holdfast.app.admins import administered
from holdfast.app.asked import Asked
from holdfast.app.catalog import require_known
from holdfast.app.existing import existing_member, existing_resource
from holdfast.app.offers import offers_of
from holdfast.app.ports import Calendars, Catalog, Catalogues, Days, Slots
from holdfast.app.records import PAGE, add, change, every, remove
from holdfast.app.to_come import LOOK_AHEAD, claims_to_come, slots_to_come
from holdfast.domain.business import Business, Resource
from holdfast.domain.contradictions import (
    IN_BUSINESS,
    IN_RESOURCE,
    brought_about,
    in_need,
    of_resource,
    refuse_any,
)
from holdfast.domain.errors import NotFound, ResourceInUse
from holdfast.domain.member import Member, Role
from holdfast.domain.schedule import WeekHours

MOST_TOLD = 5
"""Of what stands in the way of a removal."""


def update_business(
    catalog: Catalog,
    catalogues: Catalogues,
    calendars: Calendars,
    asked: Asked,
    business_id: str,
    settings: Mapping[str, Any],
) -> Business:
    """Put other settings, whole and checked, in place of a business's, if its services can live with them.

    Raises NotFound, Forbidden, PreconditionRequired, StaleVersion or Invalid.
    """

    def changed(business: Business) -> Business:
        require_known(calendars, settings)
        after = business.with_settings(settings, asked.op)
        offers = offers_of(catalogues, business_id)
        refuse_any(brought_about(offers, replace(offers, business=after), IN_BUSINESS))
        return after

    return change(catalog, asked, lambda: administered(catalog, asked, business_id), changed)


def update_resource(
    catalog: Catalog,
    catalogues: Catalogues,
    asked: Asked,
    business_id: str,
    resource_id: str,
    *,
    name: str,
    kind: str,
    capacity: int,
    slots_may_overlap: bool,
    hours: WeekHours | None,
    breaks: Sequence[Mapping[str, Any]],
    metadata: Mapping[str, object],
) -> Resource:
    """Raises NotFound, Forbidden, PreconditionRequired, StaleVersion or Invalid."""
    administered(catalog, asked, business_id)

    def changed(resource: Resource) -> Resource:
        refuse_any(of_resource(hours, breaks))
        after = replace(
            resource,
            name=name,
            kind=kind,
            capacity=capacity,
            slots_may_overlap=slots_may_overlap,
            hours=hours,
            breaks=tuple(breaks),
            metadata=metadata,
            version=resource.version + 1,
            changed_by=asked.op,
        )
        offers = offers_of(catalogues, business_id)
        resources = {**offers.resources, resource_id: after}
        refuse_any(brought_about(offers, replace(offers, resources=resources), IN_RESOURCE))
        return after

    return change(catalog, asked, lambda: existing_resource(catalog, business_id, resource_id), changed)


def remove_resource(
    catalog: Catalog,
    catalogues: Catalogues,
    slots: Slots,
    days: Days,
    asked: Asked,
    business_id: str,
    resource_id: str,
) -> None:
    """Its times off go with it; a repeat goes on with those that were left when the first was broken off.

    Raises NotFound, Forbidden, StaleVersion, or ResourceInUse while slots or appointments of it are still to
    come, or a service cannot do without it.
    """
    business = administered(catalog, asked, business_id)
    resource = catalog.resource(business_id, resource_id)
    if resource is None:
        if not _remove_absences(catalog, business_id, resource_id):
            raise NotFound("resource")
        return
    asked.require_version(resource.version)
    offers = offers_of(catalogues, business_id)
    left = {name: each for name, each in offers.resources.items() if name != resource_id}
    services = in_need(replace(offers, resources=left))
    now = asked.now
    published = slots_to_come(slots, business_id, resource_id, now, now, now + LOOK_AHEAD)
    slot_ids = [slot.key.slot_id for slot in islice(published, MOST_TOLD)]
    claims = claims_to_come(days, business, resource_id, now)
    bookings = sorted({claim.booking for claim in claims})[:MOST_TOLD]
    if slot_ids or bookings or services:
        raise ResourceInUse(slot_ids, bookings, services)
    remove(catalog, resource)
    _remove_absences(catalog, business_id, resource_id)


def _remove_absences(catalog: Catalog, business_id: str, resource_id: str) -> int:
    """How many there were."""
    found = list(every(lambda cursor: catalog.absences(business_id, resource_id, limit=PAGE, cursor=cursor)))
    for absence in found:
        remove(catalog, absence)
    return len(found)


def add_member(catalog: Catalog, asked: Asked, business_id: str, user_id: str, role: Role) -> Member:
    """Raises NotFound, Forbidden or AlreadyExists."""
    administered(catalog, asked, business_id)
    member = Member(business=business_id, user=user_id, role=role, op=asked.op)
    return add(catalog, asked, member, lambda: catalog.member(business_id, user_id), what="member")


def update_member(catalog: Catalog, asked: Asked, business_id: str, user_id: str, role: Role) -> Member:
    """Raises NotFound, Forbidden, PreconditionRequired or StaleVersion."""
    administered(catalog, asked, business_id)
    return change(
        catalog,
        asked,
        lambda: existing_member(catalog, business_id, user_id),
        lambda member: member.become(role, asked.op),
    )


def remove_member(catalog: Catalog, asked: Asked, business_id: str, user_id: str) -> None:
    """Raises NotFound, Forbidden or StaleVersion."""
    administered(catalog, asked, business_id)
    member = existing_member(catalog, business_id, user_id)
    asked.require_version(member.version)
    remove(catalog, member)
