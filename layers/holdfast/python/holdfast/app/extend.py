"""Extend a hold: claim and record get the later end in one transaction (HOLD-6)."""

from __future__ import annotations

from holdfast.app.asked import Asked
from holdfast.app.deeds import Decision, Done, do, own_booking
from holdfast.app.existing import existing_business
from holdfast.app.ports import Callers, Catalog, Ledger
from holdfast.app.standing import require_live_claims
from holdfast.app.writes import SaveBooking, kept
from holdfast.domain.booking import Booking
from holdfast.domain.errors import Invalid


def extend(
    ledger: Ledger, callers: Callers, catalog: Catalog, asked: Asked, booking_id: str, *, seconds: int
) -> Done:
    """Keep the caller's own live hold until now + seconds at least.

    Raises NotFound, Invalid, HoldExpired, HoldLimit, InvalidTransition, StaleVersion or KeyReused.
    """

    def decide(booking: Booking, attempt: int) -> Decision:
        business = existing_business(catalog, booking.business)
        if seconds > business.hold.max_seconds:
            raise Invalid("/seconds", f"must be at most {business.hold.max_seconds}")
        extended = booking.extended(
            seconds, asked.deed("extend"), total_max_seconds=business.hold.total_max_seconds
        )
        if attempt:
            require_live_claims(ledger, booking, asked, open_only=False)
        return Decision(
            extended,
            (
                *kept(booking, extended.expires, asked.now, open_only=False),
                SaveBooking(extended),
            ),
        )

    return do(ledger, callers, asked, lambda: own_booking(ledger, asked, booking_id), decide)
