"""Jobs as items. One that is done is deleted a month later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holdfast.adapters.dynamodb.keys import job_key
from holdfast.app.writes import SaveJob
from holdfast.domain.instants import DAY, SECOND
from holdfast.domain.job import Job, JobStatus
from holdfast.domain.place import SlotKey

KEEP_DONE = 30 * DAY


def job_item(job: Job) -> dict[str, Any]:
    item: dict[str, Any] = {
        **job_key(job.id),
        "kind": {"S": "job"},
        "slot": {"S": job.slot.slot_id},
        "slotOp": {"S": job.slot_op},
        "ledgerOffset": _n(job.ledger_offset),
        "actor": {"S": job.actor},
        "startedAt": _n(job.started_at),
        "status": {"S": job.status},
        "ended": _n(job.ended),
        "version": _n(job.version),
    }
    if job.finished_at is not None:
        item |= {"finishedAt": _n(job.finished_at), "ttl": _n((job.finished_at + KEEP_DONE) // SECOND)}
    return item


def job_of(item: Mapping[str, Any]) -> Job:
    slot = SlotKey.parse(item["slot"]["S"])
    if slot is None:
        raise ValueError(f"not a slot id: {item['slot']['S']}")
    return Job(
        id=item["PK"]["S"].removeprefix("JOB#"),
        slot=slot,
        slot_op=item["slotOp"]["S"],
        ledger_offset=int(item["ledgerOffset"]["N"]),
        actor=item["actor"]["S"],
        started_at=int(item["startedAt"]["N"]),
        status=JobStatus(item["status"]["S"]),
        ended=int(item["ended"]["N"]),
        finished_at=int(item["finishedAt"]["N"]) if "finishedAt" in item else None,
        version=int(item["version"]["N"]),
    )


def save_job(write: SaveJob) -> dict[str, Any]:
    """A job on the version before it, or where there is none."""
    expression: dict[str, Any] = {"Item": job_item(write.job)}
    if write.absent:
        return expression | {"ConditionExpression": "attribute_not_exists(PK)"}
    return expression | {
        "ConditionExpression": "#version = :before",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":before": _n(write.job.version - 1)},
    }


def _n(number: int) -> dict[str, str]:
    return {"N": str(number)}
