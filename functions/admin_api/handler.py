"""What admins do: create businesses, resources and slots."""

from __future__ import annotations

from functions.admin_api.schemas import BusinessBody, ResourceBody, SlotBody
from holdfast import bootstrap
from holdfast.app import presets
from holdfast.app.catalog import create_business, create_resource
from holdfast.app.create_slot import NewSlot, create_slot
from holdfast.domain.business import Business
from holdfast.domain.errors import AlreadyExists, Forbidden, NotFound, Overlap, RequestInProgress
from holdfast.http import params, views
from holdfast.http.api import Answer, Api, Call
from holdfast.http.entry import entry
from holdfast.http.kept_answers import KeptAnswers, in_table
from holdfast.http.ports import Ports

api = Api()


@api.post(
    "/v1/admin/businesses",
    body=BusinessBody,
    answers={201: views.BusinessSettingsView},
    refuses=(Forbidden, AlreadyExists, RequestInProgress),
)
def add_business(call: Call[BusinessBody], ports: Ports) -> Answer:
    """Create a business from a preset and what differs from it. Only for platform admins."""
    settings = presets.resolve(call.body.preset, call.body.settings())
    business = create_business(ports.fresh_catalog(), call.asked, call.body.business_id, settings)
    return Answer(
        status=201,
        body=views.business_settings_view(business),
        version=business.version,
        location=f"/v1/businesses/{business.id}",
    )


@api.post(
    "/v1/admin/businesses/{businessId}/resources",
    body=ResourceBody,
    answers={201: views.ResourceView},
    refuses=(NotFound, Forbidden, AlreadyExists, RequestInProgress),
)
def add_resource(call: Call[ResourceBody], ports: Ports) -> Answer:
    """Add a resource to a business. Capacity and overlap left out come from the business's preset."""
    body, catalog, business_id = call.body, ports.fresh_catalog(), call.path["businessId"]
    business = _business(call, ports)
    usual = presets.preset(business.settings["preset"])["resource"]
    given = body.model_fields_set
    resource = create_resource(
        catalog,
        call.asked,
        business_id,
        body.resource_id,
        name=body.name,
        kind=body.kind,
        capacity=body.capacity if "capacity" in given else usual["capacity"],
        slots_may_overlap=body.slots_may_overlap
        if "slots_may_overlap" in given
        else usual["slotsMayOverlap"],
        metadata=body.metadata or {},
    )
    return Answer(
        status=201,
        body=views.resource_view(resource),
        version=resource.version,
        location=f"/v1/businesses/{business_id}/resources",
    )


@api.get(
    "/v1/admin/businesses/{businessId}/resources",
    query=(params.LIMIT, params.CURSOR),
    answers={200: views.ResourcesView},
    refuses=(NotFound, Forbidden),
)
def list_resources_as_staff(call: Call[None], ports: Ports) -> Answer:
    """The resources of a business as they are at this instant, for its staff."""
    business = _business(call, ports)
    if not call.caller.works_at(business.id):
        raise Forbidden("Only its staff may see this.")
    page = ports.fresh_catalog().resources(
        business.id, limit=call.query[params.LIMIT], cursor=call.query[params.CURSOR]
    )
    return Answer(
        body={"items": [views.resource_view(each) for each in page.items], "nextCursor": page.cursor}
    )


@api.post(
    "/v1/admin/businesses/{businessId}/slots",
    body=SlotBody,
    answers={201: views.SlotView},
    refuses=(NotFound, Forbidden, Overlap, RequestInProgress),
)
def add_slot(call: Call[SlotBody], ports: Ports) -> Answer:
    """Publish a slot on a resource."""
    body, business = call.body, _business(call, ports)
    new = NewSlot(
        resource=body.resource_id,
        start=body.start,
        end=body.end,
        capacity=body.capacity,
        price=body.price.money() if body.price else None,
        metadata=body.metadata or {},
    )
    slot = create_slot(ports.ledger(), ports.fresh_catalog(), call.asked, business.id, new)
    return Answer(
        status=201,
        body=views.slot_view(slot, business.zone, call.now),
        version=slot.terms,
        location=f"/v1/slots/{slot.key.slot_id}",
    )


def _business[B](call: Call[B], ports: Ports) -> Business:
    call.business = call.path["businessId"]
    business = ports.fresh_catalog().business(call.business)
    if business is None:
        raise NotFound("business")
    return business


keep = KeptAnswers(lambda: in_table(bootstrap.settings().ephemeral_table))
handler = entry(api, bootstrap, keep=keep)
bootstrap.prime()
