"""What a refused customer could have instead: the resource's free slots nearest to the asked one (HOLD-7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from holdfast.app.ports import Slots
from holdfast.domain.instants import DAY, Instant
from holdfast.domain.place import SlotKey
from holdfast.domain.slot import Slot

MOST = 5
DAYS_BEFORE, DAYS_AFTER = 1, 8
MOST_READ = 100


def alternatives(slots: Slots, asked_for: SlotKey, units: int, now: Instant) -> Sequence[Slot]:
    """Free slots around the one that was refused, nearest first.

    What is read is the same for all who ask for a slot of that day, so that a cache in front of `slots`
    answers a storm of refusals with one query. It may be seconds old: an offer is judged when it is taken."""
    day = (date.fromisoformat(asked_for.day) - date(1970, 1, 1)).days * DAY
    page = slots.published(
        asked_for.business,
        [asked_for.resource],
        day - DAYS_BEFORE * DAY,
        day + DAYS_AFTER * DAY,
        limit=MOST_READ,
        cursor=None,
    )
    wanted = next((slot.start for slot in page.items if slot.key == asked_for), day)
    free = [slot for slot in page.items if slot.key != asked_for and slot.available(now) >= units]
    return sorted(free, key=lambda slot: (abs(slot.start - wanted), slot.start))[:MOST]
