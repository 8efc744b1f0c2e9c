"""Reserve units of a published slot: remember the key, claim in the ledger, write the record (DESIGN 3).

The claim decides. The record follows, so a crash between the two leaves a claim that lapses by itself, and
whoever meets a live claim of theirs without a record writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from holdfast.app.asked import Asked, remember, seen_before
from holdfast.app.custom_fields import require_fields
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
from holdfast.app.writes import RemoveClaim
from holdfast.domain.booking import ENDED, Booking, Contact, reserved
from holdfast.domain.errors import AlreadyHeld, KeyReused, NotFound, SlotHeld, Unavailable
from holdfast.domain.identity import claimant
from holdfast.domain.instants import SECOND, Instant, seconds_until
from holdfast.domain.place import SlotKey
from holdfast.domain.slot import Claim, Slot, SlotState

MOST_WRITES = 6
"""A claim meets a newer slot at most this often before we answer 503 (SPEC 10)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    slot: SlotKey
    units: int = 1
    hold_seconds: int | None = None
    notes: str | None = None
    contact: Contact | None = None
    subject: Mapping[str, object] | None = None
    metadata: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Reserved:
    """`created` is false where the caller had it already under another key; `replayed` is true where this
    very request had its effect before."""

    booking: Booking
    created: bool
    replayed: bool


@dataclass(frozen=True, slots=True)
class _Standing:
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
    wish: Reserve,
) -> Reserved:
    """Hold units for the caller, or raise the refusal.

    Raises NotFound, Malformed, Invalid, RateLimited, KeyReused, PolicyViolation, AlreadyHeld, SlotFull,
    SlotHeld, SlotBlocked or SlotPast.
    """
    business = catalog.business(wish.slot.business)
    if business is None:
        raise NotFound("slot")
    business.require_key(asked.keyed)
    expires = asked.now + business.hold.seconds(wish.hold_seconds) * SECOND
    asking = Asking(wish.slot, asked.op, asked.now)
    recollection = remember(callers, asked, deed="reserve", asking=asking)
    asked.charge(recollection, business.reserves_a_minute)
    if seen_before(recollection, asked):
        # The key's own booking answers first: its hold may long be over, and a repeat takes nothing.
        made = ledger.booking(asked.op)
        if made:
            return _replay(made, asked)
    require_fields(business, wish.metadata)
    subject_id = wish.subject.get("id") if wish.subject else None
    who = claimant(asked.caller.id, str(subject_id) if subject_id else None)
    require_restraint(ledger, callers, bookings, asked, business, who, asking, recollection)
    claim = Claim(asked.op, wish.units, expires, asked.fingerprint)
    return _record(ledger, asked, wish, who, _take(ledger, wish.slot, who, claim, asked.now))


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
            slot = _existing(refused.slot)
            throttled = False
        except Throttled:
            slot = _existing(ledger.slot(key))
            throttled = True
        if standing := slot.live_claim(who, now):
            return _Standing(slot, standing, own=False)
        if throttled:
            slot.claimed_over_past(who, claim, now)  # a refusal is final, written or not
            raise Unavailable("the slot is written too often")
    raise Unavailable("the slot changes too quickly")


def _existing(slot: Slot | None) -> Slot:
    if slot is None or slot.state is SlotState.DELETED:
        raise NotFound("slot")
    return slot


def _record(ledger: Ledger, asked: Asked, wish: Reserve, who: str, standing: _Standing) -> Reserved:
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


def _answer(booking: Booking, wish: Reserve, *, created: bool, replayed: bool) -> Reserved:
    if booking.units != wish.units:
        raise AlreadyHeld(booking.id, units=booking.units)
    return Reserved(booking, created=created, replayed=replayed)


def _replay(booking: Booking, asked: Asked) -> Reserved:
    if booking.fingerprint != asked.fingerprint:
        raise KeyReused
    return Reserved(booking, created=True, replayed=True)
