"""Rules as the catalog's documents tell them, and the numbers of each seed's preset (AVAIL-7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from holdfast.app import presets
from holdfast.domain.availability import Candidate, Reason, Rules, Snapshot, verdict
from holdfast.domain.availability_rules import rules_of
from holdfast.domain.business import Business, Resource
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.closures import Closure, TimeOff
from holdfast.domain.service import Service
from tests.unit.domain.offers import instant, offered, offered_at, pauses, snapshot, week

SEOUL = {"name": "N", "timeZone": "Asia/Seoul"}
MONDAY, SATURDAY = "2026-06-15", "2026-06-20"


def resource(
    *,
    capacity: int = 1,
    hours: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
    breaks: Sequence[Mapping[str, Any]] = (),
) -> Resource:
    return Resource(
        business="b",
        id="chair-1",
        name="C",
        kind="chair",
        capacity=capacity,
        hours=hours,
        breaks=breaks,
        metadata={},
        op="made",
    )


def read(
    settings: Mapping[str, Any] | None = None,
    service: Mapping[str, Any] | None = None,
    of: Resource | None = None,
    **more: Any,
) -> Rules:
    whole = presets.resolve("default", {**SEOUL, **(settings or {})})
    return rules_from(whole, {"durationMinutes": 40, **(service or {})}, of or resource(), **more)


def rules_from(settings: Mapping[str, Any], service: Mapping[str, Any], of: Resource, **more: Any) -> Rules:
    business = Business.of("b", settings, ledger_offset=0, op="made")
    catalogue = Catalogue(business=business, revision=1, **more)
    return rules_of(catalogue, Service(business="b", id="cut", settings=service, op="made"), of)


def of_preset(name: str, **settings: Any) -> Snapshot:
    """At nine on Monday morning."""
    defaults = presets.preset(name)
    rules = rules_from(
        presets.resolve(name, {**SEOUL, **settings}),
        defaults["service"],
        resource(capacity=defaults["resource"]["capacity"]),
    )
    return snapshot(rules, now=f"{MONDAY} 08:15")


def test_what_the_business_says_holds_for_its_services_and_resources() -> None:
    rules = read(
        {
            "hours": {"mon": [{"from": "10:00", "to": "12:00"}]},
            "breaks": [{"weekdays": ["mon"], "from": "11:00", "to": "11:15"}],
            "grid": {"stepMinutes": 15, "bufferBeforeMinutes": 5, "bufferAfterMinutes": 10},
            "policies": {"minimumNoticeMinutes": 60, "maximumAdvanceDays": 7},
        }
    )
    assert (str(rules.zone), rules.service, rules.resource) == ("Asia/Seoul", "cut", "chair-1")
    assert rules.hours == week(("10:00", "12:00"), days=("mon",))
    assert rules.breaks == pauses(("11:00", "11:15"), days=("mon",))
    assert (rules.stride, rules.before, rules.after) == (15, 5, 10)
    assert (rules.notice, rules.advance_days) == (60, 7)
    assert (rules.duration, rules.shortest, rules.longest) == (40, 40, 40)
    assert (rules.capacity, rules.pool) == (1, None)


def test_without_a_step_the_stride_is_duration_and_buffers() -> None:
    assert read({"grid": {"bufferBeforeMinutes": 5, "bufferAfterMinutes": 10}}).stride == 55


def test_a_service_overrides_grid_and_policies_member_by_member() -> None:
    rules = read(
        {"grid": {"bufferBeforeMinutes": 5}, "policies": {"minimumNoticeMinutes": 60}},
        {"grid": {"stepMinutes": 20}, "policies": {"maximumAdvanceDays": 3}},
    )
    assert (rules.stride, rules.before) == (20, 5)
    assert (rules.notice, rules.advance_days) == (60, 3)


@pytest.mark.parametrize(
    ("bounds", "shortest", "longest"),
    [
        ({"minDurationMinutes": 20}, 20, 40),
        ({"maxDurationMinutes": 90}, 40, 90),
        ({"minDurationMinutes": 20, "maxDurationMinutes": 90}, 20, 90),
        ({"minDurationMinutes": None, "maxDurationMinutes": None}, 40, 40),
    ],
)
def test_a_service_may_last_as_long_as_its_bounds_say(
    bounds: Mapping[str, int | None], shortest: int, longest: int
) -> None:
    rules = read(service=bounds)
    assert (rules.shortest, rules.longest) == (shortest, longest)


def test_a_resource_brings_its_capacity_and_a_service_its_pool() -> None:
    rules = read(service={"maxSimultaneous": 3}, of=resource(capacity=6))
    assert (rules.capacity, rules.pool) == (6, 3)


def test_a_resource_with_hours_of_its_own_has_its_own_breaks_too() -> None:
    told = {"breaks": [{"weekdays": ["mon"], "from": "12:00", "to": "13:00"}]}
    own = resource(hours={"mon": [{"from": "07:00", "to": "09:00"}]})
    assert read(told, of=own).hours == week(("07:00", "09:00"), days=("mon",))
    assert read(told, of=own).breaks == pauses()
    assert read(told, of=resource()).breaks == pauses(("12:00", "13:00"), days=("mon",))


def test_a_resource_with_no_hours_at_all_is_never_open() -> None:
    assert read(of=resource(hours={})).hours == week(days=())


def test_only_closures_of_this_resource_count() -> None:
    day = date(2026, 6, 15)
    mine = Closure(first=day, last=day, resources=frozenset({"chair-1", "chair-2"}))
    everyones = Closure(first=day, last=day)
    others = Closure(first=day, last=day, resources=frozenset({"chair-2"}))
    nobodys = Closure(first=day, last=day, resources=frozenset())
    assert read(closures=(mine, everyones, others, nobodys)).closures == (mine, everyones)


class Never:
    def refuses(self, candidate: Candidate) -> str | None:
        return "never"


def test_time_off_and_custom_rules_are_taken_as_they_are() -> None:
    off, rule = TimeOff(0, 1), Never()
    rules = read(time_off={"chair-1": (off,), "chair-2": (TimeOff(1, 2),)}, custom=(rule,))
    assert (rules.time_off, rules.custom) == ((off,), (rule,))


@pytest.mark.parametrize(
    ("preset", "monday", "saturday"),
    [
        # Half an hour and 5 minutes' buffer: a stride of 35.
        ("clinic", ["09:00", "09:35", "10:10", *(["…"] * 11), "17:10"], []),
        # An hour and 15 minutes' buffer; nothing before a quarter past ten at two hours' notice.
        ("salon", ["10:15", "11:30", *(["…"] * 3), "16:30"], ["08:00", *(["…"] * 4), "14:15"]),
        ("restaurant", ["11:00", "13:00", *(["…"] * 3), "21:00"], ["11:00", *(["…"] * 4), "21:00"]),
        ("golf", ["09:00", *(["…"] * 9), "19:00"], ["06:00", *(["…"] * 12), "19:00"]),
        ("default", ["09:00", "10:00", *(["…"] * 6), "17:00"], []),
        ("commit", ["09:00", "10:00", *(["…"] * 6), "17:00"], []),
    ],
)  # fmt: skip
def test_a_preset_offers_its_seeds_starts(preset: str, monday: list[str], saturday: list[str]) -> None:
    of = of_preset(preset)
    for day, starts in ((MONDAY, monday), (SATURDAY, saturday)):
        found = offered(of, day)
        assert [told if told == "…" else start for start, told in zip(found, starts, strict=True)] == starts


@pytest.mark.parametrize(
    ("preset", "last"),
    [
        ("clinic", "2026-08-14T17:10+09:00"),  # 60 days, a Friday
        ("salon", "2026-07-15T16:30+09:00"),  # 30 days, a Wednesday
        ("restaurant", "2026-06-29T21:00+09:00"),  # 14 days, a Monday
        ("golf", "2026-09-13T19:00+09:00"),  # 90 days, a Sunday
        ("default", "2026-09-11T17:00+09:00"),  # the Friday before
    ],
)
def test_a_preset_offers_as_far_ahead_as_its_seed(preset: str, last: str) -> None:
    assert offered_at(of_preset(preset), MONDAY, days=200)[-1] == last


def test_salon_wants_two_hours_notice_to_the_second() -> None:
    rules, start = of_preset("salon").rules, instant(f"{MONDAY}T11:30+09:00")
    assert verdict(snapshot(rules, now=f"{MONDAY} 09:30:00"), start).offered
    assert verdict(snapshot(rules, now=f"{MONDAY} 09:30:01"), start).reasons == (Reason.MINIMUM_NOTICE,)


def test_golf_takes_four_players_at_once() -> None:
    of, start = of_preset("golf"), instant(f"{MONDAY}T10:00+09:00")
    assert verdict(of, start, units=4).offered
    assert verdict(of, start, units=5).reasons == (Reason.TOO_MANY_UNITS,)


def test_a_clinics_lunch_break_keeps_its_grid() -> None:
    lunch = [{"weekdays": ["mon"], "from": "12:00", "to": "13:00"}]
    of = of_preset("clinic", breaks=lunch)
    assert offered(of)[4:7] == ["11:20", "13:05", "13:40"]
