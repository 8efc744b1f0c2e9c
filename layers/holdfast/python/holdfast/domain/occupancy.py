"""How much of a resource, or of a service's pool, is taken when (SPEC SLOT-5, SLOT-6)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from holdfast.domain.hours import Minute, Span
from holdfast.domain.instants import NEVER, Instant

WHOLE = 1 << 30
"""More units than there are: how a published slot takes its resource."""


class Occupied(NamedTuple):
    """A stretch of a ledger, never empty, its buffers included, until the instant its hold expires."""

    start: Minute
    end: Minute
    units: int = 1
    expires: Instant = NEVER


class Occupancy:
    """The units taken as a step function of time; a hold that has expired takes none (HOLD-3)."""

    def __init__(self, occupied: Sequence[Occupied], now: Instant, since: Minute, until: Minute) -> None:
        """Of what touches those minutes; outside of them nothing is known."""
        self._of = occupied, now, since, until

    def above(self, most: int, before: Minute = 0, after: Minute = 0) -> list[Span]:
        """The stretches in which more than `most` units are taken, each from so many minutes before it to so
        many after; they may overlap."""
        if most == 0:  # no need to count
            occupied, now, since, until = self._of
            return [
                (start - before, end + after)
                for start, end, _, expires in occupied
                if start < until and since < end and expires > now
            ]
        edges, levels = self._steps
        steps = zip(edges, edges[1:], levels, strict=False)
        return [(begins - before, ends + after) for begins, ends, level in steps if level > most]

    def peak(self, since: Minute, until: Minute) -> int:
        """The most units taken at once between them."""
        edges, levels = self._steps
        first = max(0, bisect_right(edges, since) - 1)
        return max(levels[first : bisect_left(edges, until)], default=0)

    @cached_property
    def _steps(self) -> tuple[list[Minute], list[int]]:
        """The minutes at which it changes, and what is taken from each on."""
        occupied, now, since, until = self._of
        steps: dict[Minute, int] = {}
        for start, end, units, expires in occupied:
            if start < until and since < end and expires > now:
                steps[start] = steps.get(start, 0) + units
                steps[end] = steps.get(end, 0) - units
        edges = sorted(steps)
        return edges, list(accumulate([steps[edge] for edge in edges]))
