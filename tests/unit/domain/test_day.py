"""A day's windows overlap exactly where a minute would be taken twice (SLOT-2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.domain.day import MOST_WINDOWS, Day
from holdfast.domain.errors import Invalid, Overlap
from holdfast.domain.place import DayKey, Window
from tests.support.builders import NOW

KEY = DayKey("bikes", "stand-1", "2026-06-12")
windows = st.tuples(st.integers(0, 30), st.integers(1, 12)).map(lambda at: Window(at[0], at[0] + at[1]))


def test_slots_may_touch() -> None:
    day = Day(KEY).with_window("a", Window(60, 90), NOW, may_overlap=False)
    day = day.with_window("b", Window(90, 120), NOW, may_overlap=False)
    day = day.with_window("c", Window(30, 60), NOW, may_overlap=False)
    assert day.rev == 3
    assert day.windows == {"a": Window(60, 90), "b": Window(90, 120), "c": Window(30, 60)}


@pytest.mark.parametrize(
    "window", [Window(60, 90), Window(59, 61), Window(89, 91), Window(0, 1440), Window(70, 71)]
)
def test_slots_may_not_share_a_minute(window: Window) -> None:
    day = Day(KEY).with_window("a", Window(60, 90), NOW, may_overlap=False)
    with pytest.raises(Overlap) as refused:
        day.with_window("b", window, NOW, may_overlap=False)
    assert refused.value.facts == {"slotIds": ["a"]}


def test_the_refusal_names_every_slot_in_the_way() -> None:
    day = Day(KEY, 2, {"b": Window(0, 10), "a": Window(10, 20), "c": Window(20, 30)})
    with pytest.raises(Overlap) as refused:
        day.with_window("new", Window(5, 15), NOW, may_overlap=False)
    assert refused.value.facts == {"slotIds": ["a", "b"]}


def test_where_the_resource_says_so_slots_overlap() -> None:
    day = Day(KEY, 1, {"a": Window(0, 10)})
    assert day.with_window("b", Window(5, 15), NOW, may_overlap=True).windows == {
        "a": Window(0, 10),
        "b": Window(5, 15),
    }


def test_a_day_takes_a_bounded_number_of_slots() -> None:
    full = Day(KEY, 1, {str(number): Window(number, number + 1) for number in range(MOST_WINDOWS)})
    with pytest.raises(Invalid):
        full.with_window("one more", Window(1000, 1001), NOW, may_overlap=True)


@given(st.lists(windows, max_size=8))
def test_a_window_is_taken_exactly_if_all_its_minutes_are_free(wishes: list[Window]) -> None:
    day, minutes = Day(KEY), set[int]()
    for number, wish in enumerate(wishes):
        wanted = set(range(wish.start, wish.end))
        if wanted & minutes:
            with pytest.raises(Overlap):
                day.with_window(str(number), wish, NOW, may_overlap=False)
        else:
            day = day.with_window(str(number), wish, NOW, may_overlap=False)
            minutes |= wanted
    assert sum(window.end - window.start for window in day.windows.values()) == len(minutes)
    assert day.rev == len(day.windows)


def test_a_slots_window_gives_way_to_its_new_one() -> None:
    day = Day(KEY, 1, {"a": Window(0, 30), "b": Window(60, 90)})
    assert day.with_window("a", Window(0, 60), NOW, may_overlap=False).windows["a"] == Window(0, 60)
    with pytest.raises(Overlap) as refused:
        day.with_window("a", Window(0, 61), NOW, may_overlap=False)
    assert refused.value.facts == {"slotIds": ["b"]}


def test_a_window_taken_out_leaves_the_others() -> None:
    day = Day(KEY, 4, {"a": Window(0, 30), "b": Window(60, 90)}).without_window("a")
    assert (day.rev, day.windows) == (5, {"b": Window(60, 90)})
