"""Who is refused is told what is free nearby (HOLD-7), and a storm of refusals asks the table once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from holdfast.adapters.recent_slots import FRESH_FOR, RecentSlots
from holdfast.app.alternatives import MOST, alternatives
from holdfast.domain.instants import DAY, HOUR
from holdfast.domain.slot import Slot, SlotState
from tests.support.builders import NOW, a_claim, a_slot
from tests.support.memory import Memory
from tests.support.memory_readers import MemorySlots

START = NOW + 3 * DAY


def slots_around(*hours: int, **members: Any) -> list[Slot]:
    return [a_slot(start=START + hour * HOUR, **members) for hour in hours]


def memory_of(*slots: Slot) -> MemorySlots:
    return MemorySlots(Memory(slots={slot.key: slot for slot in slots}))


def test_the_nearest_free_slots_of_the_resource_are_offered_first() -> None:
    wanted = a_slot(start=START)
    others = slots_around(5, -2, 1, 24, -20, 48, 72)
    offered = alternatives(memory_of(wanted, *others), wanted.key, 1, NOW)
    assert [(slot.start - START) // HOUR for slot in offered] == [1, -2, 5, -20, 24][:MOST]


def test_only_what_has_room_for_the_party_is_offered() -> None:
    wanted = a_slot(start=START)
    full = a_slot(start=START + HOUR, claims={"x": a_claim(units=2, expires=NOW + DAY)})
    lapsed = a_slot(start=START + 2 * HOUR, claims={"x": a_claim(units=2, expires=NOW)})
    blocked = replace(a_slot(start=START + 3 * HOUR), state=SlotState.BLOCKED)
    elsewhere = a_slot(start=START + HOUR, resource="stand-2")
    small = a_slot(start=START + 4 * HOUR, capacity=1)
    slots = memory_of(wanted, full, lapsed, blocked, elsewhere, small)
    assert [slot.key for slot in alternatives(slots, wanted.key, 2, NOW)] == [lapsed.key]


def test_a_slot_that_has_begun_is_no_alternative() -> None:
    wanted = a_slot(start=START)
    begun = a_slot(start=START - HOUR)
    assert list(alternatives(memory_of(wanted, begun), wanted.key, 1, START - HOUR)) == []


@dataclass
class Counting:
    """Slots that count how often they are read."""

    slots: MemorySlots
    read: int = 0

    def published(self, *args: Any, **page: Any) -> Any:
        self.read += 1
        return self.slots.published(*args, **page)


def test_a_storm_of_refusals_reads_the_slots_once_in_five_seconds() -> None:
    wanted = a_slot(start=START)
    counting, seconds = Counting(memory_of(wanted, *slots_around(1, 2))), [100.0]
    recent = RecentSlots(counting, monotonic=lambda: seconds[0])
    for at in (0.0, 1.0, FRESH_FOR):
        seconds[0] = 100.0 + at
        assert len(alternatives(recent, wanted.key, 1, NOW)) == 2
    assert counting.read == 1
    seconds[0] = 100.1 + FRESH_FOR
    alternatives(recent, wanted.key, 1, NOW)
    assert counting.read == 2
