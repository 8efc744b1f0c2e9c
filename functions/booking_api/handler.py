"""Bookings, for the customers whose they are: reserve, extend, release, confirm, cancel, change, read."""

from __future__ import annotations

from datetime import UTC, tzinfo

from functions.booking_api.schemas import AmendBody, CancelBody, ConfirmBody, ExtendBody, ReserveBody
from holdfast import bootstrap
from holdfast.app.alternatives import alternatives
from holdfast.app.amend import Amendment, amend
from holdfast.app.cancel import cancel
from holdfast.app.confirm import confirm
from holdfast.app.deeds import Done, visible_booking
from holdfast.app.extend import extend
from holdfast.app.my_bookings import my_bookings
from holdfast.app.release import release
from holdfast.app.reserve import Reserve, reserve
from holdfast.domain.booking import Booking
from holdfast.domain.errors import (
    AlreadyHeld,
    HoldExpired,
    HoldLimit,
    InvalidTransition,
    NotFound,
    PolicyViolation,
    PreconditionRequired,
    RateLimited,
    SlotBlocked,
    SlotFull,
    SlotHeld,
    SlotPast,
    StaleVersion,
    Unavailable,
)
from holdfast.domain.place import SlotKey
from holdfast.http import params, views
from holdfast.http.api import Answer, Api, Call
from holdfast.http.bodies import NoBody
from holdfast.http.entry import entry
from holdfast.http.paging import filtered
from holdfast.http.ports import Ports

api = Api(query=(params.TIME_ZONE,))


@api.post(
    "/v1/bookings/reserve",
    body=ReserveBody,
    answers={201: views.BookingView, 200: views.BookingView},
    refuses=(NotFound, SlotFull, SlotHeld, SlotBlocked, SlotPast, AlreadyHeld, PolicyViolation, RateLimited),
)
def reserve_slot(call: Call[ReserveBody], ports: Ports) -> Answer:
    """Hold units of a published slot for a while. Who has them already is answered with what is there."""
    body = call.body
    slot = SlotKey.parse(body.slot_id)
    if slot is None:
        raise NotFound("slot")
    call.business = slot.business
    wish = Reserve(
        slot=slot,
        units=body.units,
        hold_seconds=body.hold_seconds,
        notes=body.notes,
        contact=body.contact.contact() if body.contact else None,
        subject=body.subject,
        metadata=body.metadata or {},
    )
    try:
        done = reserve(ports.ledger(), ports.callers(), ports.catalog(), ports.bookings(), call.asked, wish)
    except (SlotFull, SlotHeld, SlotBlocked, SlotPast) as refusal:
        refusal.facts = {**refusal.facts, "alternatives": _instead(call, ports, wish)}
        raise
    location = f"/v1/bookings/{done.booking.id}"
    return _answer(
        call,
        ports,
        done.booking,
        replayed=done.replayed,
        status=201 if done.created else 200,
        location=location if done.created else None,
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
    return _done(call, ports, done)


@api.post(
    "/v1/bookings/{bookingId}/release",
    body=NoBody,
    answers={200: views.BookingView},
    refuses=(HoldExpired, InvalidTransition, StaleVersion),
)
def release_hold(call: Call[NoBody], ports: Ports) -> Answer:
    """Give a hold back before it ends."""
    return _done(call, ports, release(ports.ledger(), ports.callers(), call.asked, call.path["bookingId"]))


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
    return _done(call, ports, done)


@api.post(
    "/v1/bookings/{bookingId}/cancel",
    body=CancelBody,
    answers={200: views.BookingView},
    refuses=(InvalidTransition, PolicyViolation, StaleVersion, RateLimited),
)
def cancel_booking(call: Call[CancelBody], ports: Ports) -> Answer:
    """Cancel a confirmed booking, with the refund its business's tiers give."""
    done = cancel(
        ports.ledger(),
        ports.callers(),
        ports.catalog(),
        call.asked,
        call.path["bookingId"],
        reason=call.body.reason,
    )
    return _done(call, ports, done)


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
    done = amend(ports.ledger(), ports.callers(), ports.catalog(), call.asked, booking_id, change)
    return _done(call, ports, done)


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
    items = [views.booking_view(each, _zone(call, ports, each), call.now) for each in page.items]
    return Answer(body={"items": items, "nextCursor": page.cursor})


@api.get("/v1/bookings/{bookingId}", answers={200: views.BookingView})
def get_booking(call: Call[None], ports: Ports) -> Answer:
    """A booking, for its owner and its business's staff."""
    return _answer(call, ports, visible_booking(ports.ledger(), call.asked, call.path["bookingId"]))


@api.get("/v1/bookings/{bookingId}/history", answers={200: views.HistoryView})
def get_history(call: Call[None], ports: Ports) -> Answer:
    """Every transition of a booking: from, to, trigger, actor, time, reason."""
    booking = visible_booking(ports.ledger(), call.asked, call.path["bookingId"])
    zone = _zone(call, ports, booking)
    return Answer(body=views.history_view(booking, call.caller, zone), version=booking.version)


def _instead(call: Call[ReserveBody], ports: Ports, wish: Reserve) -> list[views.SlotView]:
    """Offers help who was refused; that they cannot be read must not hide the refusal."""
    try:
        found = alternatives(ports.recent_slots(), wish.slot, wish.units, call.now)
        business = ports.catalog().business(wish.slot.business)
    except Unavailable:
        return []
    zone = call.query[params.TIME_ZONE] or (business.zone if business else UTC)
    return [views.slot_view(slot, zone, call.now) for slot in found]


def _done[B](call: Call[B], ports: Ports, done: Done) -> Answer:
    return _answer(call, ports, done.booking, replayed=done.replayed)


def _answer[B](
    call: Call[B],
    ports: Ports,
    booking: Booking,
    *,
    replayed: bool = False,
    status: int = 200,
    location: str | None = None,
) -> Answer:
    return Answer(
        status=status,
        body=views.booking_view(booking, _zone(call, ports, booking), call.now),
        version=booking.version,
        location=location,
        replayed=replayed,
    )


def _zone[B](call: Call[B], ports: Ports, booking: Booking) -> tzinfo:
    """The zone asked for, else the business's. That it cannot be read must not hide what was done."""
    if asked := call.query[params.TIME_ZONE]:
        return asked
    try:
        business = ports.catalog().business(booking.business)
    except Unavailable:
        return UTC
    return business.zone if business else UTC


handler = entry(api, bootstrap)
bootstrap.prime()
