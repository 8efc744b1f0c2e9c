"""Pages of what can be had: the same whole list however it is cut, from as few queries as a page needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from holdfast.app import availability
from holdfast.app.availability import Wanted, free_starts, published
from holdfast.app.cursors import encode
from holdfast.app.offer import Offer
from holdfast.app.ports import Days
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.closures import TimeOff
from holdfast.domain.day import Day
from holdfast.domain.errors import Invalid, NotFound
from holdfast.domain.instants import DAY, MINUTE, NEVER
from holdfast.domain.money import Money
from holdfast.domain.place import pool_of
from holdfast.domain.slot import SlotState, SlotStatus
from tests.support.builders import NOW as SLOTS_NOW
from tests.support.builders import RESOURCE, a_business, a_claim, a_place, a_resource, a_slot
from tests.support.memory import Memory
from tests.support.memory_readers import MemorySlots
from tests.support.offers import CUT, NOW, ListedDays, a_cut, a_salon, at, days_of, shown, somebody, taken

MONDAY, TUESDAY = at("2026-06-15 00:00"), at("2026-06-16 00:00")
SPA = a_cut(requires=[{"kind": "staff", "count": 1}, {"kind": "room", "count": 1}])


def wanted(**members: Any) -> Wanted:
    return Wanted(**{"resource": None, "since": MONDAY, "until": TUESDAY, **members})


def page_of(
    of: Catalogue, days: Days, what: Wanted, *, limit: int = 100, cursor: str | None = None, now: int = NOW
) -> tuple[list[Offer], str | None]:
    page = free_starts(days, of, of.services[CUT], what, now, limit=limit, cursor=cursor)
    return list(page.items), page.cursor


def listed(of: Catalogue, days: Iterable[Day] = (), **members: Any) -> list[Offer]:
    now = members.pop("now", NOW)
    found, cursor = page_of(of, ListedDays(days), wanted(**members), now=now)
    assert cursor is None
    return found


def told(offers: Iterable[Offer]) -> list[str]:
    return [f"{shown(offer.start)} {offer.resource}" for offer in offers]


def test_free_starts_come_by_start_and_resource() -> None:
    offers = listed(a_salon("bob", "ann"), days_of(taken("ann", "09:30", "10:30")))
    starts = [offer for offer in offers if offer.start <= at("10:30")]
    assert told(starts) == ["09:00 bob", "09:30 bob", "10:00 bob", "10:30 ann", "10:30 bob"]
    first = offers[0]
    assert (first.service, first.slot, first.end) == (CUT, None, at("10:00"))
    assert (first.available, first.capacity, first.status, first.reasons) == (1, 1, SlotStatus.AVAILABLE, ())


def test_an_offer_is_priced_by_its_start_and_its_resource() -> None:
    prices = {
        "weekend": {"amount": "40.00", "currency": "EUR"},
        "premium": {"amount": "60.00", "currency": "EUR"},
    }
    service = a_cut(price={"amount": "30.00", "currency": "EUR"}, prices=prices)
    salon = a_salon("ann", somebody("bob", metadata={"premium": True}), service=service)
    offers = listed(salon, until=MONDAY + DAY)
    assert [offer.price for offer in offers[:2]] == [Money(3000, "EUR"), Money(6000, "EUR")]
    (sunday, *_) = listed(salon, since=MONDAY - DAY, until=MONDAY)
    assert sunday.price == Money(4000, "EUR")


def test_explained_every_start_of_the_grid_has_its_status_and_reasons() -> None:
    away = {"ann": [TimeOff(at("11:00"), at("12:00"))]}
    salon = a_salon(somebody("ann", capacity=2), time_off=away)
    days = days_of(
        taken("ann", "09:00", "09:30", units=2),
        taken("ann", "10:00", "10:30", units=2, expires=at("09:20")),
    )
    offers = listed(salon, days, explain=True)
    assert [(shown(offer.start), offer.status.name, *offer.reasons) for offer in offers] == [
        ("09:00", "BOOKED", "taken"),
        ("09:30", "RESERVED", "taken"),
        ("10:00", "RESERVED", "taken"),
        ("10:30", "BLOCKED", "time_off"),
        ("11:00", "BLOCKED", "time_off"),
    ]
    assert listed(salon, days) == []
    late = listed(salon, days, explain=True, now=at("09:15"))
    assert [(offer.status.name, offer.available) for offer in late[:2]] == [("EXPIRED", 0), ("RESERVED", 0)]


def test_units_narrow_the_list() -> None:
    salon = a_salon(somebody("ann", capacity=3))
    days = days_of(taken("ann", "09:00", "10:30", units=2))
    assert told(listed(salon, days, units=2)) == ["10:30 ann", "11:00 ann"]
    assert [offer.available for offer in listed(salon, days, units=1)] == [1, 1, 1, 3, 3]


def test_where_several_are_required_a_start_of_the_whole_set_is_one_item() -> None:
    salon = a_salon("ann", "bob", somebody("red", "room"), service=SPA)
    days = days_of(taken("ann", "11:00", "12:00"), taken("red", "09:00", "10:00"))
    assert told(listed(salon, days)) == ["10:00 bob", "10:30 bob", "11:00 bob"]
    assert told(listed(salon, days, resource="ann")) == ["10:00 ann"]
    # With whom it would be, also where it is the room that was asked for.
    assert told(listed(salon, days, resource="red")) == ["10:00 bob", "10:30 bob", "11:00 bob"]
    explained = listed(salon, days, explain=True)
    assert [(shown(offer.start), *offer.reasons) for offer in explained[:3]] == [
        ("09:00", "taken"),
        ("09:30", "taken"),
        ("10:00",),
    ]


def test_who_does_not_serve_it_is_not_found() -> None:
    with pytest.raises(NotFound):
        listed(a_salon("ann", "bob", service=a_cut(resourceIds=["ann"])), resource="bob")


@pytest.mark.parametrize("limit", [1, 2, 7])
@pytest.mark.parametrize("explain", [False, True])
@pytest.mark.parametrize("service", [a_cut(), SPA])
def test_pages_in_a_row_are_the_whole_list(limit: int, explain: bool, service: Any) -> None:
    salon = a_salon("ann", "bob", somebody("red", "room"), service=service)
    days = ListedDays(
        days_of(taken("ann", "09:30", "10:30"), taken("red", "2026-07-01 09:00", "2026-07-01 11:00"))
    )
    what = wanted(since=at("2026-06-29 00:00"), until=at("2026-07-03 00:00"), explain=explain)
    whole, cursor = page_of(salon, days, what)
    assert cursor is None
    found: list[Offer] = []
    while True:
        page, cursor = page_of(salon, days, what, limit=limit, cursor=cursor)
        assert len(page) == limit or cursor is None
        found += page
        if cursor is None:
            break
    assert found == whole


def test_one_query_a_resource_and_month_and_one_of_the_pool() -> None:
    short = {"hours": {"mon": [{"from": "09:00", "to": "10:00"}]}}
    salon = a_salon("ann", "bob", service=a_cut(maxSimultaneous=5), settings=short)
    days = ListedDays()
    offers, _ = page_of(salon, days, wanted(until=MONDAY + 40 * DAY))
    assert len(offers) == 12
    july = at("2026-07-01 01:00")  # the ledger's midnight
    ledgers = ["ann", "bob", pool_of(CUT)]
    assert sorted((name, since) for name, since, _ in days.asked) == sorted(
        (name, since) for name in ledgers for since in (MONDAY, july)
    )


def test_a_full_page_asks_for_no_further_month() -> None:
    days = ListedDays()
    _, cursor = page_of(a_salon("ann"), days, wanted(until=MONDAY + 60 * DAY), limit=5)
    assert (cursor is not None, len(days.asked)) == (True, 1)


def test_days_are_read_only_where_something_could_be_had() -> None:
    off = {"bob": [TimeOff(MONDAY, MONDAY + 90 * DAY)]}
    salon = a_salon("ann", "bob", time_off=off, settings={"policies": {"maximumAdvanceDays": 10}})
    days = ListedDays()
    page_of(salon, days, wanted(until=MONDAY + 60 * DAY))
    assert [name for name, *_ in days.asked] == ["ann"]
    page_of(salon, days, wanted(since=MONDAY - 30 * DAY, until=MONDAY - 4 * DAY))
    assert len(days.asked) == 1, "what is past is not to be had"


def test_a_start_at_the_end_of_a_month_has_the_next_months_days_in_its_way() -> None:
    night = {"hours": {day: [{"from": "22:00", "to": "26:00"}] for day in ("tue", "wed")}}
    salon = a_salon("ann", settings=night)
    days = ListedDays(days_of(taken("ann", "2026-07-01 01:00", "2026-07-01 02:00")))
    what = {"since": at("2026-06-30 22:00"), "until": at("2026-07-01 01:30")}
    offers = listed(salon, days.days, **what)
    assert told(offers) == [f"{start} ann" for start in ("22:00", "22:30", "23:00", "23:30", "00:00")]
    page_of(salon, days, wanted(**what))
    assert len(days.asked) == 2


def test_many_months_of_many_resources_are_left_to_the_next_page() -> None:
    salon = a_salon(*(somebody(f"who-{number:02}") for number in range(availability.MOST_READS // 2)))
    every_start = days_of(*(taken(name, "2026-06-01 00:00", "2026-08-31 00:00") for name in salon.resources))
    days = ListedDays(every_start)
    what = wanted(until=MONDAY + 62 * DAY)
    page, cursor = page_of(salon, days, what)
    assert (page, len(days.asked)) == ([], availability.MOST_READS)
    assert cursor is not None
    page, cursor = page_of(salon, days, what, cursor=cursor)
    assert (page, cursor) == ([], None)
    assert len(days.asked) == availability.MOST_READS * 3 // 2


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        encode("1"),
        encode("a", "ann"),
        encode(str(TUESDAY), "ann"),
        encode(str(MONDAY), "Ann!"),
        encode("1", "", ""),
    ],
)
def test_a_cursor_of_something_else_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        page_of(a_salon("ann"), ListedDays(), wanted(), cursor=cursor)


def test_a_cursor_stays_good_while_the_list_moves_on() -> None:
    salon = a_salon("ann", "bob")
    _, cursor = page_of(salon, ListedDays(), wanted(), limit=3)
    gone = days_of(taken("bob", "09:30", "10:30"))
    page, _ = page_of(salon, ListedDays(gone), wanted(), limit=2, cursor=cursor)
    assert told(page) == ["10:00 ann", "10:30 ann"]
    page, _ = page_of(salon, ListedDays(), wanted(), limit=1, cursor=cursor, now=at("10:00"))
    assert told(page) == ["10:30 ann"]


# Published slots


def slots_with(*slots: Any) -> list[Offer]:
    catalogue = Catalogue(business=a_business(), revision=1, resources={RESOURCE: a_resource()})
    memory = MemorySlots(Memory(slots={slot.key: slot for slot in slots}))
    what = Wanted(resource=None, since=SLOTS_NOW - DAY, until=SLOTS_NOW + 60 * DAY, units=2)
    return list(published(memory, catalogue, what, SLOTS_NOW, limit=100, cursor=None).items)


def test_a_published_slot_is_an_offer_of_its_own_facts() -> None:
    slot = a_slot()
    (offer,) = slots_with(slot)
    assert (offer.slot, offer.service, offer.resource) == (slot.key.slot_id, None, RESOURCE)
    assert (offer.start, offer.end, offer.price) == (slot.start, slot.end, slot.price)
    assert (offer.available, offer.capacity, offer.status, offer.reasons) == (2, 2, SlotStatus.AVAILABLE, ())


@pytest.mark.parametrize(
    ("slot", "status", "reason"),
    [
        (a_slot(claims={"x": a_claim(units=1, expires=NEVER)}), SlotStatus.AVAILABLE, "taken"),
        (a_slot(claims={"x": a_claim(units=2, expires=NEVER)}), SlotStatus.BOOKED, "taken"),
        (a_slot(claims={"x": a_claim(units=2)}), SlotStatus.RESERVED, "taken"),
        (a_slot(places={"x": a_place(units=2)}), SlotStatus.RESERVED, "waited_for"),
        (a_slot(state=SlotState.BLOCKED), SlotStatus.BLOCKED, "blocked"),
        (a_slot(start=SLOTS_NOW), SlotStatus.AVAILABLE, "past"),
        (a_slot(start=SLOTS_NOW - 60 * MINUTE), SlotStatus.EXPIRED, "past"),
        (a_slot(capacity=1), SlotStatus.AVAILABLE, "too_many_units"),
    ],
)
def test_a_slot_that_cannot_be_had_has_its_reason(slot: Any, status: SlotStatus, reason: str) -> None:
    (offer,) = slots_with(slot)
    assert (offer.status, offer.reasons) == (status, (reason,))


def test_slots_of_a_resource_that_is_not_there_are_not_found() -> None:
    catalogue = Catalogue(business=a_business(), revision=1)
    with pytest.raises(NotFound):
        published(MemorySlots(Memory()), catalogue, wanted(resource="gone"), NOW, limit=5, cursor=None)
