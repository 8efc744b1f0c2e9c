"""The services of a business: add, list, read, change, remove."""

from __future__ import annotations

from functions.admin_api.door import api, business_of, business_of_staff
from functions.admin_api.offer_schemas import ServiceBody, ServiceTermsBody
from holdfast.app import presets, services
from holdfast.app.existing import existing_service
from holdfast.domain.errors import (
    AlreadyExists,
    Forbidden,
    NotFound,
    PreconditionRequired,
    RequestInProgress,
    ServiceInUse,
    StaleVersion,
)
from holdfast.domain.service import Service
from holdfast.http import catalog_views, params
from holdfast.http.api import Answer, Call
from holdfast.http.bodies import NoBody
from holdfast.http.paging import page_answer
from holdfast.http.ports import Ports

SERVICES = "/v1/admin/businesses/{businessId}/services"
SERVICE = SERVICES + "/{serviceId}"


@api.post(
    SERVICES,
    body=ServiceBody,
    answers={201: catalog_views.ServiceView},
    refuses=(NotFound, Forbidden, AlreadyExists, RequestInProgress),
)
def add_service(call: Call[ServiceBody], ports: Ports) -> Answer:
    """Add a service to a business. Its duration left out comes from the business's preset.

    What could never be offered is refused: a length that fits into no opening hours, or more resources of a
    kind than there are.
    """
    business, body = business_of(call, ports), call.body
    settings = presets.resolve_service(business.settings["preset"], body.settings())
    catalog, catalogues = ports.fresh_catalog(), ports.catalogues()
    service = services.add_service(catalog, catalogues, call.asked, business.id, body.service_id, settings)
    return Answer(
        status=201,
        body=catalog_views.service_view(service),
        version=service.version,
        location=f"/v1/admin/businesses/{business.id}/services/{service.id}",
    )


@api.get(
    SERVICES,
    query=(params.LIMIT, params.CURSOR),
    answers={200: catalog_views.ServicesView},
    refuses=(NotFound, Forbidden),
)
def list_services_as_staff(call: Call[None], ports: Ports) -> Answer:
    """The services of a business as they are at this instant, for its staff."""
    business = business_of_staff(call, ports)
    page = ports.fresh_catalog().services(
        business.id, limit=call.query[params.LIMIT], cursor=call.query[params.CURSOR]
    )
    return page_answer(page, catalog_views.service_view)


@api.get(SERVICE, answers={200: catalog_views.ServiceView}, refuses=(NotFound, Forbidden))
def get_service_as_staff(call: Call[None], ports: Ports) -> Answer:
    """A service as it is at this instant, for the business's staff."""
    business, service_id = business_of_staff(call, ports), call.path["serviceId"]
    return _service(existing_service(ports.fresh_catalog(), business.id, service_id))


@api.put(
    SERVICE,
    body=ServiceTermsBody,
    answers={200: catalog_views.ServiceView},
    refuses=(NotFound, Forbidden, PreconditionRequired, StaleVersion, RequestInProgress),
)
def update_service(call: Call[ServiceTermsBody], ports: Ports) -> Answer:
    """Replace what a service is. Bookings stay as they were made."""
    business, service_id = business_of(call, ports), call.path["serviceId"]
    settings = presets.resolve_service(business.settings["preset"], call.body.settings())
    catalog, catalogues = ports.fresh_catalog(), ports.catalogues()
    return _service(
        services.update_service(catalog, catalogues, call.asked, business.id, service_id, settings)
    )


@api.delete(
    SERVICE,
    body=NoBody,
    answers={204: None},
    refuses=(NotFound, Forbidden, StaleVersion, ServiceInUse, RequestInProgress),
)
def delete_service(call: Call[NoBody], ports: Ports) -> Answer:
    """Remove a service that has no appointments still to come."""
    business_id, service_id = call.in_business(), call.path["serviceId"]
    services.remove_service(
        ports.fresh_catalog(),
        ports.catalogues(),
        ports.ledger(),
        ports.days(),
        call.asked,
        business_id,
        service_id,
    )
    return Answer(status=204, body=None)


def _service(service: Service) -> Answer:
    return Answer(body=catalog_views.service_view(service), version=service.version)
