"""Where somebody stands in a slot's queue, in one read of the slot (SPEC QUEUE-5), and all their queues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from holdfast.app.asked import Asked, remember
from holdfast.app.existing import existing_business, existing_slot
from holdfast.app.ports import Callers, Catalog, Entries, Ledger, Page
from holdfast.domain.business import Business
from holdfast.domain.entry import Entry, EntryStatus
from holdfast.domain.errors import NotFound
from holdfast.domain.identity import claimant
from holdfast.domain.place import SlotKey
from holdfast.domain.queue import Place
from holdfast.domain.slot import Slot


class Standing(NamedTuple):
    """A live place, in the slot it is in and by its business's rules."""

    place: Place
    position: int
    slot: Slot
    business: Business


def queue_position(
    ledger: Ledger,
    callers: Callers,
    catalog: Catalog,
    asked: Asked,
    key: SlotKey,
    *,
    subject_id: str | None = None,
) -> Standing:
    """The caller's place. Raises NotFound where they have none, RateLimited."""
    business = existing_business(catalog, key.business, missing="slot")
    asked.charge(remember(callers, asked, deed="position"), business.positions_a_minute)
    slot = existing_slot(ledger.slot(key))
    who = claimant(asked.caller.id, subject_id)
    place = slot.live_place(who, asked.now)
    if place is None:
        raise NotFound("place in the queue")
    return Standing(place, slot.position(who, asked.now), slot, business)


class Listed(NamedTuple):
    """An entry, with its position while it waits."""

    entry: Entry
    position: int | None


def my_queues(
    ledger: Ledger, entries: Entries, asked: Asked, *, limit: int, cursor: str | None
) -> Page[Listed]:
    """The caller's entries. One that says it waits but has no place is left by a crash and not shown."""
    page = entries.of_owner(asked.caller.id, limit=limit, cursor=cursor)
    keys = sorted({each.slot for each in page.items if each.status is EntryStatus.WAITING})
    slots, _ = ledger.slots_and_days(keys, []) if keys else ({}, [])
    shown: list[Listed] = []
    for entry in page.items:
        slot = slots.get(entry.slot)
        place = slot.live_place(entry.who, asked.now) if slot else None
        if entry.status is not EntryStatus.WAITING:
            shown.append(Listed(entry, None))
        elif slot and place and place.entry == entry.id:
            shown.append(Listed(entry, slot.position(entry.who, asked.now)))
    items: Sequence[Listed] = shown
    return Page(items, page.cursor)
