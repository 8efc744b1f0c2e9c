"""How what was done to a booking is answered, to customers and to guests alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo

from holdfast.app.deeds import Done
from holdfast.app.series_deeds import Result
from holdfast.domain.booking import Booking
from holdfast.domain.business import Business
from holdfast.domain.errors import Unavailable
from holdfast.http import params, series_views, views
from holdfast.http.api import Answer, Call
from holdfast.http.ports import Ports


def known_business(ports: Ports, business_id: str) -> Business | None:
    """The business as far as it is known. That it cannot be read must not hide what was done."""
    try:
        return ports.catalog().business(business_id)
    except Unavailable:
        return None


def zone_of[B](call: Call[B], ports: Ports, business_id: str) -> tzinfo:
    """The zone asked for, else the business's."""
    if asked := call.query[params.TIME_ZONE]:
        return asked
    business = known_business(ports, business_id)
    return business.zone if business else UTC


def booking_answer[B](
    call: Call[B],
    ports: Ports,
    booking: Booking,
    *,
    replayed: bool = False,
    status: int = 200,
    location: str | None = None,
) -> Answer:
    zone = zone_of(call, ports, booking.business)
    return Answer(
        status=status,
        body=views.booking_view(booking, zone, call.now),
        version=booking.version,
        outdated=booking.seen_at(call.now) is not booking.status,
        location=location,
        replayed=replayed,
    )


def results_answer[B](call: Call[B], ports: Ports, business_id: str, results: Sequence[Result]) -> Answer:
    """Of one deed on several bookings."""
    call.business = business_id
    return Answer(body=series_views.results_view(results, zone_of(call, ports, business_id), call.now))


def done_answer[B](call: Call[B], ports: Ports, done: Done) -> Answer:
    return booking_answer(call, ports, done.booking, replayed=done.replayed)
