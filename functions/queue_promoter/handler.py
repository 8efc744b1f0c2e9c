"""Reads the Ledger's stream under `RESOURCE#`: each claim seen with a new end gets its timer (DESIGN 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holdfast import bootstrap, clock
from holdfast.adapters.dynamodb.slots import slot_of
from holdfast.app.ports import Timer, Timers
from holdfast.app.timers import timers_for
from holdfast.domain.instants import Instant
from holdfast.observability import logger


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    return schedule_timers(bootstrap.timers(), event["Records"], clock.now())


def schedule_timers(timers: Timers, records: list[Mapping[str, Any]], now: Instant) -> dict[str, Any]:
    """Send the timers of the whole batch; a record whose timer could not be sent is reported and retried."""
    asked = [(record["dynamodb"]["SequenceNumber"], timer) for record in records for timer in _timers(record)]
    unsent = set(timers.schedule([timer for _, timer in asked], now))
    failed = [number for number, timer in asked if timer in unsent]
    logger().info("timers sent", records=len(records), timers=len(asked), unsent=len(unsent))
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def _timers(record: Mapping[str, Any]) -> list[Timer]:
    images = record["dynamodb"]
    after = images.get("NewImage")
    if after is None or after["kind"]["S"] != "slot":
        return []
    before = images.get("OldImage")
    return list(timers_for(slot_of(before) if before else None, slot_of(after)))
