"""What staff pass over by naming it, with a reason that is kept (SPEC BOOK-7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from holdfast.domain.availability import Reason
from holdfast.domain.decision import OF_CAPACITY, OVERBOOK
from holdfast.domain.errors import Invalid

RULES = frozenset[str](Reason) - OF_CAPACITY - {Reason.PAST}
POLICIES = frozenset({"after_start", "reschedule_deadline", "max_reschedules"})
CODES = RULES | POLICIES | {OVERBOOK}
"""The past cannot be had by any code, and room beyond capacity by one alone."""


@dataclass(frozen=True, slots=True)
class Override:
    """`codes` as they were named; without any nothing is passed over."""

    codes: Sequence[str] = ()
    reason: str | None = None

    def allowed(self, *, custom: bool) -> frozenset[str]:
        """The codes, if they are some. Where a business has `custom` rules, their reasons are codes too, and
        only the rules know them. Raises Invalid."""
        for index, code in enumerate(self.codes):
            if code not in CODES and (not custom or code in frozenset[str](Reason)):
                raise Invalid(f"/override/{index}", "must be one of " + ", ".join(sorted(CODES)))
        if self.codes and not self.reason:
            raise Invalid("/reason", "must say why rules are passed over")
        return frozenset(self.codes)


NOTHING = Override()
