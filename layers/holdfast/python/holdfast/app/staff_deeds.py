"""What staff do to bookings of their business: start, complete, no-show, cancel (BOOK-3, BOOK-7)."""

from __future__ import annotations

from enum import Enum

from holdfast.app.asked import Asked
from holdfast.app.deeds import Decision, Done, do
from holdfast.app.existing import existing_business
from holdfast.app.ports import Callers, Catalog, Ledger
from holdfast.app.writes import RemoveClaim, SaveBooking
from holdfast.domain.booking import Booking, BookingStatus, Deed
from holdfast.domain.errors import NotFound
from holdfast.domain.refund import Refund, refund


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
        deed = _deed(asked, booking, became.name.lower(), reason)
        completes = became is Mark.COMPLETED
        marked = booking.completed(deed) if completes else booking.moved(became.value, deed)
        return Decision(marked, (SaveBooking(marked),))

    return do(ledger, callers, asked, lambda: _of_their_business(ledger, asked, booking_id), decide)


def cancel_for(
    ledger: Ledger,
    callers: Callers,
    catalog: Catalog,
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
        business = existing_business(catalog, booking.business)
        if percentage is None:
            back = refund(booking.price, business.refund_tiers, start=booking.start, now=asked.now)
        else:
            back = Refund(percentage, booking.price.percent(percentage))
        cancelled = booking.cancelled(back, _deed(asked, booking, "cancel", reason))
        return Decision(
            cancelled, (RemoveClaim(booking.slot, booking.who, booking.claim), SaveBooking(cancelled))
        )

    return do(ledger, callers, asked, lambda: _of_their_business(ledger, asked, booking_id), decide)


def _of_their_business(ledger: Ledger, asked: Asked, booking_id: str) -> Booking:
    booking = ledger.booking(booking_id)
    if booking is None or not asked.caller.works_at(booking.business):
        raise NotFound("booking")
    return booking


def _deed(asked: Asked, booking: Booking, trigger: str, reason: str | None) -> Deed:
    role = "admin" if asked.caller.administers(booking.business) else "staff"
    return asked.deed(trigger, reason, role=role)
