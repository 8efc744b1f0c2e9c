"""One-time tickets: browsers send no header with a WebSocket, and a token in a URL ends in logs (SEC-5)."""

from __future__ import annotations

import hashlib
from typing import Protocol

from holdfast.domain.caller import Caller
from holdfast.domain.instants import MINUTE, Instant

TICKET_FOR: Instant = MINUTE


class Tickets(Protocol):
    """One-time tickets, by their hash: what is stored opens nothing."""

    def keep(self, hashed: str, caller: Caller, until: Instant) -> None: ...

    def spend(self, hashed: str, now: Instant) -> Caller | None:
        """Whose it was; None where it is unknown, spent or past. Of any number of spenders one gets it."""


def issue_ticket(tickets: Tickets, caller: Caller, ticket: str, now: Instant) -> Instant:
    """Let this ticket, which nobody can guess, stand for the caller once; answers until when."""
    until = now + TICKET_FOR
    tickets.keep(_hash(ticket), caller, until)
    return until


def spend_ticket(tickets: Tickets, ticket: str, now: Instant) -> Caller | None:
    return tickets.spend(_hash(ticket), now) if ticket else None


def _hash(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
