"""Where an appointment is: what it occupies of the days of its resources and its service's pool (SLOT-5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from holdfast.domain.identity import claimant_for, short_hash, subject_id
from holdfast.domain.instants import Instant
from holdfast.domain.place import DayKey, SlotKey, Window, ledger_date, pool_of, windows


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """`resources` are all it takes, the one it is with first, then by id; `pooled` says that it takes from
    its service's pool as well. From `begins` to `ends` it occupies them, buffers included."""

    business: str
    service: str
    resources: tuple[str, ...]
    start: Instant
    begins: Instant
    ends: Instant
    pooled: bool
    ledger_offset: int

    @property
    def resource(self) -> str:
        return self.resources[0]

    @property
    def day(self) -> str:
        """The ledger day it starts on."""
        return ledger_date(self.start, self.ledger_offset).isoformat()

    @property
    def windows(self) -> Mapping[DayKey, Window]:
        """What it takes of each day that it touches, all in one transaction."""
        ledgers = (*self.resources, pool_of(self.service)) if self.pooled else self.resources
        cut: dict[DayKey, Window] = {}
        for ledger in ledgers:
            cut |= windows(self.business, ledger, self.begins, self.ends, self.ledger_offset)
        return cut

    def claimant(self, owner: str, subject_id: str | None) -> str:
        """Who stands on its days: one owner, and subject if given, has a start of a service with a resource
        once (HOLD-5)."""
        return claimant_of_start(owner, subject_id, self.service, self.resource, self.start)


def claimant_of_start(owner: str, subject_id: str | None, service: str, resource: str, start: Instant) -> str:
    return short_hash("appointment", owner, subject_id or "", service, resource, str(start))


type Spot = SlotKey | Appointment
"""What a booking is of."""


def claimant_at(spot: Spot, owner: str, subject: Mapping[str, object] | None) -> str:
    """Who stands in the ledgers of a spot."""
    if isinstance(spot, SlotKey):
        return claimant_for(owner, subject)
    return spot.claimant(owner, subject_id(subject))
