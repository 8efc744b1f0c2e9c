"""Money in minor units, as text and back, and what of it is refunded (BOOK-4)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.domain.instants import HOUR, MINUTE
from holdfast.domain.money import Money, minor_digits, of, parse
from holdfast.domain.refund import Refund, RefundTier, refund
from tests.support.builders import NOW

currencies = st.sampled_from(("EUR", "USD", "JPY", "KWD", "CLP", "TND"))
TIERS = (RefundTier(120, 50), RefundTier(1440, 100))
START = NOW + 100 * HOUR


@pytest.mark.parametrize(
    ("minor", "currency", "amount"),
    [
        (7500, "EUR", "75.00"),
        (5, "EUR", "0.05"),
        (0, "EUR", "0.00"),
        (75, "JPY", "75"),
        (7501, "KWD", "7.501"),
    ],
)
def test_an_amount_has_the_digits_of_its_currency(minor: int, currency: str, amount: str) -> None:
    assert Money(minor, currency).amount == amount
    assert parse(amount, currency) == Money(minor, currency)


@given(st.integers(0, 10**15), currencies)
def test_an_amount_is_read_as_it_was_told(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert parse(money.amount, currency) == money


@pytest.mark.parametrize(
    ("amount", "currency", "minor"), [("75", "EUR", 7500), ("75.5", "EUR", 7550), ("1", "KWD", 1000)]
)
def test_digits_may_be_left_out(amount: str, currency: str, minor: int) -> None:
    assert parse(amount, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        *(
            (amount, "EUR")
            for amount in ("", ".", ".5", "-1", "+1", "1,00", "1.000", "1e3", " 1", "1.-5", "x")
        ),
        *((amount, "EUR") for amount in ("\u0661", "1.\u0661", "1.2.3", "0x1", "NaN")),
        ("1.0", "JPY"),
        ("1.0000", "KWD"),
    ],
)
def test_what_is_no_amount_is_told_as_such(amount: str, currency: str) -> None:
    assert parse(amount, currency) is None


@given(st.integers(0, 10**12), st.integers(0, 100), currencies)
def test_a_share_is_exact_to_half_a_minor_unit(minor: int, percentage: int, currency: str) -> None:
    share = Money(minor, currency).percent(percentage)
    error = share.minor - Fraction(minor * percentage, 100)
    assert Fraction(-1, 2) < error <= Fraction(1, 2)
    assert share.currency == currency
    assert share.minor <= minor


@pytest.mark.parametrize(
    ("minor", "percentage", "share"),
    [(1, 50, 1), (3, 50, 2), (2501, 50, 1251), (101, 33, 33), (999, 100, 999)],
)
def test_half_a_unit_goes_to_the_customer(minor: int, percentage: int, share: int) -> None:
    assert Money(minor, "EUR").percent(percentage) == Money(share, "EUR")


def test_units_are_multiplied_and_digits_are_known() -> None:
    assert Money(2500, "EUR") * 3 == Money(7500, "EUR")
    assert [minor_digits(currency) for currency in ("EUR", "JPY", "KWD", "XTS")] == [2, 0, 3, 2]


@pytest.mark.parametrize(
    ("before", "percentage"),
    [
        (100 * HOUR, 100),
        (24 * HOUR, 100),
        (24 * HOUR - 1, 50),
        (2 * HOUR, 50),
        (2 * HOUR - 1, 0),
        (0, 0),
        (-HOUR, 0),
    ],
)
def test_the_tier_that_is_still_reached_decides(before: int, percentage: int) -> None:
    for tiers in (TIERS, TIERS[::-1]):
        back = refund(Money(2501, "EUR"), tiers, starts=[START], now=START - before)
        assert back == Refund(percentage, Money(2501, "EUR").percent(percentage))


@pytest.mark.parametrize(
    ("price", "amount"),
    [(Money(2501, "EUR"), "12.51"), (Money(2501, "JPY"), "1251"), (Money(2501, "KWD"), "1.251")],
)
def test_a_refund_is_exact_to_the_minor_unit_of_its_currency(price: Money, amount: str) -> None:
    assert refund(price, TIERS, starts=[START], now=START - 3 * HOUR).amount.amount == amount


def test_without_tiers_nothing_comes_back_and_tiers_need_not_fall_with_time() -> None:
    assert refund(Money(100, "EUR"), (), starts=[START], now=NOW) == Refund(0, Money(0, "EUR"))
    odd = (RefundTier(0, 80), RefundTier(60, 10))
    assert refund(Money(100, "EUR"), odd, starts=[START], now=START - 61 * MINUTE).percentage == 10
    assert refund(Money(100, "EUR"), odd, starts=[START], now=START).percentage == 80


@given(
    st.integers(0, 10**12),
    st.sampled_from((("EUR", 2), ("JPY", 0), ("KWD", 3))),
    st.integers(1, 20),
    st.integers(0, 100),
)
def test_a_refund_is_what_decimal_says_to_the_last_minor_unit(
    minor: int, money: tuple[str, int], units: int, percentage: int
) -> None:
    currency, digits = money
    unit = Money(minor, currency)
    back = refund(unit * units, [RefundTier(0, percentage)], starts=[START], now=START).amount
    share = Decimal(unit.amount) * units * percentage / 100
    assert Decimal(back.amount) == share.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=5), st.integers(-50, 50))
def test_moving_a_booking_wins_no_time_for_its_refund(hours: list[int], now: int) -> None:
    starts = [START + hour * HOUR for hour in hours]
    price, at = Money(2501, "EUR"), START + now * HOUR
    back = refund(price, TIERS, starts=starts, now=at)
    assert back == refund(price, TIERS, starts=[min(starts)], now=at)
    assert back.percentage == min(refund(price, TIERS, starts=[each], now=at).percentage for each in starts)


def test_money_of_a_document_is_read_or_told_to_be_none() -> None:
    assert of({"amount": "7.5", "currency": "EUR"}) == Money(750, "EUR")
    with pytest.raises(ValueError, match="no money"):
        of({"amount": "7.5", "currency": "JPY"})
