"""What of the stream's records concerns those who listen: queues that changed, new versions of bookings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from holdfast.adapters.dynamodb.correlation import correlation_of
from holdfast.adapters.dynamodb.keys import read_booking_id, read_slot_key
from holdfast.app.realtime_ports import BookingChanged, Pushes, QueueChanged, Signal

type Record = Mapping[str, Any]


def unsent_from(pushes: Pushes, records: Iterable[Record]) -> str | None:
    """Send the signals of a batch, of each slot and booking the latest; answers the sequence number of the
    first record whose signal could not be sent. A repeat is known by what it is about, and harmless."""
    first: dict[str, str] = {}
    latest: dict[str, Signal] = {}
    for record in records:
        signal = _signal(record["dynamodb"])
        if signal is None:
            continue
        subject = signal.slot.slot_id if isinstance(signal, QueueChanged) else signal.booking
        first.setdefault(subject, record["dynamodb"]["SequenceNumber"])
        latest[subject] = signal
    unsent = set(pushes.send(list(latest.values()))) if latest else set()
    failed = [first[subject] for subject, signal in latest.items() if signal in unsent]
    return min(failed, key=int) if failed else None


def _signal(images: Record) -> Signal | None:
    after, before = images.get("NewImage"), images.get("OldImage", {})
    if after is None:
        return None
    match after["kind"]["S"]:
        case "slot" if _queue(before) != _queue(after):
            slot, rev = read_slot_key(images["Keys"]), int(after["rev"]["N"])
            return QueueChanged(slot, rev, correlation=correlation_of(after)) if slot else None
        case "booking" if before.get("version") != after["version"]:
            booking, version = read_booking_id(images["Keys"]), int(after["version"]["N"])
            return BookingChanged(booking, version, correlation_of(after)) if booking else None
    return None


def _queue(image: Record) -> tuple[Any, Any]:
    """Places and their order; a slot that is not there has none."""
    return image.get("queue", {"M": {}}), image.get("order", {"M": {}})
