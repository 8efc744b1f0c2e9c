"""Move a booking: the new place taken and the old one given back in one transaction, or nothing (BOOK-5).

The old place of a slot goes to its queue by the stream, like any other that comes free.
"""

from __future__ import annotations

from dataclasses import replace

from holdfast.app.asked import Asked
from holdfast.app.deeds import Decision, Done, booking_of_theirs, do, own_booking
from holdfast.app.existing import existing_business
from holdfast.app.ports import Callers, Catalog, Catalogues, Ledger
from holdfast.app.take_spot import Taker, codes_allowed, take_spot
from holdfast.app.terms import terms_of
from holdfast.app.wish import FreeStart
from holdfast.app.writes import RemoveClaim, SaveBooking
from holdfast.domain.appointment import Appointment
from holdfast.domain.booking import RESCHEDULE, Booking, Deed
from holdfast.domain.errors import Invalid
from holdfast.domain.override import NOTHING, Override
from holdfast.domain.place import SlotKey

MOST_TRIES = 30
"""A move is decided from what was read, so each rival who was quicker costs a try; a day has only so many."""


def reschedule(
    ledger: Ledger,
    callers: Callers,
    catalog: Catalog,
    catalogues: Catalogues,
    asked: Asked,
    booking_id: str,
    to: SlotKey | FreeStart,
) -> Done:
    """Move the caller's own confirmed booking, on the version named by If-Match, within the policies. Where
    it is there already, nothing is written.

    Raises NotFound, PreconditionRequired, StaleVersion, Invalid, InvalidTransition, PolicyViolation,
    NotOffered, AlreadyHeld, SlotBlocked, SlotPast, SlotFull, SlotHeld or KeyReused.
    """
    asked.require_precondition()

    def decide(booking: Booking, attempt: int) -> Decision:
        deed = asked.deed(RESCHEDULE)
        return move(ledger, catalog, catalogues, booking, to, deed)

    return do(
        ledger,
        callers,
        asked,
        lambda: own_booking(ledger, asked, booking_id),
        decide,
        most_tries=MOST_TRIES,
    )


def reschedule_for(
    ledger: Ledger,
    callers: Callers,
    catalog: Catalog,
    catalogues: Catalogues,
    asked: Asked,
    booking_id: str,
    to: SlotKey | FreeStart,
    override: Override,
) -> Done:
    """Move a customer's booking as staff of its business, passing over the rules that they name.

    Raises what `reschedule` raises, save PreconditionRequired.
    """

    def decide(booking: Booking, attempt: int) -> Decision:
        deed = asked.deed_at(booking.business, RESCHEDULE, override.reason)
        return move(ledger, catalog, catalogues, booking, to, deed, override)

    return do(
        ledger,
        callers,
        asked,
        lambda: booking_of_theirs(ledger, asked, booking_id),
        decide,
        most_tries=MOST_TRIES,
    )


def move(
    ledger: Ledger,
    catalog: Catalog,
    catalogues: Catalogues,
    booking: Booking,
    to: SlotKey | FreeStart,
    deed: Deed,
    override: Override = NOTHING,
) -> Decision:
    """The booking where it shall be, and all that is written, each ledger at most once; no writes where it is
    there already."""
    booking.require_movable(deed.at)
    ignoring = codes_allowed(catalogues, booking.business, override)
    to = _with_its_length(booking, to)
    if _is_there(booking, to):
        return Decision(booking, ())
    _require_its_own(booking, to)
    business = existing_business(catalog, booking.business)
    terms = terms_of(catalogues, business, booking)
    of_policy = terms.allow_moving(booking.start, len(booking.moved_from), deed.at, ignoring)
    taken = take_spot(ledger, catalogues, business, to, Taker.moving(booking), deed.at, ignoring)
    codes = (*of_policy, *taken.passed_over)
    after = booking.rescheduled(taken.spot, taken.who, taken.start, taken.end, replace(deed, override=codes))
    left = [
        RemoveClaim(key, booking.who, claim)
        for key, claim in booking.claims.items()
        if key not in taken.writes
    ]
    return Decision(after, (*left, *taken.writes.values(), SaveBooking(after)))


def _with_its_length(booking: Booking, to: SlotKey | FreeStart) -> SlotKey | FreeStart:
    """Without an end an appointment stays as long as it is."""
    if isinstance(to, SlotKey) or to.end is not None or to.service != booking.service:
        return to
    return replace(to, end=to.start + booking.end - booking.start)


def _is_there(booking: Booking, to: SlotKey | FreeStart) -> bool:
    if isinstance(to, SlotKey) or not isinstance(booking.spot, Appointment):
        return to == booking.spot
    with_it = to.resource is None or to.resource in booking.resources
    there = (booking.business, booking.service, booking.start, booking.end)
    return with_it and there == (to.business, to.service, to.start, to.end)


def _require_its_own(booking: Booking, to: SlotKey | FreeStart) -> None:
    """What was agreed is moved, not exchanged. Raises Invalid."""
    if to.business != booking.business:
        pointer = "/slotId" if isinstance(to, SlotKey) else "/businessId"
        raise Invalid(pointer, "must be of the booking's own business")
    if isinstance(to, FreeStart) and booking.service not in (None, to.service):
        raise Invalid("/serviceId", "must be the booking's own service")
