"""Change what a booking says, how many units it has, and for whom it is (BOOK-14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from holdfast.app.asked import Asked
from holdfast.app.custom_fields import require_fields
from holdfast.app.deeds import Decision, Done, do, own_booking
from holdfast.app.existing import existing_business
from holdfast.app.ports import Callers, Catalog, Catalogues, Ledger, Lost
from holdfast.app.standing import require_live_claims
from holdfast.app.writes import ChangeClaim, SaveBooking, SaveDay, SaveSlot, Write
from holdfast.domain.appointment import Appointment, claimant_at
from holdfast.domain.availability import Reason
from holdfast.domain.booking import ENDED, Booking, BookingStatus, Contact
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.day import taken
from holdfast.domain.errors import AlreadyHeld, HoldExpired, InvalidTransition, NotOffered, SlotPast
from holdfast.domain.occupancy import WHOLE
from holdfast.domain.place import SlotKey, pool_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What is None stays as it is."""

    notes: str | None = None
    contact: Contact | None = None
    metadata: Mapping[str, object] | None = None
    subject: Mapping[str, object] | None = None
    units: int | None = None


def amend(
    ledger: Ledger,
    callers: Callers,
    catalog: Catalog,
    catalogues: Catalogues,
    asked: Asked,
    booking_id: str,
    change: Amendment,
) -> Done:
    """Change the caller's own booking on the version named by If-Match. More units are a newcomer's claim,
    fewer are free at once.

    Raises NotFound, PreconditionRequired, StaleVersion, Invalid, InvalidTransition, HoldExpired,
    PolicyViolation, AlreadyHeld, AlreadyInQueue, SlotFull, SlotHeld, SlotBlocked, SlotPast, NotOffered or
    KeyReused.
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
        amended = replace(amended, who=claimant_at(amended.spot, amended.owner, amended.subject))
        writes: list[Write] = []
        if (amended.who, amended.units) != (booking.who, booking.units):
            if booking.status not in (BookingStatus.RESERVED, BookingStatus.CONFIRMED):
                raise InvalidTransition(booking.status, booking.status)
            if booking.start <= asked.now:
                raise SlotPast
            if isinstance(booking.spot, SlotKey):
                writes.append(_on_the_slot(ledger, asked, booking.spot, booking, amended, look=attempt > 0))
            else:
                writes += _on_the_days(ledger, catalogues, asked, booking.spot, booking, amended, attempt)
        return Decision(amended, (*writes, SaveBooking(amended)))

    return do(ledger, callers, asked, lambda: own_booking(ledger, asked, booking_id), decide)


def _on_the_slot(
    ledger: Ledger, asked: Asked, key: SlotKey, booking: Booking, amended: Booking, *, look: bool
) -> Write:
    """The first try goes out without a read; a lost one is decided from the slot, over what is past."""
    if not look:
        return ChangeClaim(key, booking.who, booking.claim, amended.who, amended.claim, asked.now)
    require_live_claims(ledger, booking, asked, open_only=False)
    slot = ledger.slot(key)
    if slot is None or slot.claims.get(booking.who) != booking.claim:
        raise HoldExpired
    return SaveSlot(slot.changed_over_past(booking.who, amended.who, amended.claim, asked.now))


def _on_the_days(
    ledger: Ledger,
    catalogues: Catalogues,
    asked: Asked,
    spot: Appointment,
    booking: Booking,
    amended: Booking,
    attempt: int,
) -> Sequence[Write]:
    """Decided from the days as they are; time rules were judged when it was reserved. Where they tell another
    claim than the record, somebody may have changed both since it was read."""
    days, revision = ledger.days_and_revision(spot.business, list(spot.windows))
    for day in days:
        if day.claims.get(booking.who) != booking.claims[day.key]:
            raise HoldExpired if attempt else Lost
        theirs = day.live_claim(amended.who, asked.now)
        if theirs and theirs.booking != booking.id:
            raise AlreadyHeld(theirs.booking, units=theirs.units)
    if amended.units > booking.units:
        catalogue = catalogues.of_revision(spot.business, revision)
        others = taken(days, spot, asked.now, without=booking.who)
        left = min(_capacity(catalogue, spot, name) - units for name, units in others.items())
        if not spot.pooled:  # made before there was a cap
            left = min(left, _capacity(catalogue, spot, pool_of(spot.service)))
        if amended.units > left:
            raise NotOffered([Reason.TAKEN], available=max(0, left - booking.units))
    return [
        SaveDay(day.changed(booking.who, amended.who, amended.claims[day.key], asked.now)) for day in days
    ]


def _capacity(catalogue: Catalogue | None, spot: Appointment, ledger: str) -> int:
    """Of a resource, or of the pool of its service; nothing more is to be had of what is gone."""
    if catalogue is None:
        return 0
    if ledger == pool_of(spot.service):
        service = catalogue.services.get(spot.service)
        if service is None:
            return 0
        return WHOLE if service.most_at_once is None else service.most_at_once
    resource = catalogue.resources.get(ledger)
    return resource.capacity if resource else 0
