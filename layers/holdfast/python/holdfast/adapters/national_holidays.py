"""The `Calendars` port over the `holidays` library, which is imported when a business first asks for it: it
brings modules of some two hundred countries."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from holdfast.domain.closures import Closure, ClosureKind
from holdfast.domain.errors import Invalid

MOST_KEPT = 256
"""Calendars, of some years each."""


class NationalHolidays:
    def require(self, country: str, subdivision: str | None) -> None:
        if not _is_known(country, None):
            raise Invalid("/holidays/country", "is no country whose holidays are known")
        if subdivision is not None and not _is_known(country, subdivision):
            raise Invalid("/holidays/subdivision", f"is no subdivision of {country} with holidays of its own")

    def closures(
        self, country: str, subdivision: str | None, first_year: int, last_year: int
    ) -> Sequence[Closure]:
        """By date. A calendar that the library has dropped since it was chosen closes nothing."""
        return _closures(country, subdivision, first_year, last_year)


def _is_known(country: str, subdivision: str | None) -> bool:
    from holidays import country_holidays

    try:
        country_holidays(country, subdiv=subdivision)
    except NotImplementedError:
        return False
    return True


@lru_cache(maxsize=MOST_KEPT)
def _closures(country: str, subdivision: str | None, first: int, last: int) -> Sequence[Closure]:
    from holidays import country_holidays

    if not _is_known(country, subdivision):
        return ()
    days = country_holidays(country, subdiv=subdivision, years=range(first, last + 1))
    return tuple(
        Closure(first=day, last=day, kind=ClosureKind.PUBLIC, name=name) for day, name in sorted(days.items())
    )
