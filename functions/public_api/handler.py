"""Reads that need no token: health, the contract, businesses, resources, slots."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from functions.public_api import docs
from holdfast import bootstrap
from holdfast.app.existing import existing_business, existing_slot
from holdfast.app.ports import Catalog
from holdfast.domain.business import Business
from holdfast.domain.instants import DAY
from holdfast.http import params, views
from holdfast.http.api import Answer, Api, Call
from holdfast.http.entry import entry
from holdfast.http.paging import filtered, page_answer
from holdfast.http.ports import Ports

LONGEST_STRETCH = 62 * DAY
USUAL_STRETCH = 31 * DAY

api = Api()


@api.get("/v1/health", answers={200: views.HealthView}, public=True)
def get_health(call: Call[None], ports: Ports) -> Answer:
    """Whether the service and what it stands on are well."""
    up = ports.health()
    components = {name: "up" if well else "down" for name, well in up.items()}
    status = "healthy" if all(up.values()) else "degraded"
    return Answer(body={"status": status, "components": components, "version": ports.settings().version})


@api.get("/v1/openapi.json", answers={200: views.JsonObject}, public=True)
def get_openapi(call: Call[None], ports: Ports) -> Answer:
    """This contract."""
    return Answer(body=_contract())


@api.get("/v1/docs", answers={200: "text/html"}, public=True)
def get_docs(call: Call[None], ports: Ports) -> Answer:
    """This contract as a page to read in a browser."""
    return Answer(body=docs.page())


@api.get("/v1/businesses/{businessId}", answers={200: views.BusinessView, 304: None}, public=True)
def get_business(call: Call[None], ports: Ports) -> Answer:
    """A business: profile, hours, public policies, domain config."""
    business = _business(call, ports)
    return Answer(body=views.business_view(business), version=business.version)


@api.get(
    "/v1/businesses/{businessId}/resources",
    query=(params.LIMIT, params.CURSOR),
    answers={200: views.ResourcesView},
    public=True,
)
def list_resources(call: Call[None], ports: Ports) -> Answer:
    """The resources of a business."""
    business = _business(call, ports)
    page = ports.catalog().resources(
        business.id, limit=call.query[params.LIMIT], cursor=call.query[params.CURSOR]
    )
    return page_answer(page, views.resource_view)


@api.get(
    "/v1/businesses/{businessId}/slots",
    query=(
        params.RESOURCE_ID,
        params.FROM,
        params.TO,
        params.SLOT_STATUS,
        params.LIMIT,
        params.CURSOR,
        params.TIME_ZONE,
    ),
    answers={200: views.SlotsView},
    public=True,
)
def list_slots(call: Call[None], ports: Ports) -> Answer:
    """Published slots that start in a stretch of at most 62 days, from now on for 31 days if none is given.

    A filter can leave a page short, even empty, while there is a next one.
    """
    business = _business(call, ports)
    zone = call.query[params.TIME_ZONE] or business.zone
    start, end = params.stretch(
        call.query, zone, default_start=call.now, usual=USUAL_STRETCH, longest=LONGEST_STRETCH
    )
    wanted, resource_id = call.query[params.SLOT_STATUS], call.query[params.RESOURCE_ID]
    resources = [resource_id] if resource_id else _resource_ids(ports.catalog(), business.id)
    page = filtered(
        lambda limit, cursor: ports.slots().published(
            business.id, resources, start, end, limit=limit, cursor=cursor
        ),
        lambda slot: wanted is None or slot.status(call.now) in wanted,
        limit=call.query[params.LIMIT],
        cursor=call.query[params.CURSOR],
    )
    return page_answer(page, lambda slot: views.slot_view(slot, zone, call.now))


@api.get("/v1/slots/{slotId}", query=(params.TIME_ZONE,), answers={200: views.SlotView}, public=True)
def get_slot(call: Call[None], ports: Ports) -> Answer:
    """A published slot. Its ETag names its terms, which holds do not change, so it is always sent whole."""
    key = call.slot_key(call.path["slotId"])
    slot = existing_slot(ports.ledger().slot(key))
    business = existing_business(ports.catalog(), key.business, missing="slot")
    zone = call.query[params.TIME_ZONE] or business.zone
    return Answer(body=views.slot_view(slot, zone, call.now), version=slot.terms)


def _business(call: Call[None], ports: Ports) -> Business:
    return existing_business(ports.catalog(), call.in_business())


def _resource_ids(catalog: Catalog, business_id: str) -> list[str]:
    page = catalog.resources(business_id, limit=100, cursor=None)
    found = list(page.items)
    while page.cursor:
        page = catalog.resources(business_id, limit=100, cursor=page.cursor)
        found += page.items
    return [resource.id for resource in found]


@cache
def _contract() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        Path(__file__).with_name("openapi.json").read_text(encoding="utf-8")
    )
    return document


handler = entry(api, bootstrap)
bootstrap.prime()
