"""What a use case tells the ledger to write. Each write carries its condition; together they are atomic.

Every one of them can be met by its own repeat, by a rival, or by a clock that is off: the condition decides,
never the order in which they arrive. They are named tuples because every function imports them: a dataclass
takes ten times as long to make.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from holdfast.domain.booking import Booking, Deed
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.entry import EntryStatus, outcome
from holdfast.domain.instants import Instant
from holdfast.domain.job import Job
from holdfast.domain.place import LedgerKey, SlotKey
from holdfast.domain.queue import Place
from holdfast.domain.series import Series
from holdfast.domain.slot import Slot


class SetClaimExpiry(NamedTuple):
    """Confirm (expires NEVER) or extend a claim: if it is this booking's and not past at `now`; with
    `open_only`, if the slot is open, which a day always is."""

    ledger: LedgerKey
    who: str
    booking: str
    expires: Instant
    now: Instant
    open_only: bool


class ChangeClaim(NamedTuple):
    """Give exactly this claim other units, or to another claimant: if the whole value is still the same, and
    `to_who` neither holds the slot nor waits for it; more units under a newcomer's whole condition at `now`.
    """

    slot: SlotKey
    who: str
    claim: Claim
    to_who: str
    to_claim: Claim
    now: Instant

    @property
    def more(self) -> int:
        return self.to_claim.units - self.claim.units


class RemoveClaim(NamedTuple):
    """Take exactly this claim out and give its units back: if the whole value is still the same."""

    ledger: LedgerKey
    who: str
    claim: Claim


class RemovePlace(NamedTuple):
    """Take exactly this place out of the queue: if the whole value is still the same."""

    slot: SlotKey
    who: str
    place: Place


class MoveEntry(NamedTuple):
    """Put an entry into another state, or note something in the same: if it is still in `before`."""

    entry: str
    before: EntryStatus
    after: EntryStatus
    deed: Deed


class SaveSlot(NamedTuple):
    """Write a slot decided from a read one: if its `rev` is still the one before (0: if there is none)."""

    slot: Slot


class SaveDay(NamedTuple):
    """Write a day decided from a read one: if its `rev` is still the one before (0: if there is none)."""

    day: Day


class SaveBooking(NamedTuple):
    """Write a record: if its `version` is still the one before; with `absent`, if there is none."""

    booking: Booking
    absent: bool = False


class TakeNumber(NamedTuple):
    """Guard a booking number: if nobody has it, or this booking has."""

    number: str
    booking: str


class SaveJob(NamedTuple):
    """Write a job: if its `version` is still the one before; with `absent`, if there is none."""

    job: Job
    absent: bool = False


class SaveSeries(NamedTuple):
    """Write a series: if its `version` is still the one before; with `absent`, if there is none."""

    series: Series
    absent: bool = False


type Write = (
    SetClaimExpiry
    | ChangeClaim
    | RemoveClaim
    | RemovePlace
    | MoveEntry
    | SaveSlot
    | SaveDay
    | SaveBooking
    | TakeNumber
    | SaveJob
    | SaveSeries
)


def kept(booking: Booking, expires: Instant, now: Instant, *, open_only: bool) -> Iterator[SetClaimExpiry]:
    """Confirm or extend all the claims of a booking."""
    for ledger in booking.claims:
        yield SetClaimExpiry(ledger, booking.who, booking.id, expires, now, open_only)


def given_back(booking: Booking) -> Iterator[RemoveClaim]:
    """Take all the claims of a booking out."""
    for ledger, claim in booking.claims.items():
        yield RemoveClaim(ledger, booking.who, claim)


def end_of_turn(before: Booking, after: Booking) -> tuple[MoveEntry, ...]:
    """What the end of a promoted hold adds to its transaction: its entry ends with it."""
    ended = outcome(before, after)
    return (MoveEntry(after.id, EntryStatus.NOTIFIED, ended, after.history[-1].deed),) if ended else ()
