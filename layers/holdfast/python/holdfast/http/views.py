"""What the answers look like. The types here are the contract: `openapi.json` is generated from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any, TypedDict

from holdfast.domain.booking import HELD, Booking, BookingStatus, Change, Contact
from holdfast.domain.business import Business, Resource
from holdfast.domain.caller import Caller
from holdfast.domain.instants import Instant, to_datetime
from holdfast.domain.job import Job, JobStatus
from holdfast.domain.member import Member, Role
from holdfast.domain.money import Money
from holdfast.domain.refund import Refund
from holdfast.domain.schedule import SkipReason
from holdfast.domain.slot import Slot, SlotStatus

type Timestamp = str
type JsonObject = Mapping[str, object]


class MoneyView(TypedDict):
    amount: str
    currency: str


class PriceView(TypedDict):
    unit: MoneyView
    total: MoneyView


class RefundView(TypedDict):
    percentage: int
    amount: MoneyView


class ContactView(TypedDict):
    name: str | None
    email: str | None
    phone: str | None


class BookingView(TypedDict):
    bookingId: str
    bookingNumber: str | None
    businessId: str
    slotId: str | None
    serviceId: str | None
    resourceId: str
    resourceIds: list[str]
    userId: str
    status: BookingStatus
    units: int
    start: Timestamp
    end: Timestamp
    timeZone: str
    reservedAt: Timestamp
    expiresAt: Timestamp | None
    confirmedAt: Timestamp | None
    cancelledAt: Timestamp | None
    completedAt: Timestamp | None
    price: PriceView
    refund: RefundView | None
    notes: str | None
    contact: ContactView | None
    subject: JsonObject | None
    metadata: JsonObject
    rescheduleCount: int
    movedFrom: list[Timestamp]
    seriesId: str | None
    version: int
    serverTime: Timestamp


class BookingsView(TypedDict):
    items: list[BookingView]
    nextCursor: str | None


ChangeView = TypedDict(
    "ChangeView",
    {
        "from": BookingStatus,
        "to": BookingStatus,
        "trigger": str,
        "actor": str,
        "at": Timestamp,
        "reason": str | None,
        "override": list[str],
        "fromStart": Timestamp | None,
        "toStart": Timestamp | None,
    },
)
"""`override` are the rules that staff passed over. A move tells the starts before and after it."""


class HistoryView(TypedDict):
    items: list[ChangeView]
    nextCursor: str | None
    timeZone: str


class SlotView(TypedDict):
    slotId: str
    businessId: str
    resourceId: str
    start: Timestamp
    end: Timestamp
    capacity: int
    available: int
    status: SlotStatus
    price: MoneyView
    metadata: JsonObject
    timeZone: str


class SlotsView(TypedDict):
    items: list[SlotView]
    nextCursor: str | None


class NewSlotView(TypedDict):
    slotId: str
    start: Timestamp
    end: Timestamp


class SkippedView(TypedDict):
    start: Timestamp
    reason: SkipReason
    slotIds: list[str]


class GeneratedView(TypedDict):
    dryRun: bool
    created: list[NewSlotView]
    skipped: list[SkippedView]
    timeZone: str


class JobView(TypedDict):
    jobId: str
    businessId: str
    slotId: str
    status: JobStatus
    endedBookings: int
    startedAt: Timestamp
    finishedAt: Timestamp | None
    timeZone: str


class ResourceView(TypedDict):
    businessId: str
    resourceId: str
    name: str
    kind: str
    capacity: int
    slotsMayOverlap: bool
    hours: JsonObject | None
    breaks: Sequence[JsonObject]
    metadata: JsonObject
    version: int


class MemberView(TypedDict):
    businessId: str
    userId: str
    role: Role
    version: int


class MembersView(TypedDict):
    items: list[MemberView]
    nextCursor: str | None


class ResourcesView(TypedDict):
    items: list[ResourceView]
    nextCursor: str | None


class BusinessView(TypedDict):
    """What anybody may know of a business."""

    businessId: str
    name: str
    timeZone: str
    locale: str
    currency: str
    hours: JsonObject
    breaks: Sequence[JsonObject]
    holidays: JsonObject | None
    grid: JsonObject
    hold: JsonObject
    queue: JsonObject
    policies: JsonObject
    refundTiers: Sequence[JsonObject]
    domain: JsonObject
    supportContact: str | None
    version: int


class BusinessSettingsView(BusinessView):
    """What its admins see besides."""

    preset: str
    rateLimits: JsonObject


class HealthView(TypedDict):
    status: str
    components: Mapping[str, str]
    version: str


def booking_view(booking: Booking, zone: tzinfo, now: Instant) -> BookingView:
    """Whoever may see a booking is its owner or its business's staff, so the contact is part of it."""
    seen = booking.seen_at(now)
    return {
        "bookingId": booking.id,
        "bookingNumber": booking.number,
        "businessId": booking.business,
        "slotId": booking.slot.slot_id if booking.slot else None,
        "serviceId": booking.service,
        "resourceId": booking.spot.resource,
        "resourceIds": list(booking.resources),
        "userId": booking.owner,
        "status": seen,
        "units": booking.units,
        "start": timestamp(booking.start, zone),
        "end": timestamp(booking.end, zone),
        "timeZone": str(zone),
        "reservedAt": timestamp(booking.reserved_at, zone),
        "expiresAt": timestamp(booking.expires, zone) if seen in HELD else None,
        "confirmedAt": _if_any(booking.confirmed_at, zone),
        "cancelledAt": _if_any(booking.cancelled_at, zone),
        "completedAt": _if_any(booking.completed_at, zone),
        "price": {"unit": money_view(booking.unit_price), "total": money_view(booking.price)},
        "refund": refund_view(booking.refund),
        "notes": booking.notes,
        "contact": contact_view(booking.contact),
        "subject": booking.subject,
        "metadata": booking.metadata,
        "rescheduleCount": len(booking.moved_from),
        "movedFrom": [timestamp(start, zone) for start in booking.moved_from],
        "seriesId": booking.series,
        "version": booking.version,
        "serverTime": timestamp(now, zone),
    }


def refund_view(refund: Refund | None) -> RefundView | None:
    if refund is None:
        return None
    return {"percentage": refund.percentage, "amount": money_view(refund.amount)}


def history_view(booking: Booking, viewer: Caller, zone: tzinfo) -> HistoryView:
    moves = booking.moves

    def line(change: Change[BookingStatus]) -> ChangeView:
        deed = change.deed
        before, after = moves.get(deed.op, (None, None))
        return {
            "from": change.before,
            "to": change.after,
            "trigger": deed.trigger,
            "actor": seen_actor(deed.actor, booking.business, viewer),
            "at": timestamp(deed.at, zone),
            "reason": deed.reason,
            "override": list(deed.override),
            "fromStart": _if_any(before, zone),
            "toStart": _if_any(after, zone),
        }

    return {
        "items": [line(change) for change in booking.history],
        "nextCursor": None,
        "timeZone": str(zone),
    }


def seen_actor(actor: str, business: str, viewer: Caller) -> str:
    """Customers see of other actors only the role."""
    role, _, who = actor.partition(":")
    return actor if viewer.works_at(business) or who == viewer.id else role


def slot_view(slot: Slot, zone: tzinfo, now: Instant) -> SlotView:
    return {
        "slotId": slot.key.slot_id,
        "businessId": slot.key.business,
        "resourceId": slot.key.resource,
        "start": timestamp(slot.start, zone),
        "end": timestamp(slot.end, zone),
        "capacity": slot.capacity,
        "available": slot.available(now),
        "status": slot.status(now),
        "price": money_view(slot.price),
        "metadata": slot.metadata,
        "timeZone": str(zone),
    }


def job_view(job: Job, zone: tzinfo) -> JobView:
    return {
        "jobId": job.id,
        "businessId": job.slot.business,
        "slotId": job.slot.slot_id,
        "status": job.status,
        "endedBookings": job.ended,
        "startedAt": timestamp(job.started_at, zone),
        "finishedAt": _if_any(job.finished_at, zone),
        "timeZone": str(zone),
    }


def resource_view(resource: Resource) -> ResourceView:
    return {
        "businessId": resource.business,
        "resourceId": resource.id,
        "name": resource.name,
        "kind": resource.kind,
        "capacity": resource.capacity,
        "slotsMayOverlap": resource.slots_may_overlap,
        "hours": resource.hours,
        "breaks": list(resource.breaks),
        "metadata": resource.metadata,
        "version": resource.version,
    }


def member_view(member: Member) -> MemberView:
    return {
        "businessId": member.business,
        "userId": member.user,
        "role": member.role,
        "version": member.version,
    }


def business_view(business: Business) -> BusinessView:
    told: Mapping[str, Any] = business.settings
    return {
        "businessId": business.id,
        "name": told["name"],
        "timeZone": told["timeZone"],
        "locale": told["locale"],
        "currency": told["currency"],
        "hours": told["hours"],
        "breaks": told["breaks"],
        "holidays": told["holidays"],
        "grid": told["grid"],
        "hold": told["hold"],
        "queue": told["queue"],
        "policies": told["policies"],
        "refundTiers": told["refundTiers"],
        "domain": told["domain"],
        "supportContact": told["supportContact"],
        "version": business.version,
    }


def business_settings_view(business: Business) -> BusinessSettingsView:
    return {
        **business_view(business),
        "preset": business.settings["preset"],
        "rateLimits": business.settings["rateLimits"],
    }


def contact_view(contact: Contact | None) -> ContactView | None:
    if contact is None:
        return None
    return {"name": contact.name, "email": contact.email, "phone": contact.phone}


def money_view(money: Money) -> MoneyView:
    return {"amount": money.amount, "currency": money.currency}


def timestamp(instant: Instant, zone: tzinfo) -> Timestamp:
    """RFC 3339 in that zone, always with milliseconds, so that texts of one zone line up."""
    return to_datetime(instant, zone).isoformat(timespec="milliseconds")


def _if_any(instant: Instant | None, zone: tzinfo) -> Timestamp | None:
    return None if instant is None else timestamp(instant, zone)
