"""The one evaluator of free starts (SPEC AVAIL-2, AVAIL-4, SLOT-5): listing and acting both ask it.

Every rule says in one way what it forbids: the stretches of minutes at which an appointment of that length
and size cannot begin, its *bars*. What is offered are the starts of the grid without the bars; the reasons of
one start are the bars it lies in. There is no second path, so what is listed can be held and the reverse.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import Protocol

from holdfast.domain.closures import Closure, ClosureKind, TimeOff
from holdfast.domain.hours import Minute, Span, Week, day_of, midnight, minute_at
from holdfast.domain.instants import MINUTE, Instant
from holdfast.domain.occupancy import Occupancy, Occupied


class Reason(StrEnum):
    """Why a start is not offered; a custom rule has a reason of its own."""

    OUTSIDE_HOURS = "outside_hours"
    OFF_GRID = "off_grid"
    PAST = "past"
    MINIMUM_NOTICE = "minimum_notice"
    MAXIMUM_ADVANCE = "maximum_advance"
    DURATION = "duration"
    BREAK = "break"
    TIME_OFF = "time_off"
    HOLIDAY = "holiday"
    BLACKOUT = "blackout"
    MAINTENANCE = "maintenance"
    TOO_MANY_UNITS = "too_many_units"
    TAKEN = "taken"
    SERVICE_FULL = "service_full"


_EVER: Span = (-(1 << 40), 1 << 40)

_CLOSED = {
    ClosureKind.PUBLIC: Reason.HOLIDAY,
    ClosureKind.BLACKOUT: Reason.BLACKOUT,
    ClosureKind.MAINTENANCE: Reason.MAINTENANCE,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a custom rule judges. The appointment is without its buffers."""

    service: str
    resource: str
    start: Instant
    end: Instant
    units: int
    now: Instant
    zone: tzinfo


class CustomRule(Protocol):
    """A business's own rule (AVAIL-8). It must be pure: the same candidate always has the same answer."""

    def refuses(self, candidate: Candidate) -> str | None:
        """The reason it is not offered, or None."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All that shapes the free starts of one service on one resource, in minutes.

    `stride` is from one start of the grid to the next, whatever a request's own duration.
    """

    service: str
    resource: str
    zone: tzinfo
    hours: Week
    breaks: Week
    closures: Sequence[Closure] = ()
    time_off: Sequence[TimeOff] = ()
    stride: int
    duration: int
    shortest: int
    longest: int
    before: int = 0
    after: int = 0
    notice: int = 0
    advance_days: int
    capacity: int = 1
    pool: int | None = None
    custom: Sequence[CustomRule] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What an evaluation is made from: the rules, what stands in the ledgers, the instant.

    `occupied` is the resource's, `pool` the service's where it caps how many go on at once. Who moves a
    booking leaves out what it has.
    """

    rules: Rules
    now: Instant
    occupied: Sequence[Occupied] = ()
    pool: Sequence[Occupied] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """A start may be had if nothing is said against it; `available` are the units left there."""

    start: Instant
    end: Instant
    reasons: tuple[str, ...]
    available: int

    @property
    def offered(self) -> bool:
        return not self.reasons


def verdict(snapshot: Snapshot, start: Instant, end: Instant | None = None, *, units: int = 1) -> Verdict:
    """Of one appointment, up to its `end` or as long as the service lasts."""
    rules = snapshot.rules
    duration, rest = divmod(end - start, MINUTE) if end is not None else (rules.duration, 0)
    if start % MINUTE or rest or duration < 1:
        reason = Reason.OFF_GRID if start % MINUTE else Reason.DURATION
        return Verdict(start, start + duration * MINUTE + rest, (reason,), 0)
    return Evaluation(snapshot, start, start + MINUTE, duration=duration, units=units).verdict(start)


class Evaluation:
    """Of the appointments of one length and size that begin in `[since, until)`."""

    def __init__(
        self,
        snapshot: Snapshot,
        since: Instant,
        until: Instant,
        *,
        duration: int | None = None,
        units: int = 1,
    ) -> None:
        rules = snapshot.rules
        self.duration = duration or rules.duration
        self.units = units
        self._rules, self._now = rules, snapshot.now
        self._since, self._until = minute_at(since), minute_at(until)
        # What an appointment that begins there occupies, before and after.
        earliest, latest = self._since - rules.before, self._until + self.duration + rules.after
        self._taken = Occupancy(snapshot.occupied, snapshot.now, earliest, latest)
        self._pooled = Occupancy(snapshot.pool, snapshot.now, earliest, latest)
        self._openings = rules.hours.between(self._since, self._until, rules.zone)
        self._bars: dict[Reason, list[Span]] = defaultdict(list)
        for reason, bars in self._all_bars():
            self._bars[reason] += bars

    def __iter__(self) -> Iterator[Instant]:
        """The offered starts, in order."""
        return (minute * MINUTE for minute in self.starts)

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def starts(self) -> array[int]:
        """The offered starts as minutes since the epoch, in order."""
        free = self._grid(chain.from_iterable(self._bars.values()))
        if not self._rules.custom:
            return free
        return array("q", (start for start in free if not any(self._refusals(start))))

    def explained(self) -> Iterator[Verdict]:
        """Every start of the grid at which an appointment would end by closing time, offered or not."""
        return (self.verdict(start * MINUTE) for start in self.grid)

    @cached_property
    def grid(self) -> array[int]:
        """The starts that `explained` judges, as minutes since the epoch, in order."""
        return self._grid([])

    def verdict(self, start: Instant) -> Verdict:
        """Of one of its minutes. Raises ValueError for any other start."""
        minute = start // MINUTE
        reasons = (*self._reasons(minute), *self._refusals(minute))
        return Verdict(start, start + self.duration * MINUTE, reasons, self.available(start))

    def available(self, start: Instant) -> int:
        """The units left for an appointment that begins then. Raises ValueError as `verdict` does."""
        rules, minute = self._rules, start // MINUTE
        if start % MINUTE or not self._since <= minute < self._until:
            raise ValueError(f"{start} is not what was evaluated")
        since, until = minute - rules.before, minute + self.duration + rules.after
        left = rules.capacity - self._taken.peak(since, until)
        if rules.pool is not None:
            left = min(left, rules.pool - self._pooled.peak(since, until))
        return max(0, left)

    def _all_bars(self) -> Iterator[tuple[Reason, list[Span]]]:
        rules, zone = self._rules, self._rules.zone
        for reason, bar in too_soon_or_late(self._now, zone, rules.notice, rules.advance_days):
            yield reason, [bar]
        if not rules.shortest <= self.duration <= rules.longest:
            yield Reason.DURATION, [_EVER]
        since, until = self._since, self._until + self.duration
        yield Reason.BREAK, self._apart_from(rules.breaks.between(since, until, zone))
        away = [(off.start // MINUTE, minute_at(off.end)) for off in rules.time_off if off.start < off.end]
        yield Reason.TIME_OFF, self._apart_from(away)
        for closure in rules.closures:
            yield _CLOSED[closure.kind], self._apart_from(closure.between(since, until, zone))
        yield from self._full(Reason.TAKEN, self._taken, rules.capacity)
        if rules.pool is not None:
            yield from self._full(Reason.SERVICE_FULL, self._pooled, rules.pool)

    def _full(self, reason: Reason, taken: Occupancy, capacity: int) -> Iterator[tuple[Reason, list[Span]]]:
        if self.units > capacity:
            yield Reason.TOO_MANY_UNITS, [_EVER]
        else:
            reach = self.duration + self._rules.after - 1
            yield reason, taken.above(capacity - self.units, reach, self._rules.before)

    def _apart_from(self, spans: Iterable[Span]) -> list[Span]:
        """Where to begin would run into one of the spans, none of which is empty."""
        reach = self.duration - 1
        return [(begins - reach, ends) for begins, ends in spans]

    def _grid(self, bars: Iterable[Span]) -> array[int]:
        """The starts of every opening's grid that lie in none of the bars."""
        begins, ends = _merged(bars)
        begins.append(self._until)
        found: array[int] = array("q")
        stride, latest = self._rules.stride, 0
        in_order = True
        for opens, closes in self._openings:
            at, upto = max(opens, self._since), min(closes - self.duration + 1, self._until)
            in_order, latest = in_order and latest <= opens, max(latest, closes)
            bar = bisect_right(ends, at)
            while at < upto:
                at += (opens - at) % stride
                stop = begins[bar] if begins[bar] < upto else upto
                if at < stop:
                    found.extend(range(at, stop, stride))
                if stop == upto:
                    break
                at = ends[bar]
                bar += 1
        return found if in_order else array("q", sorted(set(found)))

    def _reasons(self, minute: Minute) -> Iterator[Reason]:
        ends = minute + self.duration
        around = [opens for opens, closes in self._openings if opens <= minute and ends <= closes]
        if not around:
            yield Reason.OUTSIDE_HOURS
        elif all((minute - opens) % self._rules.stride for opens in around):
            yield Reason.OFF_GRID
        for reason, (begin, end) in self._merged_bars.items():
            bar = bisect_right(begin, minute) - 1
            if bar >= 0 and minute < end[bar]:
                yield reason

    def _refusals(self, minute: Minute) -> Iterator[str]:
        rules = self._rules
        if not rules.custom:
            return
        start, end = minute * MINUTE, (minute + self.duration) * MINUTE
        candidate = Candidate(rules.service, rules.resource, start, end, self.units, self._now, rules.zone)
        for rule in rules.custom:
            if reason := rule.refuses(candidate):
                yield reason

    @cached_property
    def _merged_bars(self) -> dict[Reason, tuple[list[Minute], list[Minute]]]:
        return {reason: _merged(bars) for reason, bars in self._bars.items()}


def too_soon_or_late(
    now: Instant, zone: tzinfo, notice: int, advance_days: int
) -> Iterator[tuple[Reason, Span]]:
    """The minutes at which nothing may begin any more, or yet: notice counts to the second, of the maximum
    advance the last local day counts whole (AVAIL-2)."""
    to_come = now // MINUTE + 1
    yield Reason.PAST, (_EVER[0], to_come)
    yield Reason.MINIMUM_NOTICE, (to_come, max(to_come, minute_at(now + notice * MINUTE)))
    too_late, _ = midnight(zone, day_of(zone, now // MINUTE) + advance_days + 1)
    yield Reason.MAXIMUM_ADVANCE, (too_late, _EVER[1])


def _merged(spans: Iterable[Span]) -> tuple[list[Minute], list[Minute]]:
    """Beginnings and ends of what the spans cover, in order and apart from each other."""
    begins: list[Minute] = []
    ends: list[Minute] = []
    latest = _EVER[0] - 1
    for begin, end in sorted(spans):
        if begin > latest:
            begins.append(begin)
            ends.append(end)
            latest = end
        elif end > latest:
            ends[-1] = latest = end
    return begins, ends
