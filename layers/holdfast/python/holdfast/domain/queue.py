"""A place in a slot's queue (SPEC QUEUE-1, QUEUE-2). It stands in the slot; its record is an `Entry`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from holdfast.domain.instants import Instant

MOST_PASSED = 3
"""So often a party that does not fit lets the next that does go first. Then units are kept for it."""

PASSED_OVER = "passed_over"
"""The trigger of the line that tells it in the entry's history."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's position: the lowest `seq` is the head. It ends by itself at `until`; `passed` counts how
    often it was passed over."""

    entry: str
    units: int
    joined: Instant
    until: Instant
    passed: int
    seq: int

    def is_live(self, now: Instant) -> bool:
        return self.until > now

    @property
    def strict(self) -> bool:
        """Whether nobody goes before it any more."""
        return self.passed >= MOST_PASSED

    def passed_over(self) -> Place:
        return replace(self, passed=self.passed + 1)
