"""The bookings of a business, for its staff: list with every filter, and read one (BOOK-8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo

from functions.admin_api.door import api, business_of_staff, zone_of
from holdfast.app.ports import Page
from holdfast.domain.booking import Booking
from holdfast.domain.business import Business
from holdfast.domain.errors import Forbidden, NotFound
from holdfast.domain.instants import DAY
from holdfast.http import params, views
from holdfast.http.api import Answer, Call
from holdfast.http.paging import filtered, page_answer
from holdfast.http.ports import Ports

LONGEST_STRETCH = 62 * DAY
USUAL_STRETCH = 31 * DAY


@api.get(
    "/v1/admin/businesses/{businessId}/bookings",
    query=(
        params.BOOKING_STATUS,
        params.RESOURCE_ID,
        params.SERVICE_ID,
        params.FROM,
        params.TO,
        params.NUMBER,
        params.USER_ID,
        params.LIMIT,
        params.CURSOR,
        params.TIME_ZONE,
    ),
    answers={200: views.BookingsView},
    refuses=(NotFound, Forbidden),
)
def list_bookings(call: Call[None], ports: Ports) -> Answer:
    """The bookings of a business by their start: of at most 62 days, from now on for 31 if none are named.

    By user or number all times are searched. A filter can leave a page short, even empty, while there is a
    next one.
    """
    business = business_of_staff(call, ports)
    zone = call.query[params.TIME_ZONE] or business.zone
    page = _found(call, ports, business, zone)
    return page_answer(page, lambda booking: views.booking_view(booking, zone, call.now))


@api.get(
    "/v1/admin/bookings/{bookingId}",
    query=(params.TIME_ZONE,),
    answers={200: views.BookingView, 304: None},
)
def get_booking_as_staff(call: Call[None], ports: Ports) -> Answer:
    """A booking, for its business's staff."""
    booking = ports.ledger().booking(call.path["bookingId"])
    if booking is None or not call.caller.works_at(booking.business):
        raise NotFound("booking")
    zone = call.query[params.TIME_ZONE] or zone_of(ports, booking.business)
    return Answer(
        body=views.booking_view(booking, zone, call.now),
        version=booking.version,
        outdated=booking.seen_at(call.now) is not booking.status,
    )


def _found(call: Call[None], ports: Ports, business: Business, zone: tzinfo) -> Page[Booking]:
    query, keep = call.query, _filter(call, business)
    if number := query[params.NUMBER]:
        start, end = params.stretch(query, zone)
        booking_id = ports.ledger().numbered(number)
        booking = ports.ledger().booking(booking_id) if booking_id else None
        fits = booking is not None and start <= booking.start < end and keep(booking)
        return Page([booking] if booking and fits else [], None)
    if user := query[params.USER_ID]:
        start, end = params.stretch(query, zone)
        return filtered(
            lambda limit, cursor: ports.bookings().of_owner(user, start, end, limit=limit, cursor=cursor),
            keep,
            limit=query[params.LIMIT],
            cursor=query[params.CURSOR],
        )
    start, end = params.stretch(
        query, zone, default_start=call.now, usual=USUAL_STRETCH, longest=LONGEST_STRETCH
    )
    return filtered(
        lambda limit, cursor: ports.bookings().of_business(
            business.id, start, end, limit=limit, cursor=cursor
        ),
        keep,
        limit=query[params.LIMIT],
        cursor=query[params.CURSOR],
    )


def _filter(call: Call[None], business: Business) -> Callable[[Booking], bool]:
    """What is asked for besides the time."""
    query = call.query
    wanted, user = query[params.BOOKING_STATUS], query[params.USER_ID]
    resource, service = query[params.RESOURCE_ID], query[params.SERVICE_ID]

    def keep(booking: Booking) -> bool:
        return (
            booking.business == business.id
            and (wanted is None or booking.seen_at(call.now) in wanted)
            and (resource is None or resource in booking.resources)
            and (user is None or booking.owner == user)
            and (service is None or booking.service == service)
        )

    return keep
