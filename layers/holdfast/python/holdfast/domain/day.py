"""A resource's ledger day: what occupies it besides the claims inside published slots (DESIGN 2).

What takes something of it is decided from a read value and written on the `rev` it was read at; a missing day
is `rev` 0.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from holdfast.domain.appointment import Appointment, claimant_of_start
from holdfast.domain.claim import Claim
from holdfast.domain.errors import Invalid, Overlap
from holdfast.domain.hours import DAY_MINUTES
from holdfast.domain.instants import MINUTE, NEVER, SWEEP_AHEAD, Instant
from holdfast.domain.occupancy import WHOLE, Occupancy, Occupied
from holdfast.domain.place import DayKey, Window, pool_of

MOST_WINDOWS = 500
"""Windows of slots and live claims together: every write is charged for the whole item (DESIGN 2)."""


@dataclass(frozen=True, slots=True)
class Day:
    """`windows` holds the stretches taken by published slots, by slot id; `claims` those of appointments, by
    claimant (see `Appointment.claimant`)."""

    key: DayKey
    rev: int = 0
    windows: Mapping[str, Window] = field(default_factory=dict)
    claims: Mapping[str, Claim] = field(default_factory=dict)
    due: Instant | None = None

    def live(self, now: Instant) -> dict[str, Claim]:
        return {who: claim for who, claim in self.claims.items() if claim.is_live(now)}

    def past(self, now: Instant) -> dict[str, Claim]:
        return {who: claim for who, claim in self.claims.items() if not claim.is_live(now)}

    def live_claim(self, who: str, now: Instant) -> Claim | None:
        claim = self.claims.get(who)
        return claim if claim and claim.is_live(now) else None

    def occupied(
        self, offset_minutes: int, now: Instant, *, without: str | None = None
    ) -> Iterator[Occupied]:
        """What the evaluator has to know of it, less the claim of `without`, who moves or changes theirs. A
        published slot takes its resource whole, and a day that is full of entries takes no more."""
        midnight = self.key.begins(offset_minutes) // MINUTE
        for window in self.windows.values():
            yield Occupied(midnight + window.start, midnight + window.end, WHOLE)
        entries = len(self.windows)
        for who, claim in self.claims.items():
            if who != without and claim.window:
                entries += claim.is_live(now)
                begin, end = midnight + claim.window.start, midnight + claim.window.end
                yield Occupied(begin, end, claim.units, claim.expires)
        if entries >= MOST_WINDOWS:
            yield Occupied(midnight, midnight + DAY_MINUTES, WHOLE, NEVER)

    def claimed(self, who: str, claim: Claim, now: Instant) -> Day:
        """With this claim, and without *all* that are past; to be written on this day's `rev` only. The
        evaluator has said that there is room."""
        return replace(self, claims={**self.live(now), who: claim})._written(now)

    def changed(self, who: str, to_who: str, claim: Claim, now: Instant) -> Day:
        """One claim in place of another, and without all that are past; on this day's `rev` only."""
        others = {other: each for other, each in self.live(now).items() if other != who}
        return replace(self, claims={**others, to_who: claim})._written(now)

    def without(self, who: str, now: Instant) -> Day:
        """The same without one claim, and without all that are past."""
        kept = {other: claim for other, claim in self.live(now).items() if other != who}
        return replace(self, claims=kept)._written(now)

    def swept(self, now: Instant) -> Day:
        """One `rev` on, with nothing changed but when the sweep must look next."""
        return replace(self, due=None)._written(now)

    def with_window(self, slot_id: str, window: Window, now: Instant, *, may_overlap: bool) -> Day:
        """Take the window for a slot, in place of the one it has, and evict *all* claims that are past; on
        this day's `rev` only. Slots may overlap each other, never an appointment: raises Overlap with the
        slots or bookings that have (part of) it (SLOT-2)."""
        others = {other: theirs for other, theirs in self.windows.items() if other != slot_id}
        taken = sorted(other for other, theirs in others.items() if theirs.overlaps(window))
        if taken and not may_overlap:
            raise Overlap("The resource has another slot in that time.", taken)
        live = self.live(now)
        bookings = sorted(
            each.booking for each in live.values() if each.window and each.window.overlaps(window)
        )
        if bookings:
            raise Overlap("The resource has appointments in that time.", [], bookings)
        if len(others) + len(live) >= MOST_WINDOWS:
            raise Invalid("/start", f"a resource takes at most {MOST_WINDOWS} slots a day")
        return replace(self, windows={**self.windows, slot_id: window}, claims=live)._written(now)

    def without_window(self, slot_id: str) -> Day:
        kept = {other: window for other, window in self.windows.items() if other != slot_id}
        return replace(self, rev=self.rev + 1, windows=kept)

    def _written(self, now: Instant) -> Day:
        """One `rev` on. `due` stays while it is ahead and near enough, so that a claim seldom pays for it."""
        ends = [claim.expires for claim in self.claims.values() if not claim.confirmed]
        due = min(*ends, now + SWEEP_AHEAD) if ends else None
        if due is not None and self.due is not None and now < self.due <= due:
            due = self.due
        return replace(self, rev=self.rev + 1, due=due)


def taken(
    days: Iterable[Day], spot: Appointment, now: Instant, *, without: str | None = None
) -> Mapping[str, int]:
    """The most units taken at once of each ledger of an appointment, by its name, while that lasts."""
    since, until = spot.begins // MINUTE, spot.ends // MINUTE
    occupied: dict[str, list[Occupied]] = {}
    for day in days:
        of_day = day.occupied(spot.ledger_offset, now, without=without)
        occupied.setdefault(day.key.resource, []).extend(of_day)
    return {
        name: Occupancy(stretches, now, since, until).peak(since, until)
        for name, stretches in occupied.items()
    }


def claimed_before(
    days: Collection[Day],
    of: tuple[str, Instant, Sequence[str]],
    whose: tuple[str, str | None],
    ledger_offset: int,
    now: Instant,
) -> tuple[Appointment, str, Mapping[DayKey, Claim]] | None:
    """What an owner, and subject if given, has live at a start of a service with one of those resources: the
    appointment as the days tell it, its claimant, its claims."""
    service, start, resources = of
    owner, subject = whose
    for resource in resources:
        who = claimant_of_start(owner, subject, service, resource, start)
        found = {day.key: claim for day in days if (claim := day.live_claim(who, now))}
        if found:
            return _as_claimed(found, service, start, resource, ledger_offset), who, found
    return None


def _as_claimed(
    claims: Mapping[DayKey, Claim], service: str, start: Instant, resource: str, ledger_offset: int
) -> Appointment:
    windows = [(key, claim.window) for key, claim in claims.items() if claim.window]
    begins = min(key.begins(ledger_offset) + window.start * MINUTE for key, window in windows)
    ends = max(key.begins(ledger_offset) + window.end * MINUTE for key, window in windows)
    names = {key.resource for key in claims}
    others = sorted(names - {resource, pool_of(service)})
    return Appointment(
        business=next(iter(claims)).business,
        service=service,
        resources=(resource, *others),
        start=start,
        begins=begins,
        ends=ends,
        pooled=pool_of(service) in names,
        ledger_offset=ledger_offset,
    )
