"""Recurrence rules on the wall clock: what RFC 5545 says, over changes of the clock, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from holdfast.app.recurrence import MOST_OCCURRENCES, MOST_YEARS, occurrences
from holdfast.domain.errors import Invalid
from holdfast.domain.instants import MINUTE, from_datetime, to_datetime
from tests.unit.domain.clocks import CHANGES, first_shown
from tests.unit.domain.offers import instant

UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")


def expanded(rule: str, start: str, zone: str = "Europe/Berlin", most: int = MOST_OCCURRENCES) -> list[str]:
    """As `YYYY-MM-DD HH:MM±HH:MM` on the zone's clock."""
    clock = ZoneInfo(zone)
    found = occurrences(rule, instant(start, clock), clock, most=most)
    return [to_datetime(each, clock).isoformat(" ", "minutes") for each in found]


def days(rule: str, start: str) -> list[str]:
    """The days of occurrences that all keep the time of the start."""
    found = occurrences(rule, instant(f"{start} 09:00", UTC), UTC)
    assert all(each % (24 * 60 * MINUTE) == 9 * 60 * MINUTE for each in found)
    return [to_datetime(each).date().isoformat() for each in found]


def refused(rule: str, start: str = "2026-06-01 09:00") -> str:
    """With what detail; 1 June 2026 is a Monday."""
    with pytest.raises(Invalid) as caught:
        occurrences(rule, instant(start, UTC), UTC)
    error = caught.value.facts["errors"][0]  # type: ignore[index]
    assert error["pointer"] == "/rrule"
    return str(error["detail"])


@pytest.mark.parametrize(
    ("rule", "start", "found"),
    [
        ("FREQ=DAILY;COUNT=3", "2026-06-01", ["2026-06-01", "2026-06-02", "2026-06-03"]),
        ("RRULE:FREQ=DAILY;COUNT=1", "2026-06-01", ["2026-06-01"]),
        ("freq=weekly;count=2;byday=mo", "2026-06-01", ["2026-06-01", "2026-06-08"]),
        ("FREQ=DAILY;INTERVAL=10;UNTIL=20260621", "2026-06-01", ["2026-06-01", "2026-06-11", "2026-06-21"]),
        (
            "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,TH;COUNT=4",
            "1997-09-02",
            ["1997-09-02", "1997-09-04", "1997-09-16", "1997-09-18"],
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
            "1997-08-05",
            ["1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"],
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
            "1997-08-05",
            ["1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"],
        ),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=1FR", "1997-09-05", ["1997-09-05", "1997-10-03", "1997-11-07"]),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=-2MO", "1997-09-22", ["1997-09-22", "1997-10-20", "1997-11-17"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=3", "1997-09-28", ["1997-09-28", "1997-10-29", "1997-11-28"]),
        ("FREQ=MONTHLY;COUNT=3", "2027-01-31", ["2027-01-31", "2027-03-31", "2027-05-31"]),
        (
            "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
            "1997-09-04",
            ["1997-09-04", "1997-10-07", "1997-11-06"],
        ),
        ("FREQ=YEARLY;COUNT=2", "2028-02-29", ["2028-02-29", "2032-02-29"]),
        ("FREQ=YEARLY;COUNT=3;BYMONTH=6,7", "1997-06-10", ["1997-06-10", "1997-07-10", "1998-06-10"]),
        ("FREQ=YEARLY;COUNT=2;BYYEARDAY=1", "2027-01-01", ["2027-01-01", "2028-01-01"]),
        ("FREQ=YEARLY;COUNT=2;BYWEEKNO=20;BYDAY=MO", "1997-05-12", ["1997-05-12", "1998-05-11"]),
    ],
)
def test_rules_come_true_as_the_rfc_has_it(rule: str, start: str, found: Sequence[str]) -> None:
    assert days(rule, start) == found


@pytest.mark.parametrize(
    ("zone", "rule", "start", "found"),
    [
        (
            "Europe/Berlin",
            "FREQ=WEEKLY;COUNT=3",
            "2026-03-22 02:30",
            ["2026-03-22 02:30+01:00", "2026-03-29 03:00+02:00", "2026-04-05 02:30+02:00"],
        ),
        (
            "Europe/Berlin",
            "FREQ=WEEKLY;COUNT=3",
            "2026-10-18 02:30",
            ["2026-10-18 02:30+02:00", "2026-10-25 02:30+02:00", "2026-11-01 02:30+01:00"],
        ),
        (
            "Europe/London",
            "FREQ=DAILY;COUNT=3",
            "2026-03-28 01:30",
            ["2026-03-28 01:30+00:00", "2026-03-29 02:00+01:00", "2026-03-30 01:30+01:00"],
        ),
        (
            "America/New_York",
            "FREQ=MONTHLY;BYDAY=1SU;COUNT=3",
            "2026-10-04 01:30",
            ["2026-10-04 01:30-04:00", "2026-11-01 01:30-04:00", "2026-12-06 01:30-05:00"],
        ),
        (
            "Australia/Lord_Howe",
            "FREQ=DAILY;COUNT=3",
            "2026-10-03 02:15",
            ["2026-10-03 02:15+10:30", "2026-10-04 02:30+11:00", "2026-10-05 02:15+11:00"],
        ),
        (
            "Pacific/Chatham",
            "FREQ=DAILY;COUNT=3",
            "2026-04-04 03:00",
            ["2026-04-04 03:00+13:45", "2026-04-05 03:00+13:45", "2026-04-06 03:00+12:45"],
        ),
        (
            "Pacific/Apia",
            "FREQ=DAILY;COUNT=3",
            "2011-12-29 08:00",
            ["2011-12-29 08:00-10:00", "2011-12-31 00:00+14:00", "2011-12-31 08:00+14:00"],
        ),
        (
            "Africa/Casablanca",
            "FREQ=WEEKLY;COUNT=3",
            "2026-03-15 02:30",
            ["2026-03-15 02:30+00:00", "2026-03-22 03:00+01:00", "2026-03-29 02:30+01:00"],
        ),
        (
            "Asia/Kolkata",
            "FREQ=WEEKLY;COUNT=2",
            "2026-03-29 02:30",
            ["2026-03-29 02:30+05:30", "2026-04-05 02:30+05:30"],
        ),
        (
            "Asia/Seoul",
            "FREQ=DAILY;COUNT=2",
            "2026-03-29 02:30",
            ["2026-03-29 02:30+09:00", "2026-03-30 02:30+09:00"],
        ),
    ],
)
def test_the_time_of_the_day_is_kept_over_changes_of_the_clock(
    zone: str, rule: str, start: str, found: Sequence[str]
) -> None:
    assert expanded(rule, start, zone) == found


@given(st.sampled_from(CHANGES), st.integers(0, 24 * 60 - 1))
def test_each_occurrence_is_the_first_minute_the_clock_shows(
    change: tuple[ZoneInfo, date], minutes: int
) -> None:
    zone, day = change
    begins = day - timedelta(days=1)
    start = first_shown(zone, begins, minutes, day) * MINUTE
    wall = to_datetime(start, zone)
    shown = wall.hour * 60 + wall.minute
    expected = [
        first_shown(zone, wall.date() + timedelta(days=over), shown, day) * MINUTE for over in range(1, 4)
    ]
    assert occurrences("FREQ=DAILY;COUNT=4", start, zone) == [start, *expected]


def test_a_start_in_the_second_showing_of_an_hour_stays_there() -> None:
    second = instant("2026-10-25T02:30:00+01:00")
    found = occurrences("FREQ=DAILY;COUNT=2", second, BERLIN)
    assert found == [second, instant("2026-10-26T02:30:00+01:00")]


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20260603", "2026-06-03"),
        ("20260603T090000", "2026-06-03"),
        ("20260603T085959", "2026-06-02"),
        ("20260603T070000Z", "2026-06-03"),
        ("20260603T065959Z", "2026-06-02"),
    ],
)
def test_until_is_a_whole_local_day_a_local_time_or_an_instant(until: str, last: str) -> None:
    assert expanded(f"FREQ=DAILY;UNTIL={until}", "2026-06-01 09:00")[-1] == f"{last} 09:00+02:00"


def test_until_is_an_instant_also_between_two_showings_of_an_hour() -> None:
    start = "2026-10-24 02:30"
    assert len(expanded("FREQ=DAILY;UNTIL=20261025T003000Z", start)) == 2
    assert len(expanded("FREQ=DAILY;UNTIL=20261025T011000Z", start)) == 2
    assert len(expanded("FREQ=DAILY;UNTIL=20261025T002959Z", start)) == 1


@pytest.mark.parametrize(
    ("rule", "detail"),
    [
        ("", "must be parts"),
        (" ", "must be parts"),
        ("FREQ", "has no such FREQ"),
        ("FREQ=", "has no such FREQ"),
        ("FREQ=FORTNIGHTLY;COUNT=2", "has no such FREQ"),
        ("COUNT=2", "must have FREQ"),
        ("FREQ=HOURLY;COUNT=2", "cannot be HOURLY"),
        ("FREQ=MINUTELY;COUNT=2", "cannot be MINUTELY"),
        ("FREQ=SECONDLY;COUNT=2", "cannot be SECONDLY"),
        ("FREQ=DAILY;COUNT=2;BYHOUR=9", "cannot have BYHOUR"),
        ("FREQ=DAILY;COUNT=2;BYMINUTE=0,30", "cannot have BYMINUTE"),
        ("FREQ=DAILY;COUNT=2;BYSECOND=0", "cannot have BYSECOND"),
        ("FREQ=DAILY", "either COUNT or UNTIL"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20260701", "either COUNT or UNTIL"),
        ("FREQ=DAILY;COUNT=2;COUNT=3", "has COUNT twice"),
        ("FREQ=DAILY;COUNT=2;", "must be parts"),
        ("FREQ=DAILY;COUNT=2;BYEASTER=0", "must be parts"),
        ("FREQ=DAILY;COUNT=2;X-NAME=1", "must be parts"),
        ("FREQ=DAILY;COUNT=0", "has no such COUNT"),
        ("FREQ=DAILY;COUNT=-1", "has no such COUNT"),
        ("FREQ=DAILY;COUNT=99999", "has no such COUNT"),
        ("FREQ=DAILY;COUNT=\u0662", "has no such COUNT"),
        ("FREQ=DAILY;COUNT=2;INTERVAL=0", "has no such INTERVAL"),
        ("FREQ=DAILY;COUNT=2;INTERVAL=1000", "has no such INTERVAL"),
        ("FREQ=WEEKLY;COUNT=2;BYDAY=MON", "has no such BYDAY"),
        ("FREQ=WEEKLY;COUNT=2;BYDAY=", "has no such BYDAY"),
        ("FREQ=WEEKLY;COUNT=2;BYDAY=MO,", "has no such BYDAY"),
        ("FREQ=MONTHLY;COUNT=2;BYDAY=6MO", "has no such BYDAY"),
        ("FREQ=WEEKLY;COUNT=2;BYDAY=1MO", "numbers in BYDAY"),
        ("FREQ=DAILY;COUNT=2;BYDAY=-1MO", "numbers in BYDAY"),
        ("FREQ=WEEKLY;COUNT=2;BYSETPOS=1", "cannot have BYSETPOS"),
        ("FREQ=WEEKLY;COUNT=2;BYWEEKNO=23", "cannot have BYWEEKNO"),
        ("FREQ=DAILY;COUNT=2;BYYEARDAY=152", "cannot have BYYEARDAY"),
        ("FREQ=YEARLY;COUNT=2;BYMONTH=13", "has no such BYMONTH"),
        ("FREQ=YEARLY;COUNT=2;BYMONTHDAY=32", "has no such BYMONTHDAY"),
        ("FREQ=YEARLY;COUNT=2;BYMONTHDAY=0", "has no such BYMONTHDAY"),
        ("FREQ=YEARLY;COUNT=2;BYYEARDAY=367", "has no such BYYEARDAY"),
        ("FREQ=YEARLY;COUNT=2;BYWEEKNO=54", "has no such BYWEEKNO"),
        ("FREQ=DAILY;UNTIL=20260631", "has no such UNTIL"),
        ("FREQ=DAILY;UNTIL=20260630T250000", "has no such UNTIL"),
        ("FREQ=DAILY;UNTIL=00000101", "has no such UNTIL"),
        ("FREQ=DAILY;UNTIL=2026-07-01", "has no such UNTIL"),
        ("FREQ=DAILY;COUNT=2\nRDATE:20260601", "has no such COUNT"),
        ("DTSTART:20260601T090000\nRRULE:FREQ=DAILY;COUNT=2", "must be parts"),
        ("FREQ=DAILY;COUNT=2;BYMONTH=" + ",".join(["1"] * 200), "at most 256 characters"),
    ],
)
def test_what_is_no_rule_of_ours_is_refused_with_what_is_wrong(rule: str, detail: str) -> None:
    assert detail in refused(rule)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY;COUNT=2;BYDAY=TU",
        "FREQ=DAILY;COUNT=2;BYMONTH=7",
        "FREQ=DAILY;UNTIL=20260531",
        "FREQ=DAILY;UNTIL=20260601T085959Z",
        "FREQ=MONTHLY;COUNT=2;BYDAY=2MO",
        "FREQ=YEARLY;COUNT=2;BYMONTH=2;BYMONTHDAY=30",
    ],
)
def test_the_start_is_the_first_occurrence_or_there_is_no_series(rule: str) -> None:
    assert "first occurrence" in refused(rule)


def test_it_ends_by_number_and_by_years() -> None:
    assert len(occurrences(f"FREQ=DAILY;COUNT={MOST_OCCURRENCES}", instant("2026-06-01", UTC), UTC)) == 52
    assert "more than 52" in refused("FREQ=DAILY;COUNT=53")
    assert "more than 52" in refused("FREQ=DAILY;UNTIL=20301231")
    assert f"within {MOST_YEARS} years" in refused("FREQ=YEARLY;COUNT=12")
    assert f"within {MOST_YEARS} years" in refused("FREQ=YEARLY;UNTIL=20990101")
    with pytest.raises(Invalid):
        expanded("FREQ=DAILY;COUNT=21", "2026-06-01 09:00", most=20)
    assert len(expanded("FREQ=DAILY;COUNT=20", "2026-06-01 09:00", most=20)) == 20


def test_a_start_is_a_whole_minute() -> None:
    with pytest.raises(Invalid) as caught:
        occurrences("FREQ=DAILY;COUNT=2", instant("2026-06-01T09:00:30Z"), UTC)
    assert "/start" in str(caught.value.facts)


def numbers(most: int) -> st.SearchStrategy[str]:
    one = st.builds("{}{}".format, st.sampled_from(("", "-")), st.integers(1, most))
    return st.lists(one, min_size=1, max_size=2).map(",".join)


_weekdays = st.sampled_from(("MO", "TU", "WE", "TH", "FR", "SA", "SU"))
_ordinals = st.sampled_from(("", "", "1", "-1", "5", "-5"))
_parts = st.fixed_dictionaries(
    {"FREQ": st.sampled_from(("DAILY", "WEEKLY", "MONTHLY", "YEARLY"))},
    optional={
        "INTERVAL": st.integers(1, 999).map(str),
        "WKST": _weekdays,
        "BYDAY": st.lists(st.builds("{}{}".format, _ordinals, _weekdays), min_size=1).map(",".join),
        "BYMONTH": st.lists(st.integers(1, 12).map(str), min_size=1, max_size=2).map(",".join),
        "BYMONTHDAY": numbers(31),
        "BYWEEKNO": numbers(53),
        "BYYEARDAY": numbers(366),
        "BYSETPOS": numbers(366),
    },
)


@given(_parts, st.datetimes(datetime(1998, 1, 1), datetime(2040, 1, 1)), st.integers(1, 52))
def test_it_agrees_with_dateutil_wherever_a_rule_comes_true(
    parts: dict[str, str], start: datetime, count: int
) -> None:
    rule = ";".join(f"{name}={value}" for name, value in parts.items())
    first = start.replace(second=0, microsecond=0)
    ends = first + timedelta(days=366 * MOST_YEARS)
    try:
        found = occurrences(f"{rule};COUNT={count}", from_datetime(first.replace(tzinfo=UTC)), UTC)
    except Invalid:
        return
    walls = takewhile(lambda wall: wall <= ends, rrulestr(rule, dtstart=first))
    expected = [wall for wall, _ in zip(walls, range(count), strict=False)]
    assert [to_datetime(each).replace(tzinfo=None) for each in found] == expected


@given(st.text() | st.from_regex(r"\A(RRULE:)?([A-Z]{2,10}=[A-Z0-9,+-]{0,9};?){1,5}\Z"))
def test_garbage_is_refused_and_never_more_than_that(rule: str) -> None:
    refused(rule)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYYEARDAY=1;BYSETPOS=2",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    ],
)
def test_what_never_comes_true_is_not_searched_for_to_the_end_of_time(rule: str) -> None:
    before = time.process_time()
    refused(f"{rule};COUNT=2")
    assert time.process_time() - before < 2
