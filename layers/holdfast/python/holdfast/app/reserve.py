"""Reserve units of a published slot: remember the key, claim in the ledger, write the record (DESIGN 3).
A full slot may be waited for instead (HOLD-7).

The claim decides. The record follows, so a crash between the two leaves a claim that lapses by itself, and
whoever meets a live claim of theirs without a record writes it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from holdfast.app.asked import Asked, remember, seen_before
from holdfast.app.custom_fields import require_fields
from holdfast.app.existing import existing_business, existing_slot
from holdfast.app.join_queue import Joined, join, joined_before
from holdfast.app.ports import (
    Asking,
    Bookings,
    Callers,
    Catalog,
    ClaimRefused,
    Ledger,
    Lost,
    Throttled,
)
from holdfast.app.restraint import require_restraint
from holdfast.app.wish import MOST_WRITES, Wish
from holdfast.app.writes import RemoveClaim
from holdfast.domain.booking import ENDED, Booking, reserved
from holdfast.domain.business import Business
from holdfast.domain.claim import Claim
from holdfast.domain.errors import (
    AlreadyHeld,
    KeyReused,
    SlotFull,
    SlotHeld,
    SlotNotFull,
    Unavailable,
)
from holdfast.domain.identity import claimant_for
from holdfast.domain.instants import SECOND, Instant, seconds_until
from holdfast.domain.place import SlotKey
from holdfast.domain.slot import Slot

MOST_TURNS = 3
"""So often a slot may be full for the claim and have room again for the join before we answer 503."""


class Reserved(NamedTuple):
    """`created` is false where the caller had it already under another key; `replayed` is true where this
    very request had its effect before."""

    booking: Booking
    created: bool
    replayed: bool


class _Standing(NamedTuple):
    """The claim that stands for the caller, and whether this very request wrote it."""

    slot: Slot
    claim: Claim
    own: bool


def reserve(
    ledger: Ledger,
    callers: Callers,
    catalog: Catalog,
    bookings: Bookings,
    asked: Asked,
    wish: Wish,
) -> Reserved | Joined:
    """Hold units for the caller, or let them wait where the slot is full and they asked to.

    Raises NotFound, Malformed, Invalid, RateLimited, KeyReused, PolicyViolation, AlreadyHeld, SlotFull,
    SlotHeld, SlotBlocked, SlotPast, QueueFull or AlreadyInQueue.
    """
    business = existing_business(catalog, wish.slot.business, missing="slot")
    business.require_key(asked.keyed)
    expires = asked.now + business.hold.seconds(wish.hold_seconds) * SECOND
    asking = Asking(wish.slot, asked.op, asked.now)
    recollection = remember(callers, asked, deed="reserve", asking=asking)
    asked.charge(recollection, business.reserves_a_minute)
    if seen_before(recollection, asked):
        # The key's own booking or entry answers first: its hold may long be over, and a repeat takes nothing.
        before = _made_before(ledger, asked)
        if before:
            return before
    require_fields(business, wish.metadata)
    who = claimant_for(asked.caller.id, wish.subject)
    require_restraint(ledger, callers, bookings, asked, business, who, asking, recollection)
    claim = Claim(asked.op, wish.units, expires, asked.fingerprint)
    for _ in range(MOST_TURNS):
        try:
            standing = _take(ledger, wish.slot, who, claim, asked.now)
        except (SlotFull, SlotHeld):
            if not _may_wait(business, wish):
                raise
        else:
            return _record(ledger, asked, wish, who, standing)
        with suppress(SlotNotFull):
            return _served(join(ledger, catalog, business, asked, wish))
    raise Unavailable("the slot changes too quickly")


def _made_before(ledger: Ledger, asked: Asked) -> Reserved | Joined | None:
    made = ledger.booking(asked.op)
    if made:
        return _replay(made, asked)
    before = joined_before(ledger, asked)
    return _served(before) if before else None


def _may_wait(business: Business, wish: Wish) -> bool:
    wants = business.queue.join_if_full if wish.join_if_full is None else wish.join_if_full
    return wants and business.queue.enabled


def _served(joined: Joined) -> Reserved | Joined:
    """One whose turn came at once has what they asked for first."""
    if joined.booking is None:
        return joined
    return Reserved(joined.booking, created=True, replayed=joined.replayed)


def _take(ledger: Ledger, key: SlotKey, who: str, claim: Claim, now: Instant) -> _Standing:
    """Make the claim, or find the caller's live one. The first write goes out without a read."""
    slot: Slot | None = None
    for _ in range(MOST_WRITES):
        try:
            if slot is None or slot.admits(who, claim.units, now):
                return _Standing(ledger.claim(key, who, claim, now), claim, own=True)
            taken = slot.claimed_over_past(who, claim, now)
            ledger.replace(taken)
            return _Standing(taken, claim, own=True)
        except ClaimRefused as refused:
            slot = existing_slot(refused.slot)
            throttled = False
        except Throttled:
            slot = existing_slot(ledger.slot(key))
            throttled = True
        if standing := slot.live_claim(who, now):
            return _Standing(slot, standing, own=False)
        if throttled:
            slot.claimed_over_past(who, claim, now)  # a refusal is final, written or not
            raise Unavailable("the slot is written too often")
    raise Unavailable("the slot changes too quickly")


def _record(ledger: Ledger, asked: Asked, wish: Wish, who: str, standing: _Standing) -> Reserved:
    """Write the record of the claim that stands, or find the one that is there."""
    slot, claim = standing.slot, standing.claim
    mine = claim.booking == asked.op
    if mine and claim.fingerprint != asked.fingerprint:
        raise KeyReused
    record = reserved(
        slot,
        who,
        claim,
        asked.deed("reserve"),
        owner=asked.caller.id,
        notes=wish.notes,
        contact=wish.contact,
        subject=wish.subject,
        metadata=wish.metadata,
    )
    there = ledger.booking(claim.booking) if claim.confirmed else ledger.record(record)
    if there is None:
        return _answer(record, wish, created=mine, replayed=mine and not standing.own)
    if standing.own and (there.slot, there.claim) != (slot.key, claim):
        # Only our own claim goes back, and only while it is exactly what we wrote: a twin of this request
        # may have finished, extended or confirmed it since.
        with suppress(Lost):
            ledger.commit(RemoveClaim(slot.key, who, claim))
    if mine:
        return _replay(there, asked)
    if there.seen_at(asked.now) in ENDED:
        # A claim whose record has ended is left by a crash before a give-back. It lapses by itself.
        wait = max(1, seconds_until(claim.expires, asked.now))
        raise SlotHeld(available=slot.available(asked.now), retry_after=wait)
    return _answer(there, wish, created=False, replayed=False)


def _answer(booking: Booking, wish: Wish, *, created: bool, replayed: bool) -> Reserved:
    if booking.units != wish.units:
        raise AlreadyHeld(booking.id, units=booking.units)
    return Reserved(booking, created=created, replayed=replayed)


def _replay(booking: Booking, asked: Asked) -> Reserved:
    if booking.fingerprint != asked.fingerprint:
        raise KeyReused
    return Reserved(booking, created=True, replayed=True)
