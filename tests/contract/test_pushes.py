"""The `Pushes` port over a FIFO queue, and the `Sockets` port over the management API."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from holdfast.adapters.pushes import SqsPushes, body_of, signal_of
from holdfast.adapters.sockets import ApiSockets
from holdfast.app.realtime_ports import BookingChanged, Gone, QueueChanged, Signal
from holdfast.domain.errors import Unavailable
from tests.support.builders import a_slot

SLOT, OTHER = a_slot().key, a_slot(resource="stand-2").key
BOOKING = "b" * 20


class Queue:
    """Takes batches; `refuses` names the bodies it fails, `fault` how the next batch ends."""

    def __init__(self, *, refuses: frozenset[str] = frozenset(), fault: Exception | None = None) -> None:
        self.refuses, self.fault = refuses, fault
        self.taken: list[Mapping[str, Any]] = []
        self.hurried: list[Mapping[str, Any]] = []

    def send_message_batch(self, *, QueueUrl: str, Entries: list[Mapping[str, Any]]) -> Mapping[str, Any]:  # noqa: N803
        assert QueueUrl == "url"
        assert 1 <= len(Entries) <= 10
        fault, self.fault = self.fault, None
        if fault:
            raise fault
        failed = [each for each in Entries if each["MessageBody"] in self.refuses]
        self.taken += [each for each in Entries if each not in failed]
        return {"Failed": [{"Id": each["Id"]} for each in failed]}

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: list[Mapping[str, Any]]) -> None:  # noqa: N803
        assert QueueUrl == "url"
        assert 1 <= len(Entries) <= 10
        if self.fault:
            raise self.fault
        self.hurried += Entries


def pushes(queue: Queue) -> SqsPushes:
    return SqsPushes(cast(Any, queue), "url")


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "Call")


@pytest.mark.parametrize(
    "signal",
    [
        QueueChanged(SLOT, 7),
        QueueChanged(SLOT, 7, asker="L0SM9cOFvHcCIhw=", correlation="abc"),
        BookingChanged(BOOKING, 3, "abc"),
    ],
)
def test_a_signal_survives_being_a_message(signal: Signal) -> None:
    assert signal_of(body_of(signal)) == signal


@pytest.mark.parametrize(
    "body", ["", "x", "[]", "{}", "7", '{"slotId": "no slot", "rev": 1, "correlation": ""}']
)
def test_a_message_of_somebody_else_is_told_apart(body: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        signal_of(body)


def test_what_is_about_one_slot_or_booking_is_one_group_and_a_repeat_has_the_same_name() -> None:
    queue = Queue()
    signals: list[Signal] = [
        QueueChanged(SLOT, 7),
        QueueChanged(SLOT, 8),
        QueueChanged(SLOT, 7, correlation="again"),
        QueueChanged(SLOT, 7, asker="L0SM9cOFvHcCIhw="),
        QueueChanged(OTHER, 7),
        BookingChanged(BOOKING, 1),
        BookingChanged(BOOKING, 2),
    ]
    assert pushes(queue).send(signals) == []
    groups = [each["MessageGroupId"] for each in queue.taken]
    names = [each["MessageDeduplicationId"] for each in queue.taken]
    assert len(set(groups[:4])) == len(set(groups[5:])) == 1
    assert len(set(groups)) == 3
    assert names[0] == names[2]
    assert len(set(names)) == len(signals) - 1
    assert all(re.fullmatch(r"[0-9a-f]{1,128}", each) for each in (*groups, *names))


def test_what_could_not_be_sent_is_told_and_no_other_signal_fails_with_it() -> None:
    signals = [QueueChanged(SLOT, rev) for rev in range(25)]
    queue = Queue(refuses=frozenset({body_of(signals[14])}), fault=refusal("ServiceUnavailable"))
    assert pushes(queue).send(signals) == [*signals[:10], signals[14]]
    assert [json.loads(each["MessageBody"])["rev"] for each in queue.taken] == [
        *range(10, 14),
        *range(15, 25),
    ]


def test_a_signal_that_failed_comes_again_in_a_second() -> None:
    queue = Queue()
    pushes(queue).again_soon([f"receipt-{number}" for number in range(12)])
    assert {each["VisibilityTimeout"] for each in queue.hurried} == {1}
    assert len({each["ReceiptHandle"] for each in queue.hurried}) == 12


def test_where_it_cannot_be_hurried_it_comes_later() -> None:
    pushes(Queue(fault=refusal("AccessDenied"))).again_soon(["receipt"])


class Gateway:
    """Takes what is posted, or fails."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.posted: list[tuple[str, bytes]] = []

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> None:  # noqa: N803
        if self.fault:
            raise self.fault
        self.posted.append((ConnectionId, Data))


def test_a_message_is_posted_as_json() -> None:
    gateway = Gateway()
    ApiSockets(gateway).post("line=", {"type": "pong"})
    assert gateway.posted == [("line=", b'{"type":"pong"}')]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (refusal("GoneException"), Gone),
        (refusal("LimitExceededException"), Unavailable),
        (refusal("ForbiddenException"), Unavailable),
        (ReadTimeoutError(endpoint_url="x"), Unavailable),
    ],
)
def test_a_line_that_is_gone_is_told_from_one_that_cannot_be_reached_now(
    fault: Exception, told: type[Exception]
) -> None:
    with pytest.raises(told):
        ApiSockets(Gateway(fault)).post("line=", {"type": "pong"})
