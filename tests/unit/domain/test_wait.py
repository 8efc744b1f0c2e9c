"""The estimate of a wait: a range from facts of the slot alone, which no time of asking changes (QUEUE-5)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.domain.instants import HOUR, MINUTE, SECOND
from holdfast.domain.slot import MOST_SERVED, Slot
from holdfast.domain.wait import estimated_wait
from tests.support.builders import NOW, a_slot

UNITS = {"minutes": MINUTE, "hours": HOUR}


def _range(told: str) -> tuple[int, int]:
    """What a sentence promises, in milliseconds."""
    if told == "less than a minute":
        return 0, MINUTE
    match = re.fullmatch(r"(\d+) to (\d+) (minutes|hours)", told)
    assert match, told
    low, high, unit = match.groups()
    return int(low) * UNITS[unit], int(high) * UNITS[unit]


@pytest.mark.parametrize(
    ("position", "claim_seconds", "capacity", "told"),
    [
        pytest.param(1, 600, 1, "5 to 20 minutes", id="a hold of ten minutes in front"),
        pytest.param(3, 600, 1, "15 to 60 minutes", id="three of them"),
        pytest.param(3, 600, 3, "5 to 20 minutes", id="three at a time"),
        pytest.param(1, 60, 2, "less than a minute", id="soon"),
        pytest.param(1, 60, 1, "1 to 2 minutes", id="a minute"),
        pytest.param(12, 600, 1, "1 to 4 hours", id="long"),
        pytest.param(6, 600, 1, "1 to 2 hours", id="an hour"),
    ],
)
def test_before_any_promotion_it_is_how_long_those_in_front_may_keep_a_hold(
    position: int, claim_seconds: int, capacity: int, told: str
) -> None:
    for served in ((), (NOW,)):
        slot = a_slot(capacity=capacity, served=served)
        assert estimated_wait(slot, position, claim_seconds) == told


@pytest.mark.parametrize(
    ("apart", "told"),
    [
        pytest.param(4 * MINUTE, "4 to 16 minutes", id="as fast as the slot was seen to move"),
        pytest.param(0, "less than a minute", id="all in the same instant"),
        pytest.param(HOUR, "1 to 4 hours", id="slowly"),
    ],
)
def test_after_two_promotions_or_more_it_is_how_fast_they_came(apart: int, told: str) -> None:
    for promotions in range(2, MOST_SERVED + 1):
        slot = a_slot(served=tuple(NOW + number * apart for number in range(promotions)))
        assert estimated_wait(slot, 2, 600) == told


slots = st.builds(
    lambda capacity, steps: a_slot(
        capacity=capacity, served=tuple(NOW + sum(steps[:number]) for number in range(len(steps)))
    ),
    st.integers(1, 300),
    st.lists(st.integers(0, 5 * HOUR), max_size=MOST_SERVED),
)


@given(slots, st.integers(1, 300), st.integers(10, 3600))
def test_a_range_has_room_between_its_ends_and_grows_with_the_position(
    slot: Slot, position: int, claim_seconds: int
) -> None:
    low, high = _range(estimated_wait(slot, position, claim_seconds))
    later_low, later_high = _range(estimated_wait(slot, position + 1, claim_seconds))
    assert low < high
    assert low <= later_low
    assert high <= later_high


@given(slots, st.integers(1, 300), st.integers(10, 3600))
def test_what_does_not_move_the_queue_does_not_change_the_estimate(
    slot: Slot, position: int, claim_seconds: int
) -> None:
    moved = replace(slot, rev=slot.rev + 1, terms=9, due=NOW + SECOND)
    assert estimated_wait(moved, position, claim_seconds) == estimated_wait(slot, position, claim_seconds)
