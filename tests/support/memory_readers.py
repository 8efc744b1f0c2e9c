"""The readers' ports in memory: callers, catalog, days, and the lists of slots, bookings and entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from holdfast.adapters.known_catalogues import KnownCatalogues, National
from holdfast.app.ports import (
    REMEMBERED_FOR,
    Asking,
    CatalogPart,
    CatalogRecord,
    Limited,
    Lost,
    Page,
    Recollection,
)
from holdfast.domain.absence import Absence
from holdfast.domain.availability import CustomRule
from holdfast.domain.booking import Booking
from holdfast.domain.business import Business, Resource
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.closures import TimeOff
from holdfast.domain.day import Day
from holdfast.domain.entry import Entry
from holdfast.domain.errors import Invalid
from holdfast.domain.holiday import Holiday
from holdfast.domain.instants import DAY, MINUTE, Instant, to_datetime
from holdfast.domain.member import Member
from holdfast.domain.place import windows
from holdfast.domain.service import Service
from holdfast.domain.slot import Slot, SlotState
from tests.support.builders import NOW
from tests.support.memory import Memory


@dataclass(frozen=True)
class MemoryCallers:
    memory: Memory

    def note(
        self,
        caller: str,
        now: Instant,
        *,
        key: str | None,
        fingerprint: str,
        deed: Limited | None,
        asking: Asking | None,
    ) -> Recollection:
        self.memory.pause("remember")
        first, at, used = None, 0, 0
        if key:
            first, at = self.memory.keys.get((caller, key), (None, 0))
            if first is None or at <= now - DAY:
                first, at = None, 0
                self.memory.keys[caller, key] = (fingerprint, now)
        if deed:
            window = (caller, deed, now // MINUTE)
            used = self.memory.counts[window] = self.memory.counts.get(window, 0) + 1
        lately = self._lately(caller, now)
        if asking and asking.hold not in {each.hold for each in lately}:
            self.memory.asked_for[caller, asking.hold] = asking
        self.memory.pause("remembered")
        return Recollection(first, at, used, lately)

    def replace_asking(self, caller: str, asking: Asking) -> None:
        self.memory.pause("replace asking")
        self.memory.asked_for[caller, asking.hold] = asking

    def lately(self, caller: str, now: Instant) -> Sequence[Asking]:
        self.memory.pause("read lately")
        return self._lately(caller, now)

    def _lately(self, caller: str, now: Instant) -> Sequence[Asking]:
        asked_for = self.memory.asked_for.items()
        return [each for (who, _), each in asked_for if who == caller and each.at > now - REMEMBERED_FOR]


@dataclass(frozen=True)
class MemoryCatalog:
    memory: Memory

    def business(self, business_id: str) -> Business | None:
        return self.memory.businesses.get(business_id)

    def resource(self, business_id: str, resource_id: str) -> Resource | None:
        return self.memory.resources.get((business_id, resource_id))

    def resources(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Resource]:
        return _page(_of(self.memory.resources, business_id), lambda each: each.id, limit, cursor)

    def service(self, business_id: str, service_id: str) -> Service | None:
        return self.memory.services.get((business_id, service_id))

    def services(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Service]:
        return _page(_of(self.memory.services, business_id), lambda each: each.id, limit, cursor)

    def holiday(self, business_id: str, holiday_id: str) -> Holiday | None:
        return self.memory.holidays.get((business_id, holiday_id))

    def holidays(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Holiday]:
        return _page(_of(self.memory.holidays, business_id), lambda each: each.id, limit, cursor)

    def absence(self, business_id: str, resource_id: str, absence_id: str) -> Absence | None:
        return self.memory.absences.get((business_id, resource_id, absence_id))

    def absences(
        self, business_id: str, resource_id: str, *, limit: int, cursor: str | None
    ) -> Page[Absence]:
        found = [each for each in _of(self.memory.absences, business_id) if each.resource == resource_id]
        return _page(found, lambda each: each.id, limit, cursor)

    def member(self, business_id: str, user_id: str) -> Member | None:
        return self.memory.members.get((business_id, user_id))

    def members(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Member]:
        return _page(_of(self.memory.members, business_id), lambda each: each.user, limit, cursor)

    def add(self, record: CatalogRecord) -> None:
        table, name = self._place(record)
        if name in table:
            raise Lost
        table[name] = record
        self._raise_revision(record)

    def save(self, record: CatalogRecord) -> None:
        table, name = self._place(record)
        if name not in table or table[name].version != record.version - 1:
            raise Lost
        table[name] = record
        self._raise_revision(record)

    def remove(self, record: CatalogPart) -> None:
        table, name = self._place(record)
        if name not in table or table[name].version != record.version:
            raise Lost
        del table[name]
        self._raise_revision(record)

    def _place(self, record: CatalogRecord) -> tuple[dict[Any, Any], object]:
        memory = self.memory
        match record:
            case Business():
                return memory.businesses, record.id
            case Resource():
                return memory.resources, (record.business, record.id)
            case Service():
                return memory.services, (record.business, record.id)
            case Holiday():
                return memory.holidays, (record.business, record.id)
            case Absence():
                return memory.absences, (record.business, record.resource, record.id)
            case Member():
                return memory.members, (record.business, record.user)

    def _raise_revision(self, record: CatalogRecord) -> None:
        if not isinstance(record, Member):
            business = record.id if isinstance(record, Business) else record.business
            self.memory.revisions[business] = self.memory.revisions.get(business, 0) + 1


def _of[Record](table: Mapping[Any, Record], business_id: str) -> list[Record]:
    """By the ids of what is of that business."""
    return [record for (owner, *_), record in sorted(table.items()) if owner == business_id]


@dataclass(frozen=True)
class MemorySource:
    """Where whole catalogues stand."""

    memory: Memory

    def revision(self, business_id: str) -> int:
        return self.memory.revisions.get(business_id, 0)

    def catalogue(self, business_id: str, revision: int) -> Catalogue | None:
        business = self.memory.businesses.get(business_id)
        if business is None:
            return None
        time_off: dict[str, list[TimeOff]] = {}
        for absence in _of(self.memory.absences, business_id):
            time_off.setdefault(absence.resource, []).append(absence.time_off)
        return Catalogue(
            business=business,
            revision=revision,
            services={each.id: each for each in _of(self.memory.services, business_id)},
            resources={each.id: each for each in _of(self.memory.resources, business_id)},
            closures=tuple(each.closure for each in _of(self.memory.holidays, business_id)),
            time_off={name: tuple(times) for name, times in time_off.items()},
        )


@dataclass(frozen=True)
class MemoryCatalogues:
    """Always as it is: each read is the first of a new process."""

    memory: Memory
    national: National = field(default=lambda *_: (), kw_only=True)
    custom: Callable[[str], Sequence[CustomRule]] = field(default=lambda _: (), kw_only=True)

    def known(self, business_id: str) -> Catalogue | None:
        return self._unread().known(business_id)

    def recent(self, business_id: str) -> Catalogue | None:
        return self._unread().recent(business_id)

    def current(self, business_id: str) -> Catalogue | None:
        return self._unread().current(business_id)

    def of_revision(self, business_id: str, revision: int) -> Catalogue | None:
        return self._unread().of_revision(business_id, revision)

    def _unread(self) -> KnownCatalogues:
        today = to_datetime(NOW).date()
        return KnownCatalogues(
            MemorySource(self.memory), national=self.national, custom=self.custom, today=lambda: today
        )


@dataclass(frozen=True)
class MemoryDays:
    memory: Memory

    def between(
        self, business: str, resource: str, start: Instant, end: Instant, ledger_offset: int
    ) -> Sequence[Day]:
        if start >= end:
            return []
        keys = windows(business, resource, start, end, ledger_offset)
        return [self.memory.days[key] for key in sorted(keys) if key in self.memory.days]


@dataclass(frozen=True)
class MemorySlots:
    memory: Memory

    def published(
        self,
        business: str,
        resources: Sequence[str],
        start: Instant,
        end: Instant,
        *,
        limit: int,
        cursor: str | None,
    ) -> Page[Slot]:
        found = [
            slot
            for key, slot in sorted(self.memory.slots.items())
            if key.business == business
            and key.resource in resources
            and start <= slot.start < end
            and slot.state is not SlotState.DELETED
        ]
        return _page(found, lambda slot: slot.key.slot_id, limit, cursor)


@dataclass(frozen=True)
class MemoryBookings:
    memory: Memory

    def of_owner(
        self,
        owner: str,
        start: Instant,
        end: Instant,
        *,
        limit: int,
        cursor: str | None,
        also: Sequence[str] = (),
    ) -> Page[Booking]:
        found = [each for each in self.memory.bookings.values() if each.owner == owner]
        found = [each for each in found if start <= each.start < end]
        found.sort(key=lambda each: (each.start, each.id))
        return _page(found, lambda each: each.id, limit, cursor)

    def of_business(
        self, business: str, start: Instant, end: Instant, *, limit: int, cursor: str | None
    ) -> Page[Booking]:
        found = [each for each in self.memory.bookings.values() if each.business == business]
        found = [each for each in found if start <= each.start < end]
        found.sort(key=lambda each: (each.start, each.id))
        return _page(found, lambda each: f"{each.spot.day}.{each.id}", limit, cursor)


@dataclass(frozen=True)
class MemoryEntries:
    memory: Memory

    def of_owner(self, owner: str, *, limit: int, cursor: str | None) -> Page[Entry]:
        found = [each for each in self.memory.entries.values() if each.owner == owner]
        found.sort(key=lambda each: (each.start, each.id), reverse=True)
        return _page(found, lambda each: each.id, limit, cursor)


def _page[Item](
    items: Sequence[Item], name: Callable[[Item], str], limit: int, cursor: str | None
) -> Page[Item]:
    names = [name(item) for item in items]
    if cursor and cursor not in names:
        raise Invalid("/query/cursor", "is not a cursor of this list")
    start = names.index(cursor) + 1 if cursor else 0
    page = items[start : start + limit]
    return Page(page, names[start + limit - 1] if start + limit < len(items) else None)
