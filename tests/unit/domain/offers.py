"""Rules and instants for the tests of the evaluator, and what it offers as texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from holdfast.domain.availability import Evaluation, Rules, Snapshot, Verdict, verdict
from holdfast.domain.hours import Week
from holdfast.domain.instants import DAY, MINUTE, Instant, from_datetime, to_datetime
from holdfast.domain.occupancy import Occupied
from holdfast.domain.schedule import WEEKDAYS

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = "2026-06-15"


def week(*intervals: tuple[str, str], days: Iterable[str] = WEEKDAYS) -> Week:
    return Week.of_hours({day: [{"from": since, "to": upto} for since, upto in intervals] for day in days})


def pauses(*intervals: tuple[str, str], days: Iterable[str] = WEEKDAYS) -> Week:
    return Week.of_breaks([{"weekdays": list(days), "from": since, "to": upto} for since, upto in intervals])


def some_rules(**members: Any) -> Rules:
    """From nine to noon every day, half an hour each, one after the other."""
    duration = members.setdefault("duration", 30)
    before, after = members.get("before", 0), members.get("after", 0)
    members.setdefault("stride", duration + before + after)
    members.setdefault("shortest", duration)
    members.setdefault("longest", duration)
    usual: dict[str, Any] = {
        "service": "cut",
        "resource": "chair-1",
        "zone": BERLIN,
        "hours": week(("09:00", "12:00")),
        "breaks": pauses(),
        "advance_days": 3650,
    }
    return Rules(**usual | members)


def instant(text: str, zone: ZoneInfo = BERLIN) -> Instant:
    """Of a text with an offset; without one, on the zone's clock."""
    moment = datetime.fromisoformat(text)
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def taken(since: str, upto: str, units: int = 1, **members: Any) -> Occupied:
    """On Monday."""
    start, end = (instant(f"{MONDAY} {time}") // MINUTE for time in (since, upto))
    return Occupied(start, end, units, **members)


def snapshot(rules: Rules, *, now: str | Instant = "2026-06-01", **members: Any) -> Snapshot:
    at = instant(now, ZoneInfo(str(rules.zone))) if isinstance(now, str) else now
    return Snapshot(rules=rules, now=at, **members)


def offered(of: Snapshot, day: str = MONDAY, *, days: int = 1, **wanted: Any) -> list[str]:
    """The offered starts of those local days, as `HH:MM` there."""
    return [each[11:16] for each in offered_at(of, day, days=days, **wanted)]


def offered_at(of: Snapshot, day: str, *, days: int = 1, **wanted: Any) -> list[str]:
    """As full texts with their offset."""
    zone = ZoneInfo(str(of.rules.zone))
    since = instant(day, zone)
    return texts(Evaluation(of, since, since + days * DAY, **wanted), zone)


def texts(instants: Iterable[Instant], zone: ZoneInfo = BERLIN) -> list[str]:
    return [to_datetime(each, zone).isoformat(timespec="minutes") for each in instants]


def verdict_at(of: Snapshot, minute: int, duration: int, units: int) -> Verdict:
    return verdict(of, minute * MINUTE, (minute + duration) * MINUTE, units=units)


def judged(of: Snapshot, start: str, end: str | None = None, **wanted: Any) -> Verdict:
    """Of a start on Monday, `HH:MM`."""
    upto = None if end is None else instant(f"{MONDAY} {end}")
    return verdict(of, instant(f"{MONDAY} {start}"), upto, **wanted)


def reasons(of: Snapshot, start: str, end: str | None = None, **wanted: Any) -> Sequence[str]:
    return judged(of, start, end, **wanted).reasons
