"""What must hold whatever happens (DESIGN 9), said once: for the simulation, the tests and the reconciler.

Each function yields a sentence for each violation it finds.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from holdfast.domain.booking import ENDED, HELD, TRANSITIONS, Booking, BookingStatus, Change, Ending
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.entry import ENTRY_TRANSITIONS, Entry, EntryStatus
from holdfast.domain.instants import JANITOR_SKEW, Instant
from holdfast.domain.queue import MOST_PASSED, PASSED_OVER, Place
from holdfast.domain.slot import Slot, SlotState


def of_slot(slot: Slot, now: Instant, skew: Instant = 0, *, overbooked: int = 0) -> Iterator[str]:
    """Invariants 1, 2 and 4: nothing sold twice, `free` adds up, nobody waits for what they have.

    `skew` is how far clocks may be apart: one that is ahead saw a place past, and took units. So many units
    staff have `overbooked`."""
    name = slot.key.slot_id
    live = sum(claim.units for claim in slot.live(now).values())
    if live > slot.capacity + overbooked:
        yield f"{name}: {live} units live on a capacity of {slot.capacity}"
    claimed = sum(claim.units for claim in slot.claims.values())
    if slot.free != slot.capacity - claimed:
        yield f"{name}: free is {slot.free}, capacity {slot.capacity} less {claimed} claimed"
    for who in slot.waiting(now + skew).keys() & slot.live(now).keys():
        yield f"{name}: {who} waits for what they have"
    places = slot.places.values()
    if len({place.seq for place in places}) < len(places) or any(place.seq >= slot.rev for place in places):
        yield f"{name}: the order of its places is not one of past revs: {sorted(p.seq for p in places)}"
    for place in places:
        if place.passed > MOST_PASSED:
            yield f"{name}: {place.entry} was passed over {place.passed} times"


def of_turns(before: Slot, after: Slot, now: Instant) -> Iterator[str]:
    """Invariant 5 in one write of a slot, by the clock `now` of who wrote it: no newcomer while anyone waits,
    turns in the order of joining save pass-overs, who joins is the last."""
    name, waiting = before.key.slot_id, before.waiting(now)
    served: Place | None = None
    for who, claim in after.claims.items():
        place = before.places.get(who)
        if before.claims.get(who) == claim:
            continue
        if place and place.entry == claim.booking and who not in after.places:
            served = place
            yield from _of_turn(before, after, place, claim, now)
        elif waiting and _takes(before, claim, now):
            yield f"{name}: {claim.booking} took units while {len(waiting)} waited"
    for who, place in after.places.items():
        was = before.places.get(who)
        others = [other.seq for each, other in before.places.items() if each != who]
        if was is None or was.entry != place.entry:
            if place.passed or place.seq < max(others, default=place.seq):
                yield f"{name}: {place.entry} joined before others"
        elif replace(place, seq=was.seq, passed=was.passed) != was:
            yield f"{name}: the place {was} became {place}"
        elif place.seq != was.seq and place.seq > min(others, default=place.seq):
            yield f"{name}: {place.entry} was moved, but not to the front"
        elif place.passed != was.passed and (served is None or served.seq < place.seq):
            yield f"{name}: {place.entry} was passed over by nobody"


def _takes(before: Slot, claim: Claim, now: Instant) -> bool:
    """Whether this claim has units that nobody held for it."""
    had = next((each for each in before.claims.values() if each.booking == claim.booking), None)
    return had is None or not had.is_live(now) or claim.units > had.units


def _of_turn(before: Slot, after: Slot, place: Place, claim: Claim, now: Instant) -> Iterator[str]:
    """Those in front were passed over because they do not fit, and were not kept waiting so too often."""
    name, held = before.key.slot_id, before.live(now - JANITOR_SKEW)
    room = before.capacity - sum(each.units for each in held.values())
    if claim.units != place.units:
        yield f"{name}: {place.entry} waited for {place.units} units and got {claim.units}"
    for who, other in before.waiting(now).items():
        # Who has units by a clock that saw their place past does not wait any more.
        if other.seq >= place.seq or who in held:
            continue
        if after.places.get(who) != other.passed_over():
            yield f"{name}: {place.entry} overtook {other.entry}"
        elif other.strict:
            yield f"{name}: {place.entry} was served before the strict head {other.entry}"
        elif other.units <= room:
            yield f"{name}: {other.entry} was passed over though {other.units} fit into {room}"


def of_booking(booking: Booking) -> Iterator[str]:
    """Invariant 6: the history is a path of the state machine, one version a line, one line a request."""
    name = f"booking {booking.id}"
    if booking.version != len(booking.history):
        yield f"{name}: version {booking.version} with {len(booking.history)} lines of history"
    yield from _of_path(name, booking.history, BookingStatus.PENDING, booking.status, TRANSITIONS)


def of_entry(entry: Entry, booking: Booking | None) -> Iterator[str]:
    """Invariant 6 of an entry, each pass-over told, and the booking that its turn made fits its state.

    `booking` is the one of the same id, also as it was when the TTL deleted it."""
    name = f"entry {entry.id}"
    if entry.version != len(entry.history):
        yield f"{name}: version {entry.version} with {len(entry.history)} lines of history"
    yield from _of_path(name, entry.history, EntryStatus.WAITING, entry.status, ENTRY_TRANSITIONS)
    if passes_told(entry) > MOST_PASSED:
        yield f"{name}: was passed over {passes_told(entry)} times"
    if entry.had_its_turn != (booking is not None and booking.promoted):
        yield f"{name}: {entry.status}, and a booking of its turn is {'not ' * entry.had_its_turn}there"
    if entry.had_its_turn and booking and _follows(booking) is not entry.status:
        yield f"{name}: {entry.status} while its booking is {booking.status}"


def passes_told(entry: Entry) -> int:
    """How often its history says that it was passed over."""
    return sum(change.deed.trigger == PASSED_OVER for change in entry.history)


def of_queue(slot: Slot, entries: Mapping[str, Entry]) -> Iterator[str]:
    """Places and the entries that wait tell the same. A place whose entry is missing or has ended is nobody's
    and about to go."""
    for who, place in slot.places.items():
        entry = entries.get(place.entry)
        if entry is None or entry.status is not EntryStatus.WAITING:
            continue
        told = (entry.slot, entry.who, entry.units, entry.joined, entry.until, passes_told(entry))
        if told != (slot.key, who, place.units, place.joined, place.until, place.passed):
            yield f"{slot.key.slot_id}: the place {place} and its entry {told} differ"


def _follows(booking: Booking) -> EntryStatus:
    """What a promoted booking says of its entry: what became of its hold."""
    held = BookingStatus.RESERVED
    end = next((each for each in booking.history if each.before is held and each.after is not held), None)
    if end is None:
        return EntryStatus.NOTIFIED
    if end.after is not BookingStatus.EXPIRED:
        return EntryStatus.CONVERTED
    return EntryStatus.LEFT if end.deed.reason == Ending.RELEASED else EntryStatus.EXPIRED


def _of_path[State: StrEnum](
    name: str,
    history: Sequence[Change[State]],
    first: State,
    last: State,
    transitions: Mapping[State, frozenset[State]],
) -> Iterator[str]:
    state = first
    for change in history:
        stays = change.before is change.after
        if change.before is not state or not (stays or change.after in transitions[state]):
            yield f"{name}: {change.before} to {change.after} while {state}"
        state = change.after
    if state is not last:
        yield f"{name}: {last}, but its history ends in {state}"
    for op, times in Counter(change.deed.op for change in history).items():
        if times > 1:
            yield f"{name}: request {op} had its effect {times} times"


def of_records(slot: Slot, bookings: Iterable[Booking], now: Instant, skew: Instant) -> Iterator[str]:
    """Invariants 3 and 4: claims and records tell the same, and nobody has the slot twice.

    `skew` is how far clocks may be apart: within it a hold may be gone from the ledger already."""
    records = {each.id: each for each in bookings if each.spot == slot.key}
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
    lapsed = booking.status in HELD and booking.expires <= now
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
