"""Move members of a series by as much as one of them, each by its own transaction (BOOK-5, BOOK-13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from holdfast.app.asked import Asked, remember, seen_before
from holdfast.app.deeds import Decision, Done, do, own_booking
from holdfast.app.existing import existing_business
from holdfast.app.ports import Callers, Catalog, Catalogues, Ledger
from holdfast.app.reschedule import MOST_TRIES, move
from holdfast.app.series_deeds import Result, each_of, meant
from holdfast.app.wish import FreeStart
from holdfast.domain.booking import RESCHEDULE, Booking
from holdfast.domain.business import Business
from holdfast.domain.instants import Instant
from holdfast.domain.place import SlotKey
from holdfast.domain.series import Scope, shifted


def reschedule_members(
    ledger: Ledger,
    callers: Callers,
    catalog: Catalog,
    catalogues: Catalogues,
    asked: Asked,
    booking_id: str,
    to: SlotKey | FreeStart,
    scope: Scope,
) -> Sequence[Result]:
    """Move the caller's own booking there, on the version named by If-Match, and those after it in its series
    or all of them, as far as they are not over, by as much on the wall clock of their business.

    Raises NotFound, PreconditionRequired, StaleVersion or KeyReused; what is refused to one is in its result.
    """
    asked.require_precondition()
    seen_before(remember(callers, asked), asked)
    booking = own_booking(ledger, asked, booking_id)
    business = existing_business(catalog, booking.business)
    was, _ = booking.moves.get(asked.part(booking.id).op, (booking.start, booking.start))
    becomes = to.start(business.ledger_offset) if isinstance(to, SlotKey) else to.start

    def deed(part: Asked, member: Booking) -> Done:
        start = shifted(member.start, was, becomes, business.zone)
        there = to if member.id == booking.id else _from(to, start, business)
        return do(
            ledger,
            callers,
            part,
            lambda: own_booking(ledger, part, member.id),
            lambda read, _: _moved(read, part, there),
            most_tries=MOST_TRIES,
        )

    def _moved(read: Booking, part: Asked, there: SlotKey | FreeStart) -> Decision:
        return move(ledger, catalog, catalogues, read, there, part.deed(RESCHEDULE))

    members = meant(ledger, asked, booking, scope, since=was)
    # Nobody moves to where the next one still stands.
    in_turn = members if becomes < was else members[::-1]
    results = each_of(asked, in_turn, deed)
    return sorted(results, key=lambda each: (each.booking.start, each.booking.id))


def _from(to: SlotKey | FreeStart, start: Instant, business: Business) -> SlotKey | FreeStart:
    """The same at another start; a slot has to be published there."""
    if isinstance(to, SlotKey):
        return SlotKey.at(to.business, to.resource, start, business.ledger_offset)
    return replace(to, start=start, end=None if to.end is None else start + to.end - to.start)
