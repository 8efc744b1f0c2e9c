"""Reserve without an account."""

from __future__ import annotations

from dataclasses import replace

from functions.guest_api.door import api
from functions.guest_api.schemas import GuestReserveBody
from holdfast.app.guests import reserve_as_guest as reserve
from holdfast.domain.errors import (
    AlreadyHeld,
    Invalid,
    NotFound,
    NotOffered,
    PolicyViolation,
    RateLimited,
    SlotBlocked,
    SlotFull,
    SlotHeld,
    SlotPast,
)
from holdfast.domain.place import SlotKey
from holdfast.http import guest_views
from holdfast.http.api import Answer, Call
from holdfast.http.booking_answers import zone_of
from holdfast.http.instead import instead
from holdfast.http.ports import Ports


@api.post(
    "/v1/businesses/{businessId}/guest-bookings",
    body=GuestReserveBody,
    answers={201: guest_views.GuestBookingView},
    refuses=(
        NotFound,
        SlotFull,
        SlotHeld,
        SlotBlocked,
        SlotPast,
        NotOffered,
        AlreadyHeld,
        PolicyViolation,
        RateLimited,
    ),
    public=True,
)
def reserve_as_guest(call: Call[GuestReserveBody], ports: Ports) -> Answer:
    """Hold a slot, or an appointment at a free start, for a guest of a business that takes some.

    `manageToken` is the only key to the booking: whoever has it may confirm, change and cancel it until it is
    over. An `Idempotency-Key` has to be a UUID here, and the answer to its repeat has the token again.
    """
    body = call.body
    wish = body.wish(body.spot(call))
    if wish.spot.business != call.path["businessId"]:
        pointer = "/slotId" if isinstance(wish.spot, SlotKey) else "/businessId"
        raise Invalid(pointer, "must be of the business in the path")
    wish = replace(wish, hold_seconds=body.hold_seconds)
    try:
        done = reserve(
            ports.ledger(),
            ports.callers(),
            ports.catalog(),
            ports.catalogues(),
            ports.bookings(),
            ports.secrets(),
            call.asked,
            wish,
            email=body.contact.email,
            source=call.source,
        )
    except (SlotFull, SlotHeld, SlotBlocked, SlotPast, NotOffered) as refusal:
        refusal.facts = {**refusal.facts, "alternatives": instead(call, ports, wish.spot, wish.units)}
        raise
    booking = done.reserved.booking
    return Answer(
        status=201,
        body=guest_views.guest_booking_view(
            booking, done.token, zone_of(call, ports, booking.business), call.now
        ),
        version=booking.version,
        location=f"/v1/manage/{done.token}",
        replayed=done.reserved.replayed,
    )
