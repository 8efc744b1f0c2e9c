"""Records of the catalog as PynamoDB items. What expressions never look into is kept as JSON text."""

from __future__ import annotations

import json

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from holdfast.adapters.dynamodb.keys import REVISION, business_pk, time_off_sk
from holdfast.app.ports import CatalogRecord
from holdfast.domain.absence import Absence
from holdfast.domain.business import Business, Resource
from holdfast.domain.closures import TimeOff
from holdfast.domain.holiday import Holiday
from holdfast.domain.member import Member, Role
from holdfast.domain.service import Service


class CatalogItem(Model):
    class Meta:
        table_name = "unbound"  # `DynamoCatalog` binds it; nothing here reads the environment
        connect_timeout_seconds = 2
        read_timeout_seconds = 4
        max_retry_attempts = 2

    pk = UnicodeAttribute(hash_key=True, attr_name="PK")
    sk = UnicodeAttribute(range_key=True, attr_name="SK")
    version = NumberAttribute()
    op = UnicodeAttribute()
    changed_by = UnicodeAttribute(attr_name="changedBy", null=True)


class BusinessItem(CatalogItem):
    ledger_offset = NumberAttribute(attr_name="ledgerOffset")
    settings = UnicodeAttribute()


class ResourceItem(CatalogItem):
    name = UnicodeAttribute()
    kind = UnicodeAttribute()
    capacity = NumberAttribute()
    slots_may_overlap = BooleanAttribute(attr_name="slotsMayOverlap")
    hours = UnicodeAttribute(null=True)
    breaks = UnicodeAttribute(null=True)
    metadata = UnicodeAttribute()


class MemberItem(CatalogItem):
    role = UnicodeAttribute()


class ServiceItem(CatalogItem):
    settings = UnicodeAttribute()


class HolidayItem(CatalogItem):
    settings = UnicodeAttribute()


class AbsenceItem(CatalogItem):
    start = NumberAttribute()
    end = NumberAttribute()
    reason = UnicodeAttribute()


class RevisionItem(CatalogItem):
    """Only ever raised: it has no version of its own."""

    revision = NumberAttribute()


KINDS: tuple[type[CatalogItem], ...] = (
    CatalogItem,
    BusinessItem,
    ResourceItem,
    ServiceItem,
    HolidayItem,
    AbsenceItem,
    MemberItem,
    RevisionItem,
)


def item_of(record: CatalogRecord) -> CatalogItem:
    match record:
        case Business():
            return _business_item(record)
        case Resource():
            return _resource_item(record)
        case Service():
            return _service_item(record)
        case Holiday():
            return _holiday_item(record)
        case Absence():
            return _absence_item(record)
        case Member():
            return _member_item(record)


def revision_item(pk: str) -> RevisionItem:
    """Beside the records of that partition."""
    return RevisionItem(pk, REVISION)


def _business_item(business: Business) -> BusinessItem:
    return BusinessItem(
        business_pk(business.id),
        "BUSINESS",
        version=business.version,
        op=business.op,
        changed_by=business.changed_by,
        ledger_offset=business.ledger_offset,
        settings=json.dumps(business.settings),
    )


def business_of(item: BusinessItem) -> Business:
    return Business.of(
        item.pk.removeprefix("BUSINESS#"),
        json.loads(item.settings),
        ledger_offset=int(item.ledger_offset),
        op=item.op,
        version=int(item.version),
        changed_by=item.changed_by,
    )


def _resource_item(resource: Resource) -> ResourceItem:
    return ResourceItem(
        business_pk(resource.business),
        f"RESOURCE#{resource.id}",
        version=resource.version,
        op=resource.op,
        changed_by=resource.changed_by,
        name=resource.name,
        kind=resource.kind,
        capacity=resource.capacity,
        slots_may_overlap=resource.slots_may_overlap,
        hours=None if resource.hours is None else json.dumps(resource.hours),
        breaks=json.dumps(resource.breaks) if resource.breaks else None,
        metadata=json.dumps(resource.metadata),
    )


def resource_of(item: ResourceItem) -> Resource:
    return Resource(
        business=item.pk.removeprefix("BUSINESS#"),
        id=item.sk.removeprefix("RESOURCE#"),
        name=item.name,
        kind=item.kind,
        capacity=int(item.capacity),
        slots_may_overlap=item.slots_may_overlap,
        hours=json.loads(item.hours) if item.hours is not None else None,
        breaks=tuple(json.loads(item.breaks)) if item.breaks is not None else (),
        metadata=json.loads(item.metadata),
        version=int(item.version),
        op=item.op,
        changed_by=item.changed_by,
    )


def _service_item(service: Service) -> ServiceItem:
    return ServiceItem(
        business_pk(service.business),
        f"SERVICE#{service.id}",
        version=service.version,
        op=service.op,
        changed_by=service.changed_by,
        settings=json.dumps(service.settings),
    )


def service_of(item: ServiceItem) -> Service:
    return Service(
        business=item.pk.removeprefix("BUSINESS#"),
        id=item.sk.removeprefix("SERVICE#"),
        settings=json.loads(item.settings),
        version=int(item.version),
        op=item.op,
        changed_by=item.changed_by,
    )


def _holiday_item(holiday: Holiday) -> HolidayItem:
    return HolidayItem(
        business_pk(holiday.business),
        f"HOLIDAY#{holiday.id}",
        version=holiday.version,
        op=holiday.op,
        changed_by=holiday.changed_by,
        settings=json.dumps(holiday.settings),
    )


def holiday_of(item: HolidayItem) -> Holiday:
    return Holiday(
        business=item.pk.removeprefix("BUSINESS#"),
        id=item.sk.removeprefix("HOLIDAY#"),
        settings=json.loads(item.settings),
        version=int(item.version),
        op=item.op,
        changed_by=item.changed_by,
    )


def _absence_item(absence: Absence) -> AbsenceItem:
    return AbsenceItem(
        business_pk(absence.business),
        f"{time_off_sk(absence.resource)}{absence.id}",
        version=absence.version,
        op=absence.op,
        changed_by=absence.changed_by,
        start=absence.time_off.start,
        end=absence.time_off.end,
        reason=absence.time_off.reason,
    )


def absence_of(item: AbsenceItem) -> Absence:
    _, resource, absence_id = item.sk.split("#")
    return Absence(
        business=item.pk.removeprefix("BUSINESS#"),
        resource=resource,
        id=absence_id,
        time_off=TimeOff(int(item.start), int(item.end), item.reason),
        version=int(item.version),
        op=item.op,
        changed_by=item.changed_by,
    )


def _member_item(member: Member) -> MemberItem:
    return MemberItem(
        business_pk(member.business),
        f"MEMBER#{member.user}",
        version=member.version,
        op=member.op,
        changed_by=member.changed_by,
        role=member.role,
    )


def member_of(item: MemberItem) -> Member:
    return Member(
        business=item.pk.removeprefix("BUSINESS#"),
        user=item.sk.removeprefix("MEMBER#"),
        role=Role(item.role),
        version=int(item.version),
        op=item.op,
        changed_by=item.changed_by,
    )
