"""AVAIL-4 both ways: what is listed passes the model and its own verdict, and nothing else does.

The model goes through every minute; the evaluator never does. Instants lie around changes of the clock.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.domain.availability import Evaluation, Rules, Snapshot
from holdfast.domain.closures import Closure, ClosureKind, TimeOff
from holdfast.domain.hours import Week
from holdfast.domain.instants import DAY, MINUTE, NEVER, SECOND
from holdfast.domain.occupancy import WHOLE, Occupied
from tests.unit.domain.availability_model import WEEK, Model, Told
from tests.unit.domain.clocks import CHANGES, noon
from tests.unit.domain.offers import verdict_at

weekdays = st.sampled_from(WEEK)
KINDS = ("public", "blackout", "maintenance")


@st.composite
def stretches(draw: st.DrawFn, longest: int) -> tuple[str, int, int]:
    since = draw(st.integers(0, 30 * 4)) * 15 + draw(st.sampled_from((0, 0, 0, 7)))
    return draw(weekdays), since, min(2880, since + draw(st.integers(1, longest)))


@st.composite
def told(draw: st.DrawFn) -> Told:
    zone, day = draw(st.sampled_from(CHANGES))
    begin = noon(day)
    minutes = st.integers(begin - 900, begin + 900)
    closures = st.tuples(
        st.integers(-2, 2), st.integers(0, 1), st.sampled_from(KINDS), st.booleans(), st.integers(0, 3)
    ).map(lambda each: _closure(day, *each))
    some = st.tuples(minutes, st.integers(1, 300), st.sampled_from((1, 1, 2, 3, WHOLE)), st.integers(0, 4))
    ago = draw(st.sampled_from((-300, 300, 700, 1440, 2000, 2000, 2000)))
    now = (begin - ago + draw(st.integers(0, 60))) * MINUTE + draw(st.sampled_from((0, 1, 30 * SECOND)))
    taken = some.map(
        lambda each: (each[0], each[0] + each[1], each[2], now + each[3] if each[3] < 2 else NEVER)
    )
    seconds = st.sampled_from((0, 1, SECOND, 59 * SECOND))
    shortest = draw(st.sampled_from((1, 10, 20, 30, 45, 90)))
    # Most weekdays alike, else nothing is ever open where it is looked at.
    usual = draw(st.lists(stretches(1200), min_size=1, max_size=2))
    hours = [(weekday, since, upto) for weekday in WEEK for _, since, upto in usual]
    return Told(
        zone=zone,
        around=day,
        now=now,
        hours=tuple(hours + draw(st.lists(stretches(900), max_size=2))),
        breaks=tuple(draw(st.lists(stretches(120), max_size=3))),
        closures=tuple(draw(st.lists(closures, max_size=draw(st.sampled_from((0, 0, 1, 2)))))),
        time_off=tuple(
            (since * MINUTE + draw(seconds), (since + length) * MINUTE + draw(seconds))
            for since, length in draw(st.lists(st.tuples(minutes, st.integers(1, 300)), max_size=2))
        ),
        occupied=tuple(draw(st.lists(taken, max_size=6))),
        pooled=tuple(draw(st.lists(taken, max_size=4))),
        stride=draw(st.sampled_from((1, 5, 7, 15, 60, 90))),
        shortest=shortest,
        longest=shortest + draw(st.integers(0, 30)),
        before=draw(st.integers(0, 20)),
        after=draw(st.integers(0, 20)),
        notice=draw(st.sampled_from((0, 0, 1, 60, 1440))),
        advance_days=draw(st.sampled_from((0, 1, 2, 30, 30))),
        capacity=draw(st.integers(1, 4)),
        pool=draw(st.sampled_from((None, None, 1, 2, 3))),
    )


def _closure(
    day: date, off: int, days: int, kind: str, yearly: bool, ago: int
) -> tuple[date, date, str, bool]:
    first = day + timedelta(days=off)
    if yearly:
        first = first.replace(year=first.year - ago, day=min(first.day, 28))
    return first, first + timedelta(days=days), kind, yearly


def rules_of(told: Told, duration: int) -> Rules:
    return Rules(
        service="s",
        resource="r",
        zone=told.zone,
        hours=_week(told.hours),
        breaks=_week(told.breaks),
        closures=tuple(
            Closure(first=first, last=last, kind=ClosureKind(kind), yearly=yearly)
            for first, last, kind, yearly in told.closures
        ),
        time_off=tuple(TimeOff(since, upto) for since, upto in told.time_off),
        stride=told.stride,
        duration=duration,
        shortest=told.shortest,
        longest=told.longest,
        before=told.before,
        after=told.after,
        notice=told.notice,
        advance_days=told.advance_days,
        capacity=told.capacity,
        pool=told.pool,
    )


def _week(weekly: object) -> Week:
    assert isinstance(weekly, tuple)
    return Week(tuple(tuple(sorted(each[1:] for each in weekly if each[0] == day)) for day in WEEK))


def snapshot_of(told: Told) -> Snapshot:
    return Snapshot(
        rules=rules_of(told, told.shortest),
        now=told.now,
        occupied=tuple(Occupied(*each) for each in told.occupied),
        pool=tuple(Occupied(*each) for each in told.pooled),
    )


units = st.sampled_from((1, 1, 1, 2, 3))


@settings(max_examples=100)
@given(told=told(), units=units, more=st.sampled_from((0, 0, 20, 31)), first=st.integers(-720, 240))
def test_exactly_what_the_model_allows_is_offered(told: Told, units: int, more: int, first: int) -> None:
    duration, model = told.shortest + more, Model(told)
    since = noon(told.around) + first
    looked_at = range(since, since + 480)
    found = Evaluation(
        snapshot_of(told), since * MINUTE, looked_at.stop * MINUTE, duration=duration, units=units
    )
    assert list(found.starts) == [each for each in looked_at if not model.reasons(each, duration, units)]


@settings(max_examples=60)
@given(told=told(), units=units, more=st.sampled_from((0, 0, 20, 31)), first=st.integers(0, 1300))
def test_every_minute_has_exactly_the_models_reasons(told: Told, units: int, more: int, first: int) -> None:
    duration, model, of = told.shortest + more, Model(told), snapshot_of(told)
    since = noon(told.around) - 720 + first
    for minute in range(since, since + 140):
        found = verdict_at(of, minute, duration, units)
        assert set(found.reasons) == model.reasons(minute, duration, units)
        assert len(set(found.reasons)) == len(found.reasons)
        assert found.available == model.available(minute, duration)


@given(told=told(), units=units)
def test_list_explanation_and_verdict_say_the_same(told: Told, units: int) -> None:
    of, since = snapshot_of(told), (noon(told.around) - 720) * MINUTE
    found = Evaluation(of, since, since + DAY, units=units)
    explained = list(found.explained())
    assert [each.start for each in explained if each.offered] == list(found)
    for each in explained[:: max(1, len(explained) // 40)]:
        assert verdict_at(of, each.start // MINUTE, told.shortest, units) == each


@given(told=told(), cut=st.integers(0, 1440), units=units)
def test_a_list_cut_in_two_is_the_same_list(told: Told, cut: int, units: int) -> None:
    of, since = snapshot_of(told), (noon(told.around) - 720) * MINUTE
    middle, until = since + cut * MINUTE, since + DAY
    parts = [*Evaluation(of, since, middle, units=units), *Evaluation(of, middle, until, units=units)]
    assert parts == list(Evaluation(of, since, until, units=units))


@given(told=told(), units=units, since=st.integers(-600, 600), length=st.integers(1, 200))
def test_more_that_is_taken_never_frees_a_start(told: Told, units: int, since: int, length: int) -> None:
    begin = noon(told.around)
    of, more = snapshot_of(told), Occupied(begin + since, begin + since + length)
    fuller = replace(of, occupied=(*of.occupied, more))
    day = (begin - 720) * MINUTE, (begin + 720) * MINUTE
    before, after = (list(Evaluation(each, *day, units=units)) for each in (of, fuller))
    assert set(after) <= set(before)
    gone = set(before) - set(after)
    reach = told.shortest + told.after
    assert all(more.start - reach < start // MINUTE < more.end + told.before for start in gone)


def test_the_model_itself_knows_a_plain_day() -> None:
    day = date(2026, 6, 15)
    begin = noon(day) - 720
    told = Told(
        zone=ZoneInfo("UTC"),
        around=day,
        now=(begin - 60) * MINUTE,
        hours=[("mon", 540, 610)],
        occupied=[(begin + 540, begin + 541, 1, NEVER)],
        stride=20,
        shortest=30,
        longest=30,
    )
    model = Model(told)
    allowed = [each - begin for each in range(begin, begin + 1440) if not model.reasons(each, 30, 1)]
    assert allowed == [560, 580]
