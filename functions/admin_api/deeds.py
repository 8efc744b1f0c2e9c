"""What staff do to bookings: start, complete, mark as no-show, cancel with a refund of choice."""

from __future__ import annotations

from functions.admin_api.door import api
from functions.admin_api.schemas import CancelForBody, MarkBody
from holdfast.app.deeds import Done
from holdfast.app.staff_deeds import Mark, cancel_for, mark
from holdfast.domain.errors import InvalidTransition, NotFound, StaleVersion
from holdfast.http import views
from holdfast.http.api import Answer, Call
from holdfast.http.ports import Ports

REFUSES = (NotFound, InvalidTransition, StaleVersion)


@api.post(
    "/v1/admin/bookings/{bookingId}/start",
    body=MarkBody,
    answers={200: views.BookingView},
    refuses=REFUSES,
    kept=False,
)
def start_booking(call: Call[MarkBody], ports: Ports) -> Answer:
    """The customer is being served."""
    return _marked(call, ports, Mark.STARTED)


@api.post(
    "/v1/admin/bookings/{bookingId}/complete",
    body=MarkBody,
    answers={200: views.BookingView},
    refuses=REFUSES,
    kept=False,
)
def complete_booking(call: Call[MarkBody], ports: Ports) -> Answer:
    """The booking is over; also corrects a no-show."""
    return _marked(call, ports, Mark.COMPLETED)


@api.post(
    "/v1/admin/bookings/{bookingId}/no-show",
    body=MarkBody,
    answers={200: views.BookingView},
    refuses=REFUSES,
    kept=False,
)
def mark_no_show(call: Call[MarkBody], ports: Ports) -> Answer:
    """Nobody came; also corrects a completion."""
    return _marked(call, ports, Mark.NO_SHOW)


@api.post(
    "/v1/admin/bookings/{bookingId}/cancel",
    body=CancelForBody,
    answers={200: views.BookingView},
    refuses=REFUSES,
    kept=False,
)
def cancel_for_customer(call: Call[CancelForBody], ports: Ports) -> Answer:
    """Cancel a customer's booking before its completion; the refund is of choice, or the tiers'."""
    body = call.body
    done = cancel_for(
        ports.ledger(),
        ports.callers(),
        ports.fresh_catalog(),
        call.asked,
        call.path["bookingId"],
        reason=body.reason,
        percentage=body.refund_percentage,
    )
    return _answer(call, ports, done)


def _marked(call: Call[MarkBody], ports: Ports, became: Mark) -> Answer:
    booking_id, reason = call.path["bookingId"], call.body.reason
    done = mark(ports.ledger(), ports.callers(), call.asked, booking_id, became, reason=reason)
    return _answer(call, ports, done)


def _answer[B](call: Call[B], ports: Ports, done: Done) -> Answer:
    business = ports.catalog().business(done.booking.business)
    if business is None:
        raise NotFound("business")
    return Answer(
        body=views.booking_view(done.booking, business.zone, call.now),
        version=done.booking.version,
        replayed=done.replayed,
    )
