"""The readers' ports in memory: callers, catalog, and the lists of slots, bookings and entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from holdfast.app.ports import REMEMBERED_FOR, Asking, Limited, Lost, Page, Recollection
from holdfast.domain.booking import Booking
from holdfast.domain.business import Business, Resource
from holdfast.domain.entry import Entry
from holdfast.domain.errors import Invalid
from holdfast.domain.instants import DAY, MINUTE, Instant
from holdfast.domain.member import Member
from holdfast.domain.slot import Slot, SlotState
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
        if asking and asking.slot not in {each.slot for each in lately}:
            self.memory.asked_for[caller, asking.slot] = asking
        self.memory.pause("remembered")
        return Recollection(first, at, used, lately)

    def replace_asking(self, caller: str, asking: Asking) -> None:
        self.memory.pause("replace asking")
        self.memory.asked_for[caller, asking.slot] = asking

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
        found = [each for (owner, _), each in sorted(self.memory.resources.items()) if owner == business_id]
        return _page(found, lambda each: each.id, limit, cursor)

    def member(self, business_id: str, user_id: str) -> Member | None:
        return self.memory.members.get((business_id, user_id))

    def members(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Member]:
        found = [each for (owner, _), each in sorted(self.memory.members.items()) if owner == business_id]
        return _page(found, lambda each: each.user, limit, cursor)

    def add_business(self, business: Business) -> None:
        _add(self.memory.businesses, business.id, business)

    def add_resource(self, resource: Resource) -> None:
        _add(self.memory.resources, (resource.business, resource.id), resource)

    def add_member(self, member: Member) -> None:
        _add(self.memory.members, (member.business, member.user), member)

    def save_business(self, business: Business) -> None:
        _save(self.memory.businesses, business.id, business)

    def save_resource(self, resource: Resource) -> None:
        _save(self.memory.resources, (resource.business, resource.id), resource)

    def save_member(self, member: Member) -> None:
        _save(self.memory.members, (member.business, member.user), member)

    def remove_resource(self, resource: Resource) -> None:
        _remove(self.memory.resources, (resource.business, resource.id), resource)

    def remove_member(self, member: Member) -> None:
        _remove(self.memory.members, (member.business, member.user), member)


def _add[Name, Item](table: dict[Name, Item], name: Name, item: Item) -> None:
    if name in table:
        raise Lost
    table[name] = item


def _save[Name, Item: (Business, Resource, Member)](table: dict[Name, Item], name: Name, item: Item) -> None:
    if name not in table or table[name].version != item.version - 1:
        raise Lost
    table[name] = item


def _remove[Name, Item: (Resource, Member)](table: dict[Name, Item], name: Name, item: Item) -> None:
    if name not in table or table[name].version != item.version:
        raise Lost
    del table[name]


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
        return _page(found, lambda each: f"{each.slot.day}.{each.id}", limit, cursor)


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
