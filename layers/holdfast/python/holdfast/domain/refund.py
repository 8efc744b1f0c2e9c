"""How much of the price comes back, by the time left to the start (SPEC BOOK-4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from holdfast.domain.instants import MINUTE, Instant
from holdfast.domain.money import Money


@dataclass(frozen=True, slots=True)
class RefundTier:
    """From `before_minutes` ahead of the start on, `percentage` of the price is refunded."""

    before_minutes: int
    percentage: int


@dataclass(frozen=True, slots=True)
class Refund:
    """`amount` is that percentage of the price, exact to the minor unit (BOOK-4)."""

    percentage: int
    amount: Money


def refund(price: Money, tiers: Sequence[RefundTier], *, starts: Iterable[Instant], now: Instant) -> Refund:
    """The refund for cancelling at `now`: the tier furthest ahead that is still reached, else nothing.

    `starts` are the booked one and all it was moved from: the earliest counts, so that moving a booking away
    wins no time."""
    ahead = min(starts) - now
    reached = [tier for tier in tiers if ahead >= tier.before_minutes * MINUTE]
    best = max(reached, key=lambda tier: tier.before_minutes, default=RefundTier(0, 0))
    return Refund(best.percentage, price.percent(best.percentage))
