"""What comes of asking for an appointment: the choice that was made, or what stands against it (AVAIL-4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from holdfast.domain.appointment import Appointment
from holdfast.domain.availability import Reason
from holdfast.domain.errors import NotOffered
from holdfast.domain.instants import Instant, seconds_until
from holdfast.domain.slot import Slot, SlotState, SlotStatus

OVERBOOK = "overbook"
"""The code by which staff go beyond capacity, and the only one that does (BOOK-7)."""

NO_RESOURCE = "no_resource"
"""There are fewer resources than the service requires."""

BLOCKED = "blocked"
"""An admin has closed the slot."""

WAITED_FOR = "waited_for"
"""Others wait for the slot, and have what comes free first (QUEUE-2)."""

FULL = frozenset[str]({Reason.TAKEN, Reason.SERVICE_FULL})
"""What a booking that ends takes away."""

OF_CAPACITY = FULL | {Reason.TOO_MANY_UNITS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An appointment that can be had, ready to be claimed, up to its `end` without buffers. `overridden` are
    the reasons that staff passed over; `available` the units left to it, `capacity` those there are."""

    appointment: Appointment
    end: Instant
    available: int
    capacity: int
    overridden: tuple[str, ...] = ()
    reasons: ClassVar[tuple[str, ...]] = ()
    status: ClassVar[SlotStatus] = SlotStatus.AVAILABLE

    @property
    def resource(self) -> str:
        return self.appointment.resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An appointment that cannot be had. Whoever may pass over these `reasons`, and no other, gets it with
    `resource`, which is empty where nobody may serve. `lapses` is when the first hold ends, where nothing but
    holds stands in the way."""

    reasons: tuple[str, ...]
    resource: str = ""
    end: Instant
    available: int = 0
    capacity: int = 0
    lapses: Instant | None = None

    @property
    def status(self) -> SlotStatus:
        """As a published slot would have it, closed for whatever is not a lack of room."""
        if Reason.PAST in self.reasons:
            return SlotStatus.EXPIRED
        if self.lapses is not None:
            return SlotStatus.RESERVED
        return SlotStatus.BOOKED if FULL.issuperset(self.reasons) else SlotStatus.BLOCKED

    def refusal(self, now: Instant) -> NotOffered:
        wait = None if self.lapses is None else max(1, seconds_until(self.lapses, now))
        return NotOffered(self.reasons, available=self.available, retry_after=wait)


type Decision = Choice | Refused


def against(slot: Slot, units: int, now: Instant) -> tuple[str, ...]:
    """Why so many units of a published slot cannot be had; nothing if they can."""
    if slot.available(now) >= units:
        return ()
    if slot.state is not SlotState.OPEN:
        return (BLOCKED,)
    if slot.start <= now:
        return (Reason.PAST,)
    if units > slot.capacity:
        return (Reason.TOO_MANY_UNITS,)
    return (WAITED_FOR if slot.waiting(now) else Reason.TAKEN,)
