"""The sweep: end holds that no timer ended (HOLD-4), move queues that no stream record moved (QUEUE-3),
finish bookings that are over (BOOK-11), send jobs again whose message was lost (SLOT-3)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from holdfast.app.expire import expire
from holdfast.app.ports import (
    Catalog,
    ClaimRefused,
    DayMoved,
    DueBooking,
    DueJob,
    Jobs,
    Ledger,
    Lost,
    Throttled,
    Timer,
)
from holdfast.app.promote import SWEEPER, promote
from holdfast.app.writes import SaveBooking, SaveJob
from holdfast.domain.booking import HELD, Booking, Deed
from holdfast.domain.day import Day
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import JANITOR_SKEW, Instant
from holdfast.domain.place import DayKey, SlotKey


@dataclass(frozen=True, slots=True)
class Swept:
    """How many due entries were looked at, how many could not be settled this time, and how many who waited
    had to be served here: none, while the stream does its work."""

    looked_at: int
    failed: int
    served: int


def sweep(ledger: Ledger, catalog: Catalog, jobs: Jobs, now: Instant) -> Swept:
    """Settle everything due. What fails stays due and is met by the next sweep."""
    looked_at = failed = served = 0
    for found in ledger.due(now):
        looked_at += 1
        try:
            match found:
                case SlotKey():
                    served += _settle_slot(ledger, catalog, found, now)
                case DayKey():
                    _settle_day(ledger, found, now)
                case DueBooking():
                    _settle_booking(ledger, found.id, now)
                case DueJob():
                    _send_again(ledger, jobs, found.id, now)
        except Unavailable:
            failed += 1
    return Swept(looked_at, failed, served)


def _settle_slot(ledger: Ledger, catalog: Catalog, key: SlotKey, now: Instant) -> int:
    """End what is past, then serve who waits; how many were served."""
    slot = ledger.slot(key)
    if slot is None:
        return 0
    past = slot.past(now - JANITOR_SKEW)
    for who, claim in past.items():
        expire(ledger, Timer(key, who, claim.booking, claim.expires), now)
    served = promote(ledger, catalog, key, now, actor=SWEEPER) if slot.places else 0
    settled = ledger.slot(key) if past or slot.places else slot
    if settled is None or settled.due is None or settled.due > now:
        return served
    # Where somebody writes it just now it stays due until the next sweep.
    with suppress(ClaimRefused, Throttled):
        ledger.replace(settled.swept(now))
    return served


def _settle_day(ledger: Ledger, key: DayKey, now: Instant) -> None:
    (day,) = _read(ledger, key)
    past = day.past(now - JANITOR_SKEW)
    for who, claim in past.items():
        expire(ledger, Timer(key, who, claim.booking, claim.expires), now)
    (settled,) = _read(ledger, key) if past else (day,)
    if settled.due is not None and settled.due <= now:
        with suppress(DayMoved, Throttled):
            ledger.replace_day(settled.swept(now))


def _read(ledger: Ledger, key: DayKey) -> Sequence[Day]:
    return ledger.slots_and_days([], [key])[1]


def _settle_booking(ledger: Ledger, booking_id: str, now: Instant) -> None:
    booking = ledger.booking(booking_id)
    if booking is None:
        return
    if booking.finishes_at is not None:
        _finish(ledger, booking, booking.finishes_at, now)
    elif booking.status in HELD:
        expire(ledger, Timer.of(booking), now)


def _finish(ledger: Ledger, booking: Booking, due: Instant, now: Instant) -> None:
    """Complete it, or mark it as no-show, by its business's policy (BOOK-11)."""
    if due + JANITOR_SKEW > now:
        return
    deed = Deed(f"after end {booking.end}", SWEEPER, now, "after_end")
    try:
        ledger.commit(SaveBooking(booking.finished(deed)))
    except Lost:
        return  # staff said something themselves in that moment; it stays due if it still has to


def _send_again(ledger: Ledger, jobs: Jobs, job_id: str, now: Instant) -> None:
    """A job that runs still although its first message should long have done it."""
    job = ledger.job(job_id)
    if job is None or job.due is None or job.due > now:
        return
    jobs.send(job.id)
    with suppress(Lost):  # a run has just gone on with it; the message finds what is left
        ledger.commit(SaveJob(job.sent_again(now)))
