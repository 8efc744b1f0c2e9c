"""What can be had: free starts of a service, published slots, units left."""

from __future__ import annotations

from functions.public_api.door import LONGEST_STRETCH, USUAL_STRETCH, api
from holdfast.app.availability import Wanted, free_starts, published
from holdfast.app.capacity import room_between
from holdfast.app.existing import existing_catalogue, offered_service
from holdfast.app.offer import Offer
from holdfast.app.ports import Page
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.identity import short_hash
from holdfast.http import availability_views, params
from holdfast.http.api import Answer, Call
from holdfast.http.documents import canonical
from holdfast.http.paging import filtered
from holdfast.http.ports import Ports


@api.get(
    "/v1/businesses/{businessId}/availability",
    query=(
        params.SERVICE_ID,
        params.RESOURCE_ID,
        params.FROM,
        params.TO,
        params.UNITS,
        params.EXPLAIN,
        params.LIMIT,
        params.CURSOR,
        params.TIME_ZONE,
    ),
    answers={200: availability_views.OffersView, 304: None},
    public=True,
)
def list_availability(call: Call[None], ports: Ports) -> Answer:
    """What can be had in a stretch of at most 62 days, from now on for 31 days if none is given: with
    `serviceId` the free starts of that service, by start and resource, else the published slots with room.

    Where the service requires several resources, an item is the start of the whole set, and its `resourceId`
    the one it is with. A page can be short, even empty, while there is a next one.
    """
    catalogue = _catalogue(call, ports)
    zone = call.query[params.TIME_ZONE] or catalogue.business.zone
    since, until = params.stretch(
        call.query, zone, default_start=call.now, usual=USUAL_STRETCH, longest=LONGEST_STRETCH
    )
    explain = call.query[params.EXPLAIN]
    wanted = Wanted(
        resource=call.query[params.RESOURCE_ID],
        since=since,
        until=until,
        units=call.query[params.UNITS],
        explain=explain,
    )
    page = _page(call, ports, catalogue, wanted)
    view = availability_views.offers_view(page.items, page.cursor, zone, explain=explain)
    return Answer(body=view, digest=short_hash("availability", canonical({**view})))


@api.get(
    "/v1/businesses/{businessId}/capacity",
    query=(params.SERVICE_ID, params.RESOURCE_ID, params.START, params.END, params.TIME_ZONE),
    answers={200: availability_views.CapacityView, 304: None},
    public=True,
)
def get_capacity(call: Call[None], ports: Ports) -> Answer:
    """The units left all through a stretch of at most 62 days, whatever the hours say: of a resource, of
    those that serve a service, or of all there are."""
    catalogue = _catalogue(call, ports)
    start, end = params.window(call.query, longest=LONGEST_STRETCH)
    service, resource = call.query[params.SERVICE_ID], call.query[params.RESOURCE_ID]
    room = room_between(ports.days(), catalogue, start, end, call.now, service=service, resource=resource)
    zone = call.query[params.TIME_ZONE] or catalogue.business.zone
    view = availability_views.capacity_view(room, start, end, zone, service=service, resource=resource)
    return Answer(body=view, digest=short_hash("capacity", canonical({**view})))


def _page(call: Call[None], ports: Ports, catalogue: Catalogue, wanted: Wanted) -> Page[Offer]:
    service_id = call.query[params.SERVICE_ID]
    limit, cursor = call.query[params.LIMIT], call.query[params.CURSOR]
    if service_id is not None:
        service = offered_service(catalogue, service_id)
        return free_starts(ports.days(), catalogue, service, wanted, call.now, limit=limit, cursor=cursor)
    return filtered(
        lambda missing, after: published(
            ports.slots(), catalogue, wanted, call.now, limit=missing, cursor=after
        ),
        lambda offer: wanted.explain or not offer.reasons,
        limit=limit,
        cursor=cursor,
    )


def _catalogue(call: Call[None], ports: Ports) -> Catalogue:
    return existing_catalogue(ports.catalogues().current(call.in_business()))
