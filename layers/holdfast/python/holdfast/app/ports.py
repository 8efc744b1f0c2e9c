"""What the use cases need from the outside world.

Any call may raise `Unavailable`, also after it has taken effect: every use case treats the lost answer as an
ordinary case. All reads named here are consistent, save where a docstring says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from holdfast.app.writes import Write
from holdfast.domain.absence import Absence
from holdfast.domain.booking import Booking
from holdfast.domain.business import Business, Resource
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.claim import Claim
from holdfast.domain.closures import Closure
from holdfast.domain.day import Day
from holdfast.domain.entry import Entry
from holdfast.domain.holiday import Holiday
from holdfast.domain.instants import MINUTE, Instant
from holdfast.domain.job import Job
from holdfast.domain.member import Member
from holdfast.domain.place import DayKey, LedgerKey, SlotKey
from holdfast.domain.queue import Place
from holdfast.domain.series import Series
from holdfast.domain.service import Service
from holdfast.domain.slot import Slot


class ClaimRefused(Exception):
    """The condition did not hold; `slot` is what it was judged on, a tombstone too (None: there is none)."""

    def __init__(self, slot: Slot | None) -> None:
        super().__init__()
        self.slot = slot


class DayMoved(Exception):
    """The day is no longer as it was read; `day` is what stands there."""

    def __init__(self, day: Day) -> None:
        super().__init__()
        self.day = day


class Throttled(Exception):
    """The claim was not judged at all: the item is written too often. Do not repeat it blindly."""


class Lost(Exception):
    """At least one condition of a commit did not hold, so nothing was written."""


@dataclass(frozen=True, slots=True)
class Page[Item]:
    """Items of a list, and where the next page begins; None after the last."""

    items: Sequence[Item]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Timer:
    """A look to be taken at a hold when it ends; `who` is its claimant in the ledger. `correlation` names the
    request that made the hold, for the logs alone."""

    ledger: LedgerKey
    who: str
    booking: str
    expires: Instant
    correlation: str = field(default="", compare=False)

    @classmethod
    def of(cls, booking: Booking) -> Timer:
        """Whichever of its ledgers is looked at: the others go with it."""
        return cls(next(iter(booking.claims)), booking.who, booking.id, booking.expires)


@dataclass(frozen=True, slots=True)
class DueBooking:
    """A booking whose expiry or end is past."""

    id: str


@dataclass(frozen=True, slots=True)
class DueJob:
    """A job whose message was lost."""

    id: str


type Due = LedgerKey | DueBooking | DueJob
"""What the sweep finds: a slot, a day, or a record by its id."""


class Ledger(Protocol):
    """Slots, days, bookings and entries: one table, so that one transaction spans them."""

    def claim(self, slot: SlotKey, who: str, claim: Claim, now: Instant) -> Slot:
        """One conditional write without a read (`Slot.admits`), answering the slot as it is then.

        Raises ClaimRefused or Throttled."""

    def join(self, slot: SlotKey, who: str, place: Place, now: Instant, most: int) -> Slot:
        """One conditional write without a read (`Slot.admits_waiting`), answering the slot as it is then.

        Raises ClaimRefused or Throttled."""

    def replace(self, slot: Slot) -> None:
        """Write a slot decided from a read one, if its `rev` is still the one before.

        Raises ClaimRefused or Throttled."""

    def record(self, booking: Booking) -> Booking | None:
        """Write a new record; answers the one that is there already, if any, and leaves it alone."""

    def enter(self, entry: Entry) -> Entry | None:
        """Write a new entry; answers the one that is there already, if any, and leaves it alone."""

    def commit(self, *writes: Write) -> None:
        """All writes or none; raises Lost. Transaction conflicts are retried within bounds."""

    def slot(self, key: SlotKey) -> Slot | None: ...

    def booking(self, booking_id: str) -> Booking | None: ...

    def bookings(self, booking_ids: Sequence[str]) -> Mapping[str, Booking]:
        """Those that are there, by id; any number."""

    def series(self, series_id: str) -> Series | None: ...

    def entry(self, entry_id: str) -> Entry | None: ...

    def entry_and_booking(self, entry_id: str) -> tuple[Entry | None, Booking | None]:
        """An entry and the booking that a promotion made of it, which has the same id, in one read."""

    def entries(self, entry_ids: Sequence[str]) -> Mapping[str, Entry]:
        """Those that are there, by id; any number."""

    def job(self, job_id: str) -> Job | None: ...

    def numbered(self, number: str) -> str | None:
        """The id of the booking that has this number."""

    def slot_and_days(self, slot: SlotKey, days: Iterable[DayKey]) -> tuple[Slot | None, Sequence[Day]]:
        """The slot, tombstones included, and the days; a day that is missing is one of `rev` 0."""

    def slots_and_days(
        self, slot_keys: Sequence[SlotKey], days: Sequence[DayKey]
    ) -> tuple[Mapping[SlotKey, Slot], Sequence[Day]]:
        """The slots that are there, tombstones included, and the days; at most 100 in all."""

    def days_and_revision(self, business: str, days: Sequence[DayKey]) -> tuple[Sequence[Day], int]:
        """The days, and the revision of the business's catalogue (0: there is none), in one read where they
        are at most 99."""

    def replace_day(self, day: Day) -> None:
        """Write a day decided from a read one, if its `rev` is still the one before.

        Raises DayMoved or Throttled."""

    def due(self, until: Instant) -> Iterable[Due]:
        """All whose `due` is not after `until`. The index may lag."""


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


class Entries(Protocol):
    """Entries of a user, for readers. Which they are may lag; what they say is consistent."""

    def of_owner(self, owner: str, *, limit: int, cursor: str | None) -> Page[Entry]:
        """By the slot's start, the latest first. Raises Invalid where the cursor is not one of ours."""


class Days(Protocol):
    """The days of resources, for readers."""

    def between(
        self, business: str, resource: str, start: Instant, end: Instant, ledger_offset: int
    ) -> Sequence[Day]:
        """Those that `[start, end)` touches and that are there, by date; one query a month (and MB)."""


class Catalogues(Protocol):
    """What businesses offer, whole, each kept for at most five minutes by this process."""

    def known(self, business_id: str) -> Catalogue | None:
        """As this process knows it: an admin's change may be missing."""

    def recent(self, business_id: str) -> Catalogue | None:
        """As it was at some instant of the last minute, as businesses are told."""

    def current(self, business_id: str) -> Catalogue | None:
        """As it is at this instant: one read of its revision, and all of it where that has moved."""

    def of_revision(self, business_id: str, revision: int) -> Catalogue | None:
        """As it was at that revision, which was just read, or later."""


type Limited = Literal["reserve", "cancel", "queue", "position"]
"""What is limited per caller and minute (SEC-2)."""

REMEMBERED_FOR = 15 * MINUTE
"""How long a caller's item tells where they asked for a hold."""


class Asking(NamedTuple):
    """A hold asked for by its name (`Wish.hold`), and the booking it would have."""

    hold: str
    booking: str
    at: Instant

    @property
    def business(self) -> str:
        return self.hold.partition(".")[0]

    @property
    def where(self) -> str:
        """The same for all subjects."""
        return self.hold.partition("#")[0]


class Recollection(NamedTuple):
    """What the caller's item said before this request: the fingerprint its key was first seen with within
    24 h, if any, and when; how many such deeds this minute has seen, this one included; the holds asked for
    lately, the latest of each spot."""

    first: str | None = None
    first_at: Instant = 0
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
        """Remember a request, in one write. What was asked for at the same spot before is kept."""

    def replace_asking(self, caller: str, asking: Asking) -> None:
        """Let this hold be the one that is remembered for its spot."""

    def lately(self, caller: str, now: Instant) -> Sequence[Asking]:
        """The holds asked for in the last 15 minutes, read consistently: an index lags, this does not."""


type CatalogPart = Resource | Service | Holiday | Absence | Member
"""What a business consists of, each under an id of its own."""

type CatalogRecord = Business | CatalogPart


class Catalog(Protocol):
    """Businesses and what they consist of. Every write but a member's raises the revision of its business's
    catalogue in the same transaction."""

    def business(self, business_id: str) -> Business | None: ...

    def resource(self, business_id: str, resource_id: str) -> Resource | None: ...

    def resources(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Resource]:
        """By id, as all lists here. Raises Invalid where the cursor is not one of ours."""

    def service(self, business_id: str, service_id: str) -> Service | None: ...

    def services(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Service]: ...

    def holiday(self, business_id: str, holiday_id: str) -> Holiday | None: ...

    def holidays(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Holiday]: ...

    def absence(self, business_id: str, resource_id: str, absence_id: str) -> Absence | None: ...

    def absences(
        self, business_id: str, resource_id: str, *, limit: int, cursor: str | None
    ) -> Page[Absence]: ...

    def member(self, business_id: str, user_id: str) -> Member | None: ...

    def members(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Member]: ...

    def add(self, record: CatalogRecord) -> None:
        """Raises Lost where the id is taken."""

    def save(self, record: CatalogRecord) -> None:
        """Raises Lost where its version is no longer the one before."""

    def remove(self, record: CatalogPart) -> None:
        """Raises Lost where it is no longer as it was read."""


class Calendars(Protocol):
    """National holidays by country (ISO 3166-1) and its subdivisions (AVAIL-3)."""

    def require(self, country: str, subdivision: str | None) -> None:
        """Raises Invalid where there is no such country or subdivision."""

    def closures(
        self, country: str, subdivision: str | None, first_year: int, last_year: int
    ) -> Sequence[Closure]: ...


class Jobs(Protocol):
    def send(self, job_id: str, *, delay_seconds: int = 0) -> None:
        """Have the job run, now or a little later; it may run more than once. Raises Unavailable."""


class Timers(Protocol):
    def schedule(self, timers: Sequence[Timer], now: Instant) -> Sequence[Timer]:
        """Send each timer so that it comes after its end; answers those that could not be sent."""


class Secrets(Protocol):
    def manage_key(self) -> bytes:
        """What guests' tokens are made with, 32 bytes or more; up to five minutes old. Raises Unavailable."""
