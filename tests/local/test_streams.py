"""Patch `streams`: real mappings on real streams fail, retry, give up and stay out of each other's way."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.local.support import Cloud, Journal, eventually

# Reports the record "bad" as failed in its first two calls.
REPORTS_ONE_RECORD = """
refusals = iter(range(2))
def handler(event, context):
    keys = [record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"]]
    note(keys)
    failed = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]
              if record["dynamodb"]["Keys"]["pk"]["S"] == "bad" and next(refusals, None) is not None]
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}
"""
FAILS_ON_POISON = """
def handler(event, context):
    keys = [record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"]]
    note(keys)
    if "poison" in keys:
        raise ValueError("poison")
"""
WAITS_FOR_A_FILE = """
def handler(event, context):
    note("began")
    until = time.monotonic() + 8
    while not os.path.exists(os.environ["JOURNAL"] + ".go") and time.monotonic() < until:
        time.sleep(0.02)
    note("ended")
"""
NOTES_KEYS = """
def handler(event, context):
    note([record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"]])
"""


def read_by(cloud: Cloud, source: str, keys: tuple[str, ...], **settings: Any) -> Journal:
    """A stream that holds these keys already when a function of this source begins to read it."""
    table, stream = cloud.streamed_table()
    cloud.put(table, *({"pk": {"S": key}} for key in keys))
    journal = cloud.journal()
    cloud.map_stream(stream, cloud.function(source, journal), **settings)
    return journal


def report_failures(cloud: Cloud, keys: tuple[str, ...]) -> Journal:
    return read_by(cloud, REPORTS_ONE_RECORD, keys, FunctionResponseTypes=["ReportBatchItemFailures"])


def test_a_reported_record_comes_again_with_all_behind_it(patched: Cloud) -> None:
    journal = report_failures(patched, ("a", "bad", "c"))
    assert journal.wait_for(3) == [["a", "bad", "c"], ["bad", "c"], ["bad", "c"]]


def test_without_the_patch_a_reported_record_is_lost(plain: Cloud) -> None:
    table, stream = plain.streamed_table()
    journal = plain.journal()
    function = plain.function(REPORTS_ONE_RECORD, journal)
    plain.map_stream(stream, function, FunctionResponseTypes=["ReportBatchItemFailures"])
    plain.put(table, {"pk": {"S": "bad"}})
    assert journal.wait_for(1) == [["bad"]]
    plain.put(table, {"pk": {"S": "next"}})
    assert journal.wait_for(2) == [["bad"], ["next"]]


def test_a_poison_record_is_isolated_tried_and_handed_to_the_destination(patched: Cloud) -> None:
    url, arn = patched.queue()
    keys = ("a", "b", "poison", "d", "e")
    journal = read_by(
        patched,
        FAILS_ON_POISON,
        keys,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=2,
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )

    failure = patched.receive(url)
    eventually(lambda: journal.read()[-1] == ["d", "e"])

    calls = journal.read()
    assert calls[0] == list(keys)
    assert calls.count(["poison"]) == 3  # once and two retries
    assert [key for call in calls if "poison" not in call for key in call] == ["a", "b", "d", "e"]
    assert failure["requestContext"]["condition"] == "RetryAttemptsExhausted"
    batch = failure["DDBStreamBatchInfo"]
    assert batch["batchSize"] == 1
    assert batch["startSequenceNumber"] == batch["endSequenceNumber"]


def test_a_record_past_its_age_is_handed_to_the_destination(patched: Cloud) -> None:
    url, arn = patched.queue()
    journal = read_by(
        patched,
        FAILS_ON_POISON,
        ("poison",),
        MaximumRecordAgeInSeconds=2,
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )
    assert patched.receive(url)["requestContext"]["condition"] == "MaxRecordAgeExceeded"
    assert journal.read()


def test_filtered_records_are_passed_over(patched: Cloud) -> None:
    table, stream = patched.streamed_table()
    journal = patched.journal()
    patched.put(table, {"pk": {"S": "a"}}, {"pk": {"S": "a"}, "n": {"N": "1"}}, {"pk": {"S": "b"}})
    only_inserts = {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]}
    patched.map_stream(
        stream, patched.function(NOTES_KEYS, journal), FilterCriteria=only_inserts, BatchSize=1
    )
    assert journal.wait_for(2) == [["a"], ["b"]]


def slow_and_quick(cloud: Cloud) -> tuple[Journal, Callable[[], None], Journal]:
    """A consumer held up in its call, what lets it go, and another with a record to read."""
    slow = read_by(cloud, WAITS_FOR_A_FILE, ("slow",))
    slow.wait_for(1)
    quick = read_by(cloud, NOTES_KEYS, ("quick",))
    return slow, Path(f"{slow.path}.go").touch, quick


def test_a_slow_consumer_delays_no_other(patched: Cloud) -> None:
    slow, release, quick = slow_and_quick(patched)
    assert quick.wait_for(1, seconds=5) == [["quick"]]
    assert slow.read() == ["began"]
    release()
    slow.wait_for(2)


def test_without_the_patch_a_slow_consumer_delays_the_others(plain: Cloud) -> None:
    slow, release, quick = slow_and_quick(plain)
    with pytest.raises(AssertionError, match="not within"):
        quick.wait_for(1, seconds=2)
    assert slow.read() == ["began"]
    release()
    quick.wait_for(1)
