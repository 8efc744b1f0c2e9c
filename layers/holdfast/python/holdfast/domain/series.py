"""A series: the bookings one request made at several starts or slots, in its order (BOOK-13)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from enum import StrEnum

from holdfast.domain.booking import ENDED, Booking, BookingStatus
from holdfast.domain.hours import at, day_of
from holdfast.domain.instants import MINUTE, Instant, to_datetime

MOST_AT_ONCE = 20
"""Occurrences that are had all or none: one transaction is bounded."""

MOST_ONE_BY_ONE = 52
"""Occurrences that are each had by themselves, or only looked at: a year of weeks."""


class Mode(StrEnum):
    ALL_OR_NOTHING = "all_or_nothing"
    SKIP_CONFLICTS = "skip_conflicts"
    PREVIEW = "preview"


class Outcome(StrEnum):
    """What came of an occurrence: held now, had by its owner before, not to be had; of a preview, to be had.
    Pending is stored only, while the request is at work."""

    PENDING = "pending"
    RESERVED = "reserved"
    THERE = "there"
    SKIPPED = "skipped"
    OFFERED = "offered"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`booking` is the id of the one made for it, or that would have been, or of the one that is there. The
    end is unknown (None) where that was never looked up."""

    start: Instant
    booking: str
    outcome: Outcome = Outcome.PENDING
    end: Instant | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """`id` names the request; `expires` is when the first of the holds it made ends, None where it made none.
    The bookings tell what became of them since."""

    id: str
    business: str
    owner: str
    mode: Mode
    fingerprint: str
    made_at: Instant
    occurrences: tuple[Occurrence, ...]
    expires: Instant | None = None
    version: int = 1

    @property
    def settled(self) -> bool:
        """Whether the request came to its end."""
        return all(each.outcome is not Outcome.PENDING for each in self.occurrences)

    @property
    def bookings(self) -> Sequence[str]:
        """The ids of its members, and of some that are none: a booking tells its series itself."""
        return [each.booking for each in self.occurrences]

    def tells_all(self, found: Iterable[Occurrence]) -> bool:
        """Whether it is settled, and each of these that is held is held by what it says."""
        held = {each.booking for each in self.occurrences if each.outcome is Outcome.RESERVED}
        return self.settled and all(
            each.booking in held for each in found if each.outcome is Outcome.RESERVED
        )

    def settled_as(self, occurrences: Iterable[Occurrence], expires: Instant | None) -> Series:
        """One version on, with what came of each; of twins of one request the one that holds it is right."""
        held = {each.booking: each for each in self.occurrences if each.outcome is Outcome.RESERVED}
        ends = [each for each in (self.expires, expires) if each is not None]
        return replace(
            self,
            occurrences=tuple(held.get(each.booking, each) for each in occurrences),
            expires=min(ends, default=None),
            version=self.version + 1,
        )


class Scope(StrEnum):
    """Of which members of a series a deed is."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


OVER = ENDED | {BookingStatus.COMPLETED, BookingStatus.NO_SHOW}


def in_scope(
    scope: Scope,
    booking: Booking,
    members: Iterable[Booking],
    now: Instant,
    *,
    since: Instant | None = None,
    done: Callable[[Booking], bool] = lambda _: False,
) -> Sequence[Booking]:
    """The members that are not over, by their start, and those for which that is `done` already; the one that
    is asked about in any case. With it begins what follows, or with where it was, `since`."""
    first = booking.start if since is None else since
    meant = [booking]
    for each in members:
        follows = scope is Scope.ALL or (scope is Scope.FOLLOWING and each.start >= first)
        if each.id != booking.id and (done(each) or (follows and each.seen_at(now) not in OVER)):
            meant.append(each)
    return sorted(meant, key=lambda each: (each.start, each.id))


def shifted(start: Instant, was: Instant, becomes: Instant, zone: tzinfo) -> Instant:
    """A start moved by as much on the wall clock as another one was: by whole days, then to as much earlier
    or later a time of the day. What the clock shows twice or not at all means what it does in hours."""
    days = day_of(zone, becomes // MINUTE) - day_of(zone, was // MINUTE)
    minutes = _of_day(start, zone) + _of_day(becomes, zone) - _of_day(was, zone)
    return at(zone, day_of(zone, start // MINUTE) + days, minutes) * MINUTE


def _of_day(instant: Instant, zone: tzinfo) -> int:
    wall = to_datetime(instant, zone)
    return wall.hour * 60 + wall.minute
