"""The `Catalog` port with PynamoDB, and the short-lived cache in front of it."""

from __future__ import annotations

import json
import time

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, PutError, PynamoDBException
from pynamodb.models import Model

from holdfast.adapters.dynamodb.cursors import decode, encode
from holdfast.adapters.dynamodb.keys import business_pk
from holdfast.app.ports import Catalog, Lost, Page
from holdfast.domain.business import Business, Resource
from holdfast.domain.errors import Unavailable
from holdfast.domain.place import ID

FRESH_FOR = 60.0
"""Seconds. What only shapes a hold may be this old; what is sold stands in the ledger (DESIGN 5)."""


class CatalogItem(Model):
    class Meta:
        table_name = "unbound"  # `DynamoCatalog` binds it; nothing here reads the environment
        connect_timeout_seconds = 1
        read_timeout_seconds = 2
        max_retry_attempts = 2

    pk = UnicodeAttribute(hash_key=True, attr_name="PK")
    sk = UnicodeAttribute(range_key=True, attr_name="SK")
    version = NumberAttribute()
    op = UnicodeAttribute()


class BusinessItem(CatalogItem):
    ledger_offset = NumberAttribute(attr_name="ledgerOffset")
    settings = UnicodeAttribute()


class ResourceItem(CatalogItem):
    name = UnicodeAttribute()
    kind = UnicodeAttribute()
    capacity = NumberAttribute()
    slots_may_overlap = BooleanAttribute(attr_name="slotsMayOverlap")
    metadata = UnicodeAttribute()


class DynamoCatalog:
    """Binds the item classes to the table, so there is one catalog a process."""

    def __init__(self, table: str) -> None:
        for item in (CatalogItem, BusinessItem, ResourceItem):
            item.Meta.table_name = table
            item._connection = None

    def business(self, business_id: str) -> Business | None:
        item = _get(BusinessItem, business_pk(business_id), "BUSINESS")
        return _business_of(item) if item else None

    def resource(self, business_id: str, resource_id: str) -> Resource | None:
        item = _get(ResourceItem, business_pk(business_id), f"RESOURCE#{resource_id}")
        return _resource_of(item) if item else None

    def resources(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Resource]:
        pk = business_pk(business_id)
        after = None
        if cursor:
            after = {"PK": {"S": pk}, "SK": {"S": f"RESOURCE#{decode(cursor, ID)[0]}"}}
        try:
            found = ResourceItem.query(
                pk,
                ResourceItem.sk.startswith("RESOURCE#"),
                consistent_read=True,
                limit=limit,
                last_evaluated_key=after,
            )
            resources = [_resource_of(item) for item in found]
        except PynamoDBException as error:
            raise _unavailable(error) from error
        more = found.last_evaluated_key is not None
        return Page(resources, encode(resources[-1].id) if more and resources else None)

    def add_business(self, business: Business) -> None:
        _put_new(
            BusinessItem(
                business_pk(business.id),
                "BUSINESS",
                version=business.version,
                op=business.op,
                ledger_offset=business.ledger_offset,
                settings=json.dumps(business.settings),
            )
        )

    def add_resource(self, resource: Resource) -> None:
        _put_new(
            ResourceItem(
                business_pk(resource.business),
                f"RESOURCE#{resource.id}",
                version=resource.version,
                op=resource.op,
                name=resource.name,
                kind=resource.kind,
                capacity=resource.capacity,
                slots_may_overlap=resource.slots_may_overlap,
                metadata=json.dumps(resource.metadata),
            )
        )


class CachedCatalog:
    """A catalog whose businesses may be `FRESH_FOR` seconds old; everything else passes through."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._businesses: dict[str, tuple[float, Business]] = {}
        self.resource = catalog.resource
        self.resources = catalog.resources
        self.add_business = catalog.add_business
        self.add_resource = catalog.add_resource

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


def _put_new(item: CatalogItem) -> None:
    try:
        item.save(condition=CatalogItem.pk.does_not_exist())
    except PutError as error:
        if error.cause_response_code == "ConditionalCheckFailedException":
            raise Lost from None
        raise _unavailable(error) from error


def _unavailable(error: PynamoDBException) -> Unavailable:
    return Unavailable(error.cause_response_code or type(error).__name__)


def _business_of(item: BusinessItem) -> Business:
    return Business.of(
        item.pk.removeprefix("BUSINESS#"),
        json.loads(item.settings),
        ledger_offset=int(item.ledger_offset),
        op=item.op,
        version=int(item.version),
    )


def _resource_of(item: ResourceItem) -> Resource:
    return Resource(
        business=item.pk.removeprefix("BUSINESS#"),
        id=item.sk.removeprefix("RESOURCE#"),
        name=item.name,
        kind=item.kind,
        capacity=int(item.capacity),
        slots_may_overlap=item.slots_may_overlap,
        metadata=json.loads(item.metadata),
        version=int(item.version),
        op=item.op,
    )
