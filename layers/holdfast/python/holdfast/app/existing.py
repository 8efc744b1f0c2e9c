"""What the catalog has of that name, or the ledger; NotFound where there is nothing."""

from __future__ import annotations

from holdfast.app.ports import Catalog
from holdfast.domain.absence import Absence
from holdfast.domain.business import Business, Resource
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.errors import NotFound
from holdfast.domain.holiday import Holiday
from holdfast.domain.member import Member
from holdfast.domain.service import Service
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


def existing_service(catalog: Catalog, business_id: str, service_id: str) -> Service:
    service = catalog.service(business_id, service_id)
    if service is None:
        raise NotFound("service")
    return service


def existing_holiday(catalog: Catalog, business_id: str, holiday_id: str) -> Holiday:
    holiday = catalog.holiday(business_id, holiday_id)
    if holiday is None:
        raise NotFound("holiday")
    return holiday


def existing_absence(catalog: Catalog, business_id: str, resource_id: str, absence_id: str) -> Absence:
    absence = catalog.absence(business_id, resource_id, absence_id)
    if absence is None:
        raise NotFound("time off")
    return absence


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


def existing_catalogue(catalogue: Catalogue | None) -> Catalogue:
    if catalogue is None:
        raise NotFound("business")
    return catalogue


def offered_service(catalogue: Catalogue, service_id: str) -> Service:
    service = catalogue.services.get(service_id)
    if service is None:
        raise NotFound("service")
    return service
