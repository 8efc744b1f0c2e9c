"""Listen to a slot's queue or to bookings, and stop listening (SPEC EVENT-6).

What a subscriber is told at once is posted before the subscription stands, so that no push can overtake it.
What changes meanwhile is found by a second look and left to the pusher, which alone speaks from then on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from holdfast.app.existing import existing_slot
from holdfast.app.ports import Catalog, Ledger
from holdfast.app.realtime_ports import Connections, Message, Pushes, QueueChanged, Sockets
from holdfast.domain.caller import Caller
from holdfast.domain.errors import Forbidden, NotFound, Unavailable
from holdfast.domain.identity import claimant
from holdfast.domain.instants import Instant
from holdfast.domain.place import SlotKey
from holdfast.domain.realtime import (
    CONNECTION_FOR,
    MOST_SUBSCRIPTIONS,
    Position,
    Subscription,
    Totals,
    bookings_channel,
    business_channel,
    positions,
    queue_channel,
    queue_news,
)

type Welcome = Callable[[Position | Totals | None], Message]
"""How a subscription is answered; None where it stood already, or there is nothing to tell yet."""


@dataclass(frozen=True, slots=True)
class Line:
    """An open connection, and who is at its end."""

    connection: str
    caller: Caller


@dataclass(frozen=True, slots=True)
class Realtime:
    ledger: Ledger
    catalog: Catalog
    connections: Connections
    sockets: Sockets
    pushes: Pushes


def subscribe_queue(
    ports: Realtime,
    line: Line,
    key: SlotKey,
    now: Instant,
    welcome: Welcome,
    *,
    subject_id: str | None = None,
) -> None:
    """For one who waits there by the ledger, and for staff. Raises NotFound, TooManySubscriptions or Gone."""
    slot = existing_slot(ports.ledger.slot(key))
    who = claimant(line.caller.id, subject_id)
    place = slot.live_place(who, now)
    if place is None and not line.caller.works_at(key.business):
        raise NotFound("place in the queue")
    channel = queue_channel(key)
    if place is None:
        wanted = Subscription(channel, line.connection, sent=slot.rev, asking=True)
    else:
        wanted = Subscription(channel, line.connection, who, place.entry, slot.rev, asking=True)
    if ports.connections.enlist(wanted, MOST_SUBSCRIPTIONS) and ports.connections.subscribed(wanted):
        ports.sockets.post(line.connection, welcome(None))
        return
    business = ports.catalog.business(key.business)
    news = queue_news(slot, wanted, positions(slot, now), business.queue.claim_seconds if business else None)
    ports.sockets.post(line.connection, welcome(news))
    ports.connections.subscribe(wanted, now + CONNECTION_FOR)
    meanwhile = ports.ledger.slot(key)
    if meanwhile is None or meanwhile.rev == slot.rev:
        ports.connections.settle(wanted)
    else:
        missed = QueueChanged(key, meanwhile.rev, asker=line.connection)
        if ports.pushes.send([missed]):
            raise Unavailable("the pusher cannot be told")


def subscribe_bookings(
    ports: Realtime, line: Line, now: Instant, welcome: Welcome, *, business_id: str | None = None
) -> None:
    """One's own, or for staff all of their business. Raises Forbidden, TooManySubscriptions or Gone."""
    wanted = Subscription(_bookings(line.caller, business_id), line.connection)
    ports.connections.enlist(wanted, MOST_SUBSCRIPTIONS)
    ports.connections.subscribe(wanted, now + CONNECTION_FOR)
    ports.sockets.post(line.connection, welcome(None))


def unsubscribe_queue(ports: Realtime, line: Line, key: SlotKey, *, subject_id: str | None = None) -> None:
    """As one who waits and as staff, whichever it was; done as well where it was neither."""
    channel = queue_channel(key)
    for who in (claimant(line.caller.id, subject_id), ""):
        ports.connections.leave(line.connection, channel, who)


def unsubscribe_bookings(ports: Realtime, line: Line, *, business_id: str | None = None) -> None:
    ports.connections.leave(line.connection, _bookings(line.caller, business_id), "")


def _bookings(caller: Caller, business_id: str | None) -> str:
    if business_id is None:
        return bookings_channel(caller.id)
    if not caller.works_at(business_id):
        raise Forbidden("Only its staff may follow all bookings of a business.")
    return business_channel(business_id)
