"""Takes the signals of a batch together, and tells those who listen how things stand now (EVENT-6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from holdfast import bootstrap, bootstrap_realtime, clock
from holdfast.adapters.pushes import signal_of
from holdfast.app.ports import Catalog, Ledger
from holdfast.app.push import Audience, push_booking, push_queue
from holdfast.app.realtime_ports import BookingChanged, Pushes, QueueChanged, Signal
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import Instant
from holdfast.domain.place import SlotKey
from holdfast.http.realtime_views import booking_message, queue_message
from holdfast.observability import following, invocation_id, logger, start_request

type Records = Sequence[Mapping[str, Any]]
type Failures = list[str]


@dataclass(frozen=True, slots=True)
class Pusher:
    ledger: Ledger
    catalog: Catalog
    audience: Audience
    pushes: Pushes


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    start_request(invocation_id(context))
    audience = Audience(bootstrap_realtime.connections(), bootstrap_realtime.sockets())
    pusher = Pusher(bootstrap.ledger(), bootstrap.catalog(), audience, bootstrap_realtime.pushes())
    return push_all(pusher, event["Records"], clock.now())


def push_all(pusher: Pusher, records: Records, now: Instant) -> dict[str, Any]:
    """One look at each slot and each booking of the batch. What fails is reported, and comes again."""
    failed: Failures = []
    subjects: dict[SlotKey | str, list[tuple[str, Signal]]] = defaultdict(list)
    for record in records:
        try:
            signal = signal_of(record["body"])
        except (ValueError, KeyError):
            logger().warning("not one of our signals", message_id=record["messageId"])
            failed.append(record["messageId"])
            continue
        subject = signal.slot if isinstance(signal, QueueChanged) else signal.booking
        subjects[subject].append((record["messageId"], signal))
    told = 0
    for subject, signals in subjects.items():
        latest = signals[-1][1]
        with following(latest.correlation):
            try:
                told += _push(pusher, latest, now)
            except Unavailable as failure:
                logger().warning("could not be pushed", subject=_shown(subject), reason=str(failure))
                failed.extend(message_id for message_id, _ in signals)
    if failed:
        receipts = [record["receiptHandle"] for record in records if record["messageId"] in failed]
        pusher.pushes.again_soon(receipts)
    logger().info("pushed", signals=len(records), subjects=len(subjects), told=told, failed=len(failed))
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def _push(pusher: Pusher, signal: Signal, now: Instant) -> int:
    match signal:
        case QueueChanged(slot=slot):
            return push_queue(pusher.ledger, pusher.catalog, pusher.audience, queue_message, slot, now)
        case BookingChanged(booking=booking, version=version):
            return push_booking(
                pusher.ledger,
                pusher.catalog,
                pusher.audience,
                lambda booking, business: booking_message(booking, business, now),
                booking,
                version,
                now,
            )


def _shown(subject: SlotKey | str) -> str:
    return subject.slot_id if isinstance(subject, SlotKey) else subject


bootstrap.prime()
