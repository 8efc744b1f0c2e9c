"""What must hold whatever happens (DESIGN 9), said once: for the simulation, the tests and the reconciler.

Each function yields a sentence for each violation it finds.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator

from holdfast.domain.booking import ENDED, TRANSITIONS, Booking, BookingStatus
from holdfast.domain.day import Day
from holdfast.domain.instants import Instant
from holdfast.domain.slot import Slot, SlotState


def of_slot(slot: Slot, now: Instant) -> Iterator[str]:
    """Invariants 1 and 2: nothing sold twice, `free` adds up."""
    name = slot.key.slot_id
    live = sum(claim.units for claim in slot.live(now).values())
    if live > slot.capacity:
        yield f"{name}: {live} units live on a capacity of {slot.capacity}"
    claimed = sum(claim.units for claim in slot.claims.values())
    if slot.free != slot.capacity - claimed:
        yield f"{name}: free is {slot.free}, capacity {slot.capacity} less {claimed} claimed"


def of_booking(booking: Booking) -> Iterator[str]:
    """Invariant 6: the history is a path of the state machine, one version a line, one line a request."""
    name = f"booking {booking.id}"
    if booking.version != len(booking.history):
        yield f"{name}: version {booking.version} with {len(booking.history)} lines of history"
    state = BookingStatus.PENDING
    for change in booking.history:
        stays = change.before is change.after
        if change.before is not state or not (stays or change.after in TRANSITIONS[state]):
            yield f"{name}: {change.before} to {change.after} while {state}"
        state = change.after
    if state is not booking.status:
        yield f"{name}: {booking.status}, but its history ends in {state}"
    for op, times in Counter(change.deed.op for change in booking.history).items():
        if times > 1:
            yield f"{name}: request {op} had its effect {times} times"


def of_records(slot: Slot, bookings: Iterable[Booking], now: Instant, skew: Instant) -> Iterator[str]:
    """Invariants 3 and 4: claims and records tell the same, and nobody has the slot twice.

    `skew` is how far clocks may be apart: within it a hold may be gone from the ledger already."""
    records = {each.id: each for each in bookings if each.slot == slot.key}
    kept = {each.id: each for each in records.values() if not _is_over(each, now + skew)}
    for who, claim in slot.claims.items():
        record = records.get(claim.booking)
        if record is None and claim.confirmed:
            yield f"{slot.key.slot_id}: a confirmed claim of {claim.booking} without a record"
        if claim.booking in kept and (kept[claim.booking].who, kept[claim.booking].claim) != (who, claim):
            yield f"{slot.key.slot_id}: the claim {claim} and its record {kept[claim.booking].claim} differ"
    for record in kept.values():
        claim_there = slot.claims.get(record.who)
        if claim_there is None or claim_there.booking != record.id:
            yield f"booking {record.id}: {record.status} without its claim"
    for who, times in Counter(record.who for record in kept.values()).items():
        if times > 1:
            yield f"{slot.key.slot_id}: {who} has it {times} times"


def _is_over(booking: Booking, now: Instant) -> bool:
    lapsed = booking.status is BookingStatus.RESERVED and booking.expires <= now
    return lapsed or booking.status in ENDED


def of_resource(slots: Iterable[Slot], days: Iterable[Day]) -> Iterator[str]:
    """SLOT-2 on one resource: open slots do not overlap, and each has its window."""
    standing = sorted((each for each in slots if each.state is not SlotState.DELETED), key=lambda s: s.start)
    for earlier, later in itertools.pairwise(standing):
        if later.start < earlier.end:
            yield f"{earlier.key.slot_id} and {later.key.slot_id} overlap"
    windowed = {slot_id for day in days for slot_id in day.windows}
    for slot in standing:
        if slot.key.slot_id not in windowed:
            yield f"{slot.key.slot_id} has no window in its day"
    for slot_id in sorted(windowed - {slot.key.slot_id for slot in standing}):
        yield f"{slot_id} has a window and is not there"
