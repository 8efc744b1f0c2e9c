"""Holds: reserve, or wait if need be, extend, release, confirm."""

from __future__ import annotations

from functions.booking_api.door import api, booking_answer, done_answer
from functions.booking_api.queue import address, joined_view
from functions.booking_api.schemas import ConfirmBody, ExtendBody, ReserveBody
from holdfast.app.confirm import confirm
from holdfast.app.extend import extend
from holdfast.app.join_queue import Joined
from holdfast.app.release import release
from holdfast.app.reserve import reserve
from holdfast.domain.errors import (
    AlreadyHeld,
    AlreadyInQueue,
    HoldExpired,
    HoldLimit,
    InvalidTransition,
    NotFound,
    NotOffered,
    PolicyViolation,
    QueueFull,
    RateLimited,
    SlotBlocked,
    SlotFull,
    SlotHeld,
    SlotPast,
    StaleVersion,
)
from holdfast.http import queue_views, views
from holdfast.http.api import Answer, Call
from holdfast.http.bodies import NoBody
from holdfast.http.instead import instead
from holdfast.http.ports import Ports


@api.post(
    "/v1/bookings/reserve",
    body=ReserveBody,
    answers={201: views.BookingView, 200: views.BookingView, 202: queue_views.JoinedView},
    refuses=(
        NotFound,
        SlotFull,
        SlotHeld,
        SlotBlocked,
        SlotPast,
        NotOffered,
        AlreadyHeld,
        QueueFull,
        AlreadyInQueue,
        PolicyViolation,
        RateLimited,
    ),
)
def reserve_slot(call: Call[ReserveBody], ports: Ports) -> Answer:
    """Hold units of a slot, or an appointment at a free start, for a while. Who has them already is answered
    with what is there.

    Where the slot is full, `joinQueueIfFull` waits for it in turn (202) instead of being refused.
    """
    wish = call.body.wish(call.body.spot(call))
    try:
        done = reserve(
            ports.ledger(),
            ports.callers(),
            ports.catalog(),
            ports.catalogues(),
            ports.bookings(),
            call.asked,
            wish,
        )
    except (SlotFull, SlotHeld, SlotBlocked, SlotPast, NotOffered, QueueFull) as refusal:
        refusal.facts = {**refusal.facts, "alternatives": instead(call, ports, wish.spot, wish.units)}
        raise
    if isinstance(done, Joined):
        return Answer(
            status=202,
            body={"queue": joined_view(call, ports, done)},
            location=address(done, wish),
            replayed=done.replayed,
        )
    return booking_answer(
        call,
        ports,
        done.booking,
        replayed=done.replayed,
        status=201 if done.created else 200,
        location=f"/v1/bookings/{done.booking.id}" if done.created else None,
    )


@api.post(
    "/v1/bookings/{bookingId}/extend",
    body=ExtendBody,
    answers={200: views.BookingView},
    refuses=(HoldExpired, HoldLimit, InvalidTransition, StaleVersion),
)
def extend_hold(call: Call[ExtendBody], ports: Ports) -> Answer:
    """Keep a hold for so many seconds from now, if that is longer than it lasts anyway."""
    done = extend(
        ports.ledger(),
        ports.callers(),
        ports.catalog(),
        call.asked,
        call.path["bookingId"],
        seconds=call.body.seconds,
    )
    return done_answer(call, ports, done)


@api.post(
    "/v1/bookings/{bookingId}/release",
    body=NoBody,
    answers={200: views.BookingView},
    refuses=(HoldExpired, InvalidTransition, StaleVersion),
)
def release_hold(call: Call[NoBody], ports: Ports) -> Answer:
    """Give a hold back before it ends."""
    return done_answer(
        call, ports, release(ports.ledger(), ports.callers(), call.asked, call.path["bookingId"])
    )


@api.post(
    "/v1/bookings/{bookingId}/confirm",
    body=ConfirmBody,
    answers={200: views.BookingView},
    refuses=(HoldExpired, InvalidTransition, SlotBlocked, StaleVersion, PolicyViolation),
)
def confirm_booking(call: Call[ConfirmBody], ports: Ports) -> Answer:
    """Make a hold a booking, with its number."""
    body = call.body
    done = confirm(
        ports.ledger(),
        ports.callers(),
        ports.catalog(),
        ports.catalogues(),
        call.asked,
        call.path["bookingId"],
        contact=body.contact.contact() if body.contact else None,
        notes=body.notes,
    )
    return done_answer(call, ports, done)
