"""What clients do in a run with free starts, beside what they do with slots: appointments, series of them,
moves, and staff who approve them or change the hours."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from holdfast.app.amend import Amendment
from holdfast.app.asked import Asked
from holdfast.app.reschedule import reschedule
from holdfast.app.reschedule_series import reschedule_members
from holdfast.app.reserve_series import Made, reserve_series
from holdfast.app.series_deeds import Result, cancel_members, confirm_members
from holdfast.app.series_wish import SeriesWish, wanted_of
from holdfast.app.staff_deeds import approve, reject
from holdfast.app.wish import FreeStart, Wish
from holdfast.domain.instants import MINUTE, Instant
from holdfast.domain.place import SlotKey
from holdfast.domain.series import Mode, Outcome, Scope
from tests.simulation.clients import Clients
from tests.simulation.offer import Offer
from tests.simulation.plan import Request
from tests.support.builders import BUSINESS

APART = 45 * MINUTE
"""From one occurrence of a series to the next."""

MODES = {10: Mode.ALL_OR_NOTHING, 20: Mode.ALL_OR_NOTHING, 30: Mode.SKIP_CONFLICTS, 60: Mode.PREVIEW}


@dataclass
class Bookers(Clients):
    """`wishes` are the starts at which a booking may come to be, by what was asked for it."""

    offer: Offer = field(kw_only=True)
    wishes: dict[str, list[FreeStart]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.catalogues = self.offer
        self._firsts: dict[str, str] = {}

    @property
    def _deeds(self) -> dict[str, Callable[[Request, Asked], object]]:
        return super()._deeds | {
            "series": self._series,
            "move": self._move,
            "approve": self._approve,
            "reject": self._reject,
            "hours": self._hours,
        }

    def _expected(self, request: Request) -> int | None:
        if request.kind not in ("amend", "move"):
            return super()._expected(request)
        there = self.memory.bookings.get(self._target(request))
        return there.version if there else 1

    def _free(self, request: Request) -> Instant:
        """Beside what is asked for, or over it."""
        return self.offer.scene.around + (request.seconds - 15) * MINUTE

    def _change(self, request: Request) -> Amendment:
        subject = {"id": "rex"} if request.seconds == 10 else None
        return replace(super()._change(request), subject=subject)

    def _reserve(self, request: Request, asked: Asked) -> None:
        self._may_be_at(asked.op, self._spot(request))
        super()._reserve(request, asked)

    def _spot(self, request: Request) -> SlotKey | FreeStart:
        return super()._spot(request) if request.start is None else self.offer.scene.starts[request.start]

    def _may_be_at(self, booking: str, *spots: SlotKey | FreeStart) -> None:
        self.wishes.setdefault(booking, []).extend(each for each in spots if isinstance(each, FreeStart))

    def _series(self, request: Request, asked: Asked) -> None:
        spot = self._spot(request)
        wish = Wish(spot=spot, units=request.units, hold_seconds=request.seconds, metadata={})
        other = self.slots[1 - request.slot] if isinstance(spot, SlotKey) else _later(spot)
        plan = SeriesWish(wish=wish, others=[other], mode=MODES[request.seconds])
        wanted = wanted_of(self.memory.businesses[BUSINESS], asked, plan)
        self._firsts[asked.op] = wanted[0].asked.op
        for each in wanted:
            self._may_be_at(each.asked.op, each.wish.spot)
        made = reserve_series(
            self.ledger, self.callers, self.catalog, self.catalogues, self.bookings, asked, plan
        )
        self._had(made)

    def _had(self, made: Made) -> None:
        occurrences = () if made.replayed else made.series.occurrences
        self._rely_on(each.booking for each in occurrences if each.outcome is Outcome.RESERVED)

    def _rely_on(self, bookings: Iterable[str]) -> None:
        for each in bookings:
            if there := self.memory.bookings.get(each):
                self._promised(there)

    def _target(self, request: Request) -> str:
        """Of a series it is the first of its bookings."""
        target = super()._target(request)
        return self._firsts.get(target, target)

    def _answered_as(self, index: int) -> str | None:
        first = self._firsts.get(self._ops[index])
        series = self.memory.series.get(self._ops[index])
        return first if first and series and series.settled else super()._answered_as(index)

    def _confirm(self, request: Request, asked: Asked) -> None:
        series = self._series_behind(request)
        if series is None:
            super()._confirm(request, asked)
            return
        ports = (self.ledger, self.callers, self.catalog, self.catalogues)
        _, results = confirm_members(*ports, asked, series)
        self._rely_on_all(results)

    def _cancel(self, request: Request, asked: Asked) -> None:
        series = self._series_behind(request)
        if series is None:
            super()._cancel(request, asked)
            return
        scope = Scope.ALL if request.seconds < 30 else Scope.FOLLOWING
        there = self.memory.series.get(series)
        self._given_up.update(there.bookings if there else ())
        ports = (self.ledger, self.callers, self.catalog, self.catalogues)
        cancel_members(*ports, asked, self._target(request), scope)

    def _move(self, request: Request, asked: Asked) -> None:
        booking, to = self._target(request), self._spot(request)
        self._may_be_at(booking, to)
        ports = (self.ledger, self.callers, self.catalog, self.catalogues)
        series = self.memory.series.get(self._series_behind(request) or "")
        if series is None:
            self._answered(reschedule(*ports, asked, booking, to))
            return
        if isinstance(to, FreeStart):
            for each in series.bookings[1:]:
                self._may_be_at(each, _later(to))
        self._rely_on_all(reschedule_members(*ports, asked, booking, to, Scope.ALL))

    def _rely_on_all(self, results: Iterable[Result]) -> None:
        for each in results:
            if not each.reasons:
                self._promised(each.booking)

    def _series_behind(self, request: Request) -> str | None:
        """The series a deed is about as a whole, not its first booking alone."""
        named = super()._target(request)
        return named if named in self._firsts and request.units == 1 else None

    def _approve(self, request: Request, asked: Asked) -> None:
        self._answered(
            approve(self.ledger, self.callers, self.catalog, self.catalogues, asked, self._target(request))
        )

    def _reject(self, request: Request, asked: Asked) -> None:
        self._given_up.add(self._target(request))
        reject(self.ledger, self.callers, asked, self._target(request), reason="no")

    def _hours(self, request: Request, asked: Asked) -> None:
        self.offer.change_hours(shorter=request.seconds <= 20)


def _later(spot: FreeStart) -> FreeStart:
    return replace(spot, start=spot.start + APART)
