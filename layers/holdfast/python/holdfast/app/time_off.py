"""Time off of a resource: add, change, remove. It closes free starts by itself, published slots by a deed:
those that lie inside it, be it partly, are blocked when it is saved (DESIGN 2). Nothing unblocks them again.

The record is written first and the slots after it. A repeat of a request that broke off in between finds the
record, and goes on with the slots that are still open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from holdfast.app.admins import administered
from holdfast.app.asked import Asked
from holdfast.app.change_slot import block_all
from holdfast.app.existing import existing_absence, existing_resource
from holdfast.app.ports import Catalog, Ledger, Slots
from holdfast.app.records import add, change, remove
from holdfast.app.to_come import slots_to_come
from holdfast.domain.absence import Absence
from holdfast.domain.closures import TimeOff
from holdfast.domain.errors import Invalid
from holdfast.domain.identity import derived_id
from holdfast.domain.slot import Slot, SlotState

MOST_SLOTS = 500
"""So many are blocked by one request; a longer time off is added in parts."""


def add_time_off(
    ledger: Ledger,
    slots: Slots,
    catalog: Catalog,
    asked: Asked,
    business_id: str,
    resource_id: str,
    time_off_id: str | None,
    time_off: TimeOff,
) -> Absence:
    """Without an id it gets one that comes from the request. Raises NotFound, Forbidden, Invalid or
    AlreadyExists."""
    administered(catalog, asked, business_id)
    existing_resource(catalog, business_id, resource_id)
    inside = _open_slots(slots, asked, business_id, resource_id, time_off)
    name = time_off_id or derived_id("time off", asked.op)
    absence = Absence(business=business_id, resource=resource_id, id=name, time_off=time_off, op=asked.op)
    added = add(
        catalog, asked, absence, lambda: catalog.absence(business_id, resource_id, name), what="time off"
    )
    if not asked.dry_run:
        block_all(ledger, asked, inside)
    return added


def update_time_off(
    ledger: Ledger,
    slots: Slots,
    catalog: Catalog,
    asked: Asked,
    business_id: str,
    resource_id: str,
    time_off_id: str,
    time_off: TimeOff,
) -> Absence:
    """Raises NotFound, Forbidden, PreconditionRequired, StaleVersion or Invalid."""
    administered(catalog, asked, business_id)
    inside = _open_slots(slots, asked, business_id, resource_id, time_off)
    changed = change(
        catalog,
        asked,
        lambda: existing_absence(catalog, business_id, resource_id, time_off_id),
        lambda absence: replace(absence, time_off=time_off, version=absence.version + 1, changed_by=asked.op),
    )
    if not asked.dry_run:
        block_all(ledger, asked, inside)
    return changed


def remove_time_off(
    catalog: Catalog, asked: Asked, business_id: str, resource_id: str, time_off_id: str
) -> None:
    """Raises NotFound, Forbidden or StaleVersion."""
    administered(catalog, asked, business_id)
    absence = existing_absence(catalog, business_id, resource_id, time_off_id)
    asked.require_version(absence.version)
    remove(catalog, absence)


def _open_slots(
    slots: Slots, asked: Asked, business_id: str, resource_id: str, time_off: TimeOff
) -> Sequence[Slot]:
    if time_off.end <= time_off.start:
        raise Invalid("/end", "must be after the start")
    inside = slots_to_come(slots, business_id, resource_id, asked.now, time_off.start, time_off.end)
    still_open = (slot for slot in inside if slot.state is SlotState.OPEN)
    found = list(islice(still_open, MOST_SLOTS + 1))
    if len(found) > MOST_SLOTS:
        raise Invalid("/end", f"takes in more than {MOST_SLOTS} slots: add it in parts")
    return found
