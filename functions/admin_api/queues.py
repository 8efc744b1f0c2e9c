"""The queues of a business's slots: its staff see who waits, its admins remove a place or move it up."""

from __future__ import annotations

from functions.admin_api.door import api, business_of_staff, zone_of
from functions.admin_api.schemas import ReasonBody
from holdfast.app.staff_queue import MOVE_TO_FRONT, REMOVE, PlaceDeed, change_place, see_queue
from holdfast.domain.errors import Forbidden, InvalidTransition, NotFound
from holdfast.http import params, queue_views
from holdfast.http.api import Answer, Call
from holdfast.http.ports import Ports

QUEUE = "/v1/admin/businesses/{businessId}/queues/{slotId}"
ENTRY = QUEUE + "/entries/{entryId}"
REFUSES = (NotFound, Forbidden, InvalidTransition)


@api.get(
    QUEUE,
    query=(params.TIME_ZONE,),
    answers={200: queue_views.QueueView},
    refuses=(NotFound, Forbidden),
)
def get_queue(call: Call[None], ports: Ports) -> Answer:
    """Who waits for a slot, the next first, and what has happened to each place; for its staff."""
    business = business_of_staff(call, ports)
    queue = see_queue(ports.ledger(), call.asked, business.id, call.slot_key(call.path["slotId"]))
    zone = call.query[params.TIME_ZONE] or business.zone
    return Answer(body=queue_views.queue_view(queue, call.caller, zone, call.now))


@api.post(
    ENTRY + "/remove",
    body=ReasonBody,
    answers={200: queue_views.QueueView},
    refuses=REFUSES,
    kept=False,
)
def remove_entry(call: Call[ReasonBody], ports: Ports) -> Answer:
    """End somebody's place. The reason stands in its history, which they can read."""
    return _change(call, ports, REMOVE)


@api.post(
    ENTRY + "/move-to-front",
    body=ReasonBody,
    answers={200: queue_views.QueueView},
    refuses=REFUSES,
    kept=False,
)
def move_entry_to_front(call: Call[ReasonBody], ports: Ports) -> Answer:
    """Let somebody's turn be the next. The reason stands in the place's history."""
    return _change(call, ports, MOVE_TO_FRONT)


def _change(call: Call[ReasonBody], ports: Ports, what: PlaceDeed) -> Answer:
    key = call.slot_key(call.path["slotId"])
    queue = change_place(
        ports.ledger(),
        ports.fresh_catalog(),
        call.asked,
        call.path["businessId"],
        key,
        call.path["entryId"],
        what,
        reason=call.body.reason,
    )
    zone = zone_of(ports, key.business)
    return Answer(body=queue_views.queue_view(queue, call.caller, zone, call.now), replayed=queue.replayed)
