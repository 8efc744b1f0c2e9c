"""The rules for a stream batch after its call, as plain functions."""

from typing import Any

import pytest

from local.emulator.stream_batches import Batch, Policy, Verdict, first_failed, judge_failure

NOW = 1_000_000.0


def record(number: int, *, age: float = 0) -> dict[str, Any]:
    return {"dynamodb": {"SequenceNumber": str(number), "ApproximateCreationDateTime": NOW - age}}


RECORDS = [record(number) for number in range(4)]


def policy(**mapping: Any) -> Policy:
    return Policy.of({"FunctionResponseTypes": ["ReportBatchItemFailures"], **mapping})


def failing(*numbers: object) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": number} for number in numbers]}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (None, None),
        ("text", None),
        ({}, None),
        ({"batchItemFailures": None}, None),
        (failing(), None),
        (failing("2"), 2),
        (failing("3", "1"), 1),
        (failing(None), 0),
        (failing("2", "unknown"), 0),
    ],
)
def test_the_lowest_reported_record_is_where_it_failed(answer: object, expected: int | None) -> None:
    assert first_failed(Batch(RECORDS), RECORDS, answer, policy()) == expected


def test_a_report_nobody_asked_for_is_ignored() -> None:
    assert first_failed(Batch(RECORDS), RECORDS, failing("2"), Policy.of({})) is None


def test_records_that_were_filtered_out_are_counted_but_cannot_be_reported() -> None:
    sent = RECORDS[2:]
    assert first_failed(Batch(RECORDS), sent, failing("3"), policy()) == 3
    assert first_failed(Batch(RECORDS), sent, failing("0"), policy()) == 0


def test_without_limits_it_comes_again_whole_and_counted() -> None:
    forever = policy(MaximumRetryAttempts=-1, MaximumRecordAgeInSeconds=-1)
    verdict = judge_failure(Batch(RECORDS, failures=99), 0, forever, NOW)
    assert verdict == Verdict(remaining=(Batch(RECORDS, failures=100),), retries=True)


def test_what_stands_before_the_failed_record_is_done() -> None:
    verdict = judge_failure(Batch(RECORDS, failures=2), 1, policy(MaximumRetryAttempts=2), NOW)
    assert verdict == Verdict(remaining=(Batch(RECORDS[1:], failures=1),), retries=True)


def test_bisecting_halves_without_counting_until_one_is_left() -> None:
    bisecting = policy(BisectBatchOnFunctionError=True, MaximumRetryAttempts=0)
    halves = judge_failure(Batch(RECORDS), 0, bisecting, NOW)
    assert halves == Verdict(remaining=(Batch(RECORDS[:2]), Batch(RECORDS[2:])))
    alone = judge_failure(Batch(RECORDS[:1]), 0, bisecting, NOW)
    assert alone == Verdict(given_up=RECORDS[:1], reason="RetryAttemptsExhausted")


def test_bisecting_cuts_where_the_function_said() -> None:
    verdict = judge_failure(Batch(RECORDS), 3, policy(BisectBatchOnFunctionError=True), NOW)
    assert verdict == Verdict(remaining=(Batch(RECORDS[3:]),))


def test_the_oldest_record_left_decides_the_age() -> None:
    aging = policy(MaximumRecordAgeInSeconds=60)
    records = [record(0, age=61), record(1, age=59)]
    assert judge_failure(Batch(records), 0, aging, NOW).reason == "MaxRecordAgeExceeded"
    assert judge_failure(Batch(records), 1, aging, NOW).reason is None
