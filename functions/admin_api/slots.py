"""The slots of a business: publish, generate, change, block, unblock, delete."""

from __future__ import annotations

from datetime import tzinfo

from functions.admin_api.door import api, business_of, zone_of
from functions.admin_api.schemas import PricedBody, ScheduleBody, SlotBody, SlotTermsBody, hours_of
from holdfast.app import change_slot
from holdfast.app.change_slot import Terms
from holdfast.app.create_slot import NewSlot, create_slot
from holdfast.app.generate_slots import Generated, Schedule
from holdfast.app.generate_slots import generate_slots as generate
from holdfast.app.remove_slot import start_removal
from holdfast.domain.business import Business
from holdfast.domain.errors import (
    Forbidden,
    NotFound,
    Overlap,
    PreconditionRequired,
    RequestInProgress,
    SlotInUse,
    SlotPast,
    StaleVersion,
)
from holdfast.domain.prices import Tariff
from holdfast.domain.slot import Slot
from holdfast.http import params, views
from holdfast.http.api import Answer, Call
from holdfast.http.bodies import NoBody
from holdfast.http.ports import Ports


@api.post(
    "/v1/admin/businesses/{businessId}/slots",
    body=SlotBody,
    answers={201: views.SlotView},
    refuses=(NotFound, Forbidden, Overlap, RequestInProgress),
)
def add_slot(call: Call[SlotBody], ports: Ports) -> Answer:
    """Publish a slot on a resource."""
    body, business = call.body, business_of(call, ports)
    new = NewSlot(
        resource=body.resource_id,
        start=body.start,
        end=body.end,
        capacity=body.capacity,
        tariff=_tariff(body, business, ports),
        metadata=body.metadata or {},
    )
    slot = create_slot(ports.ledger(), ports.fresh_catalog(), call.asked, business.id, new)
    return Answer(
        status=201,
        body=views.slot_view(slot, business.zone, call.now),
        version=slot.terms,
        location=f"/v1/slots/{slot.key.slot_id}",
    )


@api.post(
    "/v1/admin/businesses/{businessId}/slots/generate",
    body=ScheduleBody,
    answers={200: views.GeneratedView},
    refuses=(NotFound, Forbidden, RequestInProgress),
)
def generate_slots(call: Call[ScheduleBody], ports: Ports) -> Answer:
    """Publish slots on each local day by the clock: at most 500 a call, whatever is taken is skipped.

    A start that the clock jumps over in spring is skipped; of an hour that comes twice the first counts. A
    repeat under the same key goes on where the first broke off.
    """
    body, business = call.body, business_of(call, ports)
    schedule = Schedule(
        resource=body.resource_id,
        first=body.from_,
        last=body.to,
        capacity=body.capacity,
        duration_minutes=body.duration_minutes,
        gap_minutes=body.gap_minutes,
        hours=hours_of(body.hours),
        tariff=_tariff(body, business, ports),
        metadata=body.metadata or {},
    )
    done = generate(
        ports.ledger(), ports.fresh_catalog(), call.asked, business.id, schedule, dry_run=body.dry_run
    )
    return Answer(body=_generated(done, business.zone, dry_run=body.dry_run))


@api.put(
    "/v1/admin/slots/{slotId}",
    body=SlotTermsBody,
    answers={200: views.SlotView},
    refuses=(Forbidden, PreconditionRequired, StaleVersion, SlotInUse, Overlap, RequestInProgress),
)
def update_slot(call: Call[SlotTermsBody], ports: Ports) -> Answer:
    """Give a slot another end, capacity, price or metadata. What is taken stays within the capacity.

    Bookings keep the end and the price they were made with.
    """
    body = call.body
    terms = Terms(
        end=body.end,
        capacity=body.capacity,
        price=body.price.money() if body.price else None,
        metadata=body.metadata,
    )
    key = call.slot_key(call.path["slotId"])
    slot = change_slot.update_slot(ports.ledger(), ports.fresh_catalog(), call.asked, key, terms)
    return _slot(call, ports, slot)


@api.post(
    "/v1/admin/slots/{slotId}/block",
    body=NoBody,
    answers={200: views.SlotView},
    refuses=(Forbidden, StaleVersion, RequestInProgress),
)
def block_slot(call: Call[NoBody], ports: Ports) -> Answer:
    """Close a slot for newcomers. Who has it keeps it; a hold cannot be confirmed while it is closed."""
    key = call.slot_key(call.path["slotId"])
    slot = change_slot.block_slot(ports.ledger(), ports.fresh_catalog(), call.asked, key)
    return _slot(call, ports, slot)


@api.post(
    "/v1/admin/slots/{slotId}/unblock",
    body=NoBody,
    answers={200: views.SlotView},
    refuses=(Forbidden, StaleVersion, RequestInProgress),
)
def unblock_slot(call: Call[NoBody], ports: Ports) -> Answer:
    """Open a blocked slot again."""
    key = call.slot_key(call.path["slotId"])
    slot = change_slot.unblock_slot(ports.ledger(), ports.fresh_catalog(), call.asked, key)
    return _slot(call, ports, slot)


@api.delete(
    "/v1/admin/slots/{slotId}",
    body=NoBody,
    query=(params.CASCADE,),
    answers={204: None, 202: views.JobView},
    refuses=(Forbidden, StaleVersion, SlotInUse, SlotPast, RequestInProgress),
)
def delete_slot(call: Call[NoBody], ports: Ports) -> Answer:
    """Delete a slot nobody holds or has booked, or with `cascade=cancel` end what is there by a job.

    The job closes the slot at once, refunds what was confirmed in full, and frees the time at its end.
    """
    key, catalog = call.slot_key(call.path["slotId"]), ports.fresh_catalog()
    if not call.query[params.CASCADE]:
        change_slot.delete_slot(ports.ledger(), catalog, call.asked, key)
        return Answer(status=204, body=None)
    job = start_removal(ports.ledger(), ports.jobs(), catalog, call.asked, key)
    return Answer(
        status=202,
        body=views.job_view(job, zone_of(ports, key.business)),
        location=f"/v1/admin/jobs/{job.id}",
    )


def _tariff(body: PricedBody, business: Business, ports: Ports) -> Tariff | None:
    """The catalogue is read only where a holiday has a price of its own."""
    amounts = body.amounts(business.currency)
    catalogue = ports.catalogues().current(business.id) if amounts and amounts.holiday else None
    return Tariff(amounts, catalogue.closures if catalogue else ()) if amounts else None


def _slot[B](call: Call[B], ports: Ports, slot: Slot) -> Answer:
    zone = zone_of(ports, slot.key.business)
    return Answer(body=views.slot_view(slot, zone, call.now), version=slot.terms)


def _generated(done: Generated, zone: tzinfo, *, dry_run: bool) -> views.GeneratedView:
    return {
        "dryRun": dry_run,
        "created": [
            {
                "slotId": slot.key.slot_id,
                "start": views.timestamp(slot.start, zone),
                "end": views.timestamp(slot.end, zone),
            }
            for slot in done.created
        ],
        "skipped": [
            {
                "start": views.timestamp(each.start, zone),
                "reason": each.reason,
                "slotIds": list(each.slot_ids),
            }
            for each in done.skipped
        ],
        "timeZone": str(zone),
    }
