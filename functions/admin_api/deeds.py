"""What staff do to bookings: make one by hand, approve or reject, start, complete, mark as no-show, move,
cancel with a refund of choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from functions.admin_api.door import api, zone_of
from functions.admin_api.schemas import ByHandBody, CancelForBody, MarkBody, ReasonBody, RescheduleForBody
from holdfast.app.book_by_hand import book_by_hand
from holdfast.app.deeds import Done
from holdfast.app.reschedule import reschedule_for
from holdfast.app.staff_deeds import Mark, approve, cancel_for, mark, reject
from holdfast.domain.errors import (
    AlreadyHeld,
    Forbidden,
    HoldExpired,
    InvalidTransition,
    NotFound,
    NotOffered,
    PolicyViolation,
    Refusal,
    SlotBlocked,
    SlotFull,
    SlotHeld,
    SlotPast,
    StaleVersion,
)
from holdfast.http import views
from holdfast.http.api import Answer, Call, Handle, Parsed
from holdfast.http.ports import Ports

REFUSED_A_SPOT = (AlreadyHeld, NotOffered, SlotFull, SlotHeld, SlotBlocked, SlotPast)


def _deed[B: Parsed](
    verb: str, *, body: type[B], refuses: Sequence[type[Refusal]] = ()
) -> Callable[[Handle[B]], Handle[B]]:
    """Every one of them is known again by the booking's history, so that no answer need be kept."""
    return api.post(
        f"/v1/admin/bookings/{{bookingId}}/{verb}",
        body=body,
        answers={200: views.BookingView},
        refuses=(NotFound, InvalidTransition, StaleVersion, *refuses),
        kept=False,
    )


@api.post(
    "/v1/admin/businesses/{businessId}/bookings",
    body=ByHandBody,
    answers={201: views.BookingView},
    refuses=(NotFound, Forbidden, *REFUSED_A_SPOT),
    kept=False,
)
def add_booking(call: Call[ByHandBody], ports: Ports) -> Answer:
    """Book for a customer, confirmed at once. Rules are passed over by naming them in `override`, with a
    reason; `overbook` goes beyond the capacity, but never before anybody who waits.
    """
    body = call.body
    wish = body.wish(body.spot(call))
    done = book_by_hand(
        ports.ledger(),
        ports.callers(),
        ports.fresh_catalog(),
        ports.catalogues(),
        call.asked,
        call.in_business(),
        wish,
        customer=body.user_id,
        override=body.overrides(),
    )
    answer = _answer(call, ports, done)
    return replace(answer, status=201, location=f"/v1/admin/bookings/{done.booking.id}")


@_deed("approve", body=MarkBody, refuses=(HoldExpired, SlotBlocked))
def approve_booking(call: Call[MarkBody], ports: Ports) -> Answer:
    """Let a booking stand that waits for it, before its deadline."""
    booking_id, reason = call.path["bookingId"], call.body.reason
    catalog = ports.fresh_catalog()
    done = approve(
        ports.ledger(), ports.callers(), catalog, ports.catalogues(), call.asked, booking_id, reason=reason
    )
    return _answer(call, ports, done)


@_deed("reject", body=ReasonBody, refuses=(HoldExpired,))
def reject_booking(call: Call[ReasonBody], ports: Ports) -> Answer:
    """Turn a booking down that waits to be approved; all of its price is refunded."""
    booking_id, reason = call.path["bookingId"], call.body.reason
    return _answer(
        call, ports, reject(ports.ledger(), ports.callers(), call.asked, booking_id, reason=reason)
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


@_deed("reschedule", body=RescheduleForBody, refuses=(PolicyViolation, *REFUSED_A_SPOT))
def reschedule_for_customer(call: Call[RescheduleForBody], ports: Ports) -> Answer:
    """Move a customer's booking. Rules are passed over by naming them in `override`, with a reason."""
    body = call.body
    done = reschedule_for(
        ports.ledger(),
        ports.callers(),
        ports.fresh_catalog(),
        ports.catalogues(),
        call.asked,
        call.path["bookingId"],
        body.spot(call),
        body.overrides(),
    )
    return _answer(call, ports, done)


@_deed("cancel", body=CancelForBody)
def cancel_for_customer(call: Call[CancelForBody], ports: Ports) -> Answer:
    """Cancel a customer's booking before its completion; the refund is of choice, or the tiers'."""
    body = call.body
    done = cancel_for(
        ports.ledger(),
        ports.callers(),
        ports.fresh_catalog(),
        ports.catalogues(),
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
