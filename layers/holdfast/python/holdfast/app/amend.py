"""Change what a booking says, how many units it has, and for whom it is (BOOK-14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from holdfast.app.asked import Asked
from holdfast.app.confirm import require_live_claim
from holdfast.app.custom_fields import require_fields
from holdfast.app.deeds import Decision, Done, do, own_booking
from holdfast.app.existing import existing_business
from holdfast.app.ports import Callers, Catalog, Ledger
from holdfast.app.writes import ChangeClaim, SaveBooking, SaveSlot, Write
from holdfast.domain.booking import ENDED, Booking, BookingStatus, Contact
from holdfast.domain.errors import HoldExpired, InvalidTransition
from holdfast.domain.identity import claimant_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What is None stays as it is."""

    notes: str | None = None
    contact: Contact | None = None
    metadata: Mapping[str, object] | None = None
    subject: Mapping[str, object] | None = None
    units: int | None = None


def amend(
    ledger: Ledger, callers: Callers, catalog: Catalog, asked: Asked, booking_id: str, change: Amendment
) -> Done:
    """Change the caller's own booking on the version named by If-Match. More units are a newcomer's claim,
    fewer are free at once.

    Raises NotFound, PreconditionRequired, StaleVersion, Invalid, InvalidTransition, HoldExpired,
    PolicyViolation, AlreadyHeld, AlreadyInQueue, SlotFull, SlotHeld, SlotBlocked, SlotPast or KeyReused.
    """
    asked.require_precondition()

    def decide(booking: Booking, attempt: int) -> Decision:
        seen = booking.seen_at(asked.now)
        if seen in ENDED:
            raise InvalidTransition(seen, seen)
        if change.metadata is not None:
            business = existing_business(catalog, booking.business)
            require_fields(business, change.metadata)
        amended = replace(
            booking.changed(asked.deed("amend")),
            notes=booking.notes if change.notes is None else change.notes,
            contact=change.contact or booking.contact,
            metadata=booking.metadata if change.metadata is None else change.metadata,
            subject=booking.subject if change.subject is None else change.subject,
            units=booking.units if change.units is None else change.units,
        )
        amended = replace(amended, who=claimant_for(amended.owner, amended.subject))
        writes: list[Write] = [SaveBooking(amended)]
        if (amended.who, amended.units) != (booking.who, booking.units):
            writes.insert(0, _on_the_slot(ledger, asked, booking, amended, look=attempt > 0))
        return Decision(amended, tuple(writes))

    return do(ledger, callers, asked, lambda: own_booking(ledger, asked, booking_id), decide)


def _on_the_slot(ledger: Ledger, asked: Asked, booking: Booking, amended: Booking, *, look: bool) -> Write:
    """The first try goes out without a read; a lost one is decided from the slot, over what is past."""
    if booking.status not in (BookingStatus.RESERVED, BookingStatus.CONFIRMED):
        raise InvalidTransition(booking.status, booking.status)
    if not look:
        return ChangeClaim(booking.slot, booking.who, booking.claim, amended.who, amended.claim, asked.now)
    require_live_claim(ledger, booking, asked, open_only=False)
    slot = ledger.slot(booking.slot)
    if slot is None or slot.claims.get(booking.who) != booking.claim:
        raise HoldExpired
    return SaveSlot(slot.changed_over_past(booking.who, amended.who, amended.claim, asked.now))
