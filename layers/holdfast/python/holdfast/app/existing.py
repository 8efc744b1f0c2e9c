"""What the catalog has of that name, or the ledger; NotFound where there is nothing."""

from __future__ import annotations

from holdfast.app.ports import Catalog
from holdfast.domain.business import Business, Resource
from holdfast.domain.errors import NotFound
from holdfast.domain.member import Member
from holdfast.domain.slot import Slot, SlotState


def existing_business(catalog: Catalog, business_id: str, *, missing: str = "business") -> Business:
    """`missing` is what is not found without it: a slot's business is known by the slot's id alone."""
    business = catalog.business(business_id)
    if business is None:
        raise NotFound(missing)
    return business


def existing_resource(catalog: Catalog, business_id: str, resource_id: str) -> Resource:
    resource = catalog.resource(business_id, resource_id)
    if resource is None:
        raise NotFound("resource")
    return resource


def existing_member(catalog: Catalog, business_id: str, user_id: str) -> Member:
    member = catalog.member(business_id, user_id)
    if member is None:
        raise NotFound("member")
    return member


def existing_slot(slot: Slot | None) -> Slot:
    """The slot as it was read, if it is there and no tombstone."""
    if slot is None or slot.state is SlotState.DELETED:
        raise NotFound("slot")
    return slot
