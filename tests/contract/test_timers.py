"""The `Timers` port over SQS: what is sent, when it comes, and what could not be sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from holdfast.adapters.sqs import BATCH, LONGEST_DELAY, SqsTimers, body_of, connect, timer_of
from holdfast.app.ports import Timer
from holdfast.domain.instants import DAY, SECOND
from tests.support.builders import NOW, a_slot
from tests.support.strategies import any_slots, ids, instants


class Queue:
    """Takes batches; `refuses` names the bodies it fails, `faults` how whole batches end, in turn."""

    def __init__(self, *faults: Exception | None, refuses: frozenset[str] = frozenset()) -> None:
        self.faults = list(faults)
        self.refuses = refuses
        self.taken: list[Mapping[str, Any]] = []

    def send_message_batch(self, *, QueueUrl: str, Entries: list[Mapping[str, Any]]) -> Mapping[str, Any]:  # noqa: N803
        assert QueueUrl == "url"
        assert 1 <= len(Entries) <= 10
        fault = self.faults.pop(0) if self.faults else None
        if fault:
            raise fault
        failed = [each for each in Entries if each["MessageBody"] in self.refuses]
        self.taken += [each for each in Entries if each not in failed]
        return {"Failed": [{"Id": each["Id"], "Code": "x", "SenderFault": False} for each in failed]}


def _timers(queue: Queue) -> SqsTimers:
    return SqsTimers(cast(Any, queue), "url")


def _timer(number: int = 0, *, expires: int = NOW + 120 * SECOND) -> Timer:
    return Timer(a_slot().key, "alice", f"booking-{number:02d}", expires)


@given(any_slots, st.text(), ids, instants)
def test_a_timer_survives_being_a_message(slot: Any, who: str, booking: str, expires: int) -> None:
    timer = Timer(slot.key, who, booking, expires)
    assert timer_of(body_of(timer)) == timer


@pytest.mark.parametrize(
    "body",
    ["", "x", "[]", "{}", json.dumps({"slotId": "no slot", "who": "a", "bookingId": "b", "expires": 1})],
)
def test_a_message_of_somebody_else_is_told_apart(body: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        timer_of(body)


@pytest.mark.parametrize(
    ("ahead", "delay"),
    [
        pytest.param(10_000, 12, id="two seconds later, when clocks agree that it is past"),
        pytest.param(10_001, 13, id="rounded up"),
        pytest.param(0, 2, id="now"),
        pytest.param(-5_000, 2, id="past"),
        pytest.param(898_000, 900, id="as long as a queue delays"),
        pytest.param(899_000, 900, id="no longer than a queue delays"),
        pytest.param(DAY, LONGEST_DELAY, id="far longer"),
    ],
)
def test_a_timer_comes_after_its_end_or_as_late_as_the_queue_can(ahead: int, delay: int) -> None:
    queue = Queue()
    assert _timers(queue).schedule([_timer(expires=NOW + ahead)], NOW) == []
    assert [each["DelaySeconds"] for each in queue.taken] == [delay]


def test_many_timers_go_in_batches_as_large_as_a_queue_takes() -> None:
    queue = Queue()
    timers = [_timer(number) for number in range(2 * BATCH + 3)]
    assert _timers(queue).schedule(timers, NOW) == []
    assert [timer_of(each["MessageBody"]) for each in queue.taken] == timers


def test_what_could_not_be_sent_is_answered_and_the_rest_is_sent() -> None:
    timers = [_timer(number) for number in range(2 * BATCH + 3)]
    refused = ClientError({"Error": {"Code": "ServiceUnavailable", "Message": ""}}, "SendMessageBatch")
    queue = Queue(None, refused, refuses=frozenset({body_of(timers[3]), body_of(timers[22])}))
    unsent = _timers(queue).schedule(timers, NOW)
    assert unsent == [timers[3], *timers[BATCH : 2 * BATCH], timers[22]]
    assert {timer_of(each["MessageBody"]) for each in queue.taken} == set(timers) - set(unsent)


def test_a_batch_whose_answer_was_lost_counts_as_not_sent() -> None:
    queue = Queue(ReadTimeoutError(endpoint_url="http://x"))
    assert _timers(queue).schedule([_timer()], NOW) == [_timer()]


def test_of_no_timers_nothing_is_sent() -> None:
    queue = Queue(ReadTimeoutError(endpoint_url="http://x"))
    assert _timers(queue).schedule([], NOW) == []
    assert queue.faults


def test_on_a_real_queue_a_timer_comes_as_it_was_sent(
    emulated_dynamodb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulated_dynamodb)
    client = connect()
    try:
        url = client.create_queue(QueueName="contract-timers")["QueueUrl"]
        assert SqsTimers(client, url).schedule([_timer(expires=NOW)], NOW) == []
        assert "Messages" not in client.receive_message(QueueUrl=url)
        (message,) = client.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
        assert timer_of(message["Body"]) == _timer(expires=NOW)
    finally:
        client.close()
