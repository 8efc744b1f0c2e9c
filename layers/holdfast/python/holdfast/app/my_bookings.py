"""A user's own bookings, the one made a moment ago included (DESIGN 5)."""

from __future__ import annotations

from holdfast.app.asked import Asked
from holdfast.app.ports import Bookings, Callers, Page
from holdfast.domain.booking import Booking
from holdfast.domain.instants import Instant


def my_bookings(
    bookings: Bookings,
    callers: Callers,
    asked: Asked,
    start: Instant,
    end: Instant,
    *,
    limit: int,
    cursor: str | None,
) -> Page[Booking]:
    """The index lags; what the caller asked for lately does not, and is looked up by its id."""
    lately = [each.booking for each in callers.lately(asked.caller.id, asked.now)]
    return bookings.of_owner(asked.caller.id, start, end, limit=limit, cursor=cursor, also=lately)
