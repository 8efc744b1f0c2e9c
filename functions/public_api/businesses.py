"""Businesses, their services and resources."""

from __future__ import annotations

from functions.public_api.door import api, business_of
from holdfast.http import catalog_views, params, views
from holdfast.http.api import Answer, Call
from holdfast.http.paging import page_answer
from holdfast.http.ports import Ports


@api.get("/v1/businesses/{businessId}", answers={200: views.BusinessView, 304: None}, public=True)
def get_business(call: Call[None], ports: Ports) -> Answer:
    """A business: profile, hours, public policies, domain config."""
    business = business_of(call, ports)
    return Answer(body=views.business_view(business), version=business.version)


@api.get(
    "/v1/businesses/{businessId}/services",
    query=(params.LIMIT, params.CURSOR),
    answers={200: catalog_views.ServicesView},
    public=True,
)
def list_services(call: Call[None], ports: Ports) -> Answer:
    """The services of a business."""
    business = business_of(call, ports)
    page = ports.catalog().services(
        business.id, limit=call.query[params.LIMIT], cursor=call.query[params.CURSOR]
    )
    return page_answer(page, catalog_views.service_view)


@api.get(
    "/v1/businesses/{businessId}/resources",
    query=(params.LIMIT, params.CURSOR),
    answers={200: views.ResourcesView},
    public=True,
)
def list_resources(call: Call[None], ports: Ports) -> Answer:
    """The resources of a business."""
    business = business_of(call, ports)
    page = ports.catalog().resources(
        business.id, limit=call.query[params.LIMIT], cursor=call.query[params.CURSOR]
    )
    return page_answer(page, views.resource_view)
