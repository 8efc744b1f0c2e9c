"""Release a hold early: the units come back and the record becomes EXPIRED in one transaction (HOLD-6).

Releasing a promoted hold is declining it: its entry becomes LEFT.
"""

from __future__ import annotations

from holdfast.app.asked import Asked
from holdfast.app.deeds import Decision, Done, do, own_booking
from holdfast.app.ports import Callers, Ledger
from holdfast.app.writes import SaveBooking, end_of_turn, given_back
from holdfast.domain.booking import Booking, Ending


def release(ledger: Ledger, callers: Callers, asked: Asked, booking_id: str) -> Done:
    """Give the caller's own live hold back.

    Raises NotFound, HoldExpired, InvalidTransition, StaleVersion or KeyReused.
    """

    def decide(booking: Booking, attempt: int) -> Decision:
        released = booking.released(asked.deed("release", Ending.RELEASED))
        return Decision(
            released, (*given_back(booking), SaveBooking(released), *end_of_turn(booking, released))
        )

    return do(ledger, callers, asked, lambda: own_booking(ledger, asked, booking_id), decide)
