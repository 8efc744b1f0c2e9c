"""What admins do to a published slot: other terms, block, unblock, delete (SLOT-3).

Each is decided from a read slot and written on its `rev`, so a claim that comes in between is judged too. A
repeat finds its own `op` on the slot and answers what is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import batched

from holdfast.app.admins import administered
from holdfast.app.asked import Asked
from holdfast.app.create_slot import MOST_TRIES, check_end, check_price
from holdfast.app.ports import Catalog, Ledger, Lost
from holdfast.app.writes import SaveDay, SaveSlot, Write
from holdfast.domain.business import Business
from holdfast.domain.errors import NotFound, Unavailable
from holdfast.domain.instants import Instant
from holdfast.domain.money import Money
from holdfast.domain.place import SlotKey, windows
from holdfast.domain.slot import Slot, SlotState

MOST_AT_ONCE = 50
"""Slots that one transaction blocks: each may be full, and a transaction takes 4 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is None stays. Bookings keep the end and the price they were made with."""

    end: Instant | None = None
    capacity: int | None = None
    price: Money | None = None
    metadata: Mapping[str, object] | None = None


def update_slot(ledger: Ledger, catalog: Catalog, asked: Asked, key: SlotKey, terms: Terms) -> Slot:
    """Give a slot other terms; a new end moves its windows in the same transaction.

    Raises NotFound, Forbidden, PreconditionRequired, StaleVersion, Invalid, SlotInUse or Overlap.
    """
    business = administered(catalog, asked, key.business, missing="slot")
    asked.require_precondition()
    check_price(terms.price, business)

    def amended(slot: Slot) -> Slot:
        check_end(slot.start, terms.end or slot.end)
        return slot.amended(
            asked.op,
            asked.now,
            end=terms.end,
            capacity=terms.capacity,
            price=terms.price,
            metadata=terms.metadata,
        )

    def days(old: Slot, new: Slot) -> list[Write]:
        return _moved(ledger, catalog, business, asked, old, new)

    return _change(ledger, asked, key, amended, days)


def block_slot(ledger: Ledger, catalog: Catalog, asked: Asked, key: SlotKey) -> Slot:
    """Close a slot for newcomers. Raises NotFound, Forbidden or StaleVersion."""
    return _put_into(SlotState.BLOCKED, ledger, catalog, asked, key)


def unblock_slot(ledger: Ledger, catalog: Catalog, asked: Asked, key: SlotKey) -> Slot:
    """Open a slot again. Raises NotFound, Forbidden or StaleVersion."""
    return _put_into(SlotState.OPEN, ledger, catalog, asked, key)


def block_all(ledger: Ledger, asked: Asked, slots: Sequence[Slot]) -> None:
    """Close open slots that were just read, many in one transaction. Where somebody was quicker at one of
    them, each is closed by itself; one that was deleted is left alone."""
    anew = replace(asked, expects=None)  # If-Match does not name a slot's version here
    for some in batched(slots, MOST_AT_ONCE, strict=False):
        try:
            ledger.commit(*(SaveSlot(_in_state(SlotState.BLOCKED, asked, slot)) for slot in some))
        except Lost:
            for slot in some:
                with suppress(NotFound):
                    _change_state(SlotState.BLOCKED, ledger, anew, slot.key)


def delete_slot(ledger: Ledger, catalog: Catalog, asked: Asked, key: SlotKey) -> Slot:
    """Leave a tombstone and give the slot's time back, in one transaction; a hold stands in the way too.

    Raises NotFound, Forbidden, StaleVersion or SlotInUse.
    """
    business = administered(catalog, asked, key.business, missing="slot")
    return _change(
        ledger,
        asked,
        key,
        lambda slot: slot.removed(asked.op, asked.now),
        lambda old, _: freed_days(ledger, old, business.ledger_offset),
        gone_is_done=True,
    )


def freed_days(ledger: Ledger, slot: Slot, ledger_offset: int) -> list[Write]:
    """The days a slot stands in, without its windows."""
    cut = windows(slot.key.business, slot.key.resource, slot.start, slot.end, ledger_offset)
    _, days = ledger.slot_and_days(slot.key, cut)
    slot_id = slot.key.slot_id
    return [SaveDay(day.without_window(slot_id)) for day in days if slot_id in day.windows]


def _put_into(state: SlotState, ledger: Ledger, catalog: Catalog, asked: Asked, key: SlotKey) -> Slot:
    administered(catalog, asked, key.business, missing="slot")
    return _change_state(state, ledger, asked, key)


def _change_state(state: SlotState, ledger: Ledger, asked: Asked, key: SlotKey) -> Slot:
    return _change(ledger, asked, key, lambda slot: _in_state(state, asked, slot), lambda _old, _new: [])


def _in_state(state: SlotState, asked: Asked, slot: Slot) -> Slot:
    return slot if slot.state is state else slot.in_state(state, asked.op, asked.now)


def _change(
    ledger: Ledger,
    asked: Asked,
    key: SlotKey,
    change: Callable[[Slot], Slot],
    days: Callable[[Slot, Slot], list[Write]],
    *,
    gone_is_done: bool = False,
) -> Slot:
    for _ in range(MOST_TRIES):
        slot = ledger.slot(key)
        if slot is None:
            raise NotFound("slot")
        repeated = slot.changed_by == asked.op
        if slot.state is SlotState.DELETED and not (repeated and gone_is_done):
            raise NotFound("slot")
        if repeated:
            return slot
        asked.require_version(slot.terms)
        changed = change(slot)
        if changed == slot:
            return slot
        try:
            ledger.commit(SaveSlot(changed), *days(slot, changed))
        except Lost:
            continue
        return changed
    raise Unavailable("the slot changes too quickly")


def _moved(
    ledger: Ledger, catalog: Catalog, business: Business, asked: Asked, old: Slot, new: Slot
) -> list[Write]:
    """The days whose windows a new end changes. Raises Overlap."""
    if new.end == old.end:
        return []
    resource = catalog.resource(business.id, new.key.resource)
    may_overlap = resource is not None and resource.slots_may_overlap
    cut = windows(business.id, new.key.resource, new.start, new.end, business.ledger_offset)
    before = windows(business.id, new.key.resource, old.start, old.end, business.ledger_offset)
    _, days = ledger.slot_and_days(new.key, {**before, **cut})
    slot_id = new.key.slot_id
    return [
        SaveDay(
            day.with_window(slot_id, cut[day.key], asked.now, may_overlap=may_overlap)
            if day.key in cut
            else day.without_window(slot_id)
        )
        for day in days
        if day.windows.get(slot_id) != cut.get(day.key)
    ]
