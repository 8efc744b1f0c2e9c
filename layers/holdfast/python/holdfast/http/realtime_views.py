"""What goes out over WebSocket; like `views`, this is the contract."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Any

from holdfast.app.realtime_ports import Message
from holdfast.domain.booking import Booking
from holdfast.domain.business import Business
from holdfast.domain.errors import Refusal
from holdfast.domain.instants import Instant
from holdfast.domain.realtime import Over, Position, QueueNews, Totals, booking_event
from holdfast.http.views import booking_view


def queue_message(news: QueueNews) -> Message:
    told: dict[str, Any] = {"slotId": news.slot.slot_id, "sequence": news.sequence}
    match news:
        case Position() | Totals():
            return {"type": "queue.position", **told, **_standing(news)}
        case Over(entry=entry, promoted=True) if entry is not None:
            return {"type": "queue.promoted", **told, "entryId": entry.id, "bookingId": entry.id}
        case Over(entry=entry):
            reason = entry.history[-1].deed.reason if entry else None
            return {"type": "queue.left", **told, "entryId": entry.id if entry else None, "reason": reason}


def booking_message(booking: Booking, business: Business | None, now: Instant) -> Message:
    zone: tzinfo = business.zone if business else UTC
    return {
        "type": booking_event(booking),
        "sequence": booking.version,
        "data": booking_view(booking, zone, now),
    }


def subscribed_message(asked: Message, news: Position | Totals | None) -> Message:
    """With what is so at this moment, where there is something to tell and it was not told before."""
    now = {"sequence": news.sequence, **_standing(news)} if news else {}
    return {"type": "subscribed", **asked, **now}


def error_message(asked: Message, code: str, detail: str, facts: Message | None = None) -> Message:
    return {"type": "error", "code": code, "detail": detail, **asked, **(facts or {})}


def refusal_message(asked: Message, refusal: Refusal) -> Message:
    return error_message(asked, refusal.code, refusal.detail, refusal.facts)


def _standing(news: Position | Totals) -> dict[str, Any]:
    if isinstance(news, Totals):
        return {"totalInQueue": news.total}
    return {
        "entryId": news.entry,
        "position": news.position,
        "totalInQueue": news.total,
        "estimatedWaitTime": news.wait,
    }
