"""What an open WebSocket needs from the outside; any call may raise `Unavailable`, as in `app.ports`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from holdfast.domain.caller import Caller
from holdfast.domain.instants import Instant
from holdfast.domain.place import SlotKey
from holdfast.domain.realtime import Subscription

AT_ONCE = 16
"""So many posts may be under way at a time; each waits for the gateway some milliseconds."""

type Message = Mapping[str, object]


class Gone(Exception):
    """The client has closed its connection."""


@dataclass(frozen=True, slots=True)
class Listening:
    """All who listen to a channel, and the last sequence that all of them were told."""

    told: int
    subscriptions: Sequence[Subscription]


class Connections(Protocol):
    """Who is connected, and listens to what."""

    def open(self, connection: str, caller: Caller, until: Instant) -> None: ...

    def enlist(self, subscription: Subscription, most: int) -> bool:
        """Note at the connection that it listens there, so that its end takes that along; answers whether
        that was noted before. Raises TooManySubscriptions; Gone where the connection is not open."""

    def subscribe(self, subscription: Subscription, until: Instant) -> None: ...

    def settle(self, subscription: Subscription) -> None:
        """It has missed nothing: it is asking no more."""

    def subscribed(self, subscription: Subscription) -> bool: ...

    def of(self, channel: str, now: Instant) -> Listening:
        """Read consistently."""

    def told(self, channel: str, sequence: int, until: Instant) -> None:
        """All have been told this; ignored where it is not later. To be kept as long as any who listen."""

    def mark(self, subscription: Subscription, sent: int) -> None:
        """This one has been told so much, asks no more, and follows the subscription's entry from now on;
        ignored where it is not later, or nobody listens there any more."""

    def end(self, subscription: Subscription) -> None:
        """Stop it, if it still follows the same entry."""

    def leave(self, connection: str, channel: str, who: str) -> None:
        """Stop listening there, whatever was followed."""

    def close(self, connection: str) -> None:
        """End the connection and all it listened to; done as well where there is none."""


class Sockets(Protocol):
    def post(self, connection: str, message: Message) -> None:
        """Raises Gone."""


@dataclass(frozen=True, slots=True)
class QueueChanged:
    """Look at a slot's queue. `asker` makes it another message than the stream's of the same `rev`."""

    slot: SlotKey
    rev: int
    asker: str = ""
    correlation: str = ""


@dataclass(frozen=True, slots=True)
class BookingChanged:
    """A booking has this version now."""

    booking: str
    version: int
    correlation: str = ""


type Signal = QueueChanged | BookingChanged


class Pushes(Protocol):
    def send(self, signals: Sequence[Signal]) -> Sequence[Signal]:
        """Have the pusher look, one after the other for each slot and each booking; a signal sent twice
        within minutes comes once. Answers those that could not be sent."""

    def again_soon(self, receipts: Sequence[str]) -> None:
        """Have signals that failed come again in a moment: until then they keep back later ones of the same
        slot or booking. Where this fails they come later."""
