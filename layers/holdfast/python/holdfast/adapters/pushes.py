"""The `Pushes` port over a FIFO queue: what is about one slot, or one booking, comes one after the other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from itertools import batched
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from holdfast.adapters.sqs import BATCH, read_message, send_each
from holdfast.app.realtime_ports import BookingChanged, QueueChanged, Signal
from holdfast.domain.place import SlotKey

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


SOON = 1
"""Seconds. A failure is one of the gateway's or of a table's, and most of those pass at once."""


class SqsPushes:
    def __init__(self, client: SQSClient, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, signals: Sequence[Signal]) -> Sequence[Signal]:
        return send_each(
            self._client,
            self._queue_url,
            signals,
            lambda signal: {
                "MessageBody": body_of(signal),
                "MessageGroupId": _short(_group(signal)),
                "MessageDeduplicationId": _short(_name(signal)),
            },
        )

    def again_soon(self, receipts: Sequence[str]) -> None:
        for batch in batched(receipts, BATCH, strict=False):
            with suppress(ClientError, BotoCoreError):
                self._client.change_message_visibility_batch(
                    QueueUrl=self._queue_url,
                    Entries=[
                        {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": SOON}
                        for number, receipt in enumerate(batch)
                    ],
                )


def body_of(signal: Signal) -> str:
    match signal:
        case QueueChanged(slot, rev, asker, correlation):
            message = {"slotId": slot.slot_id, "rev": rev, "asker": asker, "correlation": correlation}
        case BookingChanged(booking, version, correlation):
            message = {"bookingId": booking, "version": version, "correlation": correlation}
    return json.dumps(message)


def signal_of(body: str) -> Signal:
    """Raises ValueError or KeyError where the message is not one of ours."""
    message = read_message(body)
    correlation = str(message["correlation"])
    if "bookingId" in message:
        return BookingChanged(str(message["bookingId"]), int(message["version"]), correlation)
    slot = SlotKey.of(str(message["slotId"]))
    return QueueChanged(slot, int(message["rev"]), str(message["asker"]), correlation)


def _group(signal: Signal) -> str:
    return signal.slot.slot_id if isinstance(signal, QueueChanged) else signal.booking


def _name(signal: Signal) -> str:
    match signal:
        case QueueChanged(slot, rev, asker):
            return f"{slot.slot_id}#{rev}#{asker}"
        case BookingChanged(booking, version):
            return f"{booking}#{version}"


def _short(name: str) -> str:
    """Groups and names take 128 characters of a set without some that connection ids have."""
    return hashlib.sha256(name.encode()).hexdigest()
