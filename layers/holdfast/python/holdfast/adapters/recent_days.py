"""A short-lived cache in front of the `Days` port, for offers that need not be of this very instant."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from holdfast.app.ports import Days
from holdfast.domain.day import Day
from holdfast.domain.instants import Instant

FRESH_FOR = 5.0
"""Seconds."""

MOST_LISTS = 400


class RecentDays:
    """Answers the same question from memory for `FRESH_FOR` seconds."""

    def __init__(self, days: Days, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._days = days
        self._monotonic = monotonic
        self._known: dict[tuple[object, ...], tuple[float, Sequence[Day]]] = {}

    def between(
        self, business: str, resource: str, start: Instant, end: Instant, ledger_offset: int
    ) -> Sequence[Day]:
        question = (business, resource, start, end, ledger_offset)
        now = self._monotonic()
        read_at, found = self._known.get(question, (0.0, None))
        if found is None or now - read_at > FRESH_FOR:
            found = self._days.between(business, resource, start, end, ledger_offset)
            if len(self._known) >= MOST_LISTS:
                self._known.clear()
            self._known[question] = (now, found)
        return found
