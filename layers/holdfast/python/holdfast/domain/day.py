"""A resource's ledger day: what occupies it besides the claims inside published slots (DESIGN 2).

It is always decided from a read value and written on the `rev` it was read at; a missing day is `rev` 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from holdfast.domain.errors import Invalid, Overlap
from holdfast.domain.place import DayKey, Window

MOST_WINDOWS = 500


@dataclass(frozen=True, slots=True)
class Day:
    """`windows` holds the stretches taken by published slots, by slot id."""

    key: DayKey
    rev: int = 0
    windows: Mapping[str, Window] = field(default_factory=dict)

    def with_window(self, slot_id: str, window: Window, *, may_overlap: bool) -> Day:
        """Take the window for a slot, in place of the one it has, or raise Overlap with the slots that have
        (part of) it (SLOT-2)."""
        if not may_overlap:
            others = ((other, theirs) for other, theirs in self.windows.items() if other != slot_id)
            taken = sorted(other for other, theirs in others if theirs.overlaps(window))
            if taken:
                raise Overlap("The resource has another slot in that time.", taken)
        if len(self.windows) >= MOST_WINDOWS:
            raise Invalid("/start", f"a resource takes at most {MOST_WINDOWS} slots a day")
        return replace(self, rev=self.rev + 1, windows={**self.windows, slot_id: window})

    def without_window(self, slot_id: str) -> Day:
        kept = {other: window for other, window in self.windows.items() if other != slot_id}
        return replace(self, rev=self.rev + 1, windows=kept)
