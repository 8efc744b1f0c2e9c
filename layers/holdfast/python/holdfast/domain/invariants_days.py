"""What must hold of days and of the appointments on them (DESIGN 9), as `invariants` says it of slots.

Each function yields a sentence for each violation it finds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from holdfast.domain.appointment import Appointment
from holdfast.domain.booking import ENDED, HELD, Booking
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.instants import Instant
from holdfast.domain.place import DayKey


def of_day(day: Day, capacity: int, now: Instant) -> Iterator[str]:
    """Invariant 1: at no minute more units are live than the resource has, or its pool, and a published slot
    has its resource for itself."""
    live = [(claim, claim.window) for claim in day.live(now).values() if claim.window]
    for _, at in live:
        # The most are taken where one of them begins.
        taken = sum(claim.units for claim, window in live if window.start <= at.start < window.end)
        if taken > capacity:
            yield f"{day.key.name}: {taken} units live at {_time(at.start)} on a capacity of {capacity}"
    for claim, window in live:
        for slot_id, slot in day.windows.items():
            if window.overlaps(slot):
                yield f"{day.key.name}: the claim of {claim.booking} lies in the window of {slot_id}"
    for who in day.claims.keys() - {who for who, claim in day.claims.items() if claim.window}:
        yield f"{day.key.name}: the claim of {who} says not what it takes"


def of_appointments(
    days: Iterable[Day], bookings: Iterable[Booking], now: Instant, skew: Instant
) -> Iterator[str]:
    """Invariants 3 and 4: claims and records tell the same in each ledger of a booking, and nobody has a
    start of a service with a resource twice.

    `skew` is how far clocks may be apart: within it a newcomer may have evicted one claim of a hold. A claim
    elsewhere is a late twin's, which chose otherwise or came after a move: never confirmed, it lapses.
    """
    there = {day.key: day for day in days}
    records = {each.id: each for each in bookings}
    kept = {
        each.id: each
        for each in records.values()
        if isinstance(each.spot, Appointment) and not _is_over(each, now + skew)
    }
    claims = {each.id: each.claims for each in records.values()}
    for day in there.values():
        for who, claim in day.claims.items():
            record = records.get(claim.booking)
            own = claims[record.id].get(day.key) if record and record.who == who else None
            yield from _of_claim(day.key, claim, own, record)
            if claim.booking in kept and own is not None and own != claim:
                yield f"{day.key.name}: the claim {claim} and its record {own} differ"
    for record in kept.values():
        for key in claims[record.id]:
            claim_there = there[key].claims.get(record.who) if key in there else None
            if claim_there is None or claim_there.booking != record.id:
                yield f"booking {record.id}: {record.status} without its claim in {key.name}"
    for (_, who), times in Counter((record.business, record.who) for record in kept.values()).items():
        if times > 1:
            yield f"{who} has the same start {times} times"


def of_ending(ended: Booking, days: Mapping[DayKey, Day]) -> Iterator[str]:
    """Of a write that ended an appointment: its claims went with it, all of them."""
    held = replace(ended, status=ended.history[-1].before)
    for key, claim in held.claims.items():
        if isinstance(key, DayKey) and key in days and days[key].claims.get(held.who) == claim:
            yield f"booking {ended.id}: {ended.status}, and its claim in {key.name} is left"


def _of_claim(key: DayKey, claim: Claim, own: Claim | None, record: Booking | None) -> Iterator[str]:
    """`own` is what the record says that it has there, if it has."""
    if claim.confirmed and record is None:
        yield f"{key.name}: a confirmed claim of {claim.booking} without a record"
    elif claim.confirmed and record and (own is None or record.status in ENDED):
        yield f"{key.name}: a confirmed claim of {claim.booking}, which is {record.status} elsewhere"


def _is_over(booking: Booking, now: Instant) -> bool:
    lapsed = booking.status in HELD and booking.expires <= now
    return lapsed or booking.status in ENDED


def _time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
