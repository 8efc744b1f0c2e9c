"""Jobs as items. One that is done is deleted a month later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holdfast.adapters.dynamodb.keys import due_shard, job_key
from holdfast.adapters.dynamodb.values import n, new_or_on_version, read_n
from holdfast.app.writes import SaveJob
from holdfast.domain.instants import DAY, SECOND
from holdfast.domain.job import Job, JobStatus
from holdfast.domain.place import SlotKey

KEEP_DONE = 30 * DAY


def job_item(job: Job) -> dict[str, Any]:
    key = job_key(job.id)
    item: dict[str, Any] = {
        **key,
        "kind": {"S": "job"},
        "slot": {"S": job.slot.slot_id},
        "slotOp": {"S": job.slot_op},
        "ledgerOffset": n(job.ledger_offset),
        "actor": {"S": job.actor},
        "startedAt": n(job.started_at),
        "status": {"S": job.status},
        "ended": n(job.ended),
        "version": n(job.version),
    }
    if job.sent_again_at is not None:
        item["sentAgainAt"] = n(job.sent_again_at)
    if job.due is not None:
        item |= {"due": n(job.due), "dueShard": {"S": due_shard(key)}}
    if job.finished_at is not None:
        item |= {"finishedAt": n(job.finished_at), "ttl": n((job.finished_at + KEEP_DONE) // SECOND)}
    return item


def job_of(item: Mapping[str, Any]) -> Job:
    return Job(
        id=item["PK"]["S"].removeprefix("JOB#"),
        slot=SlotKey.of(item["slot"]["S"]),
        slot_op=item["slotOp"]["S"],
        ledger_offset=int(item["ledgerOffset"]["N"]),
        actor=item["actor"]["S"],
        started_at=int(item["startedAt"]["N"]),
        status=JobStatus(item["status"]["S"]),
        ended=int(item["ended"]["N"]),
        finished_at=read_n(item, "finishedAt"),
        sent_again_at=read_n(item, "sentAgainAt"),
        version=int(item["version"]["N"]),
    )


def save_job(write: SaveJob) -> dict[str, Any]:
    return new_or_on_version(job_item(write.job), write.job.version, absent=write.absent)
