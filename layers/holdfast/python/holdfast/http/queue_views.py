"""What the answers about queues look like; like `views`, the types here are the contract."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING, TypedDict

from holdfast.domain.business import Business
from holdfast.domain.caller import Caller
from holdfast.domain.entry import Entry, EntryStatus
from holdfast.domain.instants import Instant
from holdfast.domain.queue import Place
from holdfast.domain.slot import Slot
from holdfast.domain.wait import estimated_wait
from holdfast.http.views import (
    ContactView,
    JsonObject,
    SlotView,
    Timestamp,
    contact_view,
    seen_actor,
    slot_view,
    timestamp,
)

if TYPE_CHECKING:  # a function needs one of them only, and a start-up is short (ADR 0020)
    from holdfast.app.queue_position import Listed
    from holdfast.app.staff_queue import Queue


class PlaceView(TypedDict):
    """Where somebody stands. Without a position it is over, and `bookingId` may tell what came of it."""

    entryId: str
    slotId: str
    status: EntryStatus
    units: int
    position: int | None
    totalInQueue: int
    estimatedWaitTime: str | None
    joinedAt: Timestamp
    bookingId: str | None
    slotDetails: SlotView
    timeZone: str
    serverTime: Timestamp


class JoinedView(TypedDict):
    """The answer of a reserve that has to wait."""

    queue: PlaceView


EntryChangeView = TypedDict(
    "EntryChangeView",
    {
        "from": EntryStatus,
        "to": EntryStatus,
        "trigger": str,
        "actor": str,
        "at": Timestamp,
        "reason": str | None,
    },
)


class EntryView(TypedDict):
    """A place of the caller's, waiting or over. `bookingId` is there once its turn has come."""

    entryId: str
    slotId: str
    businessId: str
    resourceId: str
    start: Timestamp
    status: EntryStatus
    units: int
    position: int | None
    joinedAt: Timestamp
    bookingId: str | None
    notes: str | None
    subject: JsonObject | None
    metadata: JsonObject
    history: list[EntryChangeView]
    timeZone: str


class EntriesView(TypedDict):
    items: list[EntryView]
    nextCursor: str | None


class QueuePlaceView(TypedDict):
    """A place as staff see it; `passed` counts how often a smaller party went first."""

    entryId: str
    userId: str
    status: EntryStatus
    units: int
    position: int
    passed: int
    joinedAt: Timestamp
    endsAt: Timestamp
    notes: str | None
    contact: ContactView | None
    subject: JsonObject | None
    metadata: JsonObject
    history: list[EntryChangeView]


class QueueView(TypedDict):
    """Everybody who waits for a slot, the next first."""

    slotId: str
    businessId: str
    totalInQueue: int
    items: list[QueuePlaceView]
    nextCursor: str | None
    slotDetails: SlotView
    timeZone: str
    serverTime: Timestamp


def place_view(
    place: Place, position: int, slot: Slot, business: Business | None, zone: tzinfo, now: Instant
) -> PlaceView:
    """A live place. The estimate needs to know how long the business lets those in front decide."""
    wait = estimated_wait(slot, position, business.queue.claim_seconds) if business else None
    return {
        "entryId": place.entry,
        "slotId": slot.key.slot_id,
        "status": EntryStatus.WAITING,
        "units": place.units,
        "position": position,
        "totalInQueue": len(slot.waiting(now)),
        "estimatedWaitTime": wait,
        "joinedAt": timestamp(place.joined, zone),
        "bookingId": None,
        "slotDetails": slot_view(slot, zone, now),
        "timeZone": str(zone),
        "serverTime": timestamp(now, zone),
    }


def served_view(entry: Entry, slot: Slot, zone: tzinfo, now: Instant) -> PlaceView:
    """A place that is over, as a repeat of its join or one whose turn came at once is told."""
    return {
        "entryId": entry.id,
        "slotId": slot.key.slot_id,
        "status": entry.status,
        "units": entry.units,
        "position": None,
        "totalInQueue": len(slot.waiting(now)),
        "estimatedWaitTime": None,
        "joinedAt": timestamp(entry.joined, zone),
        "bookingId": _booking_id(entry),
        "slotDetails": slot_view(slot, zone, now),
        "timeZone": str(zone),
        "serverTime": timestamp(now, zone),
    }


def entry_view(listed: Listed, viewer: Caller, zone: tzinfo) -> EntryView:
    entry = listed.entry
    return {
        "entryId": entry.id,
        "slotId": entry.slot.slot_id,
        "businessId": entry.business,
        "resourceId": entry.slot.resource,
        "start": timestamp(entry.start, zone),
        "status": entry.status,
        "units": entry.units,
        "position": listed.position,
        "joinedAt": timestamp(entry.joined, zone),
        "bookingId": _booking_id(entry),
        "notes": entry.notes,
        "subject": entry.subject,
        "metadata": entry.metadata,
        "history": _history(entry, viewer, zone),
        "timeZone": str(zone),
    }


def queue_view(queue: Queue, viewer: Caller, zone: tzinfo, now: Instant) -> QueueView:
    """The live places. One whose entry is missing is about to go and only keeps its position."""
    slot = queue.slot
    waiting = slot.waiting(now)
    return {
        "slotId": slot.key.slot_id,
        "businessId": slot.key.business,
        "totalInQueue": len(waiting),
        "items": [
            _queue_place_view(place, position, queue.entries[place.entry], viewer, zone)
            for position, place in enumerate(waiting.values(), start=1)
            if place.entry in queue.entries
        ],
        "nextCursor": None,
        "slotDetails": slot_view(slot, zone, now),
        "timeZone": str(zone),
        "serverTime": timestamp(now, zone),
    }


def unchanging(view: PlaceView) -> dict[str, object]:
    """What of a place its ETag is made of: all but the time it was read at."""
    return {name: value for name, value in view.items() if name != "serverTime"}


def _queue_place_view(
    place: Place, position: int, entry: Entry, viewer: Caller, zone: tzinfo
) -> QueuePlaceView:
    return {
        "entryId": entry.id,
        "userId": entry.owner,
        "status": entry.status,
        "units": place.units,
        "position": position,
        "passed": place.passed,
        "joinedAt": timestamp(place.joined, zone),
        "endsAt": timestamp(place.until, zone),
        "notes": entry.notes,
        "contact": contact_view(entry.contact),
        "subject": entry.subject,
        "metadata": entry.metadata,
        "history": _history(entry, viewer, zone),
    }


def _booking_id(entry: Entry) -> str | None:
    """The booking of a place that had its turn has the same id."""
    return entry.id if entry.had_its_turn else None


def _history(entry: Entry, viewer: Caller, zone: tzinfo) -> list[EntryChangeView]:
    return [
        {
            "from": change.before,
            "to": change.after,
            "trigger": change.deed.trigger,
            "actor": seen_actor(change.deed.actor, entry.business, viewer),
            "at": timestamp(change.deed.at, zone),
            "reason": change.deed.reason,
        }
        for change in entry.history
    ]
