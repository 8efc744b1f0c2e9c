"""What staff see of a slot's queue, and what admins do to it: remove a place, move one to the front."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from holdfast.app.admins import administered
from holdfast.app.asked import Asked
from holdfast.app.ports import Catalog, Ledger, Lost
from holdfast.app.wish import MOST_WRITES, existing
from holdfast.app.writes import MoveEntry, SaveSlot
from holdfast.domain.entry import Entry, EntryStatus
from holdfast.domain.errors import InvalidTransition, NotFound, Unavailable
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


def remove_from_queue(
    ledger: Ledger,
    catalog: Catalog,
    asked: Asked,
    business_id: str,
    key: SlotKey,
    entry_id: str,
    *,
    reason: str,
) -> Queue:
    """End somebody's place. Raises NotFound, Forbidden or InvalidTransition."""
    administered(catalog, asked, business_id)
    return _change(
        ledger,
        asked,
        business_id,
        key,
        entry_id,
        lambda slot, who: slot.without_place(who, asked.now),
        ("remove_from_queue", reason, EntryStatus.EXPIRED),
    )


def move_to_front(
    ledger: Ledger,
    catalog: Catalog,
    asked: Asked,
    business_id: str,
    key: SlotKey,
    entry_id: str,
    *,
    reason: str,
) -> Queue:
    """Let somebody's turn be the next. Raises NotFound, Forbidden or InvalidTransition."""
    administered(catalog, asked, business_id)
    return _change(
        ledger,
        asked,
        business_id,
        key,
        entry_id,
        lambda slot, who: slot.moved_to_front(who, asked.now),
        ("move_to_front", reason, EntryStatus.WAITING),
    )


def _change(
    ledger: Ledger,
    asked: Asked,
    business_id: str,
    key: SlotKey,
    entry_id: str,
    change: Callable[[Slot, str], Slot],
    becomes: tuple[str, str, EntryStatus],
) -> Queue:
    """On the slot's `rev`, noted in the entry's history; a repeat finds its own `op` there."""
    trigger, reason, after = becomes
    for _ in range(MOST_WRITES):
        queue = see_queue(ledger, asked, business_id, key)
        entry = queue.entries.get(entry_id) or ledger.entry(entry_id)
        if entry is None or entry.slot != key:
            raise NotFound("entry")
        if entry.did(asked.op):
            return queue._replace(replayed=True)
        place = queue.slot.places.get(entry.who)
        if entry.status is not EntryStatus.WAITING or place is None or place.entry != entry.id:
            raise InvalidTransition(entry.status, after, what="place")
        deed = asked.deed(trigger, reason, role="admin")
        try:
            ledger.commit(
                SaveSlot(change(queue.slot, entry.who)),
                MoveEntry(entry.id, EntryStatus.WAITING, after, deed),
            )
        except Lost:
            continue
        return see_queue(ledger, asked, business_id, key)
    raise Unavailable("the queue moves too quickly")


def _of_their_business(ledger: Ledger, asked: Asked, business_id: str, key: SlotKey) -> Slot:
    if key.business != business_id or not asked.caller.works_at(business_id):
        raise NotFound("slot")
    return existing(ledger.slot(key))
