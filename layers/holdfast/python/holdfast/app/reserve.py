"""Reserve units of a slot, or an appointment at a free start: remember the key, claim in the ledger, write
the record (DESIGN 3). A full slot may be waited for instead (HOLD-7).

The claim decides. The record follows, so a crash between the two leaves a claim that lapses by itself, and
whoever meets a live claim of theirs without a record writes it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from holdfast.app.asked import Asked, remember, seen_before
from holdfast.app.custom_fields import require_fields
from holdfast.app.existing import existing_business
from holdfast.app.join_queue import Joined, join, joined_before
from holdfast.app.ports import Asking, Bookings, Callers, Catalog, Catalogues, Ledger, Lost
from holdfast.app.restraint import require_restraint
from holdfast.app.take_slot import Standing, take_slot
from holdfast.app.take_start import holds_start, take_start
from holdfast.app.terms import terms_for
from holdfast.app.wish import FreeStart, Wish
from holdfast.app.writes import RemoveClaim
from holdfast.domain.booking import ENDED, Booking, reserved
from holdfast.domain.business import Business
from holdfast.domain.claim import Claim
from holdfast.domain.errors import (
    AlreadyHeld,
    Invalid,
    KeyReused,
    NotOffered,
    SlotFull,
    SlotHeld,
    SlotNotFull,
    Unavailable,
)
from holdfast.domain.identity import claimant_for
from holdfast.domain.instants import SECOND, seconds_until
from holdfast.domain.place import SlotKey

MOST_TURNS = 3
"""So often a slot may be full for the claim and have room again for the join before we answer 503."""


class Reserved(NamedTuple):
    """`created` is false where the caller had it already under another key; `replayed` is true where this
    very request had its effect before."""

    booking: Booking
    created: bool
    replayed: bool


def reserve(
    ledger: Ledger,
    callers: Callers,
    catalog: Catalog,
    catalogues: Catalogues,
    bookings: Bookings,
    asked: Asked,
    wish: Wish,
) -> Reserved | Joined:
    """Hold what the caller wishes, or let them wait where the slot is full and they asked to.

    Raises NotFound, Malformed, Invalid, RateLimited, KeyReused, PolicyViolation, AlreadyHeld, SlotFull,
    SlotHeld, SlotBlocked, SlotPast, NotOffered, QueueFull or AlreadyInQueue.
    """
    missing = "slot" if isinstance(wish.spot, SlotKey) else "business"
    business = existing_business(catalog, wish.spot.business, missing=missing)
    terms_for(catalogues, business, wish.service).require_key(asked.keyed)
    expires = asked.now + business.hold.seconds(wish.hold_seconds) * SECOND
    asking = Asking(wish.hold, asked.op, asked.now)
    recollection = remember(callers, asked, deed="reserve", asking=asking)
    asked.charge(recollection, business.reserves_a_minute)
    if seen_before(recollection, asked):
        # The key's own booking or entry answers first: its hold may long be over, and a repeat takes nothing.
        before = _made_before(ledger, asked)
        if before:
            return before
    require_fields(business, wish.metadata)
    require_restraint(
        ledger,
        callers,
        bookings,
        asked,
        business,
        asking,
        recollection,
        lambda: holds_it(ledger, catalogues, asked, wish),
    )
    claim = Claim(asked.op, wish.units, expires, asked.fingerprint)
    if isinstance(wish.spot, FreeStart):
        if wish.join_if_full:
            raise Invalid("/joinQueueIfFull", "is for published slots, which have queues")
        return record(ledger, asked, wish, take_start(ledger, catalogues, asked, wish.spot, wish, claim))
    return _reserve_slot(ledger, catalog, business, asked, wish.spot, wish, claim)


def _reserve_slot(
    ledger: Ledger,
    catalog: Catalog,
    business: Business,
    asked: Asked,
    slot: SlotKey,
    wish: Wish,
    claim: Claim,
) -> Reserved | Joined:
    who = claimant_for(asked.caller.id, wish.subject)
    start = slot.start(business.ledger_offset)
    for _ in range(MOST_TURNS):
        try:
            business.terms.allow_taking(start, asked.now, business.zone)
            standing = take_slot(ledger, slot, who, claim, asked.now)
        except (SlotFull, SlotHeld):
            if not _may_wait(business, wish):
                raise
        else:
            return record(ledger, asked, wish, standing)
        with suppress(SlotNotFull):
            return _served(join(ledger, catalog, business, asked, slot, wish))
    raise Unavailable("the slot changes too quickly")


def _made_before(ledger: Ledger, asked: Asked) -> Reserved | Joined | None:
    made = ledger.booking(asked.op)
    if made:
        return _replay(made, asked)
    before = joined_before(ledger, asked)
    return _served(before) if before else None


def holds_it(ledger: Ledger, catalogues: Catalogues, asked: Asked, wish: Wish) -> bool:
    """Whether the caller has a live claim there."""
    if isinstance(wish.spot, FreeStart):
        return holds_start(ledger, catalogues, asked, wish.spot, wish)
    slot = ledger.slot(wish.spot)
    who = claimant_for(asked.caller.id, wish.subject)
    return slot is not None and slot.live_claim(who, asked.now) is not None


def _may_wait(business: Business, wish: Wish) -> bool:
    wants = business.queue.join_if_full if wish.join_if_full is None else wish.join_if_full
    return wants and business.queue.enabled


def _served(joined: Joined) -> Reserved | Joined:
    """One whose turn came at once has what they asked for first."""
    if joined.booking is None:
        return joined
    return Reserved(joined.booking, created=True, replayed=joined.replayed)


def record(ledger: Ledger, asked: Asked, wish: Wish, standing: Standing) -> Reserved:
    """Write the record of the claim that stands, or find the one that is there.

    Raises KeyReused, AlreadyHeld, SlotHeld or NotOffered.
    """
    claim = standing.claim
    mine = claim.booking == asked.op
    if mine and claim.fingerprint != asked.fingerprint:
        raise KeyReused
    made = record_of(asked, wish, standing)
    finishes = standing.whole and not claim.confirmed
    there = ledger.record(made) if finishes else ledger.booking(claim.booking)
    if there is None and finishes:
        return _answer(made, wish, created=mine, replayed=mine and not standing.own)
    if there is None:
        raise _until_it_lapses(standing, asked)
    if standing.own and (there.spot, there.claims) != (standing.spot, standing.claims):
        # Only our own claim goes back, and only while it is exactly what we wrote: a twin of this request
        # may have finished, extended or confirmed it since.
        with suppress(Lost):
            ledger.commit(*(RemoveClaim(key, standing.who, each) for key, each in standing.claims.items()))
    if mine:
        return _replay(there, asked)
    if there.seen_at(asked.now) in ENDED or there.start != standing.start:
        # A claim whose record has ended, or was moved, is left by a crash before a give-back.
        raise _until_it_lapses(standing, asked)
    return _answer(there, wish, created=False, replayed=False)


def record_of(asked: Asked, wish: Wish, standing: Standing) -> Booking:
    """As it is where it is made now; of a series only where this very request claimed it."""
    return reserved(
        standing.spot,
        standing.who,
        standing.claim,
        asked.deed("reserve"),
        start=standing.start,
        end=standing.end,
        price=standing.price,
        owner=asked.caller.id,
        notes=wish.notes,
        contact=wish.contact,
        subject=wish.subject,
        metadata=wish.metadata,
        series=wish.series if standing.claim.booking == asked.op else None,
    )


def _until_it_lapses(standing: Standing, asked: Asked) -> SlotHeld | NotOffered:
    """Of a claim that nothing can come of any more."""
    wait = max(1, seconds_until(standing.claim.expires, asked.now))
    if isinstance(standing.spot, SlotKey):
        return SlotHeld(available=standing.available, retry_after=wait)
    return NotOffered(["taken"], available=standing.available, retry_after=wait)


def _answer(booking: Booking, wish: Wish, *, created: bool, replayed: bool) -> Reserved:
    if booking.units != wish.units:
        raise AlreadyHeld(booking.id, units=booking.units)
    return Reserved(booking, created=created, replayed=replayed)


def _replay(booking: Booking, asked: Asked) -> Reserved:
    if booking.fingerprint != asked.fingerprint:
        raise KeyReused
    return Reserved(booking, created=True, replayed=True)
