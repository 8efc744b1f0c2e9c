"""The `Timers` and `Jobs` ports over SQS queues, with per-message delays (DESIGN 4)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from holdfast.adapters.session import session
from holdfast.app.ports import Timer
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import Instant, seconds_until
from holdfast.domain.place import DayKey, LedgerKey, SlotKey
from holdfast.observability import correlation

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

LONGEST_DELAY = 900
"""Seconds, the queue's limit. A later timer comes early and is sent anew with what remains."""

GRACE = 2
"""Seconds after the end: by then clocks that are 2 s apart agree that it is past."""

BATCH = 10


def connect() -> SQSClient:
    bounds = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 2})
    return cast("SQSClient", session().create_client("sqs", config=bounds))


class SqsTimers:
    def __init__(self, client: SQSClient, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def schedule(self, timers: Sequence[Timer], now: Instant) -> Sequence[Timer]:
        return send_each(
            self._client,
            self._queue_url,
            timers,
            lambda timer: {
                "MessageBody": body_of(timer),
                "DelaySeconds": min(LONGEST_DELAY, seconds_until(timer.expires, now) + GRACE),
            },
        )


def send_each[Message](
    client: SQSClient,
    queue_url: str,
    messages: Sequence[Message],
    entry: Callable[[Message], Mapping[str, Any]],
) -> Sequence[Message]:
    """Send them in batches, each as its entry of one; answers those that could not be sent."""
    unsent: list[Message] = []
    for batch in batched(messages, BATCH, strict=False):
        entries: Any = [{"Id": str(number), **entry(message)} for number, message in enumerate(batch)]
        try:
            answer = client.send_message_batch(QueueUrl=queue_url, Entries=entries)
        except (ClientError, BotoCoreError):
            unsent.extend(batch)
        else:
            unsent.extend(batch[int(failed["Id"])] for failed in answer.get("Failed", ()))
    return unsent


def body_of(timer: Timer) -> str:
    return json.dumps(
        {
            **_ledger_body(timer.ledger),
            "who": timer.who,
            "bookingId": timer.booking,
            "expires": timer.expires,
            "correlation": timer.correlation,
        }
    )


def timer_of(body: str) -> Timer:
    """Raises ValueError or KeyError where the message is not one of ours."""
    message = read_message(body)
    return Timer(
        _ledger_of(message),
        str(message["who"]),
        str(message["bookingId"]),
        int(message["expires"]),
        correlation=_correlation(message),
    )


def _ledger_body(ledger: LedgerKey) -> dict[str, object]:
    if isinstance(ledger, SlotKey):
        return {"slotId": ledger.slot_id}
    return {"day": [ledger.business, ledger.resource, ledger.day]}


def _ledger_of(message: Mapping[str, Any]) -> LedgerKey:
    if "day" in message:
        business, resource, day = message["day"]
        return DayKey(str(business), str(resource), str(day))
    return SlotKey.of(str(message["slotId"]))


class SqsJobs:
    """The `Jobs` port: one message a run."""

    def __init__(self, client: SQSClient, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, job_id: str, *, delay_seconds: int = 0) -> None:
        body = json.dumps({"jobId": job_id, "correlation": correlation()})
        try:
            self._client.send_message(
                QueueUrl=self._queue_url, MessageBody=body, DelaySeconds=min(LONGEST_DELAY, delay_seconds)
            )
        except (ClientError, BotoCoreError) as error:
            raise Unavailable(type(error).__name__) from error


def job_id_of(body: str) -> str:
    """Raises ValueError or KeyError where the message is not one of ours."""
    return str(read_message(body)["jobId"])


def correlation_of(body: str) -> str:
    """Which request a message goes back to; empty where it does not say. Raises ValueError as above."""
    return _correlation(read_message(body))


def read_message(body: str) -> Mapping[str, Any]:
    """Raises ValueError where it is not an object."""
    message = json.loads(body)
    if not isinstance(message, dict):
        raise ValueError("not an object")
    return message


def _correlation(message: Mapping[str, Any]) -> str:
    return str(message.get("correlation", ""))
