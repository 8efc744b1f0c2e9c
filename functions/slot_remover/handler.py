"""Takes jobs from their queue and removes slots with all their bookings (SLOT-3, DESIGN 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holdfast import bootstrap, clock
from holdfast.adapters.sqs import job_id_of
from holdfast.app.ports import Jobs, Ledger
from holdfast.app.remove_slot import run_removal
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import Instant, seconds_until
from holdfast.observability import logger


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    return run_all(bootstrap.ledger(), bootstrap.jobs(), event["Records"], clock.now())


def run_all(ledger: Ledger, jobs: Jobs, records: list[Mapping[str, Any]], now: Instant) -> dict[str, Any]:
    """Each job on its own. One that has to wait sends itself anew, which is no failure; one that fails comes
    again and goes to the DLQ after three times."""
    failed: list[str] = []
    for record in records:
        try:
            job_id = job_id_of(record["body"])
            again = run_removal(ledger, job_id, now)
            if again is not None:
                jobs.send(job_id, delay_seconds=seconds_until(again, now))
        except (Unavailable, ValueError, KeyError, TypeError) as failure:
            logger().warning("a job failed", message_id=record["messageId"], reason=type(failure).__name__)
            failed.append(record["messageId"])
    logger().info("jobs ran", messages=len(records), failed=len(failed))
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}
