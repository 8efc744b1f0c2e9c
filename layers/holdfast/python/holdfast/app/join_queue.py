"""Join a full slot's queue: the entry first, then the place by one conditional write (SPEC QUEUE-1).

An entry without a place is not shown and goes by its TTL. So a crash between the two leaves nobody in front
of others whom no record knows (DESIGN 3).
"""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from holdfast.app.asked import Asked, remember, seen_before
from holdfast.app.custom_fields import require_fields
from holdfast.app.existing import existing_business, existing_slot
from holdfast.app.leave_queue import entry_ends
from holdfast.app.ports import Callers, Catalog, ClaimRefused, Ledger, Lost, Throttled
from holdfast.app.promote import REQUEST, promote
from holdfast.app.wish import MOST_WRITES, Wish
from holdfast.app.writes import MoveEntry, SaveSlot
from holdfast.domain.booking import Booking, Change, Deed
from holdfast.domain.business import Business
from holdfast.domain.entry import Entry, EntryEnding, EntryStatus
from holdfast.domain.errors import AlreadyInQueue, KeyReused, NotFound, SlotNotFull, Unavailable
from holdfast.domain.identity import claimant_for
from holdfast.domain.instants import HOUR, Instant
from holdfast.domain.place import SlotKey
from holdfast.domain.promotion import next_step
from holdfast.domain.slot import Slot


class Joined(NamedTuple):
    """Where the caller stands: in the queue of `slot`, or served already, which `booking` tells.

    `created` is false where they had the place under another key, `replayed` true where this very request
    made it before."""

    entry: Entry
    slot: Slot
    booking: Booking | None
    created: bool
    replayed: bool


def join_queue(
    ledger: Ledger, callers: Callers, catalog: Catalog, asked: Asked, slot: SlotKey, wish: Wish
) -> Joined:
    """Wait for units of a slot that is full.

    Raises NotFound, Malformed, Invalid, RateLimited, KeyReused, PolicyViolation, SlotBlocked, SlotPast,
    SlotNotFull, QueueFull or AlreadyInQueue.
    """
    business = existing_business(catalog, slot.business, missing="slot")
    business.terms.require_key(asked.keyed)
    business.queue.require_enabled()
    recollection = remember(callers, asked, deed="queue")
    asked.charge(recollection, business.joins_a_minute)
    if seen_before(recollection, asked):
        # The key's own entry answers first: its turn may long be over, and a repeat takes no place.
        before = joined_before(ledger, asked)
        if before:
            return before
    require_fields(business, wish.metadata)
    return join(ledger, catalog, business, asked, slot, wish)


def joined_before(ledger: Ledger, asked: Asked) -> Joined | None:
    """What this very request came to, as it is now; None while it has come to nothing.

    Raises KeyReused where the key came with another body."""
    entry, booking = ledger.entry_and_booking(asked.op)
    if entry is None:
        return None
    if entry.fingerprint != asked.fingerprint:
        raise KeyReused
    slot = ledger.slot(entry.slot)
    if slot is None:
        raise NotFound("slot")
    if not _stands(slot, entry):
        return None
    return Joined(entry, slot, booking, created=True, replayed=True)


def _stands(slot: Slot, entry: Entry) -> bool:
    """Whether an entry came to something: its place is there, or it has left it."""
    place = slot.places.get(entry.who)
    return entry.status is not EntryStatus.WAITING or (place is not None and place.entry == entry.id)


def join(
    ledger: Ledger, catalog: Catalog, business: Business, asked: Asked, key: SlotKey, wish: Wish
) -> Joined:
    """Take a place, and at once the turn that is due with it. Raises what `join_queue` raises."""
    entry = _entry(business, asked, key, wish)
    there = ledger.enter(entry)
    if there is not None:
        if there.fingerprint != asked.fingerprint:
            raise KeyReused
        entry = there
    if entry.status is not EntryStatus.WAITING:
        slot = existing_slot(ledger.slot(key))
        return Joined(entry, slot, ledger.booking(entry.id), created=True, replayed=True)
    slot = _take_place(ledger, entry, asked.now, business.queue.max_size)
    mine = slot.places.get(entry.who)
    if mine and mine.entry != entry.id:
        return _under_another_key(ledger, slot, mine.entry, wish)
    if mine and next_step(slot, asked.now) is None:
        return Joined(entry, slot, None, created=True, replayed=there is not None)
    # There is room by the clock: what is past still stood in the slot. If this fails, the stream does it.
    with suppress(Unavailable):
        promote(ledger, catalog, key, asked.now, actor=REQUEST)
    slot = existing_slot(ledger.slot(key))
    now_there, booking = ledger.entry_and_booking(entry.id)
    if booking is None and not _stands(slot, now_there or entry):
        # A twin of a reserve took units in the meantime and died before its record, which is ours to write.
        raise SlotNotFull(available=slot.available(asked.now))
    return Joined(now_there or entry, slot, booking, created=True, replayed=there is not None)


def _entry(business: Business, asked: Asked, slot: SlotKey, wish: Wish) -> Entry:
    return Entry(
        id=asked.op,
        slot=slot,
        who=claimant_for(asked.caller.id, wish.subject),
        owner=asked.caller.id,
        units=wish.units,
        start=slot.start(business.ledger_offset),
        joined=asked.now,
        until=asked.now + business.queue.place_hours * HOUR,
        fingerprint=asked.fingerprint,
        notes=wish.notes,
        contact=wish.contact,
        subject=wish.subject,
        metadata=wish.metadata,
        history=(Change(EntryStatus.WAITING, EntryStatus.WAITING, asked.deed("join")),),
    )


def _take_place(ledger: Ledger, entry: Entry, now: Instant, most: int) -> Slot:
    """Take the place, or find what a twin of this request came to, or the caller's live place under another
    key. The first write goes out without a read."""
    key, who, place = entry.slot, entry.who, entry.place
    slot: Slot | None = None
    for _ in range(MOST_WRITES):
        try:
            if slot is None or slot.admits_waiting(who, place, now, most):
                return ledger.join(key, who, place, now, most)
            joined = slot.joined_over_past(who, place, now, most)
            ledger.commit(SaveSlot(joined), *_own_past_place_ends(ledger, slot, entry))
            return joined
        except ClaimRefused as refused:
            slot = existing_slot(refused.slot)
        except Lost:
            slot = existing_slot(ledger.slot(key))
        except Throttled:
            raise Unavailable("the slot is written too often") from None
        if slot.live_place(who, now):
            return slot
        claim = slot.live_claim(who, now)
        if claim and claim.booking == entry.id:
            return slot
        if claim:
            raise AlreadyInQueue(
                "You have this slot already.", bookingId=claim.booking, heldUnits=claim.units
            )
    raise Unavailable("the slot changes too quickly")


def _own_past_place_ends(ledger: Ledger, slot: Slot, entry: Entry) -> tuple[MoveEntry, ...]:
    """The caller's own past place is replaced by the new one."""
    past = slot.places.get(entry.who)
    if past is None:
        return ()
    deed = Deed(f"end:{past.entry}", f"customer:{entry.owner}", entry.joined, "queue", EntryEnding.TIMED_OUT)
    return entry_ends(ledger, past, EntryStatus.EXPIRED, deed)


def _under_another_key(ledger: Ledger, slot: Slot, entry_id: str, wish: Wish) -> Joined:
    entry = ledger.entry(entry_id)
    if entry is None:
        raise Unavailable("a place without its entry, which is about to go")
    if entry.units != wish.units:
        raise AlreadyInQueue(
            "You wait for this slot already, for other units.", entryId=entry.id, waitingUnits=entry.units
        )
    return Joined(entry, slot, None, created=False, replayed=False)
