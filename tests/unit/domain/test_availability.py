"""When appointments may begin, by the clock and the calendar, each refused start with all its reasons."""

from __future__ import annotations

from datetime import date

import pytest

from holdfast.domain.availability import Candidate, Evaluation, Reason, verdict
from holdfast.domain.closures import Closure, ClosureKind, TimeOff
from holdfast.domain.instants import HOUR, MINUTE, SECOND
from tests.unit.domain.offers import (
    MONDAY,
    instant,
    judged,
    offered,
    offered_at,
    pauses,
    reasons,
    snapshot,
    some_rules,
    texts,
    week,
)

NINE = instant(f"{MONDAY} 09:00")


def test_each_interval_has_a_grid_from_its_own_opening() -> None:
    rules = some_rules(hours=week(("09:00", "10:00"), ("13:10", "14:30")))
    assert offered(snapshot(rules)) == ["09:00", "09:30", "13:10", "13:40"]


def test_the_last_appointment_ends_at_closing_time() -> None:
    rules = some_rules(duration=50, stride=10, hours=week(("09:00", "10:10")))
    assert offered(snapshot(rules)) == ["09:00", "09:10", "09:20"]
    assert reasons(snapshot(rules), "09:30") == (Reason.OUTSIDE_HOURS,)


def test_an_appointment_lies_in_one_interval_also_where_two_touch() -> None:
    rules = some_rules(duration=60, stride=30, hours=week(("09:00", "10:30"), ("10:30", "12:00")))
    assert offered(snapshot(rules)) == ["09:00", "09:30", "10:30", "11:00"]
    assert reasons(snapshot(rules), "10:00") == (Reason.OUTSIDE_HOURS,)


def test_a_weekday_without_hours_is_closed() -> None:
    rules = some_rules(hours=week(("09:00", "09:30"), days=("mon", "wed")))
    assert offered_at(snapshot(rules), MONDAY, days=8) == [
        "2026-06-15T09:00+02:00",
        "2026-06-17T09:00+02:00",
        "2026-06-22T09:00+02:00",
    ]


def test_hours_over_midnight_go_on_into_the_next_day() -> None:
    rules = some_rules(duration=60, hours=week(("23:00", "26:00"), days=("sun",)))
    assert offered(snapshot(rules), "2026-06-14") == ["23:00"]
    assert offered(snapshot(rules)) == ["00:00", "01:00"]
    assert reasons(snapshot(rules), "01:30") == (Reason.OUTSIDE_HOURS,)


def test_where_intervals_overlap_each_start_is_offered_once_and_lies_in_one_of_them() -> None:
    rules = some_rules(duration=60, hours=week(("09:00", "11:00"), ("10:00", "11:30"), ("10:30", "11:30")))
    assert offered(snapshot(rules)) == ["09:00", "10:00", "10:30"]
    assert reasons(snapshot(rules), "09:30") == (Reason.OFF_GRID,)


def test_a_start_beside_the_grid_is_refused_for_that() -> None:
    assert reasons(snapshot(some_rules()), "09:10") == (Reason.OFF_GRID,)
    assert verdict(snapshot(some_rules()), NINE + SECOND).reasons == (Reason.OFF_GRID,)


def test_without_a_step_starts_follow_each_other_by_duration_and_buffers() -> None:
    rules = some_rules(before=5, after=10)
    assert offered(snapshot(rules)) == ["09:00", "09:45", "10:30", "11:15"]


def test_the_grid_is_the_services_own_whatever_end_is_asked_for() -> None:
    rules = some_rules(duration=60, shortest=30, longest=120)
    assert offered(snapshot(rules), duration=30) == ["09:00", "10:00", "11:00"]
    assert offered(snapshot(rules), duration=120) == ["09:00", "10:00"]
    assert reasons(snapshot(rules), "09:30", "10:00") == (Reason.OFF_GRID,)


def test_an_end_asked_for_lies_within_the_services_bounds() -> None:
    of = snapshot(some_rules(duration=60, shortest=30, longest=120))
    assert judged(of, "09:00", "09:30").offered
    assert judged(of, "09:00", "11:00").offered
    for end in ("09:29", "11:01"):
        assert reasons(of, "09:00", end) == (Reason.DURATION,)
    assert reasons(of, "10:00", "12:10") == (Reason.OUTSIDE_HOURS, Reason.DURATION)
    assert offered(of, duration=29) == []


@pytest.mark.parametrize("end", [NINE, NINE - HOUR, NINE + 30 * MINUTE + SECOND])
def test_an_end_that_is_none_is_refused_for_the_duration(end: int) -> None:
    assert verdict(snapshot(some_rules()), NINE, end).reasons == (Reason.DURATION,)


def test_breaks_are_kept_free_and_the_grid_runs_on_through_them() -> None:
    of = snapshot(some_rules(stride=20, breaks=pauses(("09:45", "10:30"))))
    assert offered(of) == ["09:00", "10:40", "11:00", "11:20"]
    assert reasons(of, "09:20") == reasons(of, "10:20") == (Reason.BREAK,)


def test_an_appointment_may_end_where_a_break_begins_and_begin_where_it_ends() -> None:
    of = snapshot(some_rules(breaks=pauses(("10:00", "10:30")), before=15, after=15, stride=30))
    assert judged(of, "09:30").offered
    assert judged(of, "10:30").offered


def test_a_break_after_midnight_belongs_to_the_night_of_its_weekday() -> None:
    hours, night = week(("22:00", "26:00"), days=("sun",)), pauses(("24:00", "25:00"), days=("sun",))
    early = pauses(("00:00", "01:00"), days=("mon",))
    for breaks in (night, early):
        of = snapshot(some_rules(duration=60, hours=hours, breaks=breaks))
        assert offered(of) == ["01:00"]


def test_time_off_is_kept_free_to_the_second() -> None:
    since, upto = instant(f"{MONDAY} 10:00:01"), instant(f"{MONDAY} 10:59:59")
    of = snapshot(some_rules(time_off=(TimeOff(since, upto),)))
    assert offered(of) == ["09:00", "09:30", "11:00", "11:30"]
    assert reasons(of, "10:00") == reasons(of, "10:30") == (Reason.TIME_OFF,)
    of = snapshot(some_rules(duration=1, time_off=(TimeOff(since, upto),)))
    assert [judged(of, start).offered for start in ("09:59", "10:00", "10:59", "11:00")] == [
        True,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (ClosureKind.PUBLIC, Reason.HOLIDAY),
        (ClosureKind.BLACKOUT, Reason.BLACKOUT),
        (ClosureKind.MAINTENANCE, Reason.MAINTENANCE),
    ],
)
def test_a_closed_day_offers_nothing_and_says_why(kind: ClosureKind, reason: Reason) -> None:
    closed = Closure(first=date(2026, 6, 15), last=date(2026, 6, 16), kind=kind)
    of = snapshot(some_rules(closures=(closed,)))
    assert offered_at(of, "2026-06-14", days=4)[::6] == ["2026-06-14T09:00+02:00", "2026-06-17T09:00+02:00"]
    assert reasons(of, "09:00") == (reason,)


def test_what_began_before_a_holiday_does_not_run_into_it() -> None:
    closed = Closure(first=date(2026, 6, 15), last=date(2026, 6, 15))
    night = week(("22:00", "26:00"), days=("sun",))
    of = snapshot(some_rules(duration=60, stride=30, hours=night, closures=(closed,)))
    assert offered_at(of, "2026-06-14", days=2) == [
        *("2026-06-14T22:00+02:00", "2026-06-14T22:30+02:00", "2026-06-14T23:00+02:00"),
    ]
    assert verdict(of, instant("2026-06-14 23:30")).reasons == (Reason.HOLIDAY,)


def test_what_has_begun_is_past() -> None:
    assert verdict(snapshot(some_rules(), now=NINE - 1), NINE).offered
    for now in (NINE, NINE + 1, NINE + 24 * HOUR):
        assert verdict(snapshot(some_rules(notice=60), now=now), NINE).reasons == (Reason.PAST,)


def test_notice_counts_to_the_instant() -> None:
    rules = some_rules(notice=120)
    assert offered(snapshot(rules, now=NINE - 2 * HOUR))[0] == "09:00"
    assert offered(snapshot(rules, now=NINE - 2 * HOUR + 1))[0] == "09:30"
    assert reasons(snapshot(rules, now=NINE - 2 * HOUR + SECOND), "09:00") == (Reason.MINIMUM_NOTICE,)


def test_the_last_day_of_the_advance_is_whole() -> None:
    rules = some_rules(advance_days=3)
    for now in ("2026-06-12 00:00", "2026-06-12 23:59:59"):
        of = snapshot(rules, now=now)
        assert offered_at(of, MONDAY, days=2)[-1] == f"{MONDAY}T11:30+02:00"
        assert verdict(of, instant("2026-06-16 09:00")).reasons == (Reason.MAXIMUM_ADVANCE,)
    assert offered(snapshot(rules, now="2026-06-11 23:59:59")) == []


def test_no_day_in_advance_is_today_only() -> None:
    of = snapshot(some_rules(advance_days=0), now=f"{MONDAY} 10:15")
    assert offered_at(of, MONDAY, days=7) == [
        f"{MONDAY}T{each}+02:00" for each in ("10:30", "11:00", "11:30")
    ]


def test_today_is_the_businesss_day_not_utcs() -> None:
    of = snapshot(some_rules(advance_days=0, hours=week(("00:00", "24:00"))), now="2026-06-14T22:30Z")
    first, *_, last = texts(Evaluation(of, NINE - 48 * HOUR, NINE + 48 * HOUR))
    assert (first, last) == (f"{MONDAY}T01:00+02:00", f"{MONDAY}T23:30+02:00")


class NoThirteen:
    """Nothing at 13 minutes past, and nothing for parties."""

    def refuses(self, candidate: Candidate) -> str | None:
        assert (candidate.service, candidate.resource) == ("cut", "chair-1")
        assert candidate.end - candidate.start == 10 * MINUTE
        if candidate.units > 1:
            return "no_parties"
        return "thirteen" if candidate.start // MINUTE % 60 == 13 else None


def test_a_custom_rule_refuses_in_the_list_and_in_the_verdict_with_its_own_reason() -> None:
    rules = some_rules(
        duration=10, stride=1, hours=week(("09:10", "09:25")), capacity=2, custom=(NoThirteen(),)
    )
    of = snapshot(rules)
    assert offered(of) == ["09:10", "09:11", "09:12", "09:14", "09:15"]
    assert offered(of, units=2) == []
    assert reasons(of, "09:13") == ("thirteen",)
    assert reasons(of, "09:13", units=2) == ("no_parties",)


def test_every_reason_is_told_not_only_the_first() -> None:
    rules = some_rules(
        breaks=pauses(("09:00", "10:00")),
        time_off=(TimeOff(NINE, NINE + HOUR),),
        closures=(Closure(first=date(2026, 6, 15), last=date(2026, 6, 15)),),
        notice=60,
        custom=(NoThirteen(),),
        duration=10,
    )
    assert reasons(snapshot(rules, now=NINE + MINUTE), "09:13", units=2) == (
        Reason.OFF_GRID,
        Reason.MINIMUM_NOTICE,
        Reason.BREAK,
        Reason.TIME_OFF,
        Reason.HOLIDAY,
        Reason.TOO_MANY_UNITS,
        "no_parties",
    )


def test_every_start_of_the_grid_is_explained_in_order() -> None:
    of = snapshot(some_rules(breaks=pauses(("10:00", "10:40"))), now=f"{MONDAY} 09:10")
    told = list(Evaluation(of, NINE, NINE + 24 * HOUR).explained())
    assert [(each.reasons, each.available) for each in told] == [
        ((Reason.PAST,), 1),
        ((), 1),
        ((Reason.BREAK,), 1),
        ((Reason.BREAK,), 1),
        ((), 1),
        ((), 1),
    ]
    assert [each.start for each in told] == [NINE + number * 30 * MINUTE for number in range(6)]
    assert {each.end - each.start for each in told} == {30 * MINUTE}


def test_a_list_ends_before_its_end_and_begins_at_its_beginning() -> None:
    of = snapshot(some_rules())
    part = Evaluation(of, NINE + 30 * MINUTE, NINE + 60 * MINUTE)
    assert (list(part), len(part)) == ([NINE + 30 * MINUTE], 1)
    assert list(Evaluation(of, NINE + 1, NINE + 30 * MINUTE + 1)) == [NINE + 30 * MINUTE]
    assert list(Evaluation(of, NINE, NINE)) == []


@pytest.mark.parametrize("start", [NINE - MINUTE, NINE + HOUR, NINE + SECOND])
def test_of_what_was_not_looked_at_nothing_is_told(start: int) -> None:
    found = Evaluation(snapshot(some_rules()), NINE, NINE + HOUR)
    with pytest.raises(ValueError, match=str(start)):
        found.verdict(start)
    with pytest.raises(ValueError, match=str(start)):
        found.available(start)
