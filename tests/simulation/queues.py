"""What must hold of the queues of a run, beside the invariants of single values: each end of a place has its
reason, who was told that they wait does wait, nobody is stranded, served twice or back after they left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from holdfast.domain import invariants
from holdfast.domain.booking import Booking
from holdfast.domain.entry import Entry, EntryEnding, EntryStatus
from holdfast.domain.promotion import End, Serve, next_step
from holdfast.domain.slot import Slot, SlotState
from tests.simulation.clients import Clients
from tests.simulation.consumers import SKEW, Consumers
from tests.simulation.hub import Hub, Task, Violation, demand
from tests.support.memory import Changed, Memory


class Queues:
    """`_stood` are the entries that ever had their place, `_served` those that had their turn."""

    def __init__(self, hub: Hub, memory: Memory, clients: Clients, consumers: Consumers) -> None:
        self._hub, self._memory = hub, memory
        self._clients, self._consumers = clients, consumers
        self._stood: set[str] = set()
        self._served: set[str] = set()

    def check_write(self, task: Task, changed: Changed) -> None:
        before, after = changed.before, changed.after
        if isinstance(before, Slot) and isinstance(after, Slot):
            demand(invariants.of_turns(before, after, task.now))
            new = {place.entry for place in after.places.values()}
            new -= {place.entry for place in before.places.values()}
            if task.replays in new:
                raise Violation(f"{task.name}: the repeat of an answered request took a place")
        if isinstance(before, Entry) and isinstance(after, Entry):
            if after.version != before.version + 1 or after.history[:-1] != before.history:
                raise Violation(f"entry {after.id}: version {before.version} was overwritten")
            known = after.id in self._known()
            if known and before.status is EntryStatus.WAITING and not self._may_end(after):
                raise Violation(f"entry {after.id}: {after.status} by {after.history[-1].deed}")

    def _may_end(self, entry: Entry) -> bool:
        """Whether that end of waiting was its owner's or staff's deed, or its time or its slot's had come."""
        slot, now, deed = self._memory.slots[entry.slot], self._hub.now, entry.history[-1].deed
        if entry.status is EntryStatus.LEFT:
            # A repeat of a leave that was answered must not give up the place taken since. What was taken
            # within what clocks may be apart cannot be told from what was there.
            left = self._clients.left_at.get(deed.op)
            return deed.actor == f"customer:{entry.owner}" and (
                left is None or entry.joined < left + 3 * SKEW
            )
        if entry.status is not EntryStatus.EXPIRED or deed.actor.startswith("admin:"):
            return True
        match deed.reason:
            case EntryEnding.TIMED_OUT:
                own = deed.actor == f"customer:{entry.owner}"
                return entry.until <= now + (SKEW if own else 0)
            case EntryEnding.TOO_LARGE:
                return slot.capacity < entry.units
            case EntryEnding.SLOT_PAST:
                return slot.start <= now
            case EntryEnding.SLOT_REMOVED:
                return slot.state is SlotState.DELETED
        return False

    def check_state(self, changes: Sequence[Changed]) -> None:
        for each in changes:
            if isinstance(each.after, Slot):
                self._stood.update(place.entry for place in each.after.places.values())
                demand(invariants.of_queue(each.after, self._known()))
            elif isinstance(each.after, Booking | Entry):
                entry = self._memory.entries.get(each.after.id)
                if entry:
                    demand(invariants.of_entry(entry, self._booking(entry.id)))
            if isinstance(each.after, Booking) and each.before is None and len(each.after.history) == 1:
                if each.after.promoted and each.after.id in self._served:
                    raise Violation(f"entry {each.after.id}: was served twice")
                self._served.add(each.after.id)
        for entry in self._known().values():
            told = entry.id in self._stood or entry.id in self._clients.places
            if told and entry.status is EntryStatus.WAITING and not self._waits(entry):
                raise Violation(f"entry {entry.id}: WAITING, and its place is gone")

    def check_nobody_is_stranded(self) -> None:
        """Where nothing is under way any more, nobody waits for units that are free."""
        for slot in self._memory.slots.values():
            step = next_step(slot, self._hub.now)
            # By a promoter's clock that is ahead, a place near its end was past. Nothing tells the stream
            # that a place's time is over: that is the sweep's to find.
            served = isinstance(step, Serve) and step.place.is_live(self._hub.now + SKEW)
            ended = isinstance(step, End) and self._consumers.defences.sweep
            if step and (served or ended):
                raise Violation(f"{slot.key.slot_id}: {step.place.entry} is stranded, {step}")

    def check_the_end(self) -> None:
        defences = self._consumers.defences
        for entry in self._memory.entries.values():
            # One that never had its place is left by a crash, and the TTL's to delete.
            if entry.status is EntryStatus.WAITING and (
                defences.ttl or (defences.sweep and entry.id in self._stood and not self._booking(entry.id))
            ):
                raise Violation(f"entry {entry.id}: WAITING long after its time")
        for slot in self._memory.slots.values():
            if defences.sweep and slot.places:
                raise Violation(f"{slot.key.slot_id}: past places are left")

    def _known(self) -> Mapping[str, Entry]:
        """Entries, save those of requests so late that the TTL had deleted their first one, an hour after its
        time, and nobody had tidied up its place."""
        forgotten = self._consumers.forgotten
        if not forgotten:
            return self._memory.entries
        return {each.id: each for each in self._memory.entries.values() if each.id not in forgotten}

    def _waits(self, entry: Entry) -> bool:
        """Whether it has its place. A reserve whose twin took units and a booking of the same id waits no
        more, and nobody tells its entry."""
        place = self._memory.slots[entry.slot].places.get(entry.who)
        return (place is not None and place.entry == entry.id) or self._booking(entry.id) is not None

    def _booking(self, booking_id: str) -> Booking | None:
        """Also as it was when the TTL deleted it. A request an hour late may have written the record of such
        a claim once more, as one that no queue led to."""
        there, reaped = self._memory.bookings.get(booking_id), self._consumers.reaped.get(booking_id)
        return reaped if reaped and not (there and there.promoted) else there
