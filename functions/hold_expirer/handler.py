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
from holdfast.observability import count, following, invocation_id, logger, start_request


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    start_request(invocation_id(context))
    return ring_all(bootstrap.ledger(), bootstrap.timers(), event["Records"], clock.now())


def ring_all(
    ledger: Ledger, timers: Timers, records: list[Mapping[str, Any]], now: Instant
) -> dict[str, Any]:
    """Each message on its own: one that fails is reported, comes again, and goes to the DLQ after three."""
    failed = [record["messageId"] for record in records if not _rang(ledger, timers, record, now)]
    count({"timers_rung_total": len(records) - len(failed), "timers_failed_total": len(failed)})
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def _rang(ledger: Ledger, timers: Timers, record: Mapping[str, Any], now: Instant) -> bool:
    """Under the id of the request that made the hold."""
    try:
        timer = timer_of(record["body"])
    except (ValueError, KeyError, TypeError) as failure:
        logger().warning("not a timer", message_id=record["messageId"], reason=type(failure).__name__)
        return False
    with following(timer.correlation):
        told: dict[str, Any] = {"booking_id": timer.booking, "ledger": timer.ledger.name}
        try:
            ring(ledger, timers, timer, now)
        except Unavailable as failure:
            logger().warning("a timer failed", **told, reason=str(failure))
            return False
        logger().info("timer rang", **told)
    return True
