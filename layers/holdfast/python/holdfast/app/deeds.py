"""How every deed on a booking is done: read the record, decide, write on its version (DESIGN 3).

A repeat finds its own `op` in the history and answers success. A commit that is lost to somebody else is
decided again from what is there now, until a rule speaks or it goes through.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from holdfast.app.asked import Asked, remember, seen_before
from holdfast.app.ports import Callers, Ledger, Limited, Lost
from holdfast.app.writes import Write
from holdfast.domain.booking import Booking
from holdfast.domain.errors import NotFound, Unavailable

MOST_TRIES = 5


class Done(NamedTuple):
    booking: Booking
    replayed: bool


class Decision(NamedTuple):
    """The booking as it shall be, and what else is written in the same transaction."""

    booking: Booking
    writes: tuple[Write, ...]


def visible_booking(ledger: Ledger, asked: Asked, booking_id: str) -> Booking:
    """A booking its owner or its business's staff may see; NotFound for anyone else (SEC-1)."""
    booking = ledger.booking(booking_id)
    if booking is None or not (booking.owner == asked.caller.id or asked.caller.works_at(booking.business)):
        raise NotFound("booking")
    return booking


def own_booking(ledger: Ledger, asked: Asked, booking_id: str) -> Booking:
    """A booking of the caller's own; NotFound for anyone else."""
    booking = ledger.booking(booking_id)
    if booking is None or booking.owner != asked.caller.id:
        raise NotFound("booking")
    return booking


def booking_of_theirs(ledger: Ledger, asked: Asked, booking_id: str) -> Booking:
    """A booking of a business where the caller works; NotFound for anyone else."""
    booking = ledger.booking(booking_id)
    if booking is None or not asked.caller.works_at(booking.business):
        raise NotFound("booking")
    return booking


def do(
    ledger: Ledger,
    callers: Callers,
    asked: Asked,
    read: Callable[[], Booking],
    decide: Callable[[Booking, int], Decision],
    *,
    limited: tuple[Limited, Callable[[Booking], int]] | None = None,
    most_tries: int = MOST_TRIES,
) -> Done:
    """Read, decide and commit, again while somebody else was quicker. Without writes all is as it shall be.

    `decide` gets the number of the try (0 at first): from the second on it looks at the slot as well, to
    refuse what the commit alone could not explain, and it raises Lost where what it read belongs to another
    record. `limited` names a deed that is counted, and says how many
    a minute the booking's business allows. Raises what `decide` raises, RateLimited, KeyReused, StaleVersion.
    """
    recollection = remember(callers, asked, deed=limited[0] if limited else None)
    for attempt in range(most_tries):
        booking = read()
        if attempt == 0:
            if limited:
                asked.charge(recollection, limited[1](booking))
            seen_before(recollection, asked)
        if booking.did(asked.op):
            return Done(booking, replayed=True)
        asked.require_version(booking.version)
        try:
            decision = decide(booking, attempt)
            if decision.writes:
                ledger.commit(*decision.writes)
        except Lost:
            continue
        return Done(decision.booking, replayed=False)
    raise Unavailable("the booking changes too quickly")
