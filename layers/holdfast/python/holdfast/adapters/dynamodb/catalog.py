"""The `Catalog` port with PynamoDB, and the short-lived cache in front of it."""

from __future__ import annotations

import random
import time
from typing import Literal

from pynamodb.exceptions import DeleteError, DoesNotExist, PutError, PynamoDBException, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from holdfast.adapters.dynamodb.catalog_items import (
    KINDS,
    AbsenceItem,
    BusinessItem,
    CatalogItem,
    HolidayItem,
    MemberItem,
    ResourceItem,
    RevisionItem,
    ServiceItem,
    absence_of,
    business_of,
    holiday_of,
    item_of,
    member_of,
    resource_of,
    revision_item,
    service_of,
)
from holdfast.adapters.dynamodb.client import CONFLICTS, FIRST_PAUSE, MOST_ATTEMPTS, THROTTLES
from holdfast.adapters.dynamodb.keys import business_pk, time_off_sk
from holdfast.adapters.session import session
from holdfast.app.cursors import decode, encode
from holdfast.app.ports import Catalog, CatalogPart, CatalogRecord, Lost, Page
from holdfast.domain.absence import Absence
from holdfast.domain.business import Business, Resource
from holdfast.domain.errors import Unavailable
from holdfast.domain.holiday import Holiday
from holdfast.domain.member import USER, Member
from holdfast.domain.place import ID
from holdfast.domain.service import Service

FRESH_FOR = 60.0
"""Seconds. What only shapes a hold may be this old; what is sold stands in the ledger (DESIGN 5)."""

type _Operation = Literal["save", "delete"]


class DynamoCatalog:
    """Binds the item classes to the table, so there is one catalog a process."""

    def __init__(self, table: str) -> None:
        for item in KINDS:
            item.Meta.table_name = table
            item._connection = None
            # PynamoDB would make a session for each class, and read DynamoDB's model again for each.
            item._get_connection().connection._local.session = session()

    def business(self, business_id: str) -> Business | None:
        item = _get(BusinessItem, business_id, "BUSINESS")
        return business_of(item) if item else None

    def resource(self, business_id: str, resource_id: str) -> Resource | None:
        item = _get(ResourceItem, business_id, f"RESOURCE#{resource_id}")
        return resource_of(item) if item else None

    def resources(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Resource]:
        found, after = _query(ResourceItem, business_id, "RESOURCE#", ID, limit, cursor)
        return Page([resource_of(item) for item in found], after)

    def service(self, business_id: str, service_id: str) -> Service | None:
        item = _get(ServiceItem, business_id, f"SERVICE#{service_id}")
        return service_of(item) if item else None

    def services(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Service]:
        found, after = _query(ServiceItem, business_id, "SERVICE#", ID, limit, cursor)
        return Page([service_of(item) for item in found], after)

    def holiday(self, business_id: str, holiday_id: str) -> Holiday | None:
        item = _get(HolidayItem, business_id, f"HOLIDAY#{holiday_id}")
        return holiday_of(item) if item else None

    def holidays(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Holiday]:
        found, after = _query(HolidayItem, business_id, "HOLIDAY#", ID, limit, cursor)
        return Page([holiday_of(item) for item in found], after)

    def absence(self, business_id: str, resource_id: str, absence_id: str) -> Absence | None:
        item = _get(AbsenceItem, business_id, f"{time_off_sk(resource_id)}{absence_id}")
        return absence_of(item) if item else None

    def absences(
        self, business_id: str, resource_id: str, *, limit: int, cursor: str | None
    ) -> Page[Absence]:
        found, after = _query(AbsenceItem, business_id, time_off_sk(resource_id), ID, limit, cursor)
        return Page([absence_of(item) for item in found], after)

    def member(self, business_id: str, user_id: str) -> Member | None:
        item = _get(MemberItem, business_id, f"MEMBER#{user_id}")
        return member_of(item) if item else None

    def members(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Member]:
        found, after = _query(MemberItem, business_id, "MEMBER#", USER, limit, cursor)
        return Page([member_of(item) for item in found], after)

    def add(self, record: CatalogRecord) -> None:
        _write("save", item_of(record), CatalogItem.pk.does_not_exist())

    def save(self, record: CatalogRecord) -> None:
        _write("save", item_of(record), CatalogItem.version == record.version - 1)

    def remove(self, record: CatalogPart) -> None:
        _write("delete", item_of(record), CatalogItem.version == record.version)


class CachedCatalog:
    """A catalog whose businesses may be `FRESH_FOR` seconds old; everything else passes through."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._businesses: dict[str, tuple[float, Business]] = {}
        self.resource = catalog.resource
        self.resources = catalog.resources
        self.service = catalog.service
        self.services = catalog.services
        self.holiday = catalog.holiday
        self.holidays = catalog.holidays
        self.absence = catalog.absence
        self.absences = catalog.absences
        self.member = catalog.member
        self.members = catalog.members
        self.add = catalog.add
        self.save = catalog.save
        self.remove = catalog.remove

    def business(self, business_id: str) -> Business | None:
        now = time.monotonic()
        read_at, business = self._businesses.get(business_id, (0.0, None))
        if business is None or now - read_at > FRESH_FOR:
            business = self._catalog.business(business_id)
            if business:
                self._businesses[business_id] = (now, business)
        return business


def _get[Item: CatalogItem](kind: type[Item], business_id: str, sk: str) -> Item | None:
    try:
        return kind.get(business_pk(business_id), sk, consistent_read=True)
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


def _write(operation: _Operation, item: CatalogItem, condition: Condition) -> None:
    """On the condition; what shapes the offers raises their revision in the same transaction."""
    if isinstance(item, MemberItem):
        _write_alone(operation, item, condition)
    else:
        _write_with_revision(operation, item, condition)


def _write_alone(operation: _Operation, item: CatalogItem, condition: Condition) -> None:
    try:
        getattr(item, operation)(condition=condition)
    except (PutError, DeleteError) as error:
        if error.cause_response_code == "ConditionalCheckFailedException":
            raise Lost from error
        raise _unavailable(error) from error


def _write_with_revision(operation: _Operation, item: CatalogItem, condition: Condition) -> None:
    """All changes of one business meet at its revision, so conflicts are tried again, with full jitter."""
    connection = RevisionItem._get_connection().connection
    for attempt in range(MOST_ATTEMPTS):
        if attempt:
            time.sleep(random.uniform(0, FIRST_PAUSE * 2**attempt))
        try:
            with TransactWrite(connection=connection) as together:
                getattr(together, operation)(item, condition=condition)
                together.update(revision_item(item.pk), actions=[RevisionItem.revision.add(1)])
        except TransactWriteError as error:
            codes = {reason.code for reason in error.cancellation_reasons if reason}
            # Only the record has a condition, so the order of the reasons is no matter.
            if "ConditionalCheckFailed" in codes:
                raise Lost from error
            reason = error.cause_response_code or type(error).__name__
            if not (codes or {reason}) <= CONFLICTS | THROTTLES:
                raise _unavailable(error) from error
        else:
            return
    raise Unavailable(reason)


def _unavailable(error: PynamoDBException) -> Unavailable:
    return Unavailable(error.cause_response_code or type(error).__name__)
