"""A recurrence rule (RFC 5545) read on a business's wall clock: the starts of a series (BOOK-13)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import MAXYEAR, UTC, datetime, timedelta, tzinfo
from itertools import islice, takewhile

from holdfast.domain.errors import Invalid
from holdfast.domain.hours import at
from holdfast.domain.instants import MINUTE, Instant, from_datetime, to_datetime

MOST_OCCURRENCES = 52
LONGEST_RULE = 256
MOST_YEARS = 10
"""Nobody books further ahead, and a rule that hardly ever comes true must not be searched for ever."""

_CYCLE_YEARS = 400
"""After so many the calendar comes back to the weekday."""


def _some_of(one: str) -> str:
    return f"(?:{one})(?:,(?:{one}))*"


_WEEKDAY = "(?:MO|TU|WE|TH|FR|SA|SU)"
_IN_A_YEAR = r"[+-]?(?:[1-9]\d?|[12]\d\d|3[0-5]\d|36[0-6])"
_PARTS = {
    "FREQ": "DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9]\d{0,2}",
    "COUNT": r"[1-9]\d{0,3}",
    "UNTIL": r"\d{8}(?:T\d{6}Z?)?",
    "WKST": _WEEKDAY,
    "BYDAY": _some_of(f"(?:[+-]?[1-5])?{_WEEKDAY}"),
    "BYMONTH": _some_of("[1-9]|1[0-2]"),
    "BYMONTHDAY": _some_of(r"[+-]?(?:[1-9]|[12]\d|3[01])"),
    "BYWEEKNO": _some_of(r"[+-]?(?:[1-9]|[1-4]\d|5[0-3])"),
    "BYYEARDAY": _some_of(_IN_A_YEAR),
    "BYSETPOS": _some_of(_IN_A_YEAR),
}
"""What each part may say, in the ranges that dateutil can bear."""

type _Occurrence = tuple[datetime, Instant]
"""On the wall clock, and in time."""

_OF_THE_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
_OFTEN_A_DAY = ("HOURLY", "MINUTELY", "SECONDLY")
_OF_A_LONGER_PERIOD = ("BYYEARDAY", "BYWEEKNO", "BYSETPOS")


def occurrences(
    rule: str, start: Instant, zone: tzinfo, *, most: int = MOST_OCCURRENCES
) -> Sequence[Instant]:
    """Starts by the rule, `start` being the first, each at its time of the day on the zone's clock.

    A time that the clock leaves out is the moment of its change, of one that it shows twice the first counts
    (ADR 0050). The rule must end by COUNT or UNTIL, in years that can be booked. Raises Invalid.
    """
    if start % MINUTE:
        raise Invalid("/start", "must be a whole minute")
    parts = _read(rule)
    count, until = int(parts.pop("COUNT", most + 1)), parts.pop("UNTIL", None)
    first = to_datetime(start, zone).replace(tzinfo=None, fold=0)
    ends = first + timedelta(days=366 * MOST_YEARS)
    walls = ((wall, _instant(wall, zone)) for wall in _walls(parts, first, ends))
    found = list(islice(takewhile(_within(until, ends), walls), min(count, most + 1)))
    if not found or found[0][0] != first:
        raise _invalid("must have the start as its first occurrence")
    if len(found) > most:
        raise _invalid(f"makes more than {most} occurrences")
    if len(found) < count <= most:
        raise _invalid(f"must end within {MOST_YEARS} years")
    return [start, *(instant for _, instant in found[1:])]


def _read(rule: str) -> dict[str, str]:
    """Its parts by name, each well-formed by itself and allowed beside the others."""
    if len(rule) > LONGEST_RULE:
        raise _invalid(f"must have at most {LONGEST_RULE} characters")
    parts: dict[str, str] = {}
    for part in rule.upper().removeprefix("RRULE:").split(";"):
        name, _, value = part.partition("=")
        if name in _OF_THE_DAY:
            raise _invalid(f"cannot have {name}: the start tells the time of the day")
        if name == "FREQ" and value in _OFTEN_A_DAY:
            raise _invalid(f"cannot be {value}: it comes true once a day at most")
        if name not in _PARTS:
            raise _invalid(f"must be parts such as FREQ=WEEKLY, of {', '.join(_PARTS)}")
        if name in parts:
            raise _invalid(f"has {name} twice")
        if not re.fullmatch(_PARTS[name], value, re.ASCII):
            raise _invalid(f"has no such {name}")
        parts[name] = value
    _check(parts)
    return parts


def _check(parts: Mapping[str, str]) -> None:
    if "FREQ" not in parts:
        raise _invalid("must have FREQ")
    if ("COUNT" in parts) == ("UNTIL" in parts):
        raise _invalid("must have either COUNT or UNTIL")
    if parts["FREQ"] in ("DAILY", "WEEKLY"):
        if named := [name for name in _OF_A_LONGER_PERIOD if name in parts]:
            raise _invalid(f"cannot have {named[0]} with FREQ={parts['FREQ']}")
        if re.search(r"\d", parts.get("BYDAY", "")):
            raise _invalid(f"cannot have numbers in BYDAY with FREQ={parts['FREQ']}")


def _within(until: str | None, ends: datetime) -> Callable[[_Occurrence], bool]:
    """Whether an occurrence is not after the day, local time or instant that UNTIL names."""
    if until is None:
        return lambda _: True
    form = {8: "%Y%m%d", 15: "%Y%m%dT%H%M%S", 16: "%Y%m%dT%H%M%SZ"}[len(until)]
    try:
        last = datetime.strptime(until, form)
    except ValueError:
        raise _invalid("has no such UNTIL") from None
    if last > ends:
        raise _invalid(f"must end within {MOST_YEARS} years")
    if until.endswith("Z"):
        return lambda each: each[1] <= from_datetime(last.replace(tzinfo=UTC))
    if len(until) == 8:
        last += timedelta(days=1, microseconds=-1)
    return lambda each: each[0] <= last


def _instant(wall: datetime, zone: tzinfo) -> Instant:
    return at(zone, wall.toordinal(), wall.hour * 60 + wall.minute) * MINUTE


def _walls(parts: Mapping[str, str], first: datetime, ends: datetime) -> Iterator[datetime]:
    """What comes true on the wall clock before it ends.

    Where nothing comes true dateutil looks on to the end of the calendar (9 s of CPU), so it is asked in the
    calendar's last cycle.
    """
    from dateutil.rrule import rrulestr  # needed by series alone, and slow to import

    later = (MAXYEAR - MOST_YEARS - 2 - first.year) // _CYCLE_YEARS * _CYCLE_YEARS
    rule = ";".join(f"{name}={value}" for name, value in parts.items())
    for wall in rrulestr(rule, dtstart=first.replace(year=first.year + later)):
        this = wall.replace(year=wall.year - later)
        if this > ends:
            return
        yield this


def _invalid(detail: str) -> Invalid:
    return Invalid("/rrule", detail)
