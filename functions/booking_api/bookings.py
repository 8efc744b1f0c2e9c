"""Bookings: cancel, move, change, list, read."""

from __future__ import annotations

from datetime import UTC, tzinfo

from functions.booking_api.door import api, booking_answer, done_answer, results_answer, zone_of
from functions.booking_api.schemas import AmendBody, ScopedCancelBody, ScopedRescheduleBody
from holdfast.app.amend import Amendment, amend
from holdfast.app.cancel import cancel
from holdfast.app.deeds import visible_booking
from holdfast.app.my_bookings import my_bookings
from holdfast.app.reschedule import reschedule
from holdfast.app.reschedule_series import reschedule_members
from holdfast.app.series_deeds import cancel_members
from holdfast.domain.errors import (
    AlreadyHeld,
    AlreadyInQueue,
    HoldExpired,
    InvalidTransition,
    NotOffered,
    PolicyViolation,
    PreconditionRequired,
    RateLimited,
    SlotBlocked,
    SlotFull,
    SlotHeld,
    SlotPast,
    StaleVersion,
)
from holdfast.domain.series import Scope
from holdfast.http import params, series_views, views
from holdfast.http.api import Answer, Call
from holdfast.http.instead import instead
from holdfast.http.paging import filtered, page_answer
from holdfast.http.ports import Ports


@api.post(
    "/v1/bookings/{bookingId}/cancel",
    body=ScopedCancelBody,
    answers={200: views.BookingView | series_views.ResultsView},
    refuses=(InvalidTransition, PolicyViolation, StaleVersion, RateLimited),
)
def cancel_booking(call: Call[ScopedCancelBody], ports: Ports) -> Answer:
    """Cancel a confirmed booking, with the refund its business's tiers give.

    With the scope `following` or `all` those of its series are cancelled as well, each by itself: the answer
    is a list of results then, and what was only held is released.
    """
    scope = Scope(call.body.scope)
    if scope is not Scope.THIS:
        results = cancel_members(
            ports.ledger(),
            ports.callers(),
            ports.catalog(),
            ports.catalogues(),
            call.asked,
            call.path["bookingId"],
            scope,
            reason=call.body.reason,
        )
        return results_answer(call, ports, results[0].booking.business, results)
    done = cancel(
        ports.ledger(),
        ports.callers(),
        ports.catalog(),
        ports.catalogues(),
        call.asked,
        call.path["bookingId"],
        reason=call.body.reason,
    )
    return done_answer(call, ports, done)


@api.post(
    "/v1/bookings/{bookingId}/reschedule",
    body=ScopedRescheduleBody,
    answers={200: views.BookingView | series_views.ResultsView},
    refuses=(
        PreconditionRequired,
        StaleVersion,
        InvalidTransition,
        PolicyViolation,
        AlreadyHeld,
        NotOffered,
        SlotFull,
        SlotHeld,
        SlotBlocked,
        SlotPast,
    ),
)
def reschedule_booking(call: Call[ScopedRescheduleBody], ports: Ports) -> Answer:
    """Move a confirmed booking, on the version that If-Match names: the new place is taken and the old one
    given back, or nothing. Number and price stay as agreed.

    With the scope `following` or `all` those of its series move by as much on the wall clock, each by itself:
    the answer is a list of results then.
    """
    booking_id, to, scope = call.path["bookingId"], call.body.spot(call), Scope(call.body.scope)
    if scope is not Scope.THIS:
        results = reschedule_members(
            ports.ledger(),
            ports.callers(),
            ports.catalog(),
            ports.catalogues(),
            call.asked,
            booking_id,
            to,
            scope,
        )
        return results_answer(call, ports, to.business, results)
    try:
        done = reschedule(
            ports.ledger(),
            ports.callers(),
            ports.catalog(),
            ports.catalogues(),
            call.asked,
            booking_id,
            to,
        )
    except (SlotFull, SlotHeld, SlotBlocked, SlotPast, NotOffered) as refusal:
        moved = visible_booking(ports.ledger(), call.asked, booking_id)
        refusal.facts = {**refusal.facts, "alternatives": instead(call, ports, to, moved.units)}
        raise
    return done_answer(call, ports, done)


@api.patch(
    "/v1/bookings/{bookingId}",
    body=AmendBody,
    answers={200: views.BookingView},
    refuses=(
        PreconditionRequired,
        StaleVersion,
        InvalidTransition,
        PolicyViolation,
        HoldExpired,
        AlreadyHeld,
        AlreadyInQueue,
        NotOffered,
        SlotFull,
        SlotHeld,
        SlotBlocked,
        SlotPast,
    ),
)
def amend_booking(call: Call[AmendBody], ports: Ports) -> Answer:
    """Change what a booking says, for whom it is, or its units, on the version that If-Match names."""
    body = call.body
    change = Amendment(
        notes=body.notes,
        contact=body.contact.contact() if body.contact else None,
        metadata=body.metadata,
        subject=body.subject,
        units=body.units,
    )
    booking_id = call.path["bookingId"]
    done = amend(
        ports.ledger(),
        ports.callers(),
        ports.catalog(),
        ports.catalogues(),
        call.asked,
        booking_id,
        change,
    )
    return done_answer(call, ports, done)


@api.get(
    "/v1/bookings/my",
    query=(
        params.BOOKING_STATUS,
        params.FROM,
        params.TO,
        params.LIMIT,
        params.CURSOR,
    ),
    answers={200: views.BookingsView},
)
def list_my_bookings(call: Call[None], ports: Ports) -> Answer:
    """The caller's bookings by their start. Days without a zone of their own are those of `timeZone`, or UTC.

    A filter can leave a page short, even empty, while there is a next one.
    """
    zone: tzinfo = call.query[params.TIME_ZONE] or UTC
    start, end = params.stretch(call.query, zone)
    wanted = call.query[params.BOOKING_STATUS]
    page = filtered(
        lambda limit, cursor: my_bookings(
            ports.bookings(), ports.callers(), call.asked, start, end, limit=limit, cursor=cursor
        ),
        lambda booking: wanted is None or booking.seen_at(call.now) in wanted,
        limit=call.query[params.LIMIT],
        cursor=call.query[params.CURSOR],
    )
    return page_answer(
        page, lambda each: views.booking_view(each, zone_of(call, ports, each.business), call.now)
    )


@api.get("/v1/bookings/{bookingId}", answers={200: views.BookingView, 304: None})
def get_booking(call: Call[None], ports: Ports) -> Answer:
    """A booking, for its owner and its business's staff."""
    return booking_answer(call, ports, visible_booking(ports.ledger(), call.asked, call.path["bookingId"]))


@api.get("/v1/bookings/{bookingId}/history", answers={200: views.HistoryView, 304: None})
def get_history(call: Call[None], ports: Ports) -> Answer:
    """Every transition of a booking: from, to, trigger, actor, time, reason."""
    booking = visible_booking(ports.ledger(), call.asked, call.path["bookingId"])
    zone = zone_of(call, ports, booking.business)
    return Answer(body=views.history_view(booking, call.caller, zone), version=booking.version)
