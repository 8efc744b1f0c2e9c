"""A short-lived cache in front of the `Slots` port, for offers that need not be of this very instant."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from holdfast.app.ports import Page, Slots
from holdfast.domain.instants import Instant
from holdfast.domain.slot import Slot

FRESH_FOR = 5.0
"""Seconds."""

MOST_LISTS = 200


class RecentSlots:
    """Answers the same question from memory for `FRESH_FOR` seconds."""

    def __init__(self, slots: Slots, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._slots = slots
        self._monotonic = monotonic
        self._known: dict[tuple[object, ...], tuple[float, Page[Slot]]] = {}

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
        question = (business, *resources, start, end, limit, cursor)
        now = self._monotonic()
        read_at, page = self._known.get(question, (0.0, None))
        if page is None or now - read_at > FRESH_FOR:
            page = self._slots.published(business, resources, start, end, limit=limit, cursor=cursor)
            if len(self._known) >= MOST_LISTS:
                self._known.clear()
            self._known[question] = (now, page)
        return page
