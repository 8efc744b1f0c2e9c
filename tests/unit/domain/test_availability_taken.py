"""What is taken: buffers between neighbours, capacity by peak overlap, the service's pool, holds."""

from __future__ import annotations

import pytest

from holdfast.domain.availability import Evaluation, Reason
from holdfast.domain.instants import DAY
from holdfast.domain.occupancy import WHOLE
from tests.unit.domain.offers import (
    MONDAY,
    instant,
    judged,
    offered,
    pauses,
    reasons,
    snapshot,
    some_rules,
    taken,
)


def test_a_taken_start_is_not_offered_and_neighbours_may_touch() -> None:
    of = snapshot(some_rules(), occupied=(taken("09:30", "10:00"), taken("11:00", "11:30")))
    assert offered(of) == ["09:00", "10:00", "10:30", "11:30"]
    assert reasons(of, "09:30") == (Reason.TAKEN,)


@pytest.mark.parametrize("start", ["09:31", "09:45", "10:29"])
def test_one_minute_in_common_is_too_many(start: str) -> None:
    of = snapshot(some_rules(stride=1), occupied=(taken("10:00", "10:30"),))
    assert reasons(of, start) == (Reason.TAKEN,)
    assert judged(of, "09:30").offered
    assert judged(of, "10:30").offered


def test_between_two_neighbours_lie_the_first_ones_after_and_the_second_ones_before() -> None:
    # An appointment from 10:00 to 10:30, with its 5 minutes before and 15 after.
    rules = some_rules(stride=5, before=5, after=15)
    of = snapshot(rules, occupied=(taken("09:55", "10:45"),))
    assert judged(of, "09:10").offered
    assert reasons(of, "09:15") == (Reason.TAKEN,)
    assert reasons(of, "10:45") == (Reason.TAKEN,)
    assert judged(of, "10:50").offered


def test_buffers_may_lie_outside_the_hours_and_in_breaks() -> None:
    rules = some_rules(stride=30, before=15, after=15, breaks=pauses(("10:00", "10:30")))
    assert offered(snapshot(rules)) == ["09:00", "09:30", "10:30", "11:00", "11:30"]


def test_a_buffer_outside_the_hours_still_meets_what_is_there() -> None:
    rules = some_rules(stride=30, before=15, after=15)
    of = snapshot(rules, occupied=(taken("08:00", "08:46"), taken("12:14", "13:00")))
    assert offered(of) == ["09:30", "10:00", "10:30", "11:00"]


def test_capacity_counts_the_peak_of_the_overlap_not_how_many_there_are() -> None:
    rules = some_rules(duration=60, stride=60, capacity=2)
    one_by_one = (taken("09:00", "09:20"), taken("09:20", "09:40"), taken("09:40", "10:00"))
    of = snapshot(rules, occupied=one_by_one)
    assert (offered(of), judged(of, "09:00").available) == (["09:00", "10:00", "11:00"], 1)
    of = snapshot(rules, occupied=(*one_by_one, taken("09:39", "09:41")))
    assert (offered(of), judged(of, "09:00").available) == (["10:00", "11:00"], 0)


def test_a_party_needs_its_units_for_all_of_the_time() -> None:
    rules = some_rules(duration=60, stride=60, capacity=4)
    of = snapshot(rules, occupied=(taken("09:00", "09:30", units=3), taken("10:59", "11:30", units=2)))
    assert offered(of, units=1) == ["09:00", "10:00", "11:00"]
    assert offered(of, units=2) == ["10:00", "11:00"]
    assert offered(of, units=3) == []
    assert [judged(of, start).available for start in ("09:00", "10:00", "11:00")] == [1, 2, 2]
    of = snapshot(rules)
    assert offered(of, units=4) == ["09:00", "10:00", "11:00"]


def test_a_party_larger_than_the_resource_never_fits() -> None:
    of = snapshot(some_rules(capacity=4), occupied=(taken("09:00", "09:30"),))
    assert reasons(of, "09:00", units=5) == reasons(of, "10:00", units=5) == (Reason.TOO_MANY_UNITS,)
    assert offered(of, units=5) == []


def test_a_published_slot_takes_the_resource_whole() -> None:
    of = snapshot(some_rules(capacity=4), occupied=(taken("09:30", "10:30", units=WHOLE),))
    assert offered(of) == ["09:00", "10:30", "11:00", "11:30"]
    assert (judged(of, "10:00").reasons, judged(of, "10:00").available) == ((Reason.TAKEN,), 0)


def test_a_hold_takes_its_time_until_the_instant_it_expires() -> None:
    now = instant(f"{MONDAY} 08:00")
    held = taken("09:00", "09:30", expires=now + 1)
    assert reasons(snapshot(some_rules(), now=now, occupied=(held,)), "09:00") == (Reason.TAKEN,)
    of = snapshot(some_rules(), now=now + 1, occupied=(held,))
    assert (judged(of, "09:00").offered, judged(of, "09:00").available) == (True, 1)


def test_the_services_pool_refuses_where_the_resource_would_not() -> None:
    of = snapshot(some_rules(pool=2), pool=(taken("09:30", "10:30"), taken("10:00", "11:00")))
    assert offered(of) == ["09:00", "09:30", "10:30", "11:00", "11:30"]
    assert reasons(of, "10:00") == (Reason.SERVICE_FULL,)
    assert reasons(snapshot(some_rules(pool=2)), "10:00", units=3) == (Reason.TOO_MANY_UNITS,)


def test_both_are_told_where_resource_and_pool_are_full() -> None:
    both = (taken("09:00", "09:30"),)
    of = snapshot(some_rules(pool=1), occupied=both, pool=both)
    assert reasons(of, "09:00") == (Reason.TAKEN, Reason.SERVICE_FULL)


def test_what_is_available_is_the_smaller_of_resource_and_pool() -> None:
    rules = some_rules(capacity=5, pool=4)
    some = (taken("09:00", "09:30", units=3),)
    assert judged(snapshot(rules), "09:00").available == 4
    assert judged(snapshot(rules, occupied=some), "09:00").available == 2
    assert judged(snapshot(rules, pool=some), "09:00").available == 1


def test_what_the_pool_has_says_nothing_where_the_service_has_no_cap() -> None:
    assert judged(snapshot(some_rules(), pool=(taken("09:00", "09:30"),)), "09:00").offered


def test_more_than_the_capacity_may_be_taken_by_an_overbooking() -> None:
    of = snapshot(some_rules(capacity=2), occupied=(taken("09:00", "09:30", units=5),))
    assert (judged(of, "09:00").offered, judged(of, "09:00").available) == (False, 0)


def test_what_a_list_offers_tells_its_units_left() -> None:
    since = instant(MONDAY)
    of = snapshot(some_rules(capacity=3), occupied=(taken("09:00", "10:00", units=2),))
    found = Evaluation(of, since, since + DAY)
    assert [found.available(start) for start in found] == [1, 1, 3, 3, 3, 3]
