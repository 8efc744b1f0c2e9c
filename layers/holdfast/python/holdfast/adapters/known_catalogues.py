"""The `Catalogues` port: whole catalogues, kept by this process and told apart by their revision (AVAIL-6).

A change by an admin raises the revision in the same transaction, so what is kept under the revision that was
just read is what is there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple, Protocol

from holdfast.domain.availability import CustomRule
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.closures import Closure

FRESH_FOR = 300.0
RECENT_FOR = 60.0
"""Seconds."""

MOST_KEPT = 100
"""Businesses. One function seldom sees more within five minutes; then all are read anew."""

type National = Callable[[str, str | None, int, int], Sequence[Closure]]
"""The holidays of a country and its subdivision, from one year to another, both included."""


class Source(Protocol):
    """Where catalogues stand, with own holidays only and without rules of plugins."""

    def revision(self, business_id: str) -> int:
        """0 where nothing has changed since it was made, or there is none."""

    def catalogue(self, business_id: str, revision: int) -> Catalogue | None:
        """As it is now, under a revision that was read before."""


class _Kept(NamedTuple):
    """A catalogue, when it was read, and when its revision was last looked at."""

    catalogue: Catalogue
    read_at: float
    looked_at: float


class KnownCatalogues:
    def __init__(
        self,
        source: Source,
        *,
        national: National,
        custom: Callable[[str], Sequence[CustomRule]],
        today: Callable[[], date],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`today` is UTC's: whole years of national holidays are read, from the last one on."""
        self._source = source
        self._national = national
        self._custom = custom
        self._today = today
        self._monotonic = monotonic
        self._kept: dict[str, _Kept] = {}

    def known(self, business_id: str) -> Catalogue | None:
        return self._fresh(business_id) or self.current(business_id)

    def recent(self, business_id: str) -> Catalogue | None:
        kept = self._kept.get(business_id)
        is_recent = kept is not None and self._monotonic() - kept.looked_at < RECENT_FOR
        return self.known(business_id) if is_recent else self.current(business_id)

    def current(self, business_id: str) -> Catalogue | None:
        now = self._monotonic()
        found = self.of_revision(business_id, self._source.revision(business_id))
        if found:
            self._kept[business_id] = self._kept[business_id]._replace(looked_at=now)
        return found

    def of_revision(self, business_id: str, revision: int) -> Catalogue | None:
        kept = self._fresh(business_id)
        return kept if kept and kept.revision >= revision else self._read(business_id, revision)

    def _fresh(self, business_id: str) -> Catalogue | None:
        kept = self._kept.get(business_id)
        return kept.catalogue if kept and self._monotonic() - kept.read_at <= FRESH_FOR else None

    def _read(self, business_id: str, revision: int) -> Catalogue | None:
        """The revision was read first: what is read under it is of that one or a later one, which the next
        look at the revision will tell."""
        read_at = self._monotonic()
        stored = self._source.catalogue(business_id, revision)
        if stored is None:
            self._kept.pop(business_id, None)
            return None
        whole = replace(
            stored,
            closures=(*stored.closures, *self._national_of(stored)),
            custom=tuple(self._custom(business_id)),
        )
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[business_id] = _Kept(whole, read_at, looked_at=read_at)
        return whole

    def _national_of(self, catalogue: Catalogue) -> Sequence[Closure]:
        calendar = catalogue.business.settings.get("holidays")
        if calendar is None:
            return ()
        today = self._today()
        last = today + timedelta(days=catalogue.days_ahead + 1)
        return self._national(calendar["country"], calendar.get("subdivision"), today.year - 1, last.year)
