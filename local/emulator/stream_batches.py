"""What becomes of a stream batch after its call: the rules of Lambda's stream mappings, without MiniStack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

Record = Mapping[str, Any]
Reason = Literal["MaxRecordAgeExceeded", "RetryAttemptsExhausted"]


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A mapping's retry settings; None means without limit."""

    bisect: bool
    partial_failures: bool
    max_retries: int | None
    max_age_seconds: int | None

    @classmethod
    def of(cls, mapping: Mapping[str, Any]) -> Self:
        def limit(name: str, least: int) -> int | None:
            value = mapping.get(name)
            return int(value) if value is not None and int(value) >= least else None

        return cls(
            bisect=bool(mapping.get("BisectBatchOnFunctionError")),
            partial_failures="ReportBatchItemFailures" in (mapping.get("FunctionResponseTypes") or []),
            max_retries=limit("MaximumRetryAttempts", 0),
            max_age_seconds=limit("MaximumRecordAgeInSeconds", 1),
        )


@dataclass(frozen=True)
class Batch:
    """Consecutive records to be handed over together, and how often that has failed."""

    records: Sequence[Record]
    failures: int = 0


@dataclass(frozen=True)
class Verdict:
    """The batches still to do, in order, and the records given up, if any."""

    remaining: tuple[Batch, ...] = ()
    given_up: Sequence[Record] = ()
    reason: Reason | None = None
    retries: bool = False


def first_failed(batch: Batch, sent: Sequence[Record], answer: object, policy: Policy) -> int | None:
    """From which index of the batch records must come again, or None; `sent` passed the filter."""
    if not policy.partial_failures or not isinstance(answer, Mapping):
        return None
    reported = {str(failure.get("itemIdentifier")) for failure in answer.get("batchItemFailures") or []}
    if not reported:
        return None
    if not reported <= {_sequence_number(record) for record in sent}:
        return 0  # an identifier that is none of ours fails the whole batch
    numbers = [_sequence_number(record) for record in batch.records]
    return min(numbers.index(number) for number in reported)


def judge_failure(batch: Batch, failed_from: int, policy: Policy, now: float) -> Verdict:
    """Decide for a batch that failed from this index on (0: all of it)."""
    left = batch.records[failed_from:]
    failures = 1 if failed_from else batch.failures + 1
    created = min(float(record["dynamodb"]["ApproximateCreationDateTime"]) for record in left)
    if policy.max_age_seconds is not None and now - created > policy.max_age_seconds:
        return Verdict(given_up=left, reason="MaxRecordAgeExceeded")
    if policy.bisect and failed_from:
        return Verdict(remaining=(Batch(left),))  # already cut where the function said
    if policy.bisect and len(left) > 1:
        middle = len(left) // 2
        return Verdict(remaining=(Batch(left[:middle]), Batch(left[middle:])))
    if policy.max_retries is not None and failures > policy.max_retries:
        return Verdict(given_up=left, reason="RetryAttemptsExhausted")
    return Verdict(remaining=(Batch(left, failures),), retries=True)


def _sequence_number(record: Record) -> str:
    return str(record["dynamodb"]["SequenceNumber"])
