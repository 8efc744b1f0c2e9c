"""Closures: from the contract's shape, once or every year, over the new year and on 29 February (AVAIL-3)."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from holdfast.domain.closures import Closure, ClosureKind
from holdfast.domain.errors import Invalid
from holdfast.domain.hours import day_span

BERLIN = ZoneInfo("Europe/Berlin")
CHRISTMAS = {"holidayId": "x", "date": "2024-12-25", "name": "Christmas Day", "kind": "public"}


def closed_days(closure: Closure, first: str, last: str) -> list[str]:
    """Those from the first to the last that it closes."""
    since, until = date.fromisoformat(first), date.fromisoformat(last)
    asked = day_span(BERLIN, since.toordinal(), until.toordinal())
    spans = list(closure.between(*asked, BERLIN))
    days = [since + timedelta(days=number) for number in range((until - since).days + 1)]
    wholes = [(day, day_span(BERLIN, day.toordinal(), day.toordinal())) for day in days]
    found = {day for day, (begins, ends) in wholes for span in spans if span[0] <= begins and ends <= span[1]}
    assert all(begins >= span[1] or ends <= span[0] for day, (begins, ends) in wholes if day not in found
               for span in spans)  # fmt: skip
    return [day.isoformat() for day in sorted(found)]


def test_a_holiday_is_read_as_the_contract_shapes_it() -> None:
    day = date(2024, 12, 25)
    assert Closure.of(CHRISTMAS) == Closure(first=day, last=day, name="Christmas Day")
    shaped = {
        **CHRISTMAS,
        "endDate": "2024-12-26",
        "kind": "maintenance",
        "yearly": True,
        "resourceIds": ["chair-1"],
    }
    assert Closure.of(shaped) == Closure(
        first=day,
        last=date(2024, 12, 26),
        kind=ClosureKind.MAINTENANCE,
        name="Christmas Day",
        yearly=True,
        resources=frozenset({"chair-1"}),
    )


def test_it_closes_all_resources_or_those_it_names() -> None:
    assert Closure.of(CHRISTMAS).closes("chair-1")
    some = Closure.of({**CHRISTMAS, "resourceIds": ["chair-1"]})
    assert (some.closes("chair-1"), some.closes("chair-2")) == (True, False)


@pytest.mark.parametrize(
    "given",
    [
        {"endDate": "2024-12-24"},
        {"endDate": "2025-12-25", "yearly": True},
        {"date": "2024-02-29", "endDate": "2025-02-28", "yearly": True},
    ],
)
def test_one_that_ends_before_it_begins_or_meets_itself_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refused:
        Closure.of({**CHRISTMAS, **given})
    assert [error["pointer"] for error in refused.value.facts["errors"]] == ["/endDate"]  # type: ignore[attr-defined]


def test_without_yearly_it_comes_once() -> None:
    closure = Closure.of({**CHRISTMAS, "endDate": "2024-12-26"})
    assert closed_days(closure, "2024-12-20", "2024-12-31") == ["2024-12-25", "2024-12-26"]
    assert closed_days(closure, "2025-12-20", "2025-12-31") == []


def test_a_yearly_one_comes_back_from_its_first_year_on() -> None:
    closure = Closure.of({**CHRISTMAS, "yearly": True})
    assert closed_days(closure, "2023-12-01", "2026-12-31") == ["2024-12-25", "2025-12-25", "2026-12-25"]


def test_a_yearly_one_may_last_over_the_new_year() -> None:
    closure = Closure.of({**CHRISTMAS, "date": "2024-12-31", "endDate": "2025-01-02", "yearly": True})
    assert closed_days(closure, "2026-12-30", "2027-01-05") == ["2026-12-31", "2027-01-01", "2027-01-02"]
    assert closed_days(closure, "2027-01-02", "2027-01-03") == ["2027-01-02"]
    assert closed_days(closure, "2024-01-01", "2024-01-03") == []


def test_what_comes_back_on_29_february_is_the_28th_in_other_years() -> None:
    closure = Closure.of({**CHRISTMAS, "date": "2024-02-29", "yearly": True})
    assert closed_days(closure, "2024-02-01", "2024-03-31") == ["2024-02-29"]
    assert closed_days(closure, "2025-02-01", "2025-03-31") == ["2025-02-28"]
    assert closed_days(closure, "2028-02-01", "2028-03-31") == ["2028-02-29"]


def test_a_closed_day_is_as_long_as_the_clock_makes_it() -> None:
    closure = Closure(first=date(2026, 3, 29), last=date(2026, 3, 29))
    ((begins, ends),) = closure.between(*day_span(BERLIN, *(date(2026, 3, 29).toordinal(),) * 2), BERLIN)
    assert ends - begins == 23 * 60
