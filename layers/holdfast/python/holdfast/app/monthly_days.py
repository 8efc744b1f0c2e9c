"""The days of resources read month by month, each month of a resource at most once (DESIGN 2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from holdfast.app.ports import Days
from holdfast.domain.business import Business
from holdfast.domain.day import Day
from holdfast.domain.instants import Instant
from holdfast.domain.place import DayKey, ledger_date


class MonthlyDays:
    """Of `[since, until)`, as far as they are asked for; `reads` counts the queries."""

    def __init__(self, days: Days, business: Business, since: Instant, until: Instant) -> None:
        self.found: list[Day] = []
        self._days, self._business = days, business
        self._since, self._until = since, until
        self._read: set[tuple[str, Instant]] = set()

    @property
    def reads(self) -> int:
        return len(self._read)

    def read(self, ledgers: Iterable[str], since: Instant, until: Instant) -> None:
        """Let `found` have the months that `[since, until)` touches."""
        business = self._business
        for ledger in ledgers:
            for begins, ends in months(since, until, business.ledger_offset):
                if (ledger, begins) not in self._read:
                    self._read.add((ledger, begins))
                    first, last = max(begins, self._since), min(ends, self._until)
                    self.found += self._days.between(business.id, ledger, first, last, business.ledger_offset)


def months(since: Instant, until: Instant, ledger_offset: int) -> Iterator[tuple[Instant, Instant]]:
    """The months of the ledger calendar that `[since, until)` touches, whole."""
    first = ledger_date(since, ledger_offset)
    number = first.year * 12 + first.month - 1
    begins = _month_begins(number, ledger_offset)
    while since < until and begins < until:
        number += 1
        ends = _month_begins(number, ledger_offset)
        yield begins, ends
        begins = ends


def _month_begins(number: int, ledger_offset: int) -> Instant:
    return DayKey("", "", f"{number // 12:04d}-{number % 12 + 1:02d}-01").begins(ledger_offset)
