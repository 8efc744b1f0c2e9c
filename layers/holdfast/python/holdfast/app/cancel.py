"""Cancel a booking: units back, refund computed, record CANCELLED in one transaction (BOOK-3)."""

from __future__ import annotations

from holdfast.app.asked import Asked
from holdfast.app.deeds import Decision, Done, do, own_booking
from holdfast.app.existing import existing_business
from holdfast.app.ports import Callers, Catalog, Catalogues, Ledger
from holdfast.app.terms import terms_of
from holdfast.app.writes import SaveBooking, given_back
from holdfast.domain.booking import Booking, BookingStatus
from holdfast.domain.errors import InvalidTransition

CANCELLABLE = frozenset({BookingStatus.CONFIRMED, BookingStatus.PENDING_APPROVAL})
"""What its owner may cancel; a hold is released."""


def cancel(
    ledger: Ledger,
    callers: Callers,
    catalog: Catalog,
    catalogues: Catalogues,
    asked: Asked,
    booking_id: str,
    *,
    reason: str | None = None,
    limited: bool = True,
) -> Done:
    """Cancel the caller's own confirmed booking, within the policy's deadline, or one not yet approved. It is
    not `limited` where the request was counted as a whole.

    Raises NotFound, InvalidTransition, PolicyViolation, RateLimited, StaleVersion or KeyReused.
    """

    def decide(booking: Booking, attempt: int) -> Decision:
        if booking.seen_at(asked.now) not in CANCELLABLE:
            raise InvalidTransition(booking.seen_at(asked.now), BookingStatus.CANCELLED)
        terms = terms_of(catalogues, existing_business(catalog, booking.business), booking)
        if booking.status is BookingStatus.CONFIRMED:
            terms.allow_cancelling(booking.start, asked.now)
        back = terms.refund(booking, asked.now)
        cancelled = booking.cancelled(back, asked.deed("cancel", reason))
        return Decision(cancelled, (*given_back(booking), SaveBooking(cancelled)))

    def a_minute(booking: Booking) -> int:
        return existing_business(catalog, booking.business).cancels_a_minute

    return do(
        ledger,
        callers,
        asked,
        lambda: own_booking(ledger, asked, booking_id),
        decide,
        limited=("cancel", a_minute) if limited else None,
    )
