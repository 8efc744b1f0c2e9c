"""The record of a place in a queue: its states and their history (SPEC QUEUE-4).

It is written before the place, and has the id of the booking that a promotion makes of it, so that nobody can
be served twice: where the booking is, the place has had its turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from holdfast.domain.booking import Booking, BookingStatus, Change, Contact, Deed, Ending, reserved
from holdfast.domain.claim import Claim
from holdfast.domain.instants import Instant
from holdfast.domain.place import SlotKey
from holdfast.domain.queue import Place
from holdfast.domain.slot import Slot


class EntryStatus(StrEnum):
    WAITING = "WAITING"
    NOTIFIED = "NOTIFIED"
    CONVERTED = "CONVERTED"
    EXPIRED = "EXPIRED"
    LEFT = "LEFT"


_S = EntryStatus
ENTRY_TRANSITIONS: Mapping[EntryStatus, frozenset[EntryStatus]] = {
    _S.WAITING: frozenset({_S.NOTIFIED, _S.EXPIRED, _S.LEFT}),
    _S.NOTIFIED: frozenset({_S.CONVERTED, _S.EXPIRED, _S.LEFT}),
    _S.CONVERTED: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.LEFT: frozenset(),
}


class EntryEnding(StrEnum):
    """Why a place ended without a turn."""

    LEFT = "left"
    REMOVED = "removed"
    TIMED_OUT = "timed_out"
    TOO_LARGE = "too_large"
    SLOT_PAST = "slot_past"
    SLOT_REMOVED = "slot_removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`who` is its claimant in the slot, `start` the slot's. A WAITING entry counts only while its place is
    in the slot: one without is left by a crash and goes by its TTL."""

    id: str
    slot: SlotKey
    who: str
    owner: str
    units: int
    start: Instant
    joined: Instant
    until: Instant
    fingerprint: str
    notes: str | None = None
    contact: Contact | None = None
    subject: Mapping[str, object] | None = None
    metadata: Mapping[str, object]
    status: EntryStatus = EntryStatus.WAITING
    version: int = 1
    history: tuple[Change[EntryStatus], ...]

    @property
    def business(self) -> str:
        return self.slot.business

    @property
    def place(self) -> Place:
        """Its place before the slot gives it a `seq`."""
        return Place(self.id, self.units, self.joined, self.until, passed=0, seq=0)

    @property
    def had_its_turn(self) -> bool:
        """Whether a booking of the same id was made of it."""
        return any(change.after is EntryStatus.NOTIFIED for change in self.history)

    def did(self, op: str) -> bool:
        return any(change.deed.op == op for change in self.history)

    def moved(self, after: EntryStatus, deed: Deed) -> Entry:
        """In another state, or noted in the same."""
        change = Change(self.status, after, deed)
        return replace(self, status=after, version=self.version + 1, history=(*self.history, change))


def promoted(slot: Slot, entry: Entry, claim: Claim, deed: Deed) -> Booking:
    """The booking of one whose turn it is: an ordinary hold, made of what they asked for when they joined."""
    booking = reserved(
        slot.key,
        entry.who,
        claim,
        deed,
        start=slot.start,
        end=slot.end,
        price=slot.price,
        owner=entry.owner,
        notes=entry.notes,
        contact=entry.contact,
        subject=entry.subject,
        metadata=entry.metadata,
    )
    return replace(booking, promoted=True)


def outcome(before: Booking, after: Booking) -> EntryStatus | None:
    """What the end of a promoted hold makes of its entry, None where there is no such end."""
    ends = before.status is BookingStatus.RESERVED and after.status is not BookingStatus.RESERVED
    if not (before.promoted and ends):
        return None
    if after.status is BookingStatus.EXPIRED:
        declined = after.history[-1].deed.reason == Ending.RELEASED
        return EntryStatus.LEFT if declined else EntryStatus.EXPIRED
    return EntryStatus.CONVERTED
