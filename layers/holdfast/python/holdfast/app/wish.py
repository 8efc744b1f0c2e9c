"""What is asked for: units of a slot, now or, if it is full, in turn; or an appointment at a free start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from holdfast.domain.booking import Contact
from holdfast.domain.identity import short_hash, subject_id
from holdfast.domain.instants import Instant
from holdfast.domain.place import SlotKey

MOST_WRITES = 6
"""A request meets a newer slot at most this often before we answer 503 (SPEC 10)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeStart:
    """A start of a service, with this resource or any that serves it, up to `end` or as long as it lasts."""

    business: str
    service: str
    resource: str | None = None
    start: Instant
    end: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`join_if_full` None is the business's default; only slots have queues. `series` is the one that it is
    an occurrence of."""

    spot: SlotKey | FreeStart
    units: int = 1
    hold_seconds: int | None = None
    join_if_full: bool | None = None
    notes: str | None = None
    contact: Contact | None = None
    subject: Mapping[str, object] | None = None
    metadata: Mapping[str, object]
    series: str | None = None

    @property
    def service(self) -> str | None:
        """Whose terms hold for it; a slot's are the business's."""
        return self.spot.service if isinstance(self.spot, FreeStart) else None

    @property
    def where(self) -> str:
        """The spot's name, which begins with its business: the same for whoever asks for it (HOLD-8)."""
        if isinstance(self.spot, SlotKey):
            return self.spot.slot_id
        return f"{self.spot.business}.{self.spot.service}@{self.spot.start}"

    @property
    def hold(self) -> str:
        """The name of the one hold that its owner may have there for its subject (HOLD-5)."""
        subject = subject_id(self.subject)
        return self.where if subject is None else f"{self.where}#{short_hash(subject)}"
