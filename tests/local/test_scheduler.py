"""Patch `scheduler`: on time, in the schedule's zone, again when told anew, with its attributes filled in."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from tests.local.support import ROLE, Cloud, eventually

TOKYO, NEW_YORK, UTC = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York"), ZoneInfo("UTC")
MINISTACKS_TICK = 10


def at(moment: datetime) -> dict[str, str]:
    return {
        "ScheduleExpression": f"at({moment:%Y-%m-%dT%H:%M:%S})",
        "ScheduleExpressionTimezone": str(moment.tzinfo),
    }


def in_seconds(seconds: float, zone: ZoneInfo = UTC) -> datetime:
    return datetime.now(zone) + timedelta(seconds=seconds)


def schedule_to(queue_arn: str, text: str, when: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    target = {"Arn": queue_arn, "RoleArn": ROLE, "Input": text}
    return {"FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target, **when, **more}


def test_it_fires_within_two_seconds_in_its_own_zone_and_deletes_itself(patched: Cloud) -> None:
    scheduler, (url, arn) = patched.client("scheduler"), patched.queue()
    names = [f"probe-{uuid4().hex}" for _ in range(2)]
    far = at(in_seconds(3600, NEW_YORK))  # an hour ahead there, hours ago if read as UTC
    scheduler.create_schedule(Name=names[0], **schedule_to(arn, '"too early"', far))
    due = in_seconds(1, TOKYO)
    text = '{"at": "<aws.scheduler.scheduled-time>", "of": "<aws.scheduler.schedule-arn>"}'
    made = scheduler.create_schedule(
        Name=names[1], **schedule_to(arn, text, at(due), ActionAfterCompletion="DELETE")
    )

    received = patched.receive(url, seconds=10)

    assert time.time() - due.timestamp() < 3  # a tick, and room for a busy machine
    assert received == {"at": f"{due.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", "of": made["ScheduleArn"]}
    left = eventually(lambda: scheduler.list_schedules()["Schedules"])
    assert names[0] in {each["Name"] for each in left}
    assert names[1] not in {each["Name"] for each in left}
    assert "Messages" not in patched.client("sqs").receive_message(QueueUrl=url)


@pytest.mark.parametrize("anew", ["updated", "recreated"])
def test_what_was_updated_or_made_anew_fires_again(patched: Cloud, anew: str) -> None:
    scheduler, (url, arn) = patched.client("scheduler"), patched.queue()
    name = f"probe-{uuid4().hex}"
    scheduler.create_schedule(Name=name, **schedule_to(arn, '"first"', at(in_seconds(-1))))
    assert patched.receive(url) == "first"
    if anew == "recreated":
        scheduler.delete_schedule(Name=name)
        scheduler.create_schedule(Name=name, **schedule_to(arn, '"second"', at(in_seconds(0))))
    else:
        scheduler.update_schedule(Name=name, **schedule_to(arn, '"second"', at(in_seconds(0))))
    assert patched.receive(url) == "second"


def test_without_the_patch_the_zone_is_ignored(plain: Cloud) -> None:
    scheduler, (url, arn) = plain.client("scheduler"), plain.queue()
    an_hour_ahead = at(in_seconds(3600, NEW_YORK))
    scheduler.create_schedule(Name="probe", **schedule_to(arn, '"too early"', an_hour_ahead))
    assert plain.receive(url, seconds=MINISTACKS_TICK + 5) == "too early"
