"""Published slots."""

from __future__ import annotations

from functions.public_api.door import LONGEST_STRETCH, USUAL_STRETCH, api, business_of
from holdfast.app.existing import existing_business, existing_slot
from holdfast.app.ports import Catalog
from holdfast.http import params, views
from holdfast.http.api import Answer, Call
from holdfast.http.paging import filtered, page_answer
from holdfast.http.ports import Ports


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
    business = business_of(call, ports)
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


def _resource_ids(catalog: Catalog, business_id: str) -> list[str]:
    page = catalog.resources(business_id, limit=100, cursor=None)
    found = list(page.items)
    while page.cursor:
        page = catalog.resources(business_id, limit=100, cursor=page.cursor)
        found += page.items
    return [resource.id for resource in found]
