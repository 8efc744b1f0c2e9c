"""Patch `streams`: DynamoDB stream mappings fail, retry and give up as on AWS, each on its own.

MiniStack runs all mappings one after the other on the thread that also polls SQS, so a slow consumer
delays everybody; it ignores ReportBatchItemFailures (the failed record is lost),
BisectBatchOnFunctionError and MaximumRetryAttempts, and sends a failed batch again for ever.
Here each mapping's batch has its own thread, and `stream_batches` holds AWS's rules for what comes after
a call.
MiniStack goes on doing the rest: filters, the on-failure record, positions, deletion of mappings.
"""

import logging
import time
from dataclasses import dataclass, field
from typing import Any

from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import request_scope
from ministack.services import dynamodb, lambda_svc

from local.emulator.settings import Settings
from local.emulator.stream_batches import Batch, Policy, Verdict, first_failed, judge_failure

logger = logging.getLogger("holdfast.emulator.streams")

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 2.0


@dataclass
class _Progress:
    """Where a mapping stands: what is left of the batch it took last."""

    pending: list[Batch] = field(default_factory=list)


@dataclass(frozen=True)
class _Consumer:
    mapping: dict[str, Any]
    function: dict[str, Any]
    table: str
    stream_arn: str

    @property
    def id(self) -> str:
        return str(self.mapping["UUID"])


_progress: dict[str, _Progress] = {}


def apply(settings: Settings) -> None:
    lambda_svc._poll_dynamodb_streams = _poll


def _poll() -> bool:
    """Hand every idle mapping with something to read to a thread; True if there was one."""
    any_work = False
    alive = set()
    for account, region, mapping in lambda_svc._iter_all_esms():
        with request_scope(account, region):
            consumer = _consumer_of(mapping, account, region)
            if consumer is not None:
                alive.add(consumer.id)
                any_work = _take_up(consumer) or any_work
    for gone in set(_progress) - alive:
        del _progress[gone]
    return any_work


def _consumer_of(mapping: dict[str, Any], account: str, region: str) -> _Consumer | None:
    """The mapping as a consumer, if it is enabled and its function and its stream exist."""
    stream_arn = mapping.get("EventSourceArn", "")
    try:
        source = parse_arn(stream_arn)
    except ArnParseError:
        return None
    if (source.service, source.account_id, source.region) != ("dynamodb", account, region):
        return None
    table = (lambda_svc._dynamodb_stream_table_from_arn_spec(source) or [None])[0]
    function, _ = lambda_svc._get_func_record_for_qualifier(mapping["FunctionName"], mapping.get("Qualifier"))
    latest = (dynamodb._tables.get(table) or {}).get("LatestStreamArn")
    if not mapping.get("Enabled", True) or function is None or latest != stream_arn:
        return None
    return _Consumer(mapping, function, table, stream_arn)


def _take_up(consumer: _Consumer) -> bool:
    if lambda_svc._esm_inflight.get(consumer.id):
        return False
    progress = _progress.setdefault(consumer.id, _Progress())
    if not progress.pending:
        position = _position(consumer)
        limit = consumer.mapping.get("BatchSize", 100)
        records = list(dynamodb.stream_records_since(consumer.table, position, limit))
        if not records:
            return False
        progress.pending = [Batch(records)]
    lambda_svc._dispatch_esm_batch(consumer.id, _work, consumer, progress)
    return True


def _position(consumer: _Consumer) -> int:
    """Where to read on: MiniStack's own note, set when the mapping was made, but not before the horizon."""
    horizon = int(dynamodb.stream_start_position(consumer.table))
    with lambda_svc._dynamodb_stream_positions_lock:
        if consumer.id not in lambda_svc._dynamodb_stream_positions:
            from_start = consumer.mapping.get("StartingPosition") == "TRIM_HORIZON"
            start = horizon if from_start else dynamodb.stream_end_position(consumer.table)
            lambda_svc._dynamodb_stream_positions[consumer.id] = start
        return max(int(lambda_svc._dynamodb_stream_positions[consumer.id]), horizon)


def _work(consumer: _Consumer, progress: _Progress) -> None:
    """One call with the first pending batch, and what follows from it."""
    batch, *later = progress.pending
    before = sum(len(pending.records) for pending in progress.pending)
    verdict = _call(consumer, batch)
    progress.pending = [*verdict.remaining, *later]
    after = sum(len(pending.records) for pending in progress.pending)
    with lambda_svc._dynamodb_stream_positions_lock:
        positions = lambda_svc._dynamodb_stream_positions
        if consumer.id in positions:  # else the mapping was deleted meanwhile
            positions[consumer.id] += before - after
    if verdict.retries:
        failures = verdict.remaining[0].failures
        time.sleep(min(_FIRST_PAUSE_SECONDS * 2 ** min(failures, 10), _LONGEST_PAUSE_SECONDS))


def _call(consumer: _Consumer, batch: Batch) -> Verdict:
    sent = lambda_svc._apply_filter_criteria(list(batch.records), consumer.mapping)
    if not sent:
        return Verdict()
    policy = Policy.of(consumer.mapping)
    outcome = lambda_svc._execute_function(consumer.function, {"Records": sent})
    if outcome.get("throttle"):
        return Verdict(
            remaining=(batch,), retries=True
        )  # not the function's failure: neither counted nor cut
    failed_from = 0 if outcome.get("error") else first_failed(batch, sent, outcome.get("body"), policy)
    if failed_from is None:
        consumer.mapping["LastProcessingResult"] = f"OK - {len(sent)} records"
        return Verdict()
    consumer.mapping["LastProcessingResult"] = "FAILED"
    logger.warning(
        "%s failed on a batch of %s: %s", consumer.mapping["FunctionName"], consumer.table, outcome
    )
    verdict = judge_failure(batch, failed_from, policy, time.time())
    if verdict.reason is not None:
        lambda_svc._send_ddb_stream_failure_record(
            consumer.mapping,
            consumer.function,
            verdict.given_up,
            consumer.stream_arn,
            outcome,
            verdict.reason,
        )
    return verdict
