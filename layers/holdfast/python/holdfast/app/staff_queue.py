"""What staff see of a slot's queue, and what admins do to it: remove a place, move one to the front."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from holdfast.app.admins import administered
from holdfast.app.asked import Asked
from holdfast.app.existing import existing_slot
from holdfast.app.ports import Catalog, Ledger, Lost
from holdfast.app.wish import MOST_WRITES
from holdfast.app.writes import MoveEntry, SaveSlot
from holdfast.domain.entry import Entry, EntryStatus
from holdfast.domain.errors import InvalidTransition, NotFound, Unavailable
from holdfast.domain.instants import Instant
from holdfast.domain.place import SlotKey
from holdfast.domain.slot import Slot


class Queue(NamedTuple):
    """`entries` are by id; a place whose entry is missing is about to go. `replayed` is true where this very
    request had its effect before."""

    slot: Slot
    entries: Mapping[str, Entry]
    replayed: bool = False


def see_queue(ledger: Ledger, asked: Asked, business_id: str, key: SlotKey) -> Queue:
    """The queue of a slot of theirs. Raises NotFound."""
    slot = _of_their_business(ledger, asked, business_id, key)
    return Queue(slot, ledger.entries([place.entry for place in slot.places.values()]))


class PlaceDeed(NamedTuple):
    """What becomes of the slot for this claimant, and of the entry."""

    trigger: str
    after: EntryStatus
    change: Callable[[Slot, str, Instant], Slot]


REMOVE = PlaceDeed("remove_from_queue", EntryStatus.EXPIRED, Slot.without_place)
MOVE_TO_FRONT = PlaceDeed("move_to_front", EntryStatus.WAITING, Slot.moved_to_front)


def change_place(
    ledger: Ledger,
    catalog: Catalog,
    asked: Asked,
    business_id: str,
    key: SlotKey,
    entry_id: str,
    what: PlaceDeed,
    *,
    reason: str,
) -> Queue:
    """End somebody's place or let their turn be the next: on the slot's `rev`, noted in the entry's history,
    where a repeat finds its own `op`.

    Raises NotFound, Forbidden or InvalidTransition.
    """
    administered(catalog, asked, business_id)
    for _ in range(MOST_WRITES):
        queue = see_queue(ledger, asked, business_id, key)
        entry = queue.entries.get(entry_id) or ledger.entry(entry_id)
        if entry is None or entry.slot != key:
            raise NotFound("entry")
        if entry.did(asked.op):
            return queue._replace(replayed=True)
        place = queue.slot.places.get(entry.who)
        if entry.status is not EntryStatus.WAITING or place is None or place.entry != entry.id:
            raise InvalidTransition(entry.status, what.after, what="place")
        try:
            ledger.commit(
                SaveSlot(what.change(queue.slot, entry.who, asked.now)),
                MoveEntry(
                    entry.id,
                    EntryStatus.WAITING,
                    what.after,
                    asked.deed(what.trigger, reason, role="admin"),
                ),
            )
        except Lost:
            continue
        return see_queue(ledger, asked, business_id, key)
    raise Unavailable("the queue moves too quickly")


def _of_their_business(ledger: Ledger, asked: Asked, business_id: str, key: SlotKey) -> Slot:
    if key.business != business_id or not asked.caller.works_at(business_id):
        raise NotFound("slot")
    return existing_slot(ledger.slot(key))
