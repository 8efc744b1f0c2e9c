"""Serve who waits for a slot, until the room or the queue is used up (SPEC QUEUE-3, DESIGN 4).

Each step is decided from a consistent read and written on its `rev`, with the entry's move in the same
transaction. So a stream record that comes twice or late, and promoters side by side, are harmless: the second
finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from holdfast.app.ports import Catalog, Ledger, Lost
from holdfast.app.writes import MoveEntry, SaveBooking, SaveSlot, Write
from holdfast.domain.booking import Deed
from holdfast.domain.claim import Claim
from holdfast.domain.entry import Entry, EntryStatus, promoted
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import SECOND, Instant
from holdfast.domain.place import SlotKey
from holdfast.domain.promotion import End, Serve, kept_for, next_step
from holdfast.domain.queue import PASSED_OVER, Place
from holdfast.domain.slot import Slot

MOST_STEPS = 400
"""More than the claims and places of a slot together; what is left then is met by the sweep."""

PROMOTER = "system:promoter"
SWEEPER = "system:sweeper"
REQUEST = "system:request"
"""Who found somebody to serve: the reader of the stream, the sweep, or a request to join."""


def promote(ledger: Ledger, catalog: Catalog, key: SlotKey, now: Instant, *, actor: str = PROMOTER) -> int:
    """Take every step there is; answers how many were served. Raises Unavailable."""
    served = 0
    for _ in range(MOST_STEPS):
        slot = ledger.slot(key)
        writes = _next_writes(ledger, catalog, slot, actor, now) if slot else None
        if writes is None:
            return served
        try:
            ledger.commit(*writes)
        except Lost:
            continue
        served += any(isinstance(write, SaveBooking) for write in writes)
    raise Unavailable("the queue moves too quickly")


def _next_writes(
    ledger: Ledger, catalog: Catalog, slot: Slot, actor: str, now: Instant
) -> Sequence[Write] | None:
    step = next_step(slot, now)
    if step is None:
        ghost = _ghost(ledger, kept_for(slot, now))
        return _dropped(slot, ghost, now) if ghost else None
    entry, booking = ledger.entry_and_booking(step.place.entry)
    if entry is None or entry.status is not EntryStatus.WAITING or booking is not None:
        return _dropped(slot, step.who, now)
    if isinstance(step, End):
        return _ended(slot, step, actor, now)
    if ghost := _ghost(ledger, step.passed):
        return _dropped(slot, ghost, now)
    return _served(slot, entry, step, _claim_seconds(catalog, slot.key), actor, now)


def _dropped(slot: Slot, who: str, now: Instant) -> list[Write]:
    """A place alone: its entry is missing or ended, or its booking is there. A crash or a late twin of the
    join left it; it had its turn, or nobody waits there any more."""
    return [SaveSlot(slot.without_place(who, now))]


def _ghost(ledger: Ledger, places: Mapping[str, Place]) -> str | None:
    """One of these who does not wait any more."""
    if not places:
        return None
    there = ledger.entries([place.entry for place in places.values()])
    waiting = {each.id for each in there.values() if each.status is EntryStatus.WAITING}
    return next((who for who, place in places.items() if place.entry not in waiting), None)


def _claim_seconds(catalog: Catalog, key: SlotKey) -> int:
    business = catalog.business(key.business)
    if business is None:
        raise Unavailable("the business is gone")
    return business.queue.claim_seconds


def _ended(slot: Slot, step: End, actor: str, now: Instant) -> list[Write]:
    place = step.place
    deed = Deed(f"end:{place.entry}", actor, now, "queue", step.ending)
    return [
        SaveSlot(slot.without_place(step.who, now)),
        MoveEntry(place.entry, EntryStatus.WAITING, EntryStatus.EXPIRED, deed),
    ]


def _served(
    slot: Slot, entry: Entry, step: Serve, claim_seconds: int, actor: str, now: Instant
) -> list[Write]:
    claim = Claim(entry.id, step.place.units, now + claim_seconds * SECOND, entry.fingerprint)
    turn = Deed(f"promote:{entry.id}", actor, now, "promotion")
    return [
        SaveSlot(slot.promoted(step.who, claim, step.passed.keys(), now)),
        SaveBooking(promoted(slot, entry, claim, turn), absent=True),
        MoveEntry(entry.id, EntryStatus.WAITING, EntryStatus.NOTIFIED, turn),
        *(
            MoveEntry(
                place.entry,
                EntryStatus.WAITING,
                EntryStatus.WAITING,
                Deed(
                    f"pass:{entry.id}",
                    actor,
                    now,
                    PASSED_OVER,
                    f"{place.units} units do not fit into {step.room}; pass {place.passed + 1}",
                ),
            )
            for place in step.passed.values()
        ),
    ]
