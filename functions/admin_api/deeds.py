"""What staff do to bookings: start, complete, mark as no-show, cancel with a refund of choice."""

from __future__ import annotations

from collections.abc import Callable

from functions.admin_api.door import api, zone_of
from functions.admin_api.schemas import CancelForBody, MarkBody
from holdfast.app.deeds import Done
from holdfast.app.staff_deeds import Mark, cancel_for, mark
from holdfast.domain.errors import InvalidTransition, NotFound, StaleVersion
from holdfast.http import views
from holdfast.http.api import Answer, Call, Handle, Parsed
from holdfast.http.ports import Ports


def _deed[B: Parsed](verb: str, *, body: type[B]) -> Callable[[Handle[B]], Handle[B]]:
    """Every one of them is known again by the booking's history, so that no answer need be kept."""
    return api.post(
        f"/v1/admin/bookings/{{bookingId}}/{verb}",
        body=body,
        answers={200: views.BookingView},
        refuses=(NotFound, InvalidTransition, StaleVersion),
        kept=False,
    )


@_deed("start", body=MarkBody)
def start_booking(call: Call[MarkBody], ports: Ports) -> Answer:
    """The customer is being served."""
    return _marked(call, ports, Mark.STARTED)


@_deed("complete", body=MarkBody)
def complete_booking(call: Call[MarkBody], ports: Ports) -> Answer:
    """The booking is over; also corrects a no-show."""
    return _marked(call, ports, Mark.COMPLETED)


@_deed("no-show", body=MarkBody)
def mark_no_show(call: Call[MarkBody], ports: Ports) -> Answer:
    """Nobody came; also corrects a completion."""
    return _marked(call, ports, Mark.NO_SHOW)


@_deed("cancel", body=CancelForBody)
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
    zone = zone_of(ports, done.booking.business)
    return Answer(
        body=views.booking_view(done.booking, zone, call.now),
        version=done.booking.version,
        replayed=done.replayed,
    )
