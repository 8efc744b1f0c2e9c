"""How long a place may still have to wait, told as a range a person can read (SPEC QUEUE-5).

It depends on facts of the slot only, not on the time it is asked at, so that an unchanged queue has an
unchanged answer.
"""

from __future__ import annotations

from holdfast.domain.instants import MINUTE, SECOND, Instant
from holdfast.domain.slot import Slot

_SPREAD = 2
"""Half to twice the expectation: what a handful of observations is good for."""


def estimated_wait(slot: Slot, position: int, claim_seconds: int) -> str:
    """From the latest promotions of this slot; without any, from how long those in front may keep a hold."""
    expected = position * _interval(slot, claim_seconds)
    low, high = expected // _SPREAD // MINUTE, -(-expected * _SPREAD // MINUTE)
    if high <= 1:
        return "less than a minute"
    if high < 120:
        return f"{max(1, low)} to {high} minutes"
    return f"{max(1, low // 60)} to {-(-high // 60)} hours"


def _interval(slot: Slot, claim_seconds: int) -> Instant:
    """Between one promotion and the next."""
    if len(slot.served) > 1:
        return max(SECOND, (slot.served[-1] - slot.served[0]) // (len(slot.served) - 1))
    return claim_seconds * SECOND // max(1, slot.capacity)
