"""What a unit costs: base, weekend, holiday, premium, by the business's own days (BOOK-12)."""

from __future__ import annotations

from datetime import UTC, date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.domain.catalogue import Catalogue
from holdfast.domain.closures import Closure, ClosureKind
from holdfast.domain.hours import day_span
from holdfast.domain.money import Money
from holdfast.domain.prices import Prices, Tariff, premium_resource, premium_slot, price_of
from holdfast.domain.service import Service
from tests.support.builders import BUSINESS, a_business, a_resource
from tests.unit.domain.offers import instant

FRIDAY, SATURDAY, SUNDAY, MONDAY = (date(2026, 6, day) for day in (12, 13, 14, 15))
BASE, WEEKEND, HOLIDAY, PREMIUM = (Money(minor, "EUR") for minor in (4000, 5500, 7000, 9000))
ALL = Prices(base=BASE, weekend=WEEKEND, holiday=HOLIDAY, premium=PREMIUM)


def euros(money: Money) -> dict[str, str]:
    return {"amount": money.amount, "currency": money.currency}


DOCUMENT = {
    "price": euros(BASE),
    "prices": {"weekend": euros(WEEKEND), "holiday": euros(HOLIDAY), "premium": euros(PREMIUM)},
}


def a_holiday(day: date, **members: Any) -> Closure:
    return Closure(**{"first": day, "last": day, "name": "Holiday", **members})


def a_service(**settings: object) -> Service:
    return Service(business=BUSINESS, id="round", settings={"durationMinutes": 60, **settings}, op="made")


def a_catalogue(*closures: Closure, **settings: Any) -> Catalogue:
    return Catalogue(business=a_business(**settings), revision=1, closures=closures)


@pytest.mark.parametrize(
    ("day", "closures", "premium", "price"),
    [
        (FRIDAY, (), False, BASE),
        (SATURDAY, (), False, WEEKEND),
        (SUNDAY, (), False, WEEKEND),
        (MONDAY, (), False, BASE),
        (FRIDAY, (a_holiday(FRIDAY),), False, HOLIDAY),
        (SATURDAY, (a_holiday(SATURDAY),), False, HOLIDAY),
        (SATURDAY, (a_holiday(FRIDAY), a_holiday(SUNDAY)), False, WEEKEND),
        (FRIDAY, (), True, PREMIUM),
        (SATURDAY, (a_holiday(SATURDAY),), True, PREMIUM),
    ],
)
def test_premium_goes_before_holiday_before_weekend_before_base(
    day: date, closures: tuple[Closure, ...], premium: bool, price: Money
) -> None:
    assert ALL.on(day, closures, premium=premium) == price


@pytest.mark.parametrize(
    ("named", "price"),
    [
        ({"weekend": WEEKEND, "holiday": HOLIDAY}, HOLIDAY),
        ({"weekend": WEEKEND}, WEEKEND),
        ({}, BASE),
    ],
)
def test_what_has_no_price_of_its_own_is_nothing_special(named: dict[str, Money], price: Money) -> None:
    assert Prices(base=BASE, **named).on(SATURDAY, [a_holiday(SATURDAY)], premium=True) == price


@pytest.mark.parametrize(
    ("closure", "price"),
    [
        (a_holiday(FRIDAY, resources=frozenset()), HOLIDAY),
        (a_holiday(FRIDAY, resources=frozenset({"hall-7"})), HOLIDAY),
        (a_holiday(date(2020, 6, 12), yearly=True), HOLIDAY),
        (a_holiday(date(2020, 6, 12)), BASE),
        (a_holiday(date(2026, 6, 1), last=date(2026, 6, 30)), HOLIDAY),
        (a_holiday(FRIDAY, kind=ClosureKind.BLACKOUT), BASE),
        (a_holiday(FRIDAY, kind=ClosureKind.MAINTENANCE), BASE),
    ],
)
def test_a_holiday_is_a_public_one_whatever_it_closes(closure: Closure, price: Money) -> None:
    assert ALL.on(FRIDAY, [closure], premium=False) == price


@given(
    st.dates(date(2019, 1, 1), date(2031, 1, 1)),
    st.integers(0, 300),
    st.booleans(),
    st.dates(date(2018, 1, 1), date(2032, 1, 1)),
)
def test_a_closure_covers_its_days_and_no_other(first: date, length: int, yearly: bool, day: date) -> None:
    closure = a_holiday(first, last=date.fromordinal(first.toordinal() + length), yearly=yearly)
    whole = day_span(UTC, day.toordinal(), day.toordinal())
    assert closure.covers(day) is any(True for _ in closure.between(*whole, UTC))


@pytest.mark.parametrize(
    ("zone", "start", "price"),
    [
        ("Europe/Berlin", "2026-06-12T21:59:00Z", BASE),
        ("Europe/Berlin", "2026-06-12T22:00:00Z", WEEKEND),
        ("America/New_York", "2026-06-13T03:59:00Z", BASE),
        ("America/New_York", "2026-06-15T03:59:00Z", WEEKEND),
        ("Asia/Seoul", "2026-06-12T15:00:00Z", WEEKEND),
        ("Pacific/Kiritimati", "2026-06-12T10:00:00Z", WEEKEND),
    ],
)
def test_the_day_is_the_one_on_the_business_s_clock(zone: str, start: str, price: Money) -> None:
    catalogue = a_catalogue(timeZone=zone)
    assert price_of(catalogue, a_service(**DOCUMENT), instant(start)) == price


def test_a_free_start_is_priced_by_its_catalogue() -> None:
    catalogue, service = a_catalogue(a_holiday(FRIDAY)), a_service(**DOCUMENT)
    start = instant("2026-06-12T10:00")
    assert price_of(catalogue, service, start) == HOLIDAY
    assert price_of(catalogue, service, start, premium=True) == PREMIUM


def test_a_tariff_goes_by_the_clock_it_is_asked_on() -> None:
    tariff = Tariff(ALL, [a_holiday(MONDAY)])
    start = instant("2026-06-14T22:00:00Z")
    assert tariff.at(start, UTC, premium=False) == WEEKEND
    assert tariff.at(start, ZoneInfo("Europe/Berlin"), premium=False) == HOLIDAY
    assert tariff.at(start, UTC, premium=True) == PREMIUM


def test_without_a_price_it_is_free_in_the_business_s_currency() -> None:
    start = instant("2026-06-12T10:00")
    assert price_of(a_catalogue(currency="JPY"), a_service(), start) == Money(0, "JPY")
    weekend = a_service(prices={"weekend": {"amount": "500", "currency": "JPY"}})
    assert price_of(a_catalogue(currency="JPY"), weekend, start) == Money(0, "JPY")
    assert price_of(a_catalogue(currency="JPY"), weekend, instant("2026-06-13T10:00")) == Money(500, "JPY")


@pytest.mark.parametrize(
    ("flag", "premium"), [(True, True), (False, False), (None, False), ("true", False), (1, False)]
)
def test_only_a_plain_true_is_premium(flag: object, premium: bool) -> None:
    slot, resource = {"isPremium": flag}, {"premium": flag}
    assert premium_slot(slot) is premium
    assert premium_resource(a_resource(metadata=resource)) is premium
    assert not premium_slot(resource)
    assert not premium_resource(a_resource(metadata=slot))
    assert not premium_slot({})
