"""Book for a customer who calls or comes in (BOOK-7): claim, confirmed record and number in one transaction,
so that no confirmed claim stands without its record."""

from __future__ import annotations

from dataclasses import replace

from holdfast.app.asked import Asked, remember, seen_before
from holdfast.app.custom_fields import require_fields
from holdfast.app.deeds import Done
from holdfast.app.existing import existing_business
from holdfast.app.ports import Callers, Catalog, Catalogues, Ledger, Lost
from holdfast.app.take_spot import Taken, Taker, codes_allowed, take_spot
from holdfast.app.terms import terms_for
from holdfast.app.wish import Wish
from holdfast.app.writes import SaveBooking, TakeNumber
from holdfast.domain.booking import Booking, reserved
from holdfast.domain.errors import Forbidden, Invalid, KeyReused, Refusal, Unavailable
from holdfast.domain.identity import booking_number, derived_id
from holdfast.domain.override import Override
from holdfast.domain.place import SlotKey
from holdfast.domain.terms import Terms

MOST_TRIES = 30
TRIGGER = "by_hand"


def book_by_hand(
    ledger: Ledger,
    callers: Callers,
    catalog: Catalog,
    catalogues: Catalogues,
    asked: Asked,
    business_id: str,
    wish: Wish,
    *,
    customer: str | None,
    override: Override,
) -> Done:
    """Book as staff of the business, at once and approved. Without a `customer` it is a walk-in's, who has no
    account and nothing but this booking.

    Raises NotFound, Forbidden, Malformed, Invalid, KeyReused, AlreadyHeld, NotOffered, SlotFull, SlotHeld,
    SlotBlocked or SlotPast.
    """
    business = existing_business(catalog, business_id)
    if not asked.caller.works_at(business.id):
        raise Forbidden("Only its staff book by hand.")
    terms = terms_for(catalogues, business, wish.service)
    terms.require_key(asked.keyed)
    if seen_before(remember(callers, asked), asked) and (made := _made_before(ledger, asked)):
        return made
    if wish.spot.business != business.id:
        pointer = "/slotId" if isinstance(wish.spot, SlotKey) else "/businessId"
        raise Invalid(pointer, "must be of this business")
    require_fields(business, wish.metadata)
    ignoring = codes_allowed(catalogues, business.id, override)
    taker = Taker(
        booking=asked.op,
        owner=customer or f"walk-in:{asked.op}",
        subject=wish.subject,
        units=wish.units,
        fingerprint=asked.fingerprint,
    )
    for attempt in range(MOST_TRIES):
        try:
            taken = take_spot(ledger, catalogues, business, wish.spot, taker, asked.now, ignoring)
            # The attempt is part of the number: if the number was taken, the next try has another.
            number = booking_number(business.local_date(asked.now), asked.op, attempt)
            booking = _booked(business.id, terms, asked, wish, taker, taken, number, override.reason)
            ledger.commit(
                *taken.writes.values(), SaveBooking(booking, absent=True), TakeNumber(number, booking.id)
            )
        except (Refusal, Lost) as failed:
            # What stands in the way may be what a twin of this request has made.
            if made := _made_before(ledger, asked):
                return made
            if isinstance(failed, Refusal):
                raise
        else:
            return Done(booking, replayed=False)
    raise Unavailable("what is booked changes too quickly")


def _made_before(ledger: Ledger, asked: Asked) -> Done | None:
    made = ledger.booking(asked.op)
    if made and made.fingerprint != asked.fingerprint:
        raise KeyReused
    return Done(made, replayed=True) if made else None


def _booked(
    business_id: str,
    terms: Terms,
    asked: Asked,
    wish: Wish,
    taker: Taker,
    taken: Taken,
    number: str,
    reason: str | None,
) -> Booking:
    """Two lines at once: how it was taken, by which rules; and that it stands."""
    deed = asked.deed_at(business_id, TRIGGER, reason)
    held = reserved(
        taken.spot,
        taken.who,
        taker.claim,
        replace(deed, override=tuple(taken.passed_over)),
        start=taken.start,
        end=taken.end,
        price=taken.price,
        owner=taker.owner,
        notes=wish.notes,
        contact=wish.contact,
        subject=wish.subject,
        metadata=wish.metadata,
    )
    return held.confirmed(
        number,
        replace(deed, op=derived_id("confirm", asked.op), reason=None),
        contact=None,
        notes=None,
        after_end=terms.after_end,
    )
