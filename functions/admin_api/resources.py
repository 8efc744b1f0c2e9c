"""The resources of a business: add, list, read, change, remove."""

from __future__ import annotations

from typing import Any

from functions.admin_api.door import api, business_of, business_of_staff, dry_run_answer, rehearsal
from functions.admin_api.schemas import ResourceBody, ResourceTermsBody
from holdfast.app import change_catalog, presets
from holdfast.app.catalog import create_resource
from holdfast.app.existing import existing_resource
from holdfast.domain.business import Business, Resource
from holdfast.domain.errors import (
    AlreadyExists,
    Forbidden,
    NotFound,
    PreconditionRequired,
    RequestInProgress,
    ResourceInUse,
    StaleVersion,
)
from holdfast.http import catalog_views, params, views
from holdfast.http.api import Answer, Call
from holdfast.http.bodies import NoBody
from holdfast.http.paging import page_answer
from holdfast.http.ports import Ports

RESOURCES = "/v1/admin/businesses/{businessId}/resources"
RESOURCE = RESOURCES + "/{resourceId}"


@api.post(
    RESOURCES,
    body=ResourceBody,
    answers={201: views.ResourceView},
    refuses=(NotFound, Forbidden, AlreadyExists, RequestInProgress),
)
def add_resource(call: Call[ResourceBody], ports: Ports) -> Answer:
    """Add a resource to a business. Capacity and overlap left out come from the business's preset."""
    business = business_of(call, ports)
    terms = _terms(call.body, business)
    catalog, resource_id = ports.fresh_catalog(), call.body.resource_id
    resource = create_resource(catalog, call.asked, business.id, resource_id, **terms)
    return Answer(
        status=201,
        body=views.resource_view(resource),
        version=resource.version,
        location=f"/v1/businesses/{business.id}/resources",
    )


@api.get(
    RESOURCES,
    query=(params.LIMIT, params.CURSOR),
    answers={200: views.ResourcesView},
    refuses=(NotFound, Forbidden),
)
def list_resources_as_staff(call: Call[None], ports: Ports) -> Answer:
    """The resources of a business as they are at this instant, for its staff."""
    business = business_of_staff(call, ports)
    page = ports.fresh_catalog().resources(
        business.id, limit=call.query[params.LIMIT], cursor=call.query[params.CURSOR]
    )
    return page_answer(page, views.resource_view)


@api.get(RESOURCE, answers={200: views.ResourceView}, refuses=(NotFound, Forbidden))
def get_resource_as_staff(call: Call[None], ports: Ports) -> Answer:
    """A resource as it is at this instant, for the business's staff."""
    business, resource_id = business_of_staff(call, ports), call.path["resourceId"]
    return _resource(existing_resource(ports.fresh_catalog(), business.id, resource_id))


def try_update(call: Call[ResourceTermsBody], ports: Ports) -> Answer:
    found = rehearsal(call, ports).resource(_updated(call, ports))
    return dry_run_answer(found, business_of(call, ports).zone)


@api.put(
    RESOURCE,
    body=ResourceTermsBody,
    answers={200: views.ResourceView | catalog_views.DryRunView},
    refuses=(NotFound, Forbidden, PreconditionRequired, StaleVersion, RequestInProgress),
    dry_run=try_update,
)
def update_resource(call: Call[ResourceTermsBody], ports: Ports) -> Answer:
    """Replace what a resource is. Slots that are published already stay as they are."""
    return _resource(_updated(call, ports))


@api.delete(
    RESOURCE,
    body=NoBody,
    answers={204: None},
    refuses=(NotFound, Forbidden, StaleVersion, ResourceInUse, RequestInProgress),
)
def delete_resource(call: Call[NoBody], ports: Ports) -> Answer:
    """Remove a resource with its times off, if no slots or appointments of it are still to come.

    Services that name it, or that need as many of its kind as there are, are changed first.
    """
    business_id, resource_id = call.in_business(), call.path["resourceId"]
    change_catalog.remove_resource(
        ports.fresh_catalog(),
        ports.catalogues(),
        ports.slots(),
        ports.days(),
        call.asked,
        business_id,
        resource_id,
    )
    return Answer(status=204, body=None)


def _updated(call: Call[ResourceTermsBody], ports: Ports) -> Resource:
    business, resource_id = business_of(call, ports), call.path["resourceId"]
    terms = _terms(call.body, business)
    catalog, catalogues = ports.fresh_catalog(), ports.catalogues()
    return change_catalog.update_resource(catalog, catalogues, call.asked, business.id, resource_id, **terms)


def _terms(body: ResourceTermsBody, business: Business) -> dict[str, Any]:
    usual = presets.preset(business.settings["preset"])["resource"]
    given, (hours, breaks) = body.model_fields_set, body.openings()
    overlap = body.slots_may_overlap if "slots_may_overlap" in given else usual["slotsMayOverlap"]
    return {
        "name": body.name,
        "kind": body.kind,
        "capacity": body.capacity if "capacity" in given else usual["capacity"],
        "slots_may_overlap": overlap,
        "hours": hours,
        "breaks": breaks,
        "metadata": body.metadata or {},
    }


def _resource(resource: Resource) -> Answer:
    return Answer(body=views.resource_view(resource), version=resource.version)
