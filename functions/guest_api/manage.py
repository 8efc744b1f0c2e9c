"""A guest's one booking, by its token: see, extend, release, confirm, move, cancel."""

from __future__ import annotations

from functions.guest_api.door import api
from functions.guest_api.schemas import GuestConfirmBody
from holdfast.app.cancel import cancel
from holdfast.app.confirm import confirm
from holdfast.app.extend import extend
from holdfast.app.guests import Managed, managed
from holdfast.app.release import release
from holdfast.app.reschedule import reschedule
from holdfast.domain.errors import (
    AlreadyHeld,
    HoldExpired,
    HoldLimit,
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
from holdfast.http import views
from holdfast.http.api import Answer, Call
from holdfast.http.bodies import NoBody
from holdfast.http.booking_answers import booking_answer, done_answer
from holdfast.http.booking_bodies import CancelBody, ExtendBody, RescheduleBody
from holdfast.http.instead import instead
from holdfast.http.ports import Ports


@api.get("/v1/manage/{token}", answers={200: views.BookingView, 304: None}, public=True)
def get_managed_booking(call: Call[None], ports: Ports) -> Answer:
    """The booking of a token, until it is over."""
    return booking_answer(call, ports, _managed(call, ports).booking)


@api.post(
    "/v1/manage/{token}/extend",
    body=ExtendBody,
    answers={200: views.BookingView},
    refuses=(HoldExpired, HoldLimit, InvalidTransition, StaleVersion),
    public=True,
)
def extend_managed_hold(call: Call[ExtendBody], ports: Ports) -> Answer:
    """Keep a guest's hold for so many seconds from now, if that is longer than it lasts anyway."""
    asked, booking = _managed(call, ports)
    seconds = call.body.seconds
    done = extend(ports.ledger(), ports.callers(), ports.catalog(), asked, booking.id, seconds=seconds)
    return done_answer(call, ports, done)


@api.post(
    "/v1/manage/{token}/release",
    body=NoBody,
    answers={200: views.BookingView},
    refuses=(HoldExpired, InvalidTransition, StaleVersion),
    public=True,
)
def release_managed_hold(call: Call[NoBody], ports: Ports) -> Answer:
    """Give a guest's hold back before it ends. Its token is void then."""
    asked, booking = _managed(call, ports)
    return done_answer(call, ports, release(ports.ledger(), ports.callers(), asked, booking.id))


@api.post(
    "/v1/manage/{token}/confirm",
    body=GuestConfirmBody,
    answers={200: views.BookingView},
    refuses=(HoldExpired, InvalidTransition, SlotBlocked, StaleVersion, PolicyViolation),
    public=True,
)
def confirm_managed_booking(call: Call[GuestConfirmBody], ports: Ports) -> Answer:
    """Make a guest's hold a booking, with its number."""
    asked, booking = _managed(call, ports)
    done = confirm(
        ports.ledger(),
        ports.callers(),
        ports.catalog(),
        ports.catalogues(),
        asked,
        booking.id,
        notes=call.body.notes,
    )
    return done_answer(call, ports, done)


@api.post(
    "/v1/manage/{token}/reschedule",
    body=RescheduleBody,
    answers={200: views.BookingView},
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
    public=True,
)
def reschedule_managed_booking(call: Call[RescheduleBody], ports: Ports) -> Answer:
    """Move a guest's confirmed booking, on the version that If-Match names: the new place is taken and the
    old one given back, or nothing. The token stays the same."""
    asked, booking = _managed(call, ports)
    to = call.body.spot(call)
    try:
        done = reschedule(
            ports.ledger(), ports.callers(), ports.catalog(), ports.catalogues(), asked, booking.id, to
        )
    except (SlotFull, SlotHeld, SlotBlocked, SlotPast, NotOffered) as refusal:
        refusal.facts = {**refusal.facts, "alternatives": instead(call, ports, to, booking.units)}
        raise
    return done_answer(call, ports, done)


@api.post(
    "/v1/manage/{token}/cancel",
    body=CancelBody,
    answers={200: views.BookingView},
    refuses=(InvalidTransition, PolicyViolation, StaleVersion, RateLimited),
    public=True,
)
def cancel_managed_booking(call: Call[CancelBody], ports: Ports) -> Answer:
    """Cancel a guest's booking, with the refund its business's tiers give. Its token is void then."""
    asked, booking = _managed(call, ports)
    done = cancel(
        ports.ledger(),
        ports.callers(),
        ports.catalog(),
        ports.catalogues(),
        asked,
        booking.id,
        reason=call.body.reason,
    )
    return done_answer(call, ports, done)


def _managed[B](call: Call[B], ports: Ports) -> Managed:
    """The token's booking, whose business is the call's. Raises NotFound."""
    found = managed(ports.ledger(), ports.secrets(), call.asked, call.path["token"])
    call.business = found.booking.business
    return found
