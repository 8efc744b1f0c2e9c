"""Takes jobs from their queue and removes slots with all their bookings (SLOT-3, DESIGN 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holdfast import bootstrap, clock
from holdfast.adapters.sqs import correlation_of, job_id_of
from holdfast.app.ports import Jobs, Ledger
from holdfast.app.remove_slot import run_removal
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import Instant, seconds_until
from holdfast.observability import count, following, invocation_id, logger, start_request


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    start_request(invocation_id(context))
    return run_all(bootstrap.ledger(), bootstrap.jobs(), event["Records"], clock.now())


def run_all(ledger: Ledger, jobs: Jobs, records: list[Mapping[str, Any]], now: Instant) -> dict[str, Any]:
    """Each job on its own. One that has to wait sends itself anew, which is no failure; one that fails comes
    again and goes to the DLQ after three times."""
    failed = [record["messageId"] for record in records if not _ran(ledger, jobs, record, now)]
    count({"jobs_run_total": len(records) - len(failed), "jobs_failed_total": len(failed)})
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def _ran(ledger: Ledger, jobs: Jobs, record: Mapping[str, Any], now: Instant) -> bool:
    """Under the id of the request that asked for it."""
    try:
        job_id, correlation = job_id_of(record["body"]), correlation_of(record["body"])
    except (ValueError, KeyError) as failure:
        logger().warning("not a job", message_id=record["messageId"], reason=type(failure).__name__)
        return False
    with following(correlation):
        try:
            again = run_removal(ledger, job_id, now)
            if again is not None:
                jobs.send(job_id, delay_seconds=seconds_until(again, now))
        except Unavailable as failure:
            logger().warning("a job failed", job_id=job_id, reason=str(failure))
            return False
        logger().info("job ran", job_id=job_id, waits=again is not None)
    return True
