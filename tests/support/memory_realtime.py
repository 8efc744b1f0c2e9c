"""Real time's ports in memory: tickets, connections, the clients' ends of them, and the pusher's queue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from holdfast.app.realtime_ports import Gone, Listening, Message, Signal
from holdfast.domain.caller import Caller
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import Instant
from holdfast.domain.realtime import Subscription, TooManySubscriptions


@dataclass
class MemoryTickets:
    kept: dict[str, tuple[Caller, Instant]] = field(default_factory=dict)

    def keep(self, hashed: str, caller: Caller, until: Instant) -> None:
        self.kept[hashed] = (caller, until)

    def spend(self, hashed: str, now: Instant) -> Caller | None:
        caller, until = self.kept.get(hashed, (None, 0))
        if until <= now:
            return None
        del self.kept[hashed]
        return caller


@dataclass
class MemoryConnections:
    """`lists` are the connections with what each says it listens to, `standing` the subscriptions."""

    lists: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    standing: dict[tuple[str, str, str], tuple[Subscription, Instant]] = field(default_factory=dict)
    all_told: dict[str, int] = field(default_factory=dict)

    def open(self, connection: str, caller: Caller, until: Instant) -> None:
        self.lists[connection] = set()

    def enlist(self, subscription: Subscription, most: int) -> bool:
        listed = self.lists.get(subscription.connection)
        if listed is None:
            raise Gone
        line = (subscription.channel, subscription.who)
        if line in listed:
            return True
        if len(listed) >= most:
            raise TooManySubscriptions
        listed.add(line)
        return False

    def subscribe(self, subscription: Subscription, until: Instant) -> None:
        self.standing[_key(subscription)] = (subscription, until)

    def settle(self, subscription: Subscription) -> None:
        there, until = self.standing.get(_key(subscription), (None, 0))
        if there:
            self.standing[_key(subscription)] = (replace(there, asking=False), until)

    def subscribed(self, subscription: Subscription) -> bool:
        return _key(subscription) in self.standing

    def of(self, channel: str, now: Instant) -> Listening:
        found = [each for each, until in self.standing.values() if each.channel == channel and until > now]
        return Listening(self.all_told.get(channel, 0), found)

    def told(self, channel: str, sequence: int, until: Instant) -> None:
        self.all_told[channel] = max(self.all_told.get(channel, 0), sequence)

    def mark(self, subscription: Subscription, sent: int) -> None:
        there, until = self.standing.get(_key(subscription), (None, 0))
        if there and there.sent < sent:
            entry = subscription.entry or there.entry
            self.standing[_key(subscription)] = (replace(there, sent=sent, entry=entry, asking=False), until)

    def end(self, subscription: Subscription) -> None:
        there, _ = self.standing.get(_key(subscription), (None, 0))
        if there and there.entry == subscription.entry:
            self.leave(subscription.connection, subscription.channel, subscription.who)

    def leave(self, connection: str, channel: str, who: str) -> None:
        self.standing.pop((channel, connection, who), None)
        self.lists.get(connection, set()).discard((channel, who))

    def close(self, connection: str) -> None:
        for channel, who in self.lists.pop(connection, set()):
            self.standing.pop((channel, connection, who), None)


def _key(subscription: Subscription) -> tuple[str, str, str]:
    return subscription.channel, subscription.connection, subscription.who


@dataclass
class MemorySockets:
    """What each client has received. `before_post` is called before each message goes out."""

    received: dict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))
    gone: set[str] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)
    before_post: Callable[[], None] = lambda: None

    def post(self, connection: str, message: Message) -> None:
        self.before_post()
        if connection in self.gone:
            raise Gone
        if connection in self.stuck:
            raise Unavailable("LimitExceededException")
        self.received[connection].append(message)


@dataclass
class MemoryPushes:
    refuses: bool = False
    sent: list[Signal] = field(default_factory=list)
    hurried: list[str] = field(default_factory=list)

    def send(self, signals: Sequence[Signal]) -> Sequence[Signal]:
        if self.refuses:
            return signals
        self.sent.extend(signals)
        return []

    def again_soon(self, receipts: Sequence[str]) -> None:
        self.hurried.extend(receipts)
