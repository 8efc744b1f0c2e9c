"""Jobs: their records in the ledger, and the queue that has them run."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from holdfast.adapters.dynamodb.jobs import KEEP_DONE, job_item, job_of
from holdfast.adapters.sqs import LONGEST_DELAY, SqsJobs, connect, job_id_of
from holdfast.app.ports import DueJob, Lost
from holdfast.app.writes import SaveJob, SaveSlot
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import HOUR, SECOND
from holdfast.domain.job import SEND_AGAIN_AFTER, Job, JobStatus
from tests.support.builders import NOW, a_slot
from tests.support.clouds import Ports
from tests.support.strategies import ids, instants

JOB = Job(id="j" * 20, slot=a_slot().key, slot_op="made", ledger_offset=60, actor="admin:ada", started_at=NOW)
jobs = st.builds(
    Job,
    id=ids,
    slot=st.just(a_slot().key),
    slot_op=ids,
    ledger_offset=st.integers(-840, 840),
    actor=st.text(min_size=1),
    started_at=instants,
    status=st.sampled_from(JobStatus),
    ended=st.integers(0, 300),
    finished_at=st.none() | instants,
    sent_again_at=st.none() | instants,
    version=st.integers(1, 1000),
)


@given(jobs)
def test_a_job_survives_being_an_item(job: Job) -> None:
    assert job_of(job_item(job)) == job


def test_a_job_that_is_done_is_deleted_a_month_later_and_no_other() -> None:
    assert "ttl" not in job_item(JOB)
    assert int(job_item(JOB.finished(NOW))["ttl"]["N"]) == (NOW + KEEP_DONE) // SECOND


def test_a_job_is_recorded_once_and_goes_on_from_its_version_only(ports: Ports) -> None:
    assert ports.ledger.job(JOB.id) is None
    with pytest.raises(Lost):
        ports.ledger.commit(SaveJob(JOB.one_more()))
    ports.ledger.commit(SaveJob(JOB, absent=True))
    for stale in (SaveJob(JOB, absent=True), SaveJob(JOB), SaveJob(replace(JOB, version=3))):
        with pytest.raises(Lost):
            ports.ledger.commit(stale)
    assert ports.ledger.job(JOB.id) == JOB
    done = JOB.one_more().finished(NOW + SECOND)
    ports.ledger.commit(SaveJob(JOB.one_more()))
    ports.ledger.commit(SaveJob(done))
    assert ports.ledger.job(JOB.id) == done


def test_a_job_is_due_a_quarter_of_an_hour_after_its_last_message_and_no_more_once_it_is_done(
    ports: Ports,
) -> None:
    first, again = NOW + SEND_AGAIN_AFTER, NOW + HOUR + SEND_AGAIN_AFTER
    ports.ledger.commit(SaveJob(JOB, absent=True))
    assert list(ports.ledger.due(first - 1)) == []
    assert list(ports.ledger.due(first)) == [DueJob(JOB.id)]
    sent = JOB.sent_again(NOW + HOUR)
    ports.ledger.commit(SaveJob(sent))
    assert list(ports.ledger.due(again - 1)) == []
    assert list(ports.ledger.due(again)) == [DueJob(JOB.id)]
    ports.ledger.commit(SaveJob(sent.finished(again)))
    assert list(ports.ledger.due(again + HOUR)) == []


def test_a_job_and_a_slot_are_written_together_or_not_at_all(ports: Ports) -> None:
    ports.put(a_slot())
    with pytest.raises(Lost):
        ports.ledger.commit(SaveJob(JOB, absent=True), SaveSlot(a_slot(rev=7)))
    assert ports.ledger.job(JOB.id) is None
    ports.ledger.commit(SaveJob(JOB, absent=True), SaveSlot(a_slot(rev=2)))
    assert (ports.ledger.job(JOB.id), ports.ledger.slot(JOB.slot)) == (JOB, a_slot(rev=2))


class Queue:
    """Takes single messages; `fault` is how each sending ends."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.taken: list[tuple[str, int]] = []

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int) -> None:  # noqa: N803
        assert QueueUrl == "url"
        if self.fault:
            raise self.fault
        self.taken.append((MessageBody, DelaySeconds))


def test_a_job_is_sent_at_once_or_as_late_as_asked_and_the_queue_can() -> None:
    queue = Queue()
    for delay in (0, 15, 5_000):
        SqsJobs(cast(Any, queue), "url").send(JOB.id, delay_seconds=delay)
    assert [(job_id_of(body), delay) for body, delay in queue.taken] == [
        *((JOB.id, 0), (JOB.id, 15), (JOB.id, LONGEST_DELAY)),
    ]


@pytest.mark.parametrize(
    "fault",
    [
        ReadTimeoutError(endpoint_url="http://x"),
        ClientError({"Error": {"Code": "ServiceUnavailable", "Message": ""}}, "SendMessage"),
    ],
)
def test_a_job_that_could_not_be_sent_is_told(fault: Exception) -> None:
    with pytest.raises(Unavailable):
        SqsJobs(cast(Any, Queue(fault)), "url").send(JOB.id)


@pytest.mark.parametrize("body", ["", "x", "[]", "{}", json.dumps({"slotId": "x"})])
def test_a_message_of_somebody_else_is_told_apart(body: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        job_id_of(body)


def test_on_a_real_queue_a_job_comes_as_it_was_sent(
    emulated_dynamodb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulated_dynamodb)
    client = connect()
    try:
        url = client.create_queue(QueueName="contract-jobs")["QueueUrl"]
        SqsJobs(client, url).send(JOB.id)
        (message,) = client.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
        assert job_id_of(message["Body"]) == JOB.id
    finally:
        client.close()
