"""The ticket that opens a WebSocket, as it is shown once."""

from __future__ import annotations

from datetime import UTC
from typing import TypedDict

from holdfast.domain.instants import Instant
from holdfast.http.views import Timestamp, timestamp


class TicketView(TypedDict):
    """Connect to `wsUrl` with `?ticket=` before `expiresAt`, once."""

    ticket: str
    wsUrl: str
    expiresAt: Timestamp
    serverTime: Timestamp


def ticket_view(ticket: str, ws_url: str, until: Instant, now: Instant) -> TicketView:
    return {
        "ticket": ticket,
        "wsUrl": ws_url,
        "expiresAt": timestamp(until, UTC),
        "serverTime": timestamp(now, UTC),
    }
