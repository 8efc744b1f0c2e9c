"""What a use case tells the ledger to write. Each write carries its condition; together they are atomic.

Every one of them can be met by its own repeat, by a rival, or by a clock that is off: the condition decides,
never the order in which they arrive.
"""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.domain.booking import Booking
from holdfast.domain.day import Day
from holdfast.domain.instants import Instant
from holdfast.domain.job import Job
from holdfast.domain.place import SlotKey
from holdfast.domain.slot import Claim, Slot


@dataclass(frozen=True, slots=True)
class SetClaimExpiry:
    """Confirm (expires NEVER) or extend a claim: if it is this booking's and not past at `now`; with
    `open_only`, if the slot is open."""

    slot: SlotKey
    who: str
    booking: str
    expires: Instant
    now: Instant
    open_only: bool


@dataclass(frozen=True, slots=True)
class ChangeClaim:
    """Give exactly this claim other units, or to another claimant: if the whole value is still the same, and
    `to_who` is not in the slot; more units under a newcomer's whole condition at `now`."""

    slot: SlotKey
    who: str
    claim: Claim
    to_who: str
    to_claim: Claim
    now: Instant

    @property
    def more(self) -> int:
        return self.to_claim.units - self.claim.units


@dataclass(frozen=True, slots=True)
class RemoveClaim:
    """Take exactly this claim out and give its units back: if the whole value is still the same."""

    slot: SlotKey
    who: str
    claim: Claim


@dataclass(frozen=True, slots=True)
class SaveSlot:
    """Write a slot decided from a read one: if its `rev` is still the one before (0: if there is none)."""

    slot: Slot


@dataclass(frozen=True, slots=True)
class SaveDay:
    """Write a day decided from a read one: if its `rev` is still the one before (0: if there is none)."""

    day: Day


@dataclass(frozen=True, slots=True)
class SaveBooking:
    """Write a record: if its `version` is still the one before; with `absent`, if there is none."""

    booking: Booking
    absent: bool = False


@dataclass(frozen=True, slots=True)
class TakeNumber:
    """Guard a booking number: if nobody has it, or this booking has."""

    number: str
    booking: str


@dataclass(frozen=True, slots=True)
class SaveJob:
    """Write a job: if its `version` is still the one before; with `absent`, if there is none."""

    job: Job
    absent: bool = False


type Write = (
    SetClaimExpiry | ChangeClaim | RemoveClaim | SaveSlot | SaveDay | SaveBooking | TakeNumber | SaveJob
)
