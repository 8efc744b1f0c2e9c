"""Publishing a schedule: what is made, what is skipped and why, and going on after a crash (SLOT-3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import count

import pytest

from holdfast.app.asked import Asked
from holdfast.app.change_slot import delete_slot
from holdfast.app.create_slot import NewSlot, create_slot
from holdfast.app.generate_slots import MOST_SLOTS, Generated, Schedule, generate_slots
from holdfast.domain import invariants
from holdfast.domain.caller import Caller
from holdfast.domain.closures import Closure
from holdfast.domain.day import MOST_WINDOWS, Day
from holdfast.domain.errors import Forbidden, Invalid, NotFound, Unavailable
from holdfast.domain.instants import HOUR, MINUTE, to_datetime
from holdfast.domain.money import Money
from holdfast.domain.place import DayKey, Window
from holdfast.domain.prices import Prices, Tariff
from holdfast.domain.schedule import WEEKDAYS, SkipReason, WeekHours
from holdfast.domain.slot import SlotState
from tests.support.builders import BUSINESS, NOW, RESOURCE, a_business, a_resource, asked
from tests.unit.app.shop import Shop

ADA = Caller("ada", frozenset({f"{BUSINESS}:admin"}))
HOURS: WeekHours = {
    day: [{"from": "09:00", "to": "12:00"}] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
}
MONDAY = date(2026, 6, 15)
NINE = NOW + 3 * 24 * HOUR - 2 * HOUR
"""Monday 15 June, 09:00 in Berlin."""


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.memory.slots.clear()
    shop.memory.stream.clear()
    return shop


def schedule(**members: object) -> Schedule:
    usual: dict[str, object] = {
        "resource": RESOURCE,
        "first": MONDAY,
        "last": MONDAY,
        "capacity": 2,
        "duration_minutes": 60,
        "hours": HOURS,
        "metadata": {},
    }
    return Schedule(**(usual | members))  # type: ignore[arg-type]


def generate(shop: Shop, by: Asked | None = None, *, dry_run: bool = False, **members: object) -> Generated:
    by = by or asked(ADA)
    return generate_slots(shop.ledger, shop.catalog, by, BUSINESS, schedule(**members), dry_run=dry_run)


def hours_of(done: Generated) -> list[str]:
    return [to_datetime(slot.start).strftime("%d %H:%M") for slot in done.created]


def reasons(done: Generated) -> list[tuple[str, str]]:
    return [(to_datetime(each.start).strftime("%H:%M"), each.reason) for each in done.skipped]


def violations(shop: Shop) -> Iterator[str]:
    memory = shop.memory
    for slot in memory.slots.values():
        yield from invariants.of_slot(slot, NOW)
    yield from invariants.of_resource(memory.slots.values(), memory.days.values())


def test_every_free_start_gets_its_slot(shop: Shop) -> None:
    done = generate(
        shop, tariff=Tariff(Prices(base=Money(900, "EUR"))), metadata={"a": 1}, last=date(2026, 6, 16)
    )
    assert hours_of(done) == [
        *("15 07:00", "15 08:00", "15 09:00", "16 07:00", "16 08:00", "16 09:00"),
    ]
    assert done.skipped == []
    first = done.created[0]
    assert (first.start, first.end, first.capacity, first.free) == (NINE, NINE + HOUR, 2, 2)
    assert (first.price, first.metadata) == (Money(900, "EUR"), {"a": 1})
    assert {key.slot_id for key in shop.memory.slots} == {slot.key.slot_id for slot in done.created}
    assert list(violations(shop)) == []


def test_each_slot_costs_what_its_own_day_does(shop: Shop) -> None:
    base, weekend, holiday = Money(900, "EUR"), Money(1200, "EUR"), Money(1500, "EUR")
    tuesday = Closure(first=date(2026, 6, 16), last=date(2026, 6, 16), resources=frozenset())
    premium = Money(2000, "EUR")
    tariff = Tariff(Prices(base=base, weekend=weekend, holiday=holiday, premium=premium), [tuesday])
    one_a_day = {day: [{"from": "09:00", "to": "10:00"}] for day in WEEKDAYS}
    done = generate(shop, tariff=tariff, hours=one_a_day, last=date(2026, 6, 21))
    assert [slot.price for slot in done.created] == [base, holiday, base, base, base, weekend, weekend]
    first = generate(
        shop, tariff=tariff, metadata={"isPremium": True}, first=date(2026, 6, 22), last=date(2026, 6, 22)
    )
    assert {slot.price for slot in first.created} == {Money(2000, "EUR")}


def test_what_is_taken_is_skipped_with_what_is_in_the_way(shop: Shop) -> None:
    for start in (NINE, NINE + 90 * MINUTE):
        new = NewSlot(resource=RESOURCE, start=start, end=start + 30 * MINUTE, capacity=1, metadata={})
        create_slot(shop.ledger, shop.catalog, asked(ADA), BUSINESS, new)
    done = generate(shop)
    assert hours_of(done) == ["15 09:00"]
    assert reasons(done) == [("07:00", "exists"), ("08:00", "overlap")]
    assert [list(each.slot_ids) for each in done.skipped] == [
        ["bikes.stand-1.202606150800"],
        ["bikes.stand-1.202606150930"],
    ]
    assert list(violations(shop)) == []


def test_what_has_begun_is_skipped(shop: Shop) -> None:
    done = generate(shop, asked(ADA, now=NINE + HOUR))
    assert (hours_of(done), reasons(done)) == (["15 09:00"], [("07:00", "past"), ("08:00", "past")])


def test_a_dry_run_says_the_same_and_writes_nothing(shop: Shop) -> None:
    generate(shop, last=MONDAY, duration_minutes=120)
    before = dict(shop.memory.slots), dict(shop.memory.days)
    dry = generate(shop, dry_run=True, last=date(2026, 6, 16))
    assert (dict(shop.memory.slots), dict(shop.memory.days)) == before
    wet = generate(shop, last=date(2026, 6, 16))
    assert (hours_of(dry), reasons(dry)) == (hours_of(wet), reasons(wet))


def test_overlapping_hours_give_each_stretch_of_time_once(shop: Shop) -> None:
    twice: WeekHours = {
        "mon": [{"from": "09:00", "to": "11:00"}, {"from": "09:30", "to": "11:30"}],
        "tue": [{"from": "00:00", "to": "01:00"}],
    }
    done = generate(shop, hours=twice)
    assert hours_of(done) == ["15 07:00", "15 08:00"]
    assert {each.reason for each in done.skipped} == {SkipReason.OVERLAP}


def test_where_slots_may_overlap_the_same_start_is_still_one_slot(shop: Shop) -> None:
    shop.memory.resources[BUSINESS, RESOURCE] = a_resource(slots_may_overlap=True)
    twice: WeekHours = {"mon": [{"from": "09:00", "to": "11:00"}, {"from": "09:00", "to": "10:30"}]}
    done = generate(shop, hours=twice, duration_minutes=30)
    assert len(shop.memory.slots) == 4
    assert len(done.created) == 7  # those named twice are found made


def test_hours_left_out_are_the_resources_own_or_else_the_businesss_with_their_breaks(shop: Shop) -> None:
    week = {"mon": [{"from": "09:00", "to": "11:00"}]}
    pause = {"weekdays": ["mon"], "from": "10:00", "to": "10:30"}
    shop.memory.businesses[BUSINESS] = a_business(hours=week, breaks=[pause])
    assert reasons(generate(shop, hours=None, dry_run=True)) == [("08:00", "break")]
    late = {"mon": [{"from": "20:00", "to": "21:00"}]}
    shop.memory.resources[BUSINESS, RESOURCE] = replace(a_resource(), hours=late)
    assert hours_of(generate(shop, hours=None, dry_run=True)) == ["15 18:00"]


def test_a_repeat_answers_what_the_first_made(shop: Shop) -> None:
    by = asked(ADA, key="again")
    first = generate(shop, by)
    written = len(shop.memory.stream)
    assert generate(shop, by) == first
    assert len(shop.memory.stream) == written
    other = generate(shop, asked(ADA))
    assert {each.reason for each in other.skipped} == {SkipReason.EXISTS}


def test_a_repeat_makes_nothing_anew_that_was_deleted_since(shop: Shop) -> None:
    by = asked(ADA, key="again")
    first = generate(shop, by)
    delete_slot(shop.ledger, shop.catalog, asked(ADA), first.created[0].key)
    assert reasons(generate(shop, by)) == [("07:00", "deleted")]
    assert len(generate(shop, asked(ADA)).created) == 1
    again = shop.memory.slots[first.created[0].key]
    assert (again.state, again.rev, again.terms) == (SlotState.OPEN, 3, 3)


class Killed(BaseException):
    """The function died here."""


@pytest.mark.parametrize("step", range(1, 10))
def test_killed_anywhere_the_same_key_goes_on(shop: Shop, step: int) -> None:
    calls = count(1)

    def pause(_: str) -> None:
        if next(calls) == step:
            raise Killed

    by = asked(ADA, key="again")
    shop.memory.pause = pause
    with pytest.raises(Killed):
        generate(shop, by, last=date(2026, 8, 15))
    done = generate(shop, by, last=date(2026, 8, 15))
    assert len(done.created) == len(shop.memory.slots) == 62 * 3
    assert {slot.rev for slot in shop.memory.slots.values()} == {1}
    assert list(violations(shop)) == []


def test_a_rival_in_between_is_seen_and_skipped(shop: Shop) -> None:
    def rival() -> None:
        new = NewSlot(resource=RESOURCE, start=NINE, end=NINE + HOUR, capacity=9, metadata={})
        create_slot(shop.ledger, shop.catalog, asked(ADA), BUSINESS, new)

    shop.pauses["read slots and days"] = lambda: shop.pauses.update(
        {"commit SaveSlot+SaveSlot+SaveSlot+SaveDay": rival}
    )
    done = generate(shop)
    assert (hours_of(done), reasons(done)) == (["15 08:00", "15 09:00"], [("07:00", "exists")])
    assert list(violations(shop)) == []


def test_days_that_never_hold_still_are_given_up(shop: Shop) -> None:
    def restless(where: str) -> None:
        if where.startswith("commit"):
            key = DayKey(BUSINESS, RESOURCE, "2026-06-15")
            there = shop.memory.days.get(key, Day(key))
            shop.memory.days[key] = replace(there, rev=there.rev + 1)

    shop.memory.pause = restless
    with pytest.raises(Unavailable):
        generate(shop)
    assert not shop.memory.slots


def test_a_day_that_takes_no_more_slots_says_so(shop: Shop) -> None:
    key = DayKey(BUSINESS, RESOURCE, "2026-06-15")
    full = {str(number): Window(1439, 1440) for number in range(MOST_WINDOWS)}
    shop.memory.days[key] = Day(key, 1, full)
    assert {each.reason for each in generate(shop).skipped} == {SkipReason.DAY_FULL}


def test_a_call_makes_a_bounded_number_of_slots(shop: Shop) -> None:
    all_day: WeekHours = {day: [{"from": "00:00", "to": "24:00"}] for day in HOURS}
    with pytest.raises(Invalid):
        generate(shop, hours=all_day, duration_minutes=5, last=date(2026, 6, 16))
    done = generate(shop, hours=all_day, duration_minutes=3, gap_minutes=0, last=MONDAY, dry_run=True)
    assert len(done.created) == 480 <= MOST_SLOTS


@pytest.mark.parametrize("last", [date(2026, 6, 14), date(2027, 6, 16)])
def test_days_that_are_none_or_too_many_are_refused(shop: Shop, last: date) -> None:
    with pytest.raises(Invalid):
        generate(shop, last=last)


def test_only_for_ones_own_business_and_resources(shop: Shop) -> None:
    with pytest.raises(Forbidden):
        generate(shop, asked(Caller("stan", frozenset({f"{BUSINESS}:staff"}))))
    with pytest.raises(Invalid):
        generate(shop, resource="stand-9")
    with pytest.raises(Invalid):
        generate(shop, tariff=Tariff(Prices(base=Money(1, "USD"))))
    shop.memory.businesses.clear()
    with pytest.raises(NotFound):
        generate(shop)
