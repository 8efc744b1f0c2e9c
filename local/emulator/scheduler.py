"""Patch `scheduler`: EventBridge Scheduler fires on time, in its zone, and again when told anew.

MiniStack looks every 10 s, reads every time as UTC, never fires a one-time schedule's name a second time
(also not when it was updated or made anew), and delivers `<aws.scheduler.*>` in an input as it stands.
AWS fires within the minute, in the schedule's zone, fires what was updated or made anew, and fills those
in.
Here MiniStack's ticker calls our tick each second. Still not done: flexible windows, retries, dead-letter
queues.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ministack.core.concurrency import spawn_background
from ministack.core.responses import new_uuid, request_scope
from ministack.services import eventbridge, scheduler

from local.emulator.settings import Settings

_TICK_SECONDS = 1
_SHORTEST_RATE_SECONDS = 60

# (account, region, "group/name"), as MiniStack keys its schedules.
_Key = tuple[str, str, str]


@dataclass(frozen=True)
class _Firing:
    """A schedule's last firing, valid while the schedule is not changed."""

    armed: tuple[str, float]
    due: float


_last_firings: dict[_Key, _Firing] = {}


def apply(settings: Settings) -> None:
    scheduler._SCHEDULE_TICK_INTERVAL = _TICK_SECONDS
    scheduler._tick_schedules = _tick


def _tick() -> None:
    now = time.time()
    schedules: dict[_Key, dict[str, Any]] = dict(scheduler._schedules._data)
    for gone in set(_last_firings) - set(schedules):
        del _last_firings[gone]
    for key, schedule in schedules.items():
        if schedule["State"] != "ENABLED":
            continue
        if _is_over(schedule, now):
            _complete(key, schedule)
            continue
        armed = (schedule["ScheduleExpression"], schedule["LastModificationDate"])
        last = _last_firings.get(key)
        due = _due(schedule, last.due if last is not None and last.armed == armed else None)
        if due is None or now < due or now < (scheduler._to_epoch(schedule.get("StartDate")) or 0):
            continue
        _last_firings[key] = _Firing(armed, due)
        with request_scope(key[0], key[1]):  # the thread inherits it
            spawn_background(_fire, schedule, due, key[0], key[1], thread_name="holdfast-schedule")
        if schedule["ScheduleExpression"].strip().startswith("at("):
            _complete(key, schedule)


def _is_over(schedule: Mapping[str, Any], now: float) -> bool:
    end = scheduler._to_epoch(schedule.get("EndDate"))
    return end is not None and now > end


def _complete(key: _Key, schedule: Mapping[str, Any]) -> None:
    if schedule.get("ActionAfterCompletion") == "DELETE":
        with request_scope(key[0], key[1]):
            scheduler._schedules.pop(key[2], None)
            scheduler._tags.pop(schedule["Arn"], None)


def _due(schedule: Mapping[str, Any], last_due: float | None) -> float | None:
    """When the schedule must fire next, as an epoch; None if never (a fired at(), or nonsense)."""
    expression = schedule["ScheduleExpression"].strip()
    try:
        zone = ZoneInfo(schedule.get("ScheduleExpressionTimezone") or "UTC")
    except ZoneInfoNotFoundError:
        return None  # AWS refuses it when the schedule is made; MiniStack does not
    if expression.startswith("at("):
        return None if last_due is not None else _wall_clock(expression[3:-1], zone)
    interval: int | None = eventbridge._parse_rate_seconds(expression)
    if interval is not None:
        return float(last_due or schedule["CreationDate"]) + max(interval, _SHORTEST_RATE_SECONDS)
    fields = eventbridge._parse_cron_fields(expression)
    if fields is None:
        return None
    # MiniStack's cron walks in UTC: give it the zone's wall clock as UTC, and read the answer back.
    after = datetime.fromtimestamp(last_due or schedule["LastModificationDate"], zone).replace(tzinfo=UTC)
    next_on_the_wall = eventbridge._cron_next_fire(fields, after)
    return None if next_on_the_wall is None else float(next_on_the_wall.replace(tzinfo=zone).timestamp())


def _wall_clock(text: str, zone: ZoneInfo) -> float | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()
    except ValueError:
        return None


def _fire(schedule: Mapping[str, Any], due: float, account: str, region: str) -> None:
    target = dict(schedule["Target"])
    if "Input" in target:
        target["Input"] = _fill_in(target["Input"], schedule["Arn"], due)
    event = {
        "EventId": new_uuid(),
        "Source": "aws.scheduler",
        "DetailType": "Scheduled Event",
        "Detail": "{}",
        "Time": time.time(),
        "Resources": [schedule["Arn"]],
        "Account": account,
        "Region": region,
    }
    eventbridge._invoke_target(target, event, schedule)


def _fill_in(text: str, schedule_arn: str, due: float) -> str:
    attributes = {
        "schedule-arn": schedule_arn,
        "scheduled-time": datetime.fromtimestamp(due, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "execution-id": new_uuid(),
        "attempt-number": "1",
    }
    for name, value in attributes.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text
