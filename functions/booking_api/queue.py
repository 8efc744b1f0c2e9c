"""The queue of a slot: join, see where one stands, leave; and all the queues one is in."""

from __future__ import annotations

from urllib.parse import urlencode

from functions.booking_api.door import api, known_business, zone_of
from functions.booking_api.schemas import JoinBody
from holdfast.app.join_queue import Joined, join_queue
from holdfast.app.leave_queue import leave_queue
from holdfast.app.queue_position import my_queues, queue_position
from holdfast.app.wish import Wish
from holdfast.domain.errors import (
    AlreadyInQueue,
    PolicyViolation,
    QueueFull,
    RateLimited,
    SlotBlocked,
    SlotNotFull,
    SlotPast,
)
from holdfast.domain.identity import short_hash
from holdfast.http import params, queue_views
from holdfast.http.api import Answer, Call
from holdfast.http.bodies import NoBody
from holdfast.http.documents import canonical
from holdfast.http.paging import page_answer
from holdfast.http.ports import Ports


@api.post(
    "/v1/slots/{slotId}/queue",
    body=JoinBody,
    answers={201: queue_views.PlaceView, 200: queue_views.PlaceView},
    refuses=(
        SlotNotFull,
        QueueFull,
        AlreadyInQueue,
        SlotBlocked,
        SlotPast,
        PolicyViolation,
        RateLimited,
    ),
)
def join_slot_queue(call: Call[JoinBody], ports: Ports) -> Answer:
    """Wait for a full slot, first come, first served. Who waits already is answered with their place.

    When the turn comes, it is an ordinary hold among the caller's bookings, to be confirmed in time.
    """
    key = call.slot_key(call.path["slotId"])
    wish = call.body.wish(key)
    joined = join_queue(ports.ledger(), ports.callers(), ports.catalog(), call.asked, key, wish)
    return Answer(
        status=201 if joined.created else 200,
        body=joined_view(call, ports, joined),
        location=address(joined, wish) if joined.created else None,
        replayed=joined.replayed,
    )


@api.get(
    "/v1/slots/{slotId}/queue/position",
    query=(params.SUBJECT_ID,),
    answers={200: queue_views.PlaceView, 304: None},
    refuses=(RateLimited,),
)
def get_queue_position(call: Call[None], ports: Ports) -> Answer:
    """Where the caller stands in a slot's queue. With If-None-Match, 304 says that nothing has changed."""
    standing = queue_position(
        ports.ledger(),
        ports.callers(),
        ports.catalog(),
        call.asked,
        call.slot_key(call.path["slotId"]),
        subject_id=call.query[params.SUBJECT_ID],
    )
    zone = call.query[params.TIME_ZONE] or standing.business.zone
    view = queue_views.place_view(
        standing.place, standing.position, standing.slot, standing.business, zone, call.now
    )
    return Answer(body=view, digest=short_hash("place", canonical(queue_views.unchanging(view))))


@api.delete(
    "/v1/slots/{slotId}/queue",
    body=NoBody,
    query=(params.SUBJECT_ID,),
    answers={204: None},
)
def leave_slot_queue(call: Call[NoBody], ports: Ports) -> Answer:
    """Give one's place up; done as well where there is none."""
    key = call.slot_key(call.path["slotId"])
    subject_id = call.query[params.SUBJECT_ID]
    leave_queue(ports.ledger(), ports.callers(), call.asked, key, subject_id=subject_id)
    return Answer(status=204, body=None)


@api.get(
    "/v1/queues/my",
    query=(params.LIMIT, params.CURSOR),
    answers={200: queue_views.EntriesView},
)
def list_my_queues(call: Call[None], ports: Ports) -> Answer:
    """The caller's places, waiting or over, with what happened to each; the latest slots first."""
    page = my_queues(
        ports.ledger(),
        ports.entries(),
        call.asked,
        limit=call.query[params.LIMIT],
        cursor=call.query[params.CURSOR],
    )
    return page_answer(
        page,
        lambda each: queue_views.entry_view(each, call.caller, zone_of(call, ports, each.entry.business)),
    )


def joined_view[B](call: Call[B], ports: Ports, joined: Joined) -> queue_views.PlaceView:
    entry, slot = joined.entry, joined.slot
    business = known_business(ports, slot.key.business)
    zone = zone_of(call, ports, slot.key.business)
    place = slot.live_place(entry.who, call.now)
    if place is None or place.entry != entry.id:
        return queue_views.served_view(entry, slot, zone, call.now)
    position = slot.position(entry.who, call.now)
    return queue_views.place_view(place, position, slot, business, zone, call.now)


def address(joined: Joined, wish: Wish) -> str:
    """Where the place can be read again, or the booking that came of it."""
    if joined.booking:
        return f"/v1/bookings/{joined.booking.id}"
    path = f"/v1/slots/{joined.slot.key.slot_id}/queue/position"
    subject_id = wish.subject.get("id") if wish.subject else None
    return f"{path}?{urlencode({'subjectId': str(subject_id)})}" if subject_id else path
