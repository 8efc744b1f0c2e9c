"""How much is taken when, against a count minute by minute."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from holdfast.domain.instants import NEVER
from holdfast.domain.occupancy import Occupancy, Occupied

NOW = 1_000
some = st.builds(
    lambda start, length, units, expires: Occupied(start, start + length, units, expires),
    st.integers(-5, 40),
    st.integers(1, 15),
    st.integers(1, 3),
    st.sampled_from((NEVER, NEVER, NOW, NOW + 1)),
)
MINUTES = range(35)


def level(occupied: list[Occupied], minute: int) -> int:
    live = (each for each in occupied if each.expires > NOW)
    return sum(each.units for each in live if each.start <= minute < each.end)


@given(st.lists(some, max_size=8), st.integers(0, 5))
def test_above_are_exactly_the_minutes_in_which_more_is_taken(occupied: list[Occupied], most: int) -> None:
    found = Occupancy(occupied, NOW, MINUTES.start, MINUTES.stop).above(most)
    full = {minute for begins, ends in found for minute in range(begins, ends)}
    assert full & set(MINUTES) == {minute for minute in MINUTES if level(occupied, minute) > most}


@given(st.lists(some, max_size=8), st.integers(0, 34), st.integers(1, 20))
def test_the_peak_is_the_most_of_any_minute(occupied: list[Occupied], since: int, length: int) -> None:
    minutes = range(since, min(since + length, MINUTES.stop))
    found = Occupancy(occupied, NOW, MINUTES.start, MINUTES.stop)
    assert found.peak(minutes.start, minutes.stop) == max(level(occupied, minute) for minute in minutes)
