"""Takes the timers from their queue and ends each hold whose time is over (HOLD-4, DESIGN 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holdfast import bootstrap, clock
from holdfast.adapters.sqs import timer_of
from holdfast.app.ports import Ledger, Timers
from holdfast.app.timers import ring
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import Instant
from holdfast.observability import logger


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    return ring_all(bootstrap.ledger(), bootstrap.timers(), event["Records"], clock.now())


def ring_all(
    ledger: Ledger, timers: Timers, records: list[Mapping[str, Any]], now: Instant
) -> dict[str, Any]:
    """Each message on its own: one that fails is reported, comes again, and goes to the DLQ after three."""
    failed: list[str] = []
    for record in records:
        try:
            ring(ledger, timers, timer_of(record["body"]), now)
        except (Unavailable, ValueError, KeyError) as failure:
            logger().warning("a timer failed", message_id=record["messageId"], reason=type(failure).__name__)
            failed.append(record["messageId"])
    logger().info("timers rang", messages=len(records), failed=len(failed))
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}
