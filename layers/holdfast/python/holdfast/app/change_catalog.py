"""Change what the catalog says: on the version that If-Match names, written on the version that was read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from holdfast.app.admins import administered
from holdfast.app.asked import Asked
from holdfast.app.existing import existing_member, existing_resource
from holdfast.app.ports import Catalog, Lost, Slots
from holdfast.domain.business import Business, Resource
from holdfast.domain.errors import AlreadyExists, ResourceInUse, Unavailable
from holdfast.domain.instants import DAY
from holdfast.domain.member import Member, Role
from holdfast.domain.schedule import WeekHours

MOST_TRIES = 3
LOOK_AHEAD = 5 * 366 * DAY
"""So far ahead a resource's slots are looked for before it goes: months are keys, and each costs a query."""


def update_business(
    catalog: Catalog, asked: Asked, business_id: str, settings: Mapping[str, Any]
) -> Business:
    """Put other settings, whole and checked, in place of a business's.

    Raises NotFound, Forbidden, PreconditionRequired or StaleVersion.
    """

    def change(business: Business) -> Business:
        changed = business.with_settings(settings, asked.op)
        catalog.save_business(changed)
        return changed

    return _change(asked, lambda: administered(catalog, asked, business_id), change)


def update_resource(
    catalog: Catalog,
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
    """Raises NotFound, Forbidden, PreconditionRequired or StaleVersion."""
    administered(catalog, asked, business_id)

    def change(resource: Resource) -> Resource:
        changed = replace(
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
        catalog.save_resource(changed)
        return changed

    return _change(asked, lambda: existing_resource(catalog, business_id, resource_id), change)


def remove_resource(catalog: Catalog, slots: Slots, asked: Asked, business_id: str, resource_id: str) -> None:
    """Raises NotFound, Forbidden, StaleVersion, or ResourceInUse while slots of it are still to come."""
    administered(catalog, asked, business_id)
    resource = existing_resource(catalog, business_id, resource_id)
    asked.require_version(resource.version)
    cursor: str | None = None
    while True:
        page = slots.published(
            business_id, [resource_id], asked.now, asked.now + LOOK_AHEAD, limit=5, cursor=cursor
        )
        if page.items:
            raise ResourceInUse([slot.key.slot_id for slot in page.items])
        cursor = page.cursor
        if cursor is None:
            break
    _remove(lambda: catalog.remove_resource(resource))


def add_member(catalog: Catalog, asked: Asked, business_id: str, user_id: str, role: Role) -> Member:
    """Raises NotFound, Forbidden or AlreadyExists."""
    administered(catalog, asked, business_id)
    member = Member(business=business_id, user=user_id, role=role, op=asked.op)
    try:
        catalog.add_member(member)
    except Lost:
        there = existing_member(catalog, business_id, user_id)
        if there.op != asked.op:
            raise AlreadyExists("This user is a member already.") from None
        return there
    return member


def update_member(catalog: Catalog, asked: Asked, business_id: str, user_id: str, role: Role) -> Member:
    """Raises NotFound, Forbidden, PreconditionRequired or StaleVersion."""
    administered(catalog, asked, business_id)

    def change(member: Member) -> Member:
        changed = member.become(role, asked.op)
        catalog.save_member(changed)
        return changed

    return _change(asked, lambda: existing_member(catalog, business_id, user_id), change)


def remove_member(catalog: Catalog, asked: Asked, business_id: str, user_id: str) -> None:
    """Raises NotFound, Forbidden or StaleVersion."""
    administered(catalog, asked, business_id)
    member = existing_member(catalog, business_id, user_id)
    asked.require_version(member.version)
    _remove(lambda: catalog.remove_member(member))


def _change[Item: (Business, Resource, Member)](
    asked: Asked, read: Callable[[], Item], change: Callable[[Item], Item]
) -> Item:
    for _ in range(MOST_TRIES):
        item = read()
        if item.changed_by == asked.op:
            return item
        asked.require_precondition()
        asked.require_version(item.version)
        try:
            return change(item)
        except Lost:
            continue  # whose change was quicker is told by its version
    raise Unavailable("it changes too quickly")


def _remove(remove: Callable[[], None]) -> None:
    try:
        remove()
    except Lost:
        raise Unavailable("it changed as it was removed") from None
