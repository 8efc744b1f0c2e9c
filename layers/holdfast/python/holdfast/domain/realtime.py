"""What is told over WebSocket: channels, who listens to them, and the news (SPEC EVENT-6, QUEUE-5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from holdfast.domain.booking import Booking, BookingStatus
from holdfast.domain.entry import Entry
from holdfast.domain.errors import Refusal
from holdfast.domain.instants import HOUR, Instant
from holdfast.domain.place import SlotKey
from holdfast.domain.slot import Slot
from holdfast.domain.wait import estimated_wait

CONNECTION_FOR: Instant = 2 * HOUR
"""The gateway ends every connection by then."""

MOST_SUBSCRIPTIONS = 50
"""Of one connection; staff watch a few dozen queues at most."""


class TooManySubscriptions(Refusal):
    code = "too_many_subscriptions"

    def __init__(self) -> None:
        super().__init__(
            f"A connection follows at most {MOST_SUBSCRIPTIONS} channels.", most=MOST_SUBSCRIPTIONS
        )


def queue_channel(slot: SlotKey) -> str:
    return f"QUEUE#{slot.slot_id}"


def bookings_channel(owner: str) -> str:
    return f"BOOKINGS#{owner}"


def business_channel(business: str) -> str:
    return f"BUSINESS#{business}"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A connection that listens to a channel. One who waits is known by `who`, their claimant, and `entry`,
    their place; staff and all who listen to bookings have neither. `sent` is the last sequence that is noted
    to have been sent to this one. One who is `asking` is new, and may have missed what all were told."""

    channel: str
    connection: str
    who: str = ""
    entry: str | None = None
    sent: int = 0
    asking: bool = False

    def following(self, entry: str) -> Subscription:
        return replace(self, entry=entry)


@dataclass(frozen=True, slots=True)
class Position:
    """Where one stands. The sequence is the slot's `rev`."""

    slot: SlotKey
    sequence: int
    entry: str
    position: int
    total: int
    wait: str | None


@dataclass(frozen=True, slots=True)
class Totals:
    """What staff are told of a queue."""

    slot: SlotKey
    sequence: int
    total: int


@dataclass(frozen=True, slots=True)
class Over:
    """A place that is gone; its entry tells what came of it, and is missing where its time is long over."""

    slot: SlotKey
    sequence: int
    entry: Entry | None

    @property
    def promoted(self) -> bool:
        """Whether it had its turn: the booking has the entry's id."""
        return self.entry is not None and self.entry.had_its_turn


type QueueNews = Position | Totals | Over


def queue_news(
    slot: Slot, subscriber: Subscription, order: Mapping[str, int], claim_seconds: int | None
) -> Position | Totals | None:
    """What a subscriber is told of a slot as it was read; None for one who waited and has no live place.

    `order` is everybody's position, counted once for all subscribers."""
    if not subscriber.who:
        return Totals(slot.key, slot.rev, len(order))
    position = order.get(subscriber.who)
    if position is None:
        return None
    wait = None if claim_seconds is None else estimated_wait(slot, position, claim_seconds)
    entry = slot.places[subscriber.who].entry
    return Position(slot.key, slot.rev, entry, position, len(order), wait)


def positions(slot: Slot, now: Instant) -> dict[str, int]:
    return {who: number for number, who in enumerate(slot.waiting(now), start=1)}


_BY_STATUS: Mapping[BookingStatus, str] = {
    BookingStatus.RESERVED: "reserved",
    BookingStatus.IN_PROGRESS: "started",
}
_BY_TRIGGER: Mapping[str, str] = {"extend": "extended", "reschedule": "rescheduled"}


def booking_event(booking: Booking) -> str:
    """The type of event that a booking's latest change is (API.md, Events)."""
    last = booking.history[-1]
    if last.before is not last.after:
        return f"booking.{_BY_STATUS.get(last.after, last.after.lower())}"
    return f"booking.{_BY_TRIGGER.get(last.deed.trigger, 'updated')}"
