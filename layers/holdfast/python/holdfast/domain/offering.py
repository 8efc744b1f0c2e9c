"""What a catalogue and the days come to: who may serve a service, whether a start can be had, and with whom.

`Offers.decide` is the one decision (AVAIL-4): listing, explaining, reserving, moving and booking by hand ask
it. The evaluator judges each resource by itself; here those that take part are chosen (docs/adr/0051).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from holdfast.domain.appointment import Appointment
from holdfast.domain.availability import Evaluation, Reason, Snapshot, Verdict
from holdfast.domain.availability_rules import occupies, rules_of
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.day import MOST_WINDOWS, Day
from holdfast.domain.decision import FULL, NO_RESOURCE, OF_CAPACITY, OVERBOOK, Choice, Decision, Refused
from holdfast.domain.hours import Minute
from holdfast.domain.instants import MINUTE, NEVER, Instant
from holdfast.domain.needs import Need, ledgers_of, needs_of
from holdfast.domain.occupancy import Occupied
from holdfast.domain.place import LONGEST_SLOT, DayKey, ledger_date, pool_of, windows
from holdfast.domain.service import Service

_NO_CODES: Set[str] = frozenset()


def day_keys(
    catalogue: Catalogue,
    service: Service,
    start: Instant,
    end: Instant | None = None,
    *,
    resource: str | None = None,
) -> Sequence[DayKey]:
    """All days from which `Offering.decide` decides on that appointment: none where it cannot be had whatever
    stands there. Raises NotFound as it does."""
    end = start + service.duration * MINUTE if end is None else end
    ledgers = ledgers_of(service, needs_of(catalogue, service, resource))
    if not start < end <= start + LONGEST_SLOT:
        return []
    business = catalogue.business
    begins, ends = occupies(catalogue, service, start, end)
    return [
        key
        for ledger in ledgers
        for key in windows(business.id, ledger, begins, ends, business.ledger_offset)
    ]


class Offering:
    """A service at one instant, from what stands in its days. `without` names a claimant who moves or changes
    what they have: it is as if they had nothing."""

    def __init__(
        self,
        catalogue: Catalogue,
        service: Service,
        days: Iterable[Day],
        now: Instant,
        *,
        without: str | None = None,
    ) -> None:
        self.catalogue, self.service, self.now = catalogue, service, now
        self._days = {day.key: day for day in days}
        self._without = without
        self._occupied: dict[str, Sequence[Occupied]] = {}
        self._snapshots: dict[str, Snapshot] = {}

    def decide(
        self,
        start: Instant,
        end: Instant | None = None,
        *,
        units: int = 1,
        resource: str | None = None,
        ignoring: Set[str] = _NO_CODES,
    ) -> Decision:
        """Whether one appointment can be had, up to its `end` or as long as the service lasts, and with whom;
        `resource` has to take part. `ignoring` are the codes staff override by.

        Raises NotFound where the resource does not serve it."""
        end = start + self.service.duration * MINUTE if end is None else end
        if start % MINUTE:
            return Refused(reasons=(Reason.OFF_GRID,), end=end)
        if (end - start) % MINUTE or not start < end <= start + LONGEST_SLOT:
            return Refused(reasons=(Reason.DURATION,), end=end)
        minutes = (end - start) // MINUTE
        return self.between(start, start + MINUTE, minutes=minutes, units=units, resource=resource).decide(
            start, ignoring
        )

    def between(
        self,
        since: Instant,
        until: Instant,
        *,
        minutes: int | None = None,
        units: int = 1,
        resource: str | None = None,
    ) -> Offers:
        """The appointments of one length and size that begin in `[since, until)`. Raises NotFound too."""
        needs = needs_of(self.catalogue, self.service, resource)
        return Offers(
            self,
            since,
            until,
            minutes=minutes or self.service.duration,
            units=units,
            needs=needs,
            asked=resource,
        )

    def snapshot(self, resource: str) -> Snapshot:
        """What the evaluator judges the resource by."""
        if resource not in self._snapshots:
            rules = rules_of(self.catalogue, self.service, self.catalogue.resources[resource])
            pool = () if rules.pool is None else self.occupied(pool_of(self.service.id))
            self._snapshots[resource] = Snapshot(
                rules=rules, now=self.now, occupied=self.occupied(resource), pool=pool
            )
        return self._snapshots[resource]

    def occupied(self, ledger: str) -> Sequence[Occupied]:
        """What stands on the days of a resource or a pool."""
        if ledger not in self._occupied:
            offset = self.catalogue.business.ledger_offset
            self._occupied[ledger] = [
                stretch
                for key, day in self._days.items()
                if key.resource == ledger
                for stretch in day.occupied(offset, self.now, without=self._without)
            ]
        return self._occupied[ledger]

    def load(self, resource: str, date: str) -> int:
        """The minutes of that ledger day that are live there, each as often as it takes units."""
        day = self._days.get(DayKey(self.catalogue.business.id, resource, date))
        live = day.live(self.now).items() if day else ()
        return sum(
            (claim.window.end - claim.window.start) * claim.units
            for who, claim in live
            if claim.window and who != self._without
        )

    def is_crammed(self, keys: Iterable[DayKey]) -> bool:
        """Whether one of those days takes no entry more, whoever overbooks it."""
        found = (self._days[key] for key in keys if key in self._days)
        return any(len(day.windows) + len(day.live(self.now)) >= MOST_WINDOWS for day in found)


class _Judged(NamedTuple):
    """What is said against one who may serve: `left` are the reasons that nobody passes over."""

    available: int
    reasons: Sequence[str]
    left: Sequence[str]


class Offers:
    """See `Offering.between`, which makes them."""

    def __init__(
        self,
        offering: Offering,
        since: Instant,
        until: Instant,
        *,
        minutes: int,
        units: int,
        needs: Sequence[Need],
        asked: str | None,
    ) -> None:
        self._offering, self._needs, self._asked = offering, needs, asked
        self._since, self._until = since, until
        self._minutes, self._units = minutes, units
        self._evaluations = {
            each: self._evaluation(offering.snapshot(each)) for need in needs for each in need.resources
        }

    @property
    def ledgers(self) -> Sequence[str]:
        """The names under which its days are, those of all who may serve and of the pool."""
        return ledgers_of(self._offering.service, self._needs)

    @cached_property
    def starts(self) -> Sequence[Minute]:
        """When it can be had, in order: exactly the minutes for which `decide` makes a choice."""
        found = [self._starts(need) for need in self._needs]
        return found[0] if len(found) == 1 else sorted(set(found[0]).intersection(*found[1:]))

    @cached_property
    def grid(self) -> Sequence[Minute]:
        """Every start of the grid of those whom it could be with, offered or not."""
        grids = [self._evaluations[each].grid for each in self._leading]
        return grids[0] if len(grids) == 1 else sorted({minute for grid in grids for minute in grid})

    def decide(self, start: Instant, ignoring: Set[str] = _NO_CODES) -> Decision:
        """On one of its minutes, with whom that ledger day has least to do; ties go by id. Where it cannot be
        had, it is judged by those who have fewest reasons against it. Raises ValueError for another start."""
        judged = self._judged(self._evaluations, start, ignoring)
        members, enough = self._members(judged, start)
        reasons = _all(judged[each].left for each in members)
        if not enough:
            reasons = (*reasons, NO_RESOURCE)
        end = start + self._minutes * MINUTE
        room = min((judged[each].available for each in members), default=0)
        if not reasons:
            return Choice(
                appointment=self._appointment(members, start),
                end=end,
                available=room,
                capacity=self._capacity(members),
                overridden=_all(judged[each].reasons for each in members),
            )
        return Refused(
            reasons=reasons,
            resource=members[0] if members else "",
            end=end,
            available=room if OF_CAPACITY.issuperset(reasons) else 0,
            capacity=self._capacity(members),
            lapses=self._lapses(judged, start, ignoring),
        )

    @property
    def _leading(self) -> Sequence[str]:
        """Whom the appointment could be with, or the one asked for."""
        return self._needs[0].resources if self._asked is None else [self._asked]

    def _starts(self, need: Need) -> Sequence[Minute]:
        """When there are enough of them, the one asked for among them."""
        if need.many == len(need.resources) == 1:
            return self._evaluations[need.resources[0]].starts
        many = Counter(minute for each in need.resources for minute in self._evaluations[each].starts)
        possible: Iterable[Minute] = sorted(many)
        if self._asked is not None and self._asked in need.resources:
            possible = self._evaluations[self._asked].starts
        return [minute for minute in possible if many[minute] >= need.many]

    def _judged(
        self, evaluations: Mapping[str, Evaluation], start: Instant, ignoring: Set[str]
    ) -> Mapping[str, _Judged]:
        found = {}
        for each, evaluation in evaluations.items():
            verdict = evaluation.verdict(start)
            left = self._left(verdict, each, ignoring)
            found[each] = _Judged(verdict.available, verdict.reasons, left)
        return found

    def _left(self, verdict: Verdict, resource: str, ignoring: Set[str]) -> Sequence[str]:
        """The reasons that stand: the past always does, and lack of room unless it is overbooked."""
        if not ignoring or verdict.offered:
            return verdict.reasons
        passed = ignoring - OF_CAPACITY - {Reason.PAST}
        if OVERBOOK in ignoring:
            touched = self._appointment([resource], verdict.start).windows
            if not self._offering.is_crammed(touched):
                passed |= OF_CAPACITY
        return [reason for reason in verdict.reasons if reason not in passed]

    def _members(self, judged: Mapping[str, _Judged], start: Instant) -> tuple[Sequence[str], bool]:
        """Who would take part, the one it is with first, and whether they are enough."""
        offering = self._offering
        date = ledger_date(start, offering.catalogue.business.ledger_offset).isoformat()

        def distance(name: str) -> tuple[bool, int, int, int, str]:
            of = judged[name]
            load = offering.load(name, date)
            return name != self._asked, len(of.left), len(of.reasons), load, name

        members: list[str] = []
        for need in self._needs:
            members += sorted(need.resources, key=distance)[: need.many]
        return members, len(members) == sum(need.many for need in self._needs)

    def _lapses(self, judged: Mapping[str, _Judged], start: Instant, ignoring: Set[str]) -> Instant | None:
        """When the first hold ends, if without the holds it could be had."""
        if not any(of.left and FULL.issuperset(of.left) for of in judged.values()):
            return None
        judged = self._judged(self._without_holds, start, ignoring)
        members, enough = self._members(judged, start)
        if not enough or any(judged[each].left for each in members):
            return None
        offering = self._offering
        begins, ends = self._occupies(start)
        return min(
            taken.expires
            for ledger in self.ledgers
            for taken in offering.occupied(ledger)
            if taken.start * MINUTE < ends and begins < taken.end * MINUTE
            if offering.now < taken.expires < NEVER
        )

    @cached_property
    def _without_holds(self) -> Mapping[str, Evaluation]:
        found = {}
        for each in self._evaluations:
            snapshot = self._offering.snapshot(each)
            occupied, pool = (
                [taken for taken in ledger if taken.expires == NEVER]
                for ledger in (snapshot.occupied, snapshot.pool)
            )
            found[each] = self._evaluation(replace(snapshot, occupied=occupied, pool=pool))
        return found

    def _evaluation(self, snapshot: Snapshot) -> Evaluation:
        return Evaluation(snapshot, self._since, self._until, duration=self._minutes, units=self._units)

    def _capacity(self, members: Sequence[str]) -> int:
        pool = self._offering.service.most_at_once
        most = [self._offering.catalogue.resources[each].capacity for each in members]
        return min([*most, pool] if pool is not None else most, default=0)

    def _occupies(self, start: Instant) -> tuple[Instant, Instant]:
        offering = self._offering
        return occupies(offering.catalogue, offering.service, start, start + self._minutes * MINUTE)

    def _appointment(self, members: Sequence[str], start: Instant) -> Appointment:
        offering = self._offering
        begins, ends = self._occupies(start)
        return Appointment(
            business=offering.catalogue.business.id,
            service=offering.service.id,
            resources=(members[0], *sorted(members[1:])),
            start=start,
            begins=begins,
            ends=ends,
            pooled=offering.service.most_at_once is not None,
            ledger_offset=offering.catalogue.business.ledger_offset,
        )


def _all(reasons: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Each once."""
    return tuple(dict.fromkeys(reason for some in reasons for reason in some))
