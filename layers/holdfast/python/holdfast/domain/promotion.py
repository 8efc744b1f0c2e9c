"""Whose turn it is in a slot's queue (SPEC QUEUE-2, QUEUE-3), decided from one read slot.

First come, first served. A party that does not fit lets the next that does go first, at most three times;
then it is the strict head, and units are kept for it.
"""

from __future__ import annotations

from typing import NamedTuple

from holdfast.domain.entry import EntryEnding
from holdfast.domain.instants import JANITOR_SKEW, Instant
from holdfast.domain.queue import Place
from holdfast.domain.slot import Slot, SlotState

MOST_LOOKED_PAST = 90
"""Who is passed over is told so in the same transaction, and that has at most 100 writes."""


class Serve(NamedTuple):
    """This place's turn; `passed` are those in front of it that do not fit into the `room`, by claimant."""

    who: str
    place: Place
    passed: dict[str, Place]
    room: int


class End(NamedTuple):
    """This place has no turn to come."""

    who: str
    place: Place
    ending: EntryEnding


def next_step(slot: Slot, now: Instant) -> Serve | End | None:
    """What is to be done first in the queue, None while nothing is."""
    in_order = sorted(slot.places.items(), key=lambda each: each[1].seq)
    for who, place in in_order:
        if ending := _ending(slot, place, now):
            return End(who, place, ending)
    if slot.state is not SlotState.OPEN or slot.start <= now:
        return None
    claims = slot.live(now - JANITOR_SKEW)
    room = _room(slot, now)
    passed: dict[str, Place] = {}
    for who, place in in_order:
        if not place.is_live(now) or who in claims:
            continue  # one clock says over, another not yet
        if place.units <= room:
            return Serve(who, place, passed, room)
        if place.strict or len(passed) == MOST_LOOKED_PAST:
            return None
        passed[who] = place
    return None


def needs_a_look(slot: Slot, now: Instant) -> bool:
    """Whether a promoter may find something to do."""
    return next_step(slot, now) is not None or bool(kept_for(slot, now))


def kept_for(slot: Slot, now: Instant) -> dict[str, Place]:
    """Those who wait while there is room that fits none of them. If one of them is not waiting any more, its
    place keeps newcomers out for nothing."""
    if slot.state is not SlotState.OPEN or slot.start <= now or _room(slot, now) <= 0:
        return {}
    return slot.waiting(now)


def _room(slot: Slot, now: Instant) -> int:
    return slot.capacity - sum(claim.units for claim in slot.live(now - JANITOR_SKEW).values())


def _ending(slot: Slot, place: Place, now: Instant) -> EntryEnding | None:
    if slot.state is SlotState.DELETED:
        return EntryEnding.SLOT_REMOVED
    if slot.start <= now - JANITOR_SKEW:
        return EntryEnding.SLOT_PAST
    if not place.is_live(now - JANITOR_SKEW):
        return EntryEnding.TIMED_OUT
    return EntryEnding.TOO_LARGE if place.units > slot.capacity else None
