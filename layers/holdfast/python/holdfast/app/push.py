"""Tell those who listen what has changed: one read and one fan-out, whatever number of changes led to it.

The pusher works on one slot, and on one booking, one signal at a time (its queue keeps them in groups), so
post first, mark then: a crash in between repeats a sequence, and never goes back to an older one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum, auto

from holdfast.app.ports import Catalog, Ledger
from holdfast.app.realtime_ports import AT_ONCE, Connections, Gone, Message, Sockets
from holdfast.domain.booking import Booking
from holdfast.domain.business import Business
from holdfast.domain.entry import EntryStatus
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import Instant
from holdfast.domain.place import SlotKey
from holdfast.domain.realtime import (
    CONNECTION_FOR,
    Over,
    Position,
    QueueNews,
    Subscription,
    Totals,
    bookings_channel,
    business_channel,
    positions,
    queue_channel,
    queue_news,
)
from holdfast.domain.slot import Slot

type SayQueue = Callable[[QueueNews], Message]
type SayBooking = Callable[[Booking, Business | None], Message]


@dataclass(frozen=True, slots=True)
class Audience:
    connections: Connections
    sockets: Sockets


def push_queue(
    ledger: Ledger,
    catalog: Catalog,
    audience: Audience,
    say: SayQueue,
    key: SlotKey,
    now: Instant,
) -> int:
    """Bring all who listen to a slot's queue up to its present state; answers how many were told.

    What all were told is noted once. With those who ask it is noted alone: they came while the queue changed,
    in time for what all were told or too late. Raises Unavailable where some could not be told: done again,
    it tells those."""
    channel = queue_channel(key)
    listening = audience.connections.of(channel, now)
    slot = ledger.slot(key) if listening.subscriptions else None
    if slot is None:
        return 0
    for_all = listening.told < slot.rev
    behind = [each for each in listening.subscriptions if each.sent < slot.rev and (for_all or each.asking)]
    news = _news(ledger, catalog, slot, behind, now)

    def tell(subscriber: Subscription, what: QueueNews) -> None:
        audience.sockets.post(subscriber.connection, say(what))
        if isinstance(what, Over):
            audience.connections.end(subscriber)
        elif subscriber.asking or subscriber.entry != _entry(what):
            _mark(audience, subscriber, what)

    outcomes = _deliver(audience, news, tell)
    if _UNTOLD in outcomes:
        for (subscriber, what), outcome in zip(news, outcomes, strict=True):
            if outcome is Outcome.TOLD and not isinstance(what, Over):
                _mark(audience, subscriber, what)
        raise Unavailable(f"{outcomes.count(_UNTOLD)} of {len(news)} could not be told")
    if for_all:
        audience.connections.told(channel, slot.rev, now + CONNECTION_FOR)
    return outcomes.count(Outcome.TOLD)


def push_booking(
    ledger: Ledger,
    catalog: Catalog,
    audience: Audience,
    say: SayBooking,
    booking_id: str,
    version: int,
    now: Instant,
) -> int:
    """Tell its owner and its business's staff of a booking's version, unless a later one is there: that has
    a signal of its own. Raises Unavailable where some could not be told."""
    booking = ledger.booking(booking_id)
    if booking is None or booking.version != version:
        return 0
    listening = [
        *audience.connections.of(bookings_channel(booking.owner), now).subscriptions,
        *audience.connections.of(business_channel(booking.business), now).subscriptions,
    ]
    if not listening:
        return 0
    message = say(booking, catalog.business(booking.business))
    # Staff with a booking of their own may listen to both channels.
    once = {each.connection: each for each in listening}

    def tell(subscriber: Subscription, what: Message) -> None:
        audience.sockets.post(subscriber.connection, what)

    outcomes = _deliver(audience, [(each, message) for each in once.values()], tell)
    if _UNTOLD in outcomes:
        raise Unavailable(f"{outcomes.count(_UNTOLD)} of {len(once)} could not be told")
    return outcomes.count(Outcome.TOLD)


def _news(
    ledger: Ledger, catalog: Catalog, slot: Slot, behind: Sequence[Subscription], now: Instant
) -> list[tuple[Subscription, QueueNews]]:
    """What each of them is to be told. One whose place has timed out and still stands in the slot is told
    nothing yet: it is about to be taken out, which is a change of its own."""
    if not behind:
        return []
    business = catalog.business(slot.key.business)
    seconds = business.queue.claim_seconds if business else None
    order = positions(slot, now)
    standing = [(each, queue_news(slot, each, order, seconds)) for each in behind]
    gone = [each.entry for each, news in standing if news is None and each.entry]
    entries = ledger.entries(gone) if gone else {}
    found: list[tuple[Subscription, QueueNews]] = []
    for each, news in standing:
        entry = entries.get(each.entry or "")
        if news is not None:
            found.append((each, news))
        elif entry is None or entry.status is not EntryStatus.WAITING or each.who not in slot.places:
            found.append((each, Over(slot.key, slot.rev, entry)))
    return found


def _entry(news: QueueNews) -> str | None:
    return news.entry if isinstance(news, Position) else None


def _mark(audience: Audience, subscriber: Subscription, news: Position | Totals) -> None:
    entry = _entry(news)
    audience.connections.mark(subscriber.following(entry) if entry else subscriber, news.sequence)


class Outcome(Enum):
    TOLD = auto()
    GONE = auto()
    UNTOLD = auto()


_UNTOLD = Outcome.UNTOLD


def _deliver[News](
    audience: Audience,
    news: Sequence[tuple[Subscription, News]],
    tell: Callable[[Subscription, News], None],
) -> list[Outcome]:
    """What came of each, in their order; who has gone is dropped with all they listened to."""

    def one(item: tuple[Subscription, News]) -> Outcome:
        subscriber, what = item
        try:
            tell(subscriber, what)
        except Gone:
            audience.connections.end(subscriber)  # what a close that was cut short has left
            audience.connections.close(subscriber.connection)
            return Outcome.GONE
        except Unavailable:
            return Outcome.UNTOLD
        return Outcome.TOLD

    if not news:
        return []
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(news))) as pool:
        return list(pool.map(one, news))
