"""Publish many slots from a schedule (SLOT-3): what is free is made, all else is skipped with its reason.

Each slot's `op` derives from the request's and its start, so a repeat after a crash goes on where it broke
off. Slots are written in transactions of some dozens, together with the days they stand in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from typing import Any

from holdfast.app.admins import administered
from holdfast.app.asked import Asked
from holdfast.app.create_slot import MOST_TRIES, check_tariff, price_at
from holdfast.app.ports import Catalog, Ledger, Lost
from holdfast.app.writes import SaveDay, SaveSlot
from holdfast.domain.business import Business, Resource
from holdfast.domain.day import Day
from holdfast.domain.errors import Invalid, Overlap, Unavailable
from holdfast.domain.identity import derived_id
from holdfast.domain.instants import Instant
from holdfast.domain.place import DayKey, SlotKey, Window, windows
from holdfast.domain.prices import Tariff
from holdfast.domain.schedule import SkipReason, Stretch, WeekHours, stretches
from holdfast.domain.slot import Slot, SlotState

MOST_SLOTS = 500
MOST_DAYS = 366
MOST_WRITES = 90
"""A transaction takes 100 items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`hours` left out are the resource's own or the business's, and then with their breaks."""

    resource: str
    first: date
    last: date
    capacity: int
    duration_minutes: int
    gap_minutes: int = 0
    hours: WeekHours | None = None
    tariff: Tariff | None = None
    metadata: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Skipped:
    start: Instant
    reason: SkipReason
    slot_ids: Sequence[str] = ()


@dataclass(slots=True)
class Generated:
    """`created` has what an earlier try of the same request made, too."""

    created: list[Slot] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def take(self, more: Generated) -> None:
        self.created += more.created
        self.skipped += more.skipped


def generate_slots(
    ledger: Ledger, catalog: Catalog, asked: Asked, business_id: str, schedule: Schedule, *, dry_run: bool
) -> Generated:
    """Publish the schedule's slots; a dry run judges them all alike and writes nothing.

    Raises NotFound, Forbidden or Invalid.
    """
    business = administered(catalog, asked, business_id)
    resource = catalog.resource(business_id, schedule.resource)
    if resource is None:
        raise Invalid("/resourceId", "there is no such resource")
    check_tariff(schedule.tariff, business)
    done = Generated()
    wanted: list[Slot] = []
    for stretch in _grid(schedule, business, resource):
        if stretch.unfit:
            done.skipped.append(Skipped(stretch.start, stretch.unfit))
        elif stretch.start <= asked.now:
            done.skipped.append(Skipped(stretch.start, SkipReason.PAST))
        else:
            wanted.append(_slot(schedule, business, asked, stretch))
    for batch in _batches(wanted, business):
        done.take(_publish(ledger, batch, asked.now, may_overlap=resource.slots_may_overlap, dry_run=dry_run))
    done.skipped.sort(key=lambda each: each.start)
    return done


def _grid(schedule: Schedule, business: Business, resource: Resource) -> list[Stretch]:
    if not 0 <= (schedule.last - schedule.first).days < MOST_DAYS:
        raise Invalid("/to", f"must not be before from, and at most {MOST_DAYS} days in all")
    grid = stretches(
        schedule.first,
        schedule.last,
        *_openings(schedule, business, resource),
        duration=schedule.duration_minutes,
        gap=schedule.gap_minutes,
        zone=business.zone,
    )
    found = list(islice(grid, MOST_SLOTS + 1))
    if len(found) > MOST_SLOTS:
        raise Invalid("/to", f"makes more than {MOST_SLOTS} slots: ask for fewer days at a time")
    return found


def _openings(
    schedule: Schedule, business: Business, resource: Resource
) -> tuple[WeekHours, Sequence[Mapping[str, Any]]]:
    if schedule.hours is not None:
        return schedule.hours, ()
    if resource.hours is not None:
        return resource.hours, resource.breaks
    return business.settings["hours"], business.settings["breaks"]


def _slot(schedule: Schedule, business: Business, asked: Asked, stretch: Stretch) -> Slot:
    return Slot(
        key=SlotKey.at(business.id, schedule.resource, stretch.start, business.ledger_offset),
        start=stretch.start,
        end=stretch.end,
        capacity=schedule.capacity,
        free=schedule.capacity,
        price=price_at(schedule.tariff, stretch.start, schedule.metadata, business),
        metadata=schedule.metadata,
        claims={},
        op=derived_id("generate", asked.op, str(stretch.start)),
    )


type _Batch = Mapping[SlotKey, tuple[Slot, Mapping[DayKey, Window]]]


def _batches(wanted: Sequence[Slot], business: Business) -> Iterator[_Batch]:
    """As many as one transaction takes with their days. Overlapping hours may name a start twice: the later
    one finds the earlier made."""
    batch: dict[SlotKey, tuple[Slot, Mapping[DayKey, Window]]] = {}
    days: set[DayKey] = set()
    for slot in wanted:
        key = slot.key
        cut = windows(key.business, key.resource, slot.start, slot.end, business.ledger_offset)
        if key in batch or len(batch) + 1 + len(days | cut.keys()) > MOST_WRITES:
            yield batch
            batch, days = {}, set()
        batch[key] = slot, cut
        days |= cut.keys()
    if batch:
        yield batch


def _publish(ledger: Ledger, batch: _Batch, now: Instant, *, may_overlap: bool, dry_run: bool) -> Generated:
    wanted_days = sorted({day for _, cut in batch.values() for day in cut})
    for _ in range(MOST_TRIES):
        there, days = ledger.slots_and_days(list(batch), wanted_days)
        judged, new, changed = _judge(batch, there, days, now, may_overlap=may_overlap)
        if dry_run or not new:
            return judged
        try:
            ledger.commit(*map(SaveSlot, new), *map(SaveDay, changed))
        except Lost:
            continue
        return judged
    raise Unavailable("the days change too quickly")


def _judge(
    batch: _Batch, there: Mapping[SlotKey, Slot], days: Sequence[Day], now: Instant, *, may_overlap: bool
) -> tuple[Generated, list[Slot], list[Day]]:
    """What becomes of each wish, the slots to write, and the days as they are with them."""
    judged, new = Generated(), list[Slot]()
    standing = {day.key: day for day in days}
    for key, (slot, cut) in batch.items():
        old = there.get(key)
        if old and old.op == slot.op:
            if old.state is SlotState.DELETED:
                judged.skipped.append(Skipped(slot.start, SkipReason.DELETED))
            else:
                judged.created.append(old)
            continue
        if old and not old.vacant:
            judged.skipped.append(Skipped(slot.start, SkipReason.EXISTS, [key.slot_id]))
            continue
        try:
            taken = {
                day: standing[day].with_window(key.slot_id, window, now, may_overlap=may_overlap)
                for day, window in cut.items()
            }
        except Overlap as overlap:
            judged.skipped.append(Skipped(slot.start, SkipReason.OVERLAP, overlap.slot_ids))
        except Invalid:
            judged.skipped.append(Skipped(slot.start, SkipReason.DAY_FULL))
        else:
            standing |= taken
            made = replace(slot, rev=old.rev + 1, terms=old.terms + 1) if old else slot
            new.append(made)
            judged.created.append(made)
    changed = [
        replace(standing[day.key], rev=day.rev + 1)
        for day in days
        if standing[day.key].windows != day.windows
    ]
    return judged, new, changed
