"""Holds: reserve, or wait if need be, extend, release, confirm."""

from __future__ import annotations

from functions.booking_api.door import api, booking_answer, done_answer, zone_of
from functions.booking_api.queue import address, joined_view
from functions.booking_api.schemas import ConfirmBody, ExtendBody, ReserveBody
from holdfast.app.alternatives import alternatives
from holdfast.app.confirm import confirm
from holdfast.app.extend import extend
from holdfast.app.join_queue import Joined
from holdfast.app.release import release
from holdfast.app.reserve import reserve
from holdfast.app.wish import Wish
from holdfast.domain.errors import (
    AlreadyHeld,
    AlreadyInQueue,
    HoldExpired,
    HoldLimit,
    InvalidTransition,
    NotFound,
    PolicyViolation,
    QueueFull,
    RateLimited,
    SlotBlocked,
    SlotFull,
    SlotHeld,
    SlotPast,
    StaleVersion,
    Unavailable,
)
from holdfast.http import queue_views, views
from holdfast.http.api import Answer, Call
from holdfast.http.bodies import NoBody
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
        AlreadyHeld,
        QueueFull,
        AlreadyInQueue,
        PolicyViolation,
        RateLimited,
    ),
)
def reserve_slot(call: Call[ReserveBody], ports: Ports) -> Answer:
    """Hold units of a published slot for a while. Who has them already is answered with what is there.

    Where the slot is full, `joinQueueIfFull` waits for it in turn (202) instead of being refused.
    """
    wish = call.body.wish(call.slot_key(call.body.slot_id))
    try:
        done = reserve(ports.ledger(), ports.callers(), ports.catalog(), ports.bookings(), call.asked, wish)
    except (SlotFull, SlotHeld, SlotBlocked, SlotPast, QueueFull) as refusal:
        refusal.facts = {**refusal.facts, "alternatives": _instead(call, ports, wish)}
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
        call.asked,
        call.path["bookingId"],
        contact=body.contact.contact() if body.contact else None,
        notes=body.notes,
    )
    return done_answer(call, ports, done)


def _instead(call: Call[ReserveBody], ports: Ports, wish: Wish) -> list[views.SlotView]:
    """Offers help who was refused; that they cannot be read must not hide the refusal."""
    try:
        found = alternatives(ports.recent_slots(), wish.slot, wish.units, call.now)
    except Unavailable:
        return []
    zone = zone_of(call, ports, wish.slot.business)
    return [views.slot_view(slot, zone, call.now) for slot in found]
