"""The booking operations' one door, and how it answers; each module beside this registers its own on it."""

from __future__ import annotations

from datetime import UTC, tzinfo

from holdfast.app.deeds import Done
from holdfast.domain.booking import Booking
from holdfast.domain.business import Business
from holdfast.domain.errors import Unavailable
from holdfast.http import params, views
from holdfast.http.api import Answer, Api, Call
from holdfast.http.ports import Ports

api = Api(query=(params.TIME_ZONE,))


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


def done_answer[B](call: Call[B], ports: Ports, done: Done) -> Answer:
    return booking_answer(call, ports, done.booking, replayed=done.replayed)
