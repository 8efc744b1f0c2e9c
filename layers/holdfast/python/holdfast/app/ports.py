"""What the use cases need from the outside world.

Any call may raise `Unavailable`, also after it has taken effect: every use case treats the lost answer as an
ordinary case. All reads named here are consistent, save where a docstring says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from holdfast.app.writes import Write
from holdfast.domain.booking import Booking
from holdfast.domain.business import Business, Resource
from holdfast.domain.day import Day
from holdfast.domain.instants import MINUTE, Instant
from holdfast.domain.job import Job
from holdfast.domain.member import Member
from holdfast.domain.place import DayKey, SlotKey
from holdfast.domain.slot import Claim, Slot


class ClaimRefused(Exception):
    """The condition did not hold; `slot` is what it was judged on, a tombstone too (None: there is none)."""

    def __init__(self, slot: Slot | None) -> None:
        super().__init__()
        self.slot = slot


class Throttled(Exception):
    """The claim was not judged at all: the item is written too often. Do not repeat it blindly."""


class Lost(Exception):
    """At least one condition of a commit did not hold, so nothing was written."""


@dataclass(frozen=True, slots=True)
class Page[Item]:
    items: Sequence[Item]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Timer:
    """A look to be taken at a hold when it ends; `who` is its claimant in the slot."""

    slot: SlotKey
    who: str
    booking: str
    expires: Instant


class Ledger(Protocol):
    """Slots, days and bookings: one table, so that one transaction spans them."""

    def claim(self, slot: SlotKey, who: str, claim: Claim, now: Instant) -> Slot:
        """One conditional write without a read (`Slot.admits`), answering the slot as it is then.

        Raises ClaimRefused or Throttled."""

    def replace(self, slot: Slot) -> None:
        """Write a slot decided from a read one, if its `rev` is still the one before.

        Raises ClaimRefused or Throttled."""

    def record(self, booking: Booking) -> Booking | None:
        """Write a new record; answers the one that is there already, if any, and leaves it alone."""

    def commit(self, *writes: Write) -> None:
        """All writes or none; raises Lost. Transaction conflicts are retried within bounds."""

    def slot(self, key: SlotKey) -> Slot | None: ...

    def booking(self, booking_id: str) -> Booking | None: ...

    def job(self, job_id: str) -> Job | None: ...

    def numbered(self, number: str) -> str | None:
        """The id of the booking that has this number."""

    def slot_and_days(self, slot: SlotKey, days: Iterable[DayKey]) -> tuple[Slot | None, Sequence[Day]]:
        """The slot, tombstones included, and the days; a day that is missing is one of `rev` 0."""

    def slots_and_days(
        self, slot_keys: Sequence[SlotKey], days: Sequence[DayKey]
    ) -> tuple[Mapping[SlotKey, Slot], Sequence[Day]]:
        """The slots that are there, tombstones included, and the days; at most 100 in all."""

    def due(self, until: Instant) -> Iterable[SlotKey | str]:
        """Slots and ids of bookings whose `due` is not after `until`. The index may lag."""


class Slots(Protocol):
    """The published slots of a business, for readers."""

    def published(
        self,
        business: str,
        resources: Sequence[str],
        start: Instant,
        end: Instant,
        *,
        limit: int,
        cursor: str | None,
    ) -> Page[Slot]:
        """Slots that start in `[start, end)`, by resource and start; a page may be short of `limit`.

        Raises Invalid where the cursor is not one of ours."""


class Bookings(Protocol):
    """Bookings of a user or a business, for readers. Which they are may lag; what they say is consistent."""

    def of_owner(
        self,
        owner: str,
        start: Instant,
        end: Instant,
        *,
        limit: int,
        cursor: str | None,
        also: Sequence[str] = (),
    ) -> Page[Booking]:
        """By start; `also` names bookings that the index may not have yet, for which a page may be longer.

        Raises Invalid where the cursor is not one of ours."""

    def of_business(
        self, business: str, start: Instant, end: Instant, *, limit: int, cursor: str | None
    ) -> Page[Booking]:
        """Those that start in `[start, end)`, by start; a page may be short, even empty, and lead on.

        Raises Invalid where the cursor is not one of ours."""


type Limited = Literal["reserve", "cancel"]
"""What is limited per caller and minute (SEC-2)."""

REMEMBERED_FOR = 15 * MINUTE
"""How long a caller's item tells where they asked for a hold."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A hold asked for: where, and the booking it would have."""

    slot: SlotKey
    booking: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Recollection:
    """What the caller's item said before this request: the fingerprint its key was first seen with within
    24 h, if any; how many such deeds this minute has seen, this one included; the holds asked for lately,
    the latest of each slot."""

    first: str | None = None
    used: int = 0
    asked_for: Sequence[Asking] = ()


class Callers(Protocol):
    """What we remember of one caller's recent requests."""

    def note(
        self,
        caller: str,
        now: Instant,
        *,
        key: str | None,
        fingerprint: str,
        deed: Limited | None,
        asking: Asking | None,
    ) -> Recollection:
        """Remember a request, in one write. What was asked for at the same slot before is kept."""

    def replace_asking(self, caller: str, asking: Asking) -> None:
        """Let this hold be the one that is remembered for its slot."""

    def lately(self, caller: str, now: Instant) -> Sequence[Asking]:
        """The holds asked for in the last 15 minutes, read consistently: an index lags, this does not."""


class Catalog(Protocol):
    """Businesses, their resources and members."""

    def business(self, business_id: str) -> Business | None: ...

    def resource(self, business_id: str, resource_id: str) -> Resource | None: ...

    def resources(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Resource]: ...

    def member(self, business_id: str, user_id: str) -> Member | None: ...

    def members(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Member]: ...

    def add_business(self, business: Business) -> None:
        """Raises Lost where the id is taken, as do the two below."""

    def add_resource(self, resource: Resource) -> None: ...

    def add_member(self, member: Member) -> None: ...

    def save_business(self, business: Business) -> None:
        """Raises Lost where its version is no longer the one before, as do the two below."""

    def save_resource(self, resource: Resource) -> None: ...

    def save_member(self, member: Member) -> None: ...

    def remove_resource(self, resource: Resource) -> None:
        """Raises Lost where it is no longer as it was read, as does the one below."""

    def remove_member(self, member: Member) -> None: ...


class Jobs(Protocol):
    def send(self, job_id: str, *, delay_seconds: int = 0) -> None:
        """Have the job run, now or a little later; it may run more than once. Raises Unavailable."""


class Timers(Protocol):
    def schedule(self, timers: Sequence[Timer], now: Instant) -> Sequence[Timer]:
        """Send each timer so that it comes after its end; answers those that could not be sent."""
