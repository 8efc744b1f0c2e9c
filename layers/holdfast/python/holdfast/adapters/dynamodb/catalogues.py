"""Whole catalogues from the Catalog table: a revision, and all of a business's partition, page by page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from holdfast.adapters.dynamodb.catalog_items import (
    AbsenceItem,
    BusinessItem,
    HolidayItem,
    ResourceItem,
    ServiceItem,
    absence_of,
    business_of,
    holiday_of,
    resource_of,
    service_of,
)
from holdfast.adapters.dynamodb.client import Dynamo
from holdfast.adapters.dynamodb.keys import business_pk, revision_key
from holdfast.domain.business import Business, Resource
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.closures import Closure, TimeOff
from holdfast.domain.service import Service


class DynamoCatalogues:
    """All reads are consistent. It uses the client itself: one query has items of every kind."""

    def __init__(self, dynamo: Dynamo, table: str) -> None:
        self._dynamo = dynamo
        self._table = table

    def revision(self, business_id: str) -> int:
        answer = self._dynamo.call(
            "get_item", TableName=self._table, Key=revision_key(business_id), ConsistentRead=True
        )
        return int(answer["Item"]["revision"]["N"]) if answer.get("Item") else 0

    def catalogue(self, business_id: str, revision: int) -> Catalogue | None:
        business: Business | None = None
        services: dict[str, Service] = {}
        resources: dict[str, Resource] = {}
        closures: list[Closure] = []
        time_off: defaultdict[str, list[TimeOff]] = defaultdict(list)
        for item in self._partition(business_id):
            match item["SK"]["S"].partition("#")[0]:
                case "BUSINESS":
                    business = business_of(BusinessItem.from_raw_data(item))
                case "RESOURCE":
                    resource = resource_of(ResourceItem.from_raw_data(item))
                    resources[resource.id] = resource
                case "SERVICE":
                    service = service_of(ServiceItem.from_raw_data(item))
                    services[service.id] = service
                case "HOLIDAY":
                    closures.append(holiday_of(HolidayItem.from_raw_data(item)).closure)
                case "TIMEOFF":
                    absence = absence_of(AbsenceItem.from_raw_data(item))
                    time_off[absence.resource].append(absence.time_off)
        if business is None:
            return None
        return Catalogue(
            business=business,
            revision=revision,
            services=services,
            resources=resources,
            closures=tuple(closures),
            time_off={name: tuple(times) for name, times in time_off.items()},
        )

    def _partition(self, business_id: str) -> Iterator[dict[str, Any]]:
        """Members and the revision lie there too; nothing is made of them."""
        request: Mapping[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": {"S": business_pk(business_id)}},
            "ConsistentRead": True,
        }
        while True:
            answer = self._dynamo.call("query", **request)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            request = {**request, "ExclusiveStartKey": answer["LastEvaluatedKey"]}
