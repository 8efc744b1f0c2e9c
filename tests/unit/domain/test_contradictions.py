"""What settings cannot mean together: each found with a pointer to what is at fault, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from holdfast.app.presets import resolve
from holdfast.domain.business import Business, Resource
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.closures import Closure, TimeOff
from holdfast.domain.contradictions import (
    IN_BUSINESS,
    IN_RESOURCE,
    Contradiction,
    brought_about,
    in_need,
    of_business,
    of_holiday,
    of_resource,
    of_service,
    refuse_any,
)
from holdfast.domain.errors import Invalid
from holdfast.domain.instants import NEVER
from holdfast.domain.service import Service
from tests.support.builders import BUSINESS, a_business, a_resource, a_service

NINE_TO_SIX = [{"from": "09:00", "to": "18:00"}]


def _pause(since: str, upto: str, *weekdays: str) -> dict[str, Any]:
    return {"weekdays": list(weekdays), "from": since, "to": upto}


def _business(**given: Any) -> Business:
    return a_business(**resolve("default", {"name": "Bikes", "timeZone": "Europe/Berlin", **given}))


def _catalogue(
    *resources: Resource, services: Sequence[Service] = (), business: Business | None = None, **given: Any
) -> Catalogue:
    return Catalogue(
        business=business or _business(**given),
        revision=1,
        services={each.id: each for each in services},
        resources={each.id: each for each in resources},
    )


def _pointers(found: Any) -> list[str]:
    return [each.pointer for each in found]


STAND = a_resource()
LATE = replace(a_resource("stand-2"), hours={"sat": [{"from": "10:00", "to": "11:00"}]})
NEVER_OPEN = replace(a_resource("stand-3"), hours={})
ROOM = replace(a_resource("room-1"), kind="room")


@pytest.mark.parametrize(
    ("hours", "pause", "idle"),
    [
        ({"mon": NINE_TO_SIX}, _pause("12:00", "13:00", "mon"), False),
        ({"mon": NINE_TO_SIX}, _pause("17:59", "20:00", "mon"), False),
        ({"mon": NINE_TO_SIX}, _pause("08:00", "09:00", "mon"), True),
        ({"mon": NINE_TO_SIX}, _pause("18:00", "19:00", "mon"), True),
        ({"mon": NINE_TO_SIX}, _pause("12:00", "13:00", "tue"), True),
        ({"mon": NINE_TO_SIX}, _pause("12:00", "13:00", "tue", "mon"), False),
        ({"mon": [*NINE_TO_SIX, {"from": "20:00", "to": "22:00"}]}, _pause("18:30", "19:30", "mon"), True),
        ({"mon": [{"from": "20:00", "to": "26:00"}]}, _pause("01:00", "01:30", "tue"), False),
        ({"mon": [{"from": "20:00", "to": "26:00"}]}, _pause("02:00", "03:00", "tue"), True),
        ({"sun": [{"from": "20:00", "to": "26:00"}]}, _pause("01:00", "01:30", "mon"), False),
        ({"mon": [{"from": "00:00", "to": "02:00"}]}, _pause("25:00", "25:30", "sun"), False),
        ({}, _pause("12:00", "13:00", "mon"), True),
    ],
)
def test_a_break_interrupts_hours_on_one_of_its_weekdays(
    hours: Mapping[str, Any], pause: dict[str, Any], *, idle: bool
) -> None:
    assert _pointers(of_resource(hours, [pause])) == (["/breaks/0"] if idle else [])


def test_the_break_at_fault_is_named() -> None:
    pauses = [_pause("12:00", "13:00", day) for day in ("mon", "tue", "mon", "wed")]
    assert _pointers(of_resource({"mon": NINE_TO_SIX}, pauses)) == ["/breaks/1", "/breaks/3"]
    assert _pointers(
        of_business({**_business().settings, "hours": {"tue": NINE_TO_SIX}, "breaks": pauses})
    ) == [
        "/breaks/0",
        "/breaks/2",
        "/breaks/3",
    ]


def test_breaks_without_hours_of_its_own_are_no_resources() -> None:
    assert _pointers(of_resource(None, [_pause("12:00", "13:00", "mon")])) == ["/breaks"]
    assert _pointers(of_resource(None, [])) == []


@pytest.mark.parametrize(
    ("notice", "days", "refused"),
    [
        (0, 0, False),
        (1439, 0, False),
        (1440, 0, True),
        (10_079, 6, False),
        (10_080, 6, True),
        (525_600, 365, False),
    ],
)
def test_a_notice_ends_before_the_advance_does(notice: int, days: int, *, refused: bool) -> None:
    policies = {"minimumNoticeMinutes": notice, "maximumAdvanceDays": days}
    settings = _business().settings
    settings = {**settings, "policies": {**settings["policies"], **policies}}
    pointers = ["/policies/minimumNoticeMinutes"] if refused else []
    assert _pointers(of_business(settings)) == pointers
    assert _pointers(of_service(a_service(policies=policies), _catalogue(STAND))) == pointers


def test_a_service_that_overrides_one_policy_is_judged_with_the_businesss_other() -> None:
    catalogue = _catalogue(STAND, policies={"maximumAdvanceDays": 2})
    service = a_service(policies={"minimumNoticeMinutes": 3 * 1440})
    assert _pointers(of_service(service, catalogue)) == ["/policies/minimumNoticeMinutes"]


@pytest.mark.parametrize(
    ("lengths", "pointers"),
    [
        ({}, []),
        ({"minDurationMinutes": 60, "maxDurationMinutes": 60}, []),
        ({"minDurationMinutes": 61}, ["/minDurationMinutes"]),
        ({"maxDurationMinutes": 59}, ["/maxDurationMinutes"]),
        (
            {"minDurationMinutes": 90, "maxDurationMinutes": 30},
            ["/minDurationMinutes", "/maxDurationMinutes"],
        ),
    ],
)
def test_the_usual_length_lies_in_its_range(lengths: dict[str, Any], pointers: list[str]) -> None:
    assert _pointers(of_service(a_service(**lengths), _catalogue(STAND))) == pointers


@pytest.mark.parametrize(
    ("grid", "pointers"),
    [
        ({"stepMinutes": 60, "bufferBeforeMinutes": 30, "bufferAfterMinutes": 30}, []),
        (
            {"stepMinutes": 60, "bufferBeforeMinutes": 30, "bufferAfterMinutes": 31},
            ["/grid/bufferAfterMinutes"],
        ),
        (
            {"stepMinutes": 60, "bufferBeforeMinutes": 61, "bufferAfterMinutes": 0},
            ["/grid/bufferBeforeMinutes"],
        ),
        ({"stepMinutes": 59, "bufferBeforeMinutes": 0, "bufferAfterMinutes": 90}, []),
        ({"stepMinutes": None, "bufferBeforeMinutes": 0, "bufferAfterMinutes": 90}, []),
    ],
)
def test_a_step_that_takes_the_service_takes_its_buffers_too(
    grid: dict[str, Any], pointers: list[str]
) -> None:
    assert _pointers(of_service(a_service(grid=grid), _catalogue(STAND))) == pointers
    assert _pointers(of_service(a_service(), _catalogue(STAND, grid=grid))) == pointers


@pytest.mark.parametrize(
    ("duration", "resources", "pointers"),
    [
        (540, [STAND], []),
        (541, [STAND], ["/durationMinutes"]),
        (541, [], []),
        (60, [LATE], []),
        (61, [LATE], ["/durationMinutes"]),
        (61, [LATE, STAND], []),
        (541, [NEVER_OPEN], []),
        (541, [NEVER_OPEN, STAND], ["/durationMinutes"]),
    ],
)
def test_a_service_fits_into_some_opening_hours(
    duration: int, resources: list[Resource], pointers: list[str]
) -> None:
    catalogue = _catalogue(*resources)
    assert _pointers(of_service(a_service(durationMinutes=duration), catalogue)) == pointers


def test_only_resources_that_may_serve_it_count() -> None:
    catalogue = _catalogue(STAND, LATE)
    named = a_service(durationMinutes=120, resourceIds=["stand-2"])
    assert _pointers(of_service(named, catalogue)) == ["/durationMinutes"]
    catalogue = _catalogue(STAND, replace(LATE, kind="room"))
    both = a_service(
        durationMinutes=120, requires=[{"kind": "stand", "count": 1}, {"kind": "room", "count": 1}]
    )
    assert _pointers(of_service(both, catalogue)) == ["/durationMinutes"]


def test_breaks_and_the_grid_leave_room_too() -> None:
    halves = _catalogue(STAND, breaks=[_pause("13:00", "14:00", "mon", "tue", "wed", "thu", "fri")])
    assert _pointers(of_service(a_service(durationMinutes=240), halves)) == []
    assert _pointers(of_service(a_service(durationMinutes=241), halves)) == ["/durationMinutes"]
    rigid = a_service(durationMinutes=240, grid={"stepMinutes": 480})
    late = _catalogue(STAND, breaks=[_pause("09:00", "10:00", "mon", "tue", "wed", "thu", "fri")])
    assert _pointers(of_service(rigid, late)) == ["/durationMinutes"]


def test_what_closes_for_a_while_is_no_contradiction() -> None:
    """Nor are national holidays, an absence, or a rule of a plugin: they are told in the list."""
    closed = Closure.of({"date": "1970-01-01", "endDate": "2999-12-31", "name": "Gone", "kind": "blackout"})
    catalogue = replace(
        _catalogue(STAND, policies={"minimumNoticeMinutes": 20_000}),
        closures=(closed,),
        time_off={STAND.id: (TimeOff(0, NEVER),)},
    )
    assert _pointers(of_service(a_service(), catalogue)) == []


def test_hours_over_midnight_take_what_lasts_over_midnight() -> None:
    catalogue = _catalogue(STAND, hours={"sun": [{"from": "20:00", "to": "26:00"}]})
    assert _pointers(of_service(a_service(durationMinutes=360), catalogue)) == []
    assert _pointers(of_service(a_service(durationMinutes=361), catalogue)) == ["/durationMinutes"]


def test_named_resources_are_there() -> None:
    catalogue = _catalogue(STAND, ROOM)
    service = a_service(resourceIds=["room-1", "room-2", "stand-1", "stand-9"])
    assert _pointers(of_service(service, catalogue)) == ["/resourceIds/1", "/resourceIds/3"]
    assert _pointers(of_holiday({"resourceIds": ["stand-9"]}, catalogue)) == ["/resourceIds/0"]
    assert _pointers(of_holiday({}, catalogue)) == []


@pytest.mark.parametrize(
    ("requires", "pointers"),
    [
        ([{"kind": "stand", "count": 2}, {"kind": "room", "count": 1}], []),
        ([{"kind": "stand", "count": 3}], ["/requires/0/count"]),
        ([{"kind": "room", "count": 1}, {"kind": "boat", "count": 1}], ["/requires/1/count"]),
        ([{"kind": "room", "count": 1}, {"kind": "room", "count": 1}], ["/requires/0/count"]),
    ],
)
def test_there_are_as_many_of_a_kind_as_are_required(
    requires: list[dict[str, Any]], pointers: list[str]
) -> None:
    catalogue = _catalogue(STAND, a_resource("stand-2"), ROOM)
    assert _pointers(of_service(a_service(requires=requires), catalogue)) == pointers


@pytest.mark.parametrize(
    ("prices", "pointers"),
    [
        ({"price": {"amount": "7.50", "currency": "EUR"}}, []),
        ({"price": {"amount": "7.50", "currency": "USD"}}, ["/price/currency"]),
        ({"price": {"amount": "7.505", "currency": "EUR"}}, ["/price/amount"]),
        ({"prices": {"weekend": {"amount": "9", "currency": "EUR"}}}, []),
        ({"prices": {"holiday": {"amount": "9", "currency": "JPY"}}}, ["/prices/holiday/currency"]),
        ({"prices": {"premium": {"amount": "9.001", "currency": "EUR"}}}, ["/prices/premium/amount"]),
    ],
)
def test_prices_are_in_the_businesss_currency(prices: dict[str, Any], pointers: list[str]) -> None:
    assert _pointers(of_service(a_service(**prices), _catalogue(STAND))) == pointers


def _against(before: Catalogue, **settings: Any) -> list[Contradiction]:
    after = _business(**settings).with_settings(_business(**settings).settings, "op-2")
    return list(brought_about(before, replace(before, business=after), IN_BUSINESS))


def test_settings_are_judged_with_the_services_there_are() -> None:
    price: dict[str, Any] = {"price": {"amount": "7.50", "currency": "EUR"}}
    services = [
        a_service(
            durationMinutes=120, grid={"stepMinutes": 120}, policies={"minimumNoticeMinutes": 2880}, **price
        )
    ]
    before = _catalogue(STAND, services=services)
    assert _against(before) == []
    short = {"mon": [{"from": "09:00", "to": "10:00"}]}
    for settings, pointer in (
        ({"hours": short}, "/hours"),
        ({"policies": {"maximumAdvanceDays": 1}}, "/policies/minimumNoticeMinutes"),
        ({"grid": {"bufferAfterMinutes": 121}}, "/grid"),
        ({"currency": "USD"}, "/currency"),
    ):
        (found,) = _against(before, **settings)
        assert found.pointer == pointer
        assert found.detail.startswith("the service repair: ")


def test_what_was_wrong_before_does_not_stand_in_the_way() -> None:
    before = _catalogue(STAND, services=[a_service(durationMinutes=900)])
    assert _against(before, name="Other") == []
    worse = _catalogue(
        STAND, services=[a_service(durationMinutes=900), a_service("check", durationMinutes=300)]
    )
    assert _pointers(_against(worse, hours={"mon": [{"from": "09:00", "to": "10:00"}]})) == ["/hours"]


def test_a_resource_is_judged_with_the_services_there_are() -> None:
    services = [
        a_service("both", requires=[{"kind": "stand", "count": 1}, {"kind": "room", "count": 1}]),
        a_service("long", durationMinutes=120, resourceIds=["stand-1"]),
        a_service("named", resourceIds=["stand-1"]),
    ]
    before = _catalogue(STAND, ROOM, services=services)

    def against(after: Resource) -> list[str]:
        resources = {**before.resources, after.id: after}
        return _pointers(brought_about(before, replace(before, resources=resources), IN_RESOURCE))

    assert against(replace(STAND, name="Other")) == []
    assert against(replace(STAND, hours={"mon": [{"from": "09:00", "to": "10:00"}]})) == ["/hours"]
    assert against(replace(ROOM, kind="hall")) == ["/kind"]


def test_a_resource_that_goes_leaves_services_in_need() -> None:
    services = [
        a_service("both", requires=[{"kind": "room", "count": 1}]),
        a_service("named", resourceIds=["stand-1"]),
        a_service("any"),
    ]
    whole = _catalogue(STAND, ROOM, services=services)
    assert in_need(whole) == []
    assert in_need(replace(whole, resources={STAND.id: STAND})) == ["both"]
    assert in_need(replace(whole, resources={ROOM.id: ROOM})) == ["named"]


def test_the_first_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        refuse_any([Contradiction("/hours", "is none"), Contradiction("/grid", "is none")])
    assert refused.value.facts == {"errors": [{"pointer": "/hours", "detail": "is none"}]}
    refuse_any([])


def test_the_business_of_the_tests_is_no_contradiction() -> None:
    assert _pointers(of_business(_business().settings)) == []
    assert _business().id == BUSINESS


def test_what_is_proposed_leaves_no_rules_behind_in_what_is_sold_by() -> None:
    sold_by = _catalogue(STAND, services=[a_service(durationMinutes=60)])
    assert _pointers(of_service(a_service(durationMinutes=600), sold_by)) == ["/durationMinutes"]
    assert sold_by.derived == {}
    assert _pointers(of_service(a_service(durationMinutes=45), sold_by)) == []


@pytest.mark.parametrize(
    ("many", "settings", "pointers"),
    [
        (24, {}, []),
        (25, {}, ["/requires"]),
        (24, {"maxSimultaneous": 2}, ["/requires"]),
        (24, {"maxDurationMinutes": 24 * 60 + 1}, ["/requires"]),
        (12, {"maxDurationMinutes": 2 * 24 * 60}, []),
    ],
)
def test_as_many_calendars_are_taken_at_once_as_one_move_can_write(
    many: int, settings: dict[str, Any], pointers: list[str]
) -> None:
    lanes = [replace(a_resource(f"lane-{number}"), kind="lane") for number in range(30)]
    requires = [{"kind": "lane", "count": 12}, {"kind": "lane", "count": many - 12}]
    requires = [each for each in requires if each["count"]]
    service = a_service(durationMinutes=60, requires=requires, **settings)
    assert _pointers(of_service(service, _catalogue(*lanes))) == pointers


def test_longer_buffers_leave_fewer_calendars() -> None:
    lanes = [replace(a_resource(f"lane-{number}"), kind="lane") for number in range(30)]
    service = a_service(durationMinutes=60, requires=[{"kind": "lane", "count": 20}])
    before = _catalogue(*lanes, services=[service])
    grid = {"stepMinutes": None, "bufferBeforeMinutes": 24 * 60, "bufferAfterMinutes": 0}
    after = _catalogue(*lanes, services=[service], grid=grid)
    assert _pointers(brought_about(before, after, IN_BUSINESS)) == ["/grid"]
