"""A job: work that takes longer than a request may, with what has become of it so far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from holdfast.domain.instants import Instant
from holdfast.domain.place import SlotKey


class JobStatus(StrEnum):
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The removal of a slot with all its bookings. `slot_op` tells which slot it was: another one published
    at that start later is not the job's. `ended` counts the bookings it ended."""

    id: str
    slot: SlotKey
    slot_op: str
    ledger_offset: int
    actor: str
    started_at: Instant
    status: JobStatus = JobStatus.RUNNING
    ended: int = 0
    finished_at: Instant | None = None
    version: int = 1

    def one_more(self) -> Job:
        return replace(self, ended=self.ended + 1, version=self.version + 1)

    def finished(self, now: Instant) -> Job:
        return replace(self, status=JobStatus.DONE, finished_at=now, version=self.version + 1)
