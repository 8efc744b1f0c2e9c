"""Counts what has changed by the stream's records: each change once, whoever made it (ENGINE 2.9).

A record that comes again is counted again; that is rare, and figures are no ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from holdfast.domain.booking import BookingStatus, Ending
from holdfast.domain.decision import OVERBOOK
from holdfast.domain.entry import EntryStatus
from holdfast.domain.instants import SECOND
from holdfast.observability import count, measure

type Image = Mapping[str, Any]


@dataclass
class Tally:
    """`overdue` tells how long after its end each lapsed hold was ended, `waited` how long each one who was
    served had to wait; both in seconds."""

    changes: Counter[str] = field(default_factory=Counter)
    reserved: int = 0
    promoted: Counter[str] = field(default_factory=Counter)
    overdue: list[float] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, records: Iterable[Mapping[str, Any]]) -> Tally:
        tally = cls()
        for record in records:
            images = record["dynamodb"]
            after: Image | None = images.get("NewImage")
            if after is not None:
                tally._add(images.get("OldImage"), after)
        return tally

    def _add(self, before: Image | None, after: Image) -> None:
        kind = after["kind"]["S"]
        if kind == "booking":
            self._add_booking(before, after)
        elif kind == "entry":
            self._add_entry(before, after)

    def _add_booking(self, before: Image | None, after: Image) -> None:
        for line in after["history"]["L"][len(before["history"]["L"]) if before else 0 :]:
            if {"S": OVERBOOK} in line["M"].get("override", {"L": ()})["L"]:
                self.changes["overbooked_total"] += 1
        was, became = _status(before), _status(after)
        if was == became:
            return
        match became:
            case BookingStatus.RESERVED if "promoted" in after:
                self.promoted[_last_line(after)["actor"]["S"].removeprefix("system:")] += 1
            case BookingStatus.RESERVED:
                self.reserved += 1
            case BookingStatus.CONFIRMED:
                self.changes["booking_confirmations_total"] += 1
            case BookingStatus.CANCELLED:
                self.changes["booking_cancellations_total"] += 1
            case BookingStatus.EXPIRED if _last_line(after).get("reason", {}).get("S") == Ending.LAPSED:
                self.changes["booking_expirations_total"] += 1
                self.overdue.append(_seconds(after["expires"], _last_line(after)["at"]))

    def _add_entry(self, before: Image | None, after: Image) -> None:
        was, became = _status(before), _status(after)
        if was is None:
            self.changes["queue_joins_total"] += 1
        elif became == EntryStatus.NOTIFIED != was:
            self.waited.append(_seconds(after["joined"], _last_line(after)["at"]))

    def emit(self) -> None:
        count(self.changes)
        if self.reserved:
            count({"booking_reservations_total": self.reserved}, status="success")
        for by, served in self.promoted.items():
            count({"queue_promotions_total": served}, by=by)
        measure({"hold_overdue_seconds": self.overdue, "average_wait_time_seconds": self.waited})


def _status(image: Image | None) -> str | None:
    return None if image is None else str(image["status"]["S"])


def _last_line(image: Image) -> Image:
    line: Image = image["history"]["L"][-1]["M"]
    return line


def _seconds(since: Mapping[str, str], until: Mapping[str, str]) -> float:
    return (int(until["N"]) - int(since["N"])) / SECOND
