"""Nobody sits on the inventory: a cap on live holds, a cool-down on holding the same slot again (HOLD-8)."""

from __future__ import annotations

from collections.abc import Callable

from holdfast.app.asked import Asked
from holdfast.app.ports import REMEMBERED_FOR, Asking, Bookings, Callers, Ledger, Recollection
from holdfast.domain.booking import Booking, BookingStatus
from holdfast.domain.business import Business
from holdfast.domain.errors import PolicyViolation
from holdfast.domain.instants import NEVER, SECOND, Instant, seconds_until

MOST_READ = 100


def require_restraint(
    ledger: Ledger,
    callers: Callers,
    bookings: Bookings,
    asked: Asked,
    business: Business,
    asking: Asking,
    recollection: Recollection,
    holds_it: Callable[[], bool],
) -> None:
    """Raises PolicyViolation, with the rule `hold_cooldown` or `max_holds`.

    Neither refuses one who `holds_it` already: asking again for what one has takes nothing.
    """
    others = [
        each for each in recollection.asked_for if each.hold != asking.hold and each.business == business.id
    ]
    cools = business.hold.cooldown_seconds > 0
    before = {
        each.hold: ledger.booking(each.booking)
        for each in recollection.asked_for
        if each.hold == asking.hold or (cools and each.where == asking.where)
        if each.booking != asking.booking
    }
    cooling = filter(None, (_cooling(business, each, asked) for each in before.values()))
    refusal = next(cooling, None) or _capped(ledger, bookings, business, others, asked)
    if refusal is not None and not holds_it():
        raise refusal
    earlier = before.get(asking.hold)
    if asking.hold in before and not (earlier and _is_held(earlier, asked.now)):
        # Who holds the slot is answered with that hold, so it is the one to remember.
        callers.replace_asking(asked.caller.id, asking)


def _cooling(business: Business, earlier: Booking | None, asked: Asked) -> PolicyViolation | None:
    seconds = business.hold.cooldown_seconds
    ended = _hold_ended(earlier, asked.now) if earlier else None
    if not seconds or ended is None or asked.now >= ended + seconds * SECOND:
        return None
    wait = max(1, seconds_until(ended + seconds * SECOND, asked.now))
    return PolicyViolation(
        "hold_cooldown", f"Your hold there has just ended; try again in {wait} s.", retryAfter=wait
    )


def _hold_ended(booking: Booking, now: Instant) -> Instant | None:
    """When a hold came to nothing, None where it did not."""
    if booking.seen_at(now) is not BookingStatus.EXPIRED:
        return None
    return booking.expires if booking.status is BookingStatus.RESERVED else booking.history[-1].deed.at


def _capped(
    ledger: Ledger, bookings: Bookings, business: Business, others: list[Asking], asked: Asked
) -> PolicyViolation | None:
    """While fewer places than the cap were asked for lately, nothing is read. Holds can be older than what is
    remembered, so then the user's bookings are looked through as well."""
    most = business.hold.max_per_user
    lately = [each for each in others if each.at > asked.now - REMEMBERED_FOR]
    if len(lately) < most:
        return None
    known = {each.booking: ledger.booking(each.booking) for each in lately}
    page = bookings.of_owner(asked.caller.id, asked.now, NEVER, limit=MOST_READ, cursor=None)
    known |= {each.id: each for each in page.items if each.business == business.id}
    # A series is one, however many it has.
    live = {each.series or each.id for each in known.values() if each and _is_held(each, asked.now)}
    if len(live) < most:
        return None
    return PolicyViolation("max_holds", f"You may hold at most {most} places at a time.")


def _is_held(booking: Booking, now: Instant) -> bool:
    return booking.seen_at(now) in (BookingStatus.RESERVED, BookingStatus.PENDING_APPROVAL)
