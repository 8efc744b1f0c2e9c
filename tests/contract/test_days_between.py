"""`Days`: the days of a resource that a stretch of time touches."""

from __future__ import annotations

import pytest

from holdfast.app.writes import SaveDay
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.instants import DAY, HOUR, MINUTE, NEVER, Instant
from holdfast.domain.place import DayKey, Window, pool_of
from tests.support.builders import BUSINESS, NOW, RESOURCE, a_slot
from tests.support.clouds import Ports

OFFSET = 60
MIDNIGHT: Instant = NOW - 10 * HOUR
"""Of 12 June on the ledger calendar."""


def _put(ports: Ports, day: str, *, resource: str = RESOURCE, business: str = BUSINESS) -> Day:
    made = Day(
        DayKey(business, resource, day),
        rev=1,
        windows={"slot": Window(0, 60)},
        claims={"who": Claim("booking", 2, NEVER, "print", Window(60, 90))},
        due=NOW,
    )
    ports.ledger.commit(SaveDay(made))
    return made


def _between(ports: Ports, start: Instant, end: Instant, resource: str = RESOURCE) -> list[Day]:
    return list(ports.days.between(BUSINESS, resource, start, end, OFFSET))


def test_days_that_are_not_there_are_left_out(ports: Ports) -> None:
    ports.put(a_slot())
    assert _between(ports, NOW, NOW + 90 * DAY) == []


def test_days_come_as_they_were_written_by_date_over_months_and_years(ports: Ports) -> None:
    days = [_put(ports, day) for day in ("2027-01-01", "2026-06-12", "2026-06-30", "2026-07-01")]
    _put(ports, "2026-06-11")
    _put(ports, "2027-01-02")
    _put(ports, "2026-06-12", resource="stand-2")
    _put(ports, "2026-06-12", business="boats")
    ports.put(a_slot(start=NOW + HOUR))
    first, *others = sorted(days, key=lambda day: day.key)
    assert _between(ports, MIDNIGHT, MIDNIGHT + 204 * DAY) == [first, *others]


@pytest.mark.parametrize(
    ("start", "end", "touched"),
    [
        (MIDNIGHT, MIDNIGHT + DAY, True),
        (MIDNIGHT - MINUTE, MIDNIGHT + MINUTE, True),
        (MIDNIGHT + DAY - MINUTE, MIDNIGHT + DAY, True),
        (MIDNIGHT - DAY, MIDNIGHT, False),
        (MIDNIGHT + DAY, MIDNIGHT + 2 * DAY, False),
        (MIDNIGHT + HOUR, MIDNIGHT + HOUR, False),
        (MIDNIGHT + HOUR, MIDNIGHT, False),
    ],
)
def test_a_stretch_touches_whole_days_of_the_ledger(
    ports: Ports, start: Instant, end: Instant, *, touched: bool
) -> None:
    day = _put(ports, "2026-06-12")
    assert _between(ports, start, end) == ([day] if touched else [])


def test_the_pool_of_a_service_has_days_too(ports: Ports) -> None:
    day = _put(ports, "2026-06-12", resource=pool_of("repair"))
    assert _between(ports, NOW, NOW + 1, pool_of("repair")) == [day]
