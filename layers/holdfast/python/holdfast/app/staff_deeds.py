"""What staff do to bookings of their business: approve or reject, start, complete, no-show, cancel (BOOK-3,
BOOK-7)."""

from __future__ import annotations

from enum import Enum

from holdfast.app.asked import Asked
from holdfast.app.deeds import Decision, Done, booking_of_theirs, do
from holdfast.app.existing import existing_business
from holdfast.app.ports import Callers, Catalog, Catalogues, Ledger
from holdfast.app.standing import require_live_claims
from holdfast.app.terms import terms_of
from holdfast.app.writes import SaveBooking, given_back, kept
from holdfast.domain.booking import ENDED, Booking, BookingStatus
from holdfast.domain.errors import InvalidTransition
from holdfast.domain.instants import NEVER
from holdfast.domain.refund import Refund


class Mark(Enum):
    """What staff say became of a booking."""

    STARTED = BookingStatus.IN_PROGRESS
    COMPLETED = BookingStatus.COMPLETED
    NO_SHOW = BookingStatus.NO_SHOW


def mark(
    ledger: Ledger,
    callers: Callers,
    asked: Asked,
    booking_id: str,
    became: Mark,
    *,
    reason: str | None = None,
) -> Done:
    """Say what became of a booking, also to correct what was said before.

    Raises NotFound, InvalidTransition, StaleVersion or KeyReused.
    """

    def decide(booking: Booking, attempt: int) -> Decision:
        deed = asked.deed_at(booking.business, became.name.lower(), reason)
        completes = became is Mark.COMPLETED
        marked = booking.completed(deed) if completes else booking.moved(became.value, deed)
        return Decision(marked, (SaveBooking(marked),))

    return do(ledger, callers, asked, lambda: booking_of_theirs(ledger, asked, booking_id), decide)


def approve(
    ledger: Ledger,
    callers: Callers,
    catalog: Catalog,
    catalogues: Catalogues,
    asked: Asked,
    booking_id: str,
    *,
    reason: str | None = None,
) -> Done:
    """Let a booking stand that its owner has confirmed; its claims are kept for good in the same transaction.

    Raises NotFound, InvalidTransition, HoldExpired after the deadline, SlotBlocked, StaleVersion, KeyReused.
    """

    def decide(booking: Booking, attempt: int) -> Decision:
        terms = terms_of(catalogues, existing_business(catalog, booking.business), booking)
        deed = asked.deed_at(booking.business, "approve", reason)
        approved = booking.approved(deed, after_end=terms.after_end)
        if attempt:
            require_live_claims(ledger, booking, asked, open_only=True)
        return Decision(approved, (*kept(booking, NEVER, asked.now, open_only=True), SaveBooking(approved)))

    return do(ledger, callers, asked, lambda: booking_of_theirs(ledger, asked, booking_id), decide)


def reject(ledger: Ledger, callers: Callers, asked: Asked, booking_id: str, *, reason: str) -> Done:
    """Do not let it stand: units back, all of the price refunded.

    Raises NotFound, InvalidTransition, HoldExpired after the deadline, StaleVersion or KeyReused.
    """

    def decide(booking: Booking, attempt: int) -> Decision:
        rejected = booking.rejected(asked.deed_at(booking.business, "reject", reason))
        return Decision(rejected, (*given_back(booking), SaveBooking(rejected)))

    return do(ledger, callers, asked, lambda: booking_of_theirs(ledger, asked, booking_id), decide)


def cancel_for(
    ledger: Ledger,
    callers: Callers,
    catalog: Catalog,
    catalogues: Catalogues,
    asked: Asked,
    booking_id: str,
    *,
    reason: str,
    percentage: int | None = None,
) -> Done:
    """Cancel a customer's booking any time before its completion, with a refund of choice or by the tiers.

    Raises NotFound, InvalidTransition, StaleVersion or KeyReused.
    """

    def decide(booking: Booking, attempt: int) -> Decision:
        seen = booking.seen_at(asked.now)
        if seen in ENDED:
            raise InvalidTransition(seen, BookingStatus.CANCELLED)
        if percentage is None:
            business = existing_business(catalog, booking.business)
            back = terms_of(catalogues, business, booking).refund(booking, asked.now)
        else:
            back = Refund(percentage, booking.price.percent(percentage))
        cancelled = booking.cancelled(back, asked.deed_at(booking.business, "cancel", reason))
        return Decision(cancelled, (*given_back(booking), SaveBooking(cancelled)))

    return do(ledger, callers, asked, lambda: booking_of_theirs(ledger, asked, booking_id), decide)
