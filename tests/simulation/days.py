"""What must hold of the appointments of a run, beside the invariants of single values: who took something had
it on offer, and what ends a booking leaves no part of it behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from holdfast.domain import invariants_days
from holdfast.domain.appointment import Appointment
from holdfast.domain.booking import ENDED, Booking
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.instants import MINUTE, Instant
from holdfast.domain.place import DayKey, Window, pool_of, windows
from holdfast.domain.series import Outcome
from holdfast.domain.service import Service
from tests.simulation.bookers import Bookers
from tests.simulation.consumers import SKEW
from tests.simulation.hub import Hub, Task, Violation, demand
from tests.support.builders import BUSINESS
from tests.support.memory import Changed, Memory


class Days:
    def __init__(self, hub: Hub, memory: Memory, bookers: Bookers) -> None:
        self._hub, self._memory = hub, memory
        self._bookers, self._offer = bookers, bookers.offer
        self._recorded: set[str] = set()

    def check_write(self, task: Task, changed: Changed) -> None:
        before, after = changed.before, changed.after
        if isinstance(after, Booking) and after.status in ENDED:
            demand(invariants_days.of_ending(after, self._memory.days))
        if isinstance(after, Booking):
            self._recorded.add(after.id)
            spot = after.spot
            if isinstance(spot, Appointment) and not self._is_whole(spot):
                raise Violation(f"booking {after.id}: {spot} is not what its service takes")
        elif isinstance(after, Day):
            self._check_day(task, before, after)

    def _check_day(self, task: Task, before: object, after: Day) -> None:
        claims = before.claims if isinstance(before, Day) else {}
        for who, claim in _new(claims, after.claims):
            if claim.booking == task.replays:
                raise Violation(f"{task.name}: the repeat of an answered request took units")
            if not self._was_on_offer(task, who, claim):
                raise Violation(f"{task.name}: took {claim}, which was not on offer as a whole")
        gone = [each for who, each in claims.items() if who not in after.claims]
        if task.janitor and any(each.is_live(self._hub.now) for each in gone):
            raise Violation(f"{task.name}: ended a hold before its end")

    def check_state(self, changes: Sequence[Changed]) -> None:
        if not any(isinstance(each.after or each.before, Day | Booking) for each in changes):
            return
        days = self._memory.days.values()
        for day in days:
            demand(invariants_days.of_day(day, self._offer.capacity(day.key.resource), self._hub.now))
        records = self._memory.bookings.values()
        demand(invariants_days.of_appointments(days, records, self._hub.now, SKEW))
        self._check_series()

    def _check_series(self) -> None:
        """All of one that is had or none, and no part of one that is not there."""
        for series in self._memory.series.values():
            for each in series.occurrences:
                if each.outcome is Outcome.RESERVED and each.booking not in self._recorded:
                    raise Violation(f"series {series.id}: {each} has no booking")
        for booking in self._memory.bookings.values():
            if booking.series and booking.series not in self._memory.series:
                raise Violation(
                    f"booking {booking.id}: is of the series {booking.series}, which is not there"
                )

    def check_the_end(self) -> None:
        for day in self._memory.days.values():
            if day.past(self._hub.now):
                raise Violation(f"{day.key.name}: past claims are left")

    def _is_whole(self, spot: Appointment) -> bool:
        """Whether it has as many resources as it requires, and takes them as long."""
        return self._takes(spot.service, spot.start, {key.resource for key in spot.windows}) == spot.windows

    def _was_on_offer(self, task: Task, who: str, claim: Claim) -> bool:
        """Whether all that was taken in this one write is what somebody wished for who could have it."""
        taken = {
            day.key: there.window
            for day in self._memory.days.values()
            if (there := day.claims.get(who)) and replace(there, window=claim.window) == claim
        }
        return any(
            self._takes(wish.service, wish.start, {key.resource for key in taken}) == taken
            and self._offer.allowed(wish, task.began)
            for wish in self._bookers.wishes.get(claim.booking, ())
        )

    def _takes(self, name: str, start: Instant, ledgers: Set[str]) -> Mapping[DayKey, Window] | None:
        """What an appointment takes of those resources and its pool, buffers included; None where these are
        not all that it requires."""
        service = self._offer.scene.service(name)
        pool = set() if service.most_at_once is None else {pool_of(name)}
        if len(ledgers - pool) != (sum(each.count for each in service.requires) or 1) or not pool <= ledgers:
            return None
        begins, ends = self._span(service, start)
        offset = self._offer.ledger_offset
        cut = (windows(BUSINESS, ledger, begins, ends, offset) for ledger in ledgers)
        return {key: window for each in cut for key, window in each.items()}

    def _span(self, service: Service, start: Instant) -> tuple[Instant, Instant]:
        grid = service.settings["grid"]
        ends = start + (service.duration + grid["bufferAfterMinutes"]) * MINUTE
        return start - grid["bufferBeforeMinutes"] * MINUTE, ends


def _new(before: Mapping[str, Claim], after: Mapping[str, Claim]) -> list[tuple[str, Claim]]:
    """What takes something that it did not take before, under whatever name."""
    had = {(claim.booking, claim.window) for claim in before.values()}
    return [(who, claim) for who, claim in after.items() if (claim.booking, claim.window) not in had]
