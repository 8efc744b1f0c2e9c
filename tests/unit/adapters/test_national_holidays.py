"""National holidays as closures, by country and region (AVAIL-3)."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from holdfast.adapters.national_holidays import NationalHolidays
from holdfast.domain.closures import ClosureKind
from holdfast.domain.errors import Invalid

CALENDARS = NationalHolidays()


def _days(country: str, subdivision: str | None, *years: int) -> dict[date, str]:
    closures = CALENDARS.closures(country, subdivision, years[0], years[-1])
    assert all(each.first == each.last and each.kind is ClosureKind.PUBLIC for each in closures)
    assert all(not each.yearly and each.resources is None for each in closures)
    return {each.first: each.name for each in closures}


@pytest.mark.parametrize(
    ("country", "subdivision", "day"),
    [
        ("DE", None, date(2026, 10, 3)),
        ("DE", "BY", date(2026, 11, 1)),
        ("AT", None, date(2026, 10, 26)),
        ("US", None, date(2026, 7, 4)),
        ("GB", "SCT", date(2026, 11, 30)),
        ("KR", None, date(2026, 8, 15)),
    ],
)
def test_a_country_closes_on_its_days(country: str, subdivision: str | None, day: date) -> None:
    CALENDARS.require(country, subdivision)
    assert day in _days(country, subdivision, 2026)


def test_a_region_closes_where_the_country_does_not() -> None:
    assert date(2026, 11, 1) not in _days("DE", None, 2026)
    assert date(2026, 11, 1) in _days("DE", "BY", 2026)


def test_all_years_are_there_by_date_and_no_other() -> None:
    days = _days("DE", None, 2025, 2027)
    assert list(days) == sorted(days)
    assert {day.year for day in days} == {2025, 2026, 2027}
    assert days[date(2027, 1, 1)] == "Neujahr"


@pytest.mark.parametrize(
    ("country", "subdivision", "pointer"),
    [
        ("XX", None, "/holidays/country"),
        ("XX", "BY", "/holidays/country"),
        ("DE", "ZZ", "/holidays/subdivision"),
    ],
)
def test_what_is_not_known_is_refused(country: str, subdivision: str | None, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        CALENDARS.require(country, subdivision)
    assert refused.value.facts["errors"][0]["pointer"] == pointer  # type: ignore[index]
    assert CALENDARS.closures(country, subdivision, 2026, 2026) == ()


def test_the_library_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, holdfast.bootstrap; print('holidays' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
