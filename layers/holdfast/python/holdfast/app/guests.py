"""Bookings without an account: a guest reserves by their email and manages by the token they got (BOOK-9)."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, cast

from holdfast.app.asked import Asked, count
from holdfast.app.existing import existing_business
from holdfast.app.ports import Bookings, Callers, Catalog, Catalogues, Ledger, Secrets
from holdfast.app.reserve import Reserved, reserve
from holdfast.app.terms import terms_for
from holdfast.app.wish import Wish
from holdfast.domain import manage_token
from holdfast.domain.booking import Booking, BookingStatus
from holdfast.domain.caller import Caller
from holdfast.domain.errors import AlreadyHeld, NotFound, PolicyViolation
from holdfast.domain.guest import guest, network_of
from holdfast.domain.instants import Instant

_RUNNING = frozenset(
    {
        BookingStatus.RESERVED,
        BookingStatus.PENDING_APPROVAL,
        BookingStatus.CONFIRMED,
        BookingStatus.IN_PROGRESS,
    }
)


class GuestHold(NamedTuple):
    reserved: Reserved
    token: str


class Managed(NamedTuple):
    """`asked` is the request as the booking's owner makes it."""

    asked: Asked
    booking: Booking


def reserve_as_guest(
    ledger: Ledger,
    callers: Callers,
    catalog: Catalog,
    catalogues: Catalogues,
    bookings: Bookings,
    secrets: Secrets,
    asked: Asked,
    wish: Wish,
    *,
    email: str,
    source: str,
) -> GuestHold:
    """Hold what a guest wishes; guests do not wait in queues. `source` is their network address.

    An email is no proof, so what stands under it already is never shown, and its token told to a repeat of
    the very request only: the one of then, which is void if it was revoked since.

    Raises what `reserve` raises; PolicyViolation where the business takes no guests, AlreadyHeld where this
    email has it already.
    """
    business = existing_business(catalog, wish.spot.business)
    if not terms_for(catalogues, business, wish.service).guest_booking:
        raise PolicyViolation("guest_booking", "Only who has signed in can book here.")
    key = secrets.manage_key()
    count(callers, asked, network_of(key, source), "reserve", business.reserves_a_minute)
    theirs = asked.by(guest(email))
    at_once = replace(wish, join_if_full=False)
    done = cast(Reserved, reserve(ledger, callers, catalog, catalogues, bookings, theirs, at_once))
    if not done.created:
        raise AlreadyHeld(done.booking.id, units=done.booking.units)
    return GuestHold(done, manage_token.issue(key, done.booking.id, manage_token.FIRST))


def managed(ledger: Ledger, secrets: Secrets, asked: Asked, token: str) -> Managed:
    """The booking of a token, for whoever has it until the booking is over. A repeat of the deed that ended
    it is let through, to be answered as before. Raises NotFound."""
    presented = manage_token.read(token)
    booking = ledger.booking(presented.booking) if presented else None
    if (
        presented is None
        or booking is None
        or not manage_token.is_genuine(presented, secrets.manage_key(), booking.link)
    ):
        raise NotFound("booking")
    theirs = asked.by(Caller(booking.owner))
    if _is_over(booking, asked.now) and not booking.did(theirs.op):
        raise NotFound("booking")
    return Managed(theirs, booking)


def _is_over(booking: Booking, now: Instant) -> bool:
    return now >= booking.end or booking.seen_at(now) not in _RUNNING
