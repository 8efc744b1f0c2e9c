"""Admins publish slots and found businesses; a repeat finds what it made (SLOT-2, SLOT-3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from holdfast.adapters.national_holidays import NationalHolidays
from holdfast.app.asked import Asked
from holdfast.app.catalog import create_business, create_resource
from holdfast.app.create_slot import MOST_TRIES, NewSlot, create_slot
from holdfast.domain import invariants
from holdfast.domain.caller import Caller
from holdfast.domain.errors import AlreadyExists, Forbidden, Invalid, NotFound, Overlap, Unavailable
from holdfast.domain.instants import DAY, HOUR, MINUTE
from holdfast.domain.money import Money
from holdfast.domain.prices import Prices, Tariff
from holdfast.domain.slot import Slot, SlotState
from tests.support.builders import (
    ALICE,
    BUSINESS,
    NOW,
    PLATFORM,
    RESOURCE,
    SETTINGS,
    a_resource,
    asked,
)
from tests.support.memory import Memory, MemoryLedger
from tests.support.memory_readers import MemoryCatalog
from tests.unit.app.shop import Shop

ADMIN = Caller("admin", frozenset({f"{BUSINESS}:admin"}))
STAFF = Caller("staff", frozenset({f"{BUSINESS}:staff", "boats:admin"}))
START = NOW + 2 * DAY + 5 * HOUR


def _new(start: int = START, minutes: int = 60, **members: Any) -> NewSlot:
    given = {"resource": RESOURCE, "capacity": 2, "metadata": {}, **members}
    return NewSlot(start=start, end=start + minutes * MINUTE, **given)


def _publish(shop: Shop, new: NewSlot | None = None, by: Asked | None = None) -> Slot:
    return create_slot(shop.ledger, shop.catalog, by or asked(ADMIN), BUSINESS, new or _new())


def _sound(shop: Shop) -> bool:
    slots = [each for each in shop.memory.slots.values() if each != shop.first]
    return not list(invariants.of_resource(slots, shop.memory.days.values()))


def test_a_published_slot_is_open_and_all_of_it_is_free(shop: Shop) -> None:
    slot = _publish(shop, _new(tariff=Tariff(Prices(base=Money(990, "EUR"))), metadata={"bay": 3}))
    assert shop.memory.slots[slot.key] == slot
    assert (slot.capacity, slot.free, slot.state, slot.claims) == (2, 2, SlotState.OPEN, {})
    assert (slot.price, slot.metadata) == (Money(990, "EUR"), {"bay": 3})
    assert _sound(shop)


def test_without_a_price_it_costs_nothing_in_the_business_s_currency(shop: Shop) -> None:
    assert _publish(shop).price == Money(0, "EUR")


@pytest.mark.parametrize(
    ("start", "minutes"),
    [(START, 30), (START - 30 * MINUTE, 60), (START + 59 * MINUTE, 60), (START - DAY, 2000)],
)
def test_a_slot_that_shares_a_minute_with_another_is_refused(shop: Shop, start: int, minutes: int) -> None:
    first = _publish(shop)
    with pytest.raises(Overlap) as refused:
        _publish(shop, _new(start, minutes))
    assert refused.value.facts == {"slotIds": [first.key.slot_id]}
    assert _sound(shop)


def test_slots_that_touch_are_published_and_so_are_those_over_a_ledger_midnight(shop: Shop) -> None:
    midnight = START - START % DAY + 23 * HOUR
    for start in (START, START + HOUR, START - HOUR, midnight - 30 * MINUTE):
        _publish(shop, _new(start))
    assert _sound(shop)
    with pytest.raises(Overlap):
        _publish(shop, _new(midnight))


def test_where_the_resource_says_so_slots_overlap_but_never_with_the_same_start(shop: Shop) -> None:
    shop.memory.resources[BUSINESS, RESOURCE] = a_resource(slots_may_overlap=True)
    _publish(shop)
    assert _publish(shop, _new(START + 10 * MINUTE)).start == START + 10 * MINUTE
    with pytest.raises(Overlap):
        _publish(shop, _new(START, 30))


def test_a_repeat_of_the_request_finds_the_slot_it_made_as_it_is_now(shop: Shop) -> None:
    made = _publish(shop, by=asked(ADMIN, key="key"))
    shop.memory.put_slot(replace(made, capacity=5, free=5, rev=2))
    assert _publish(shop, by=asked(ADMIN, key="key")).capacity == 5
    with pytest.raises(Overlap):
        _publish(shop, by=asked(ADMIN, key="other"))


def test_a_lost_answer_is_an_ordinary_case(shop: Shop) -> None:
    shop.pauses["committed"] = _fail
    with pytest.raises(Unavailable):
        _publish(shop, by=asked(ADMIN, key="key"))
    assert _publish(shop, by=asked(ADMIN, key="key")).rev == 1
    assert _sound(shop)


def test_a_deleted_slot_is_published_again_on_its_rev(shop: Shop) -> None:
    made = _publish(shop)
    shop.memory.put_slot(replace(made, state=SlotState.DELETED, rev=7, terms=3))
    shop.memory.days.clear()
    again = _publish(shop, _new(capacity=9))
    assert (again.rev, again.terms, again.capacity, again.state) == (8, 4, 9, SlotState.OPEN)


def test_an_admin_overtaken_by_another_is_judged_by_what_is_there_then(shop: Shop) -> None:
    shop.pauses["commit SaveSlot+SaveDay"] = lambda: _publish(shop, _new(START + 30 * MINUTE))
    with pytest.raises(Overlap):
        _publish(shop)
    assert START not in {slot.start for slot in shop.memory.slots.values()}
    assert _sound(shop)


def test_an_admin_overtaken_by_a_slot_elsewhere_in_the_day_goes_on(shop: Shop) -> None:
    shop.pauses["commit SaveSlot+SaveDay"] = lambda: _publish(shop, _new(START + 5 * HOUR))
    _publish(shop)
    assert _sound(shop)
    assert len(shop.memory.slots) == 3


def test_a_day_that_changes_all_the_time_is_unavailable_after_a_bounded_number_of_tries(shop: Shop) -> None:
    commits: list[str] = []

    def always_newer(where: str) -> None:
        if where.startswith("commit "):
            commits.append(where)
            for key, day in shop.memory.days.items():
                shop.memory.days[key] = replace(day, rev=day.rev + 1)

    _publish(shop, _new(START + 5 * HOUR))
    shop.memory.pause = always_newer
    with pytest.raises(Unavailable):
        _publish(shop)
    assert len(commits) == MOST_TRIES


@pytest.mark.parametrize(
    ("new", "pointer"),
    [
        (_new(START + 1), "/start"),
        (replace(_new(), end=START + HOUR + 1), "/end"),
        (replace(_new(), end=START), "/end"),
        (_new(minutes=-60), "/end"),
        (_new(minutes=7 * 24 * 60 + 1), "/end"),
        (_new(tariff=Tariff(Prices(base=Money(1, "USD")))), "/price/currency"),
        (_new(resource="nowhere"), "/resourceId"),
    ],
)
def test_what_is_no_slot_is_refused_with_a_pointer_to_why(shop: Shop, new: NewSlot, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        _publish(shop, new)
    errors: Any = refused.value.facts["errors"]
    assert [error["pointer"] for error in errors] == [pointer]
    assert list(shop.memory.slots) == [shop.first.key]


@pytest.mark.parametrize("caller", [ALICE, STAFF])
def test_only_its_admins_publish_for_a_business(shop: Shop, caller: Caller) -> None:
    with pytest.raises(Forbidden):
        _publish(shop, by=asked(caller))
    with pytest.raises(NotFound):
        create_slot(shop.ledger, shop.catalog, asked(PLATFORM), "boats", _new())


def _found(memory: Memory, by: Asked, **settings: object) -> Any:
    return create_business(MemoryCatalog(memory), NationalHolidays(), by, BUSINESS, {**SETTINGS, **settings})


def test_a_business_keeps_its_zones_standard_offset_for_good() -> None:
    assert _found(Memory(), asked(PLATFORM)).ledger_offset == 60
    assert _found(Memory(), asked(PLATFORM), timeZone="America/New_York").ledger_offset == -300


def test_a_business_is_founded_once_and_a_repeat_finds_it() -> None:
    memory = Memory()
    first = _found(memory, asked(PLATFORM, key="key"))
    assert _found(memory, asked(PLATFORM, key="key")) == first
    with pytest.raises(AlreadyExists):
        _found(memory, asked(PLATFORM, key="other"), name="Other")
    with pytest.raises(Forbidden):
        _found(memory, asked(ADMIN))
    assert memory.businesses == {BUSINESS: first}


def _add(shop: Shop, by: Asked, resource: str = "stand-2", business: str = BUSINESS) -> Any:
    return create_resource(
        shop.catalog,
        by,
        business,
        resource,
        name="Stand",
        kind="stand",
        capacity=3,
        slots_may_overlap=True,
        metadata={},
    )


def test_a_resource_is_added_once_and_a_repeat_finds_it(shop: Shop) -> None:
    added = _add(shop, asked(ADMIN, key="key"))
    assert (added.capacity, added.slots_may_overlap) == (3, True)
    assert _add(shop, asked(ADMIN, key="key")) == added
    with pytest.raises(AlreadyExists):
        _add(shop, asked(ADMIN, key="other"))
    with pytest.raises(AlreadyExists):
        _add(shop, asked(ADMIN), RESOURCE)
    with pytest.raises(Forbidden):
        _add(shop, asked(STAFF), "stand-3")
    with pytest.raises(NotFound):
        _add(shop, asked(PLATFORM), business="boats")


def test_publishing_needs_nothing_but_its_ports() -> None:
    memory = Memory()
    _found(memory, asked(PLATFORM))
    memory.resources[BUSINESS, RESOURCE] = a_resource()
    slot = create_slot(MemoryLedger(memory), MemoryCatalog(memory), asked(PLATFORM), BUSINESS, _new())
    assert memory.slots == {slot.key: slot}


def _fail() -> None:
    raise Unavailable("injected")
