"""The `Catalog` port with PynamoDB, and the short-lived cache in front of it."""

from __future__ import annotations

import json
import time

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DeleteError, DoesNotExist, PutError, PynamoDBException
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

from holdfast.adapters.dynamodb.cursors import decode, encode
from holdfast.adapters.dynamodb.keys import business_pk
from holdfast.adapters.session import session
from holdfast.app.ports import Catalog, Lost, Page
from holdfast.domain.business import Business, Resource
from holdfast.domain.errors import Unavailable
from holdfast.domain.member import USER, Member, Role
from holdfast.domain.place import ID

FRESH_FOR = 60.0
"""Seconds. What only shapes a hold may be this old; what is sold stands in the ledger (DESIGN 5)."""


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


class DynamoCatalog:
    """Binds the item classes to the table, so there is one catalog a process."""

    def __init__(self, table: str) -> None:
        for item in (CatalogItem, BusinessItem, ResourceItem, MemberItem):
            item.Meta.table_name = table
            item._connection = None
            # PynamoDB would make a session for each class, and read DynamoDB's model again for each.
            item._get_connection().connection._local.session = session()

    def business(self, business_id: str) -> Business | None:
        item = _get(BusinessItem, business_pk(business_id), "BUSINESS")
        return _business_of(item) if item else None

    def resource(self, business_id: str, resource_id: str) -> Resource | None:
        item = _get(ResourceItem, business_pk(business_id), f"RESOURCE#{resource_id}")
        return _resource_of(item) if item else None

    def resources(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Resource]:
        found, after = _query(ResourceItem, business_id, "RESOURCE#", ID, limit, cursor)
        return Page([_resource_of(item) for item in found], after)

    def member(self, business_id: str, user_id: str) -> Member | None:
        item = _get(MemberItem, business_pk(business_id), f"MEMBER#{user_id}")
        return _member_of(item) if item else None

    def members(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Member]:
        found, after = _query(MemberItem, business_id, "MEMBER#", USER, limit, cursor)
        return Page([_member_of(item) for item in found], after)

    def add_business(self, business: Business) -> None:
        _put(_business_item(business), CatalogItem.pk.does_not_exist())

    def add_resource(self, resource: Resource) -> None:
        _put(_resource_item(resource), CatalogItem.pk.does_not_exist())

    def add_member(self, member: Member) -> None:
        _put(_member_item(member), CatalogItem.pk.does_not_exist())

    def save_business(self, business: Business) -> None:
        _put(_business_item(business), CatalogItem.version == business.version - 1)

    def save_resource(self, resource: Resource) -> None:
        _put(_resource_item(resource), CatalogItem.version == resource.version - 1)

    def save_member(self, member: Member) -> None:
        _put(_member_item(member), CatalogItem.version == member.version - 1)

    def remove_resource(self, resource: Resource) -> None:
        _delete(_resource_item(resource))

    def remove_member(self, member: Member) -> None:
        _delete(_member_item(member))


class CachedCatalog:
    """A catalog whose businesses may be `FRESH_FOR` seconds old; everything else passes through."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._businesses: dict[str, tuple[float, Business]] = {}
        self.resource = catalog.resource
        self.resources = catalog.resources
        self.member = catalog.member
        self.members = catalog.members
        self.add_business = catalog.add_business
        self.add_resource = catalog.add_resource
        self.add_member = catalog.add_member
        self.save_business = catalog.save_business
        self.save_resource = catalog.save_resource
        self.save_member = catalog.save_member
        self.remove_resource = catalog.remove_resource
        self.remove_member = catalog.remove_member

    def business(self, business_id: str) -> Business | None:
        now = time.monotonic()
        read_at, business = self._businesses.get(business_id, (0.0, None))
        if business is None or now - read_at > FRESH_FOR:
            business = self._catalog.business(business_id)
            if business:
                self._businesses[business_id] = (now, business)
        return business


def _get[Item: CatalogItem](kind: type[Item], pk: str, sk: str) -> Item | None:
    try:
        return kind.get(pk, sk, consistent_read=True)
    except DoesNotExist:
        return None
    except PynamoDBException as error:
        raise _unavailable(error) from error


def _query[Item: CatalogItem](
    kind: type[Item], business_id: str, prefix: str, shape: str, limit: int, cursor: str | None
) -> tuple[list[Item], str | None]:
    """A page by sort key, and the cursor to go on with; `shape` is the pattern of what follows the prefix."""
    pk = business_pk(business_id)
    after = {"PK": {"S": pk}, "SK": {"S": prefix + decode(cursor, prefix, shape)[1]}} if cursor else None
    try:
        found = kind.query(
            pk,
            CatalogItem.sk.startswith(prefix),
            consistent_read=True,
            limit=limit,
            last_evaluated_key=after,
        )
        items = list(found)
    except PynamoDBException as error:
        raise _unavailable(error) from error
    more = found.last_evaluated_key is not None and items
    return items, encode(prefix, items[-1].sk.removeprefix(prefix)) if more else None


def _put(item: CatalogItem, condition: Condition) -> None:
    try:
        item.save(condition=condition)
    except PutError as error:
        raise _lost_or_unavailable(error) from error


def _delete(item: CatalogItem) -> None:
    """If it is still as it was read."""
    try:
        item.delete(condition=CatalogItem.version == item.version)
    except DeleteError as error:
        raise _lost_or_unavailable(error) from error


def _lost_or_unavailable(error: PynamoDBException) -> Exception:
    if error.cause_response_code == "ConditionalCheckFailedException":
        return Lost()
    return _unavailable(error)


def _unavailable(error: PynamoDBException) -> Unavailable:
    return Unavailable(error.cause_response_code or type(error).__name__)


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


def _business_of(item: BusinessItem) -> Business:
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


def _resource_of(item: ResourceItem) -> Resource:
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


def _member_item(member: Member) -> MemberItem:
    return MemberItem(
        business_pk(member.business),
        f"MEMBER#{member.user}",
        version=member.version,
        op=member.op,
        changed_by=member.changed_by,
        role=member.role,
    )


def _member_of(item: MemberItem) -> Member:
    return Member(
        business=item.pk.removeprefix("BUSINESS#"),
        user=item.sk.removeprefix("MEMBER#"),
        role=Role(item.role),
        version=int(item.version),
        op=item.op,
        changed_by=item.changed_by,
    )
