"""A job: work that takes longer than a request may, with what has become of it so far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from holdfast.domain.instants import MINUTE, Instant
from holdfast.domain.place import SlotKey

SEND_AGAIN_AFTER = 15 * MINUTE
"""Longer than the queue hides a message that is being run, so that none in flight is doubled."""


class JobStatus(StrEnum):
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The removal of a slot with all its bookings. `slot_op` tells which slot it was: another one published
    at that start later is not the job's. `ended` counts the bookings it ended. `sent_again_at` is when the
    sweep last gave it another message."""

    id: str
    slot: SlotKey
    slot_op: str
    ledger_offset: int
    actor: str
    started_at: Instant
    status: JobStatus = JobStatus.RUNNING
    ended: int = 0
    finished_at: Instant | None = None
    sent_again_at: Instant | None = None
    version: int = 1

    @property
    def due(self) -> Instant | None:
        """When the sweep sends it again: its message may be lost, and a running job is nobody's otherwise."""
        if self.status is JobStatus.DONE:
            return None
        return (self.sent_again_at or self.started_at) + SEND_AGAIN_AFTER

    def sent_again(self, now: Instant) -> Job:
        return replace(self, sent_again_at=now, version=self.version + 1)

    def one_more(self) -> Job:
        return replace(self, ended=self.ended + 1, version=self.version + 1)

    def finished(self, now: Instant) -> Job:
        return replace(self, status=JobStatus.DONE, finished_at=now, version=self.version + 1)
