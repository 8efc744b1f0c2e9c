"""Several occurrences as they are at this instant: their ledgers in one read, and a verdict on each with the
claims of the earlier ones in, since two may meet in one ledger (BOOK-13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from holdfast.app.existing import existing_slot
from holdfast.app.look import Look, days_for, look_at_all
from holdfast.app.ports import Catalogues, Ledger
from holdfast.app.series_wish import Wanted
from holdfast.app.take_slot import Standing, standing_in
from holdfast.app.take_start import judged
from holdfast.app.wish import FreeStart
from holdfast.app.writes import SaveDay, SaveSlot
from holdfast.domain.business import Business
from holdfast.domain.day import Day
from holdfast.domain.identity import claimant_for
from holdfast.domain.place import DayKey, SlotKey
from holdfast.domain.slot import Slot


class SeriesLook(Protocol):
    def judge(self, wanted: Wanted) -> Standing:
        """What stands there for the caller, or what of their `own` is to be claimed, which later occurrences
        then find taken. Raises NotFound, NotOffered, SlotFull, SlotHeld, SlotBlocked or SlotPast."""

    def writes(self) -> Sequence[SaveDay | SaveSlot]:
        """Every ledger that something was taken of, once, on the `rev` it was read at."""


def look_at_series(
    ledger: Ledger, catalogues: Catalogues, business: Business, wanted: Sequence[Wanted]
) -> SeriesLook:
    """Raises NotFound where there is no such service, or the resource does not serve it."""
    spots = {each.asked.op: each.wish.spot for each in wanted}
    starts = {booking: spot for booking, spot in spots.items() if isinstance(spot, FreeStart)}
    if starts:
        return _Starts(look_at_all(ledger, catalogues, list(starts.values())), starts)
    keys = {booking: spot for booking, spot in spots.items() if isinstance(spot, SlotKey)}
    return _Slots(business, ledger.slots_and_days(list(keys.values()), [])[0], keys)


class _Starts:
    def __init__(self, seen: Look, spots: Mapping[str, FreeStart]) -> None:
        self._seen, self._spots = seen, spots
        self._taken: dict[DayKey, Day] = {}

    def judge(self, wanted: Wanted) -> Standing:
        catalogue, service, days = self._seen
        spot = self._spots[wanted.asked.op]
        keys = days_for(catalogue, service, spot)
        seen = Look(catalogue, service, {key: self._taken.get(key, days[key]) for key in keys})
        standing = judged(seen, wanted.asked, spot, wanted.wish, wanted.claim)
        if standing.own:
            claimed = seen.claimed(standing.who, standing.claims, wanted.asked.now)
            self._taken |= {day.key: day for day in claimed}
        return standing

    def writes(self) -> Sequence[SaveDay]:
        days = self._seen.days
        return [SaveDay(replace(day, rev=days[key].rev + 1)) for key, day in self._taken.items()]


class _Slots:
    def __init__(
        self, business: Business, slots: Mapping[SlotKey, Slot], spots: Mapping[str, SlotKey]
    ) -> None:
        self._business, self._slots, self._spots = business, slots, spots
        self._taken: list[Slot] = []

    def judge(self, wanted: Wanted) -> Standing:
        now = wanted.asked.now
        slot = existing_slot(self._slots.get(self._spots[wanted.asked.op]))
        self._business.terms.allow_taking(slot.start, now, self._business.zone)
        who = claimant_for(wanted.asked.caller.id, wanted.wish.subject)
        if there := slot.live_claim(who, now):
            return standing_in(slot, who, there, now, own=False)
        taken = slot.claimed_over_past(who, wanted.claim, now)
        self._taken.append(taken)
        return standing_in(taken, who, wanted.claim, now, own=True)

    def writes(self) -> Sequence[SaveSlot]:
        return [SaveSlot(slot) for slot in self._taken]
