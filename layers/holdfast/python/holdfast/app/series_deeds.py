"""Deeds on the members of a series, each by its own transaction and with a result of its own (BOOK-13).

A member's `op` is made of the request's and the booking's, so a repeat finds what was done and does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from holdfast.app.asked import Asked, remember, seen_before
from holdfast.app.cancel import cancel
from holdfast.app.confirm import confirm
from holdfast.app.deeds import Done, own_booking
from holdfast.app.existing import existing_business
from holdfast.app.ports import Callers, Catalog, Catalogues, Ledger
from holdfast.app.release import release
from holdfast.domain.booking import Booking, BookingStatus, Contact
from holdfast.domain.errors import NotFound, Refusal, reasons_of
from holdfast.domain.instants import Instant
from holdfast.domain.series import Scope, Series, in_scope


class Result(NamedTuple):
    """The booking as it is now; `reasons` say why it is not otherwise, none where the deed was done."""

    booking: Booking
    reasons: tuple[str, ...] = ()


def visible_series(ledger: Ledger, asked: Asked, series_id: str) -> tuple[Series, Sequence[Booking]]:
    """A series and its members, for its owner or its business's staff; NotFound for anyone else (SEC-1)."""
    series = ledger.series(series_id)
    if series is None or not (series.owner == asked.caller.id or asked.caller.works_at(series.business)):
        raise NotFound("series")
    return series, _members(ledger, series)


def confirm_members(
    ledger: Ledger,
    callers: Callers,
    catalog: Catalog,
    catalogues: Catalogues,
    asked: Asked,
    series_id: str,
    *,
    contact: Contact | None = None,
    notes: str | None = None,
) -> tuple[Series, Sequence[Result]]:
    """Confirm the holds of the caller's own series. Raises NotFound or KeyReused."""
    seen_before(remember(callers, asked), asked)
    series = ledger.series(series_id)
    if series is None or series.owner != asked.caller.id:
        raise NotFound("series")

    def deed(part: Asked, booking: Booking) -> Done:
        return confirm(ledger, callers, catalog, catalogues, part, booking.id, contact=contact, notes=notes)

    return series, each_of(asked, _members(ledger, series), deed)


def cancel_members(
    ledger: Ledger,
    callers: Callers,
    catalog: Catalog,
    catalogues: Catalogues,
    asked: Asked,
    booking_id: str,
    scope: Scope,
    *,
    reason: str | None = None,
) -> Sequence[Result]:
    """Cancel the caller's own booking and those after it in its series, or all of them that are not over; of
    those that are only held the holds are released. It counts as one cancellation.

    Raises NotFound, RateLimited, StaleVersion or KeyReused.
    """
    recollection = remember(callers, asked, deed="cancel")
    booking = own_booking(ledger, asked, booking_id)
    asked.charge(recollection, existing_business(catalog, booking.business).cancels_a_minute)
    seen_before(recollection, asked)

    def deed(part: Asked, booking: Booking) -> Done:
        if booking.status is BookingStatus.RESERVED:
            return release(ledger, callers, part, booking.id)
        return cancel(ledger, callers, catalog, catalogues, part, booking.id, reason=reason, limited=False)

    return each_of(asked, meant(ledger, asked, booking, scope), deed)


def _members(ledger: Ledger, series: Series) -> Sequence[Booking]:
    """Its bookings by their start; one that was the owner's before is not among them."""
    found = ledger.bookings(series.bookings).values()
    members = (each for each in found if each.series == series.id)
    return sorted(members, key=lambda each: (each.start, each.id))


def meant(
    ledger: Ledger, asked: Asked, booking: Booking, scope: Scope, *, since: Instant | None = None
) -> Sequence[Booking]:
    """The members in the scope, and those that this request has done already. Raises StaleVersion where
    If-Match names another version of the one that is asked about."""

    def did(each: Booking) -> bool:
        return each.did(asked.part(each.id).op)

    if not did(booking):
        asked.require_version(booking.version)
    series = ledger.series(booking.series) if booking.series else None
    members = _members(ledger, series) if series else [booking]
    return in_scope(scope, booking, members, asked.now, since=since, done=did)


def each_of(
    asked: Asked, bookings: Iterable[Booking], deed: Callable[[Asked, Booking], Done]
) -> Sequence[Result]:
    """The results in their order, of each by itself."""
    results = []
    for booking in bookings:
        try:
            results.append(Result(deed(asked.part(booking.id), booking).booking))
        except Refusal as refused:
            results.append(Result(booking, reasons_of(refused)))
    return results
