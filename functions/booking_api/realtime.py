"""The way into real time: a ticket that opens one WebSocket."""

from __future__ import annotations

import secrets

from functions.booking_api.door import api
from holdfast.app.tickets import issue_ticket
from holdfast.http import ticket_views
from holdfast.http.api import Answer, Call
from holdfast.http.bodies import NoBody
from holdfast.http.ports import Ports

TICKET_BYTES = 32


@api.post("/v1/realtime/tickets", body=NoBody, answers={201: ticket_views.TicketView})
def issue_realtime_ticket(call: Call[NoBody], ports: Ports) -> Answer:
    """A ticket that opens one WebSocket within a minute, as the caller. A repeat gets another: a ticket is
    shown once, and only its hash is kept.
    """
    ticket = secrets.token_urlsafe(TICKET_BYTES)
    until = issue_ticket(ports.tickets(), call.caller, ticket, call.now)
    return Answer(
        status=201,
        body=ticket_views.ticket_view(ticket, ports.settings().realtime_url, until, call.now),
    )
