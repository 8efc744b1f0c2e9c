"""Presets (AVAIL-7): complete, and merged as the contract says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from functions.admin_api.schemas import BusinessBody
from holdfast.app import presets
from holdfast.domain.errors import Invalid
from holdfast.domain.schedule import WEEKDAYS

DEFAULT = presets.preset("default")["settings"]


@pytest.mark.parametrize("name", presets.names())
def test_a_preset_has_every_member_and_is_a_valid_business(name: str) -> None:
    settings = presets.resolve(name, {"name": "N", "timeZone": "UTC"})
    body = BusinessBody.parse({**settings, "businessId": "demo"})
    assert body.settings() == {member: settings[member] for member in settings if member != "preset"}
    assert set(settings) == set(DEFAULT) | {"name", "timeZone", "preset"}
    for group in ("grid", "hold", "queue", "policies", "rateLimits", "domain"):
        assert set(settings[group]) == set(DEFAULT[group])


def test_every_member_of_the_contract_has_a_default() -> None:
    named = {field.alias for name, field in BusinessBody.model_fields.items()}
    assert named == set(DEFAULT) | {"businessId", "name", "timeZone", "preset"}


NO_NOTICE = {
    "minimumNoticeMinutes": 0,
    "maximumAdvanceDays": 90,
    "cancellationDeadlineMinutes": 0,
    "rescheduleDeadlineMinutes": 0,
    "maxReschedules": 3,
    "waitlistNotificationHours": 48,
    "approvalRequired": False,
    "approvalHours": 24,
    "idempotencyKeyRequired": False,
    "guestBooking": False,
    "afterEnd": "complete",
}
TWO_MINUTES = {
    "defaultSeconds": 120,
    "minSeconds": 10,
    "maxSeconds": 900,
    "totalMaxSeconds": 1800,
    "cooldownSeconds": 0,
    "maxPerUser": 10,
}
LINE = {"enabled": True, "maxSize": 100, "claimSeconds": 600, "joinIfFull": False, "placeHours": 24}
BACK_TO_BACK = {"stepMinutes": None, "bufferBeforeMinutes": 0, "bufferAfterMinutes": 0}
FULL_THEN_HALF = [
    {"beforeMinutes": 24 * 60, "percentage": 100},
    {"beforeMinutes": 2 * 60, "percentage": 50},
]

SEEDS: Mapping[str, Mapping[str, Any]] = {
    # ENGINE: holds of 120 s, queues of 100, ten minutes to claim a turn; 10, 20, 100 and 5 a minute.
    "default": {
        "grid": BACK_TO_BACK,
        "hold": TWO_MINUTES,
        "queue": LINE,
        "policies": NO_NOTICE,
        "service": {"durationMinutes": 60},
        "resource": {"capacity": 1, "slotsMayOverlap": False},
    },
    # CLINIC: half an hour and 5 minutes between, 60 days ahead, refunds of 100, 50, 0 %.
    "clinic": {
        "grid": BACK_TO_BACK | {"bufferAfterMinutes": 5},
        "hold": TWO_MINUTES,
        "queue": LINE,
        "policies": NO_NOTICE | {"maximumAdvanceDays": 60},
        "service": {"durationMinutes": 30},
        "resource": {"capacity": 1, "slotsMayOverlap": False},
    },
    # SALON: its seven policies, a quarter of an hour between, keys required.
    "salon": {
        "grid": BACK_TO_BACK | {"bufferAfterMinutes": 15},
        "hold": TWO_MINUTES,
        "queue": LINE,
        "policies": NO_NOTICE
        | {
            "minimumNoticeMinutes": 2 * 60,
            "maximumAdvanceDays": 30,
            "cancellationDeadlineMinutes": 24 * 60,
            "rescheduleDeadlineMinutes": 2 * 60,
            "maxReschedules": 3,
            "waitlistNotificationHours": 48,
            "idempotencyKeyRequired": True,
        },
        "service": {"durationMinutes": 60},
        "resource": {"capacity": 1, "slotsMayOverlap": False},
    },
    # ENGINE 2.10, restaurant tables: two hours, 14 days ahead, queues of 50.
    "restaurant": {
        "grid": BACK_TO_BACK,
        "hold": TWO_MINUTES,
        "queue": LINE | {"maxSize": 50},
        "policies": NO_NOTICE | {"maximumAdvanceDays": 14},
        "service": {"durationMinutes": 120},
        "resource": {"capacity": 1, "slotsMayOverlap": False},
    },
    # GOLF: parties of up to four, tee times that overlap.
    "golf": {
        "grid": BACK_TO_BACK,
        "hold": TWO_MINUTES,
        "queue": LINE,
        "policies": NO_NOTICE,
        "service": {"durationMinutes": 60},
        "resource": {"capacity": 4, "slotsMayOverlap": True},
    },
    # COMMIT: holds of a quarter of an hour, guests welcome.
    "commit": {
        "grid": BACK_TO_BACK,
        "hold": TWO_MINUTES | {"defaultSeconds": 15 * 60},
        "queue": LINE,
        "policies": NO_NOTICE | {"guestBooking": True},
        "service": {"durationMinutes": 60},
        "resource": {"capacity": 1, "slotsMayOverlap": False},
    },
}


@pytest.mark.parametrize("name", SEEDS)
def test_a_preset_reproduces_every_figure_of_its_seed(name: str) -> None:
    preset = presets.preset(name)
    settings, seed = preset["settings"], SEEDS[name]
    assert {group: settings[group] for group in ("grid", "hold", "queue", "policies")} | {
        "service": preset["service"],
        "resource": preset["resource"],
    } == seed
    assert settings["refundTiers"] == FULL_THEN_HALF
    assert settings["rateLimits"] == {
        "reservePerMinute": 10,
        "queuePerMinute": 20,
        "positionPerMinute": 100,
        "cancelPerMinute": 5,
    }
    assert (settings["breaks"], settings["holidays"]) == ([], None)


def test_every_preset_has_a_seed() -> None:
    assert presets.names() == sorted(SEEDS)


def _from_to(since: str, upto: str) -> list[dict[str, str]]:
    return [{"from": since, "to": upto}]


@pytest.mark.parametrize(
    ("name", "hours", "domain"),
    [
        (
            "salon",
            dict.fromkeys(("mon", "tue", "wed"), _from_to("09:00", "18:00"))
            | dict.fromkeys(("thu", "fri"), _from_to("09:00", "19:00"))
            | {"sat": _from_to("08:00", "16:00")},
            ("service", "Stylist"),
        ),
        (
            "restaurant",
            dict.fromkeys(("mon", "tue", "wed", "thu", "sun"), _from_to("11:00", "23:00"))
            | dict.fromkeys(("fri", "sat"), _from_to("11:00", "24:00")),
            ("seat", "Table"),
        ),
        ("golf", dict.fromkeys(WEEKDAYS, _from_to("06:00", "20:00")), ("resource", "Course")),
        ("clinic", dict.fromkeys(WEEKDAYS[:5], _from_to("09:00", "18:00")), ("appointment", "Doctor")),
        ("commit", dict.fromkeys(WEEKDAYS[:5], _from_to("09:00", "18:00")), ("resource", "Resource")),
        ("default", dict.fromkeys(WEEKDAYS[:5], _from_to("09:00", "18:00")), ("resource", "Resource")),
    ],
)
def test_a_preset_opens_and_speaks_as_its_seed(name: str, hours: Any, domain: tuple[str, str]) -> None:
    settings = presets.preset(name)["settings"]
    assert settings["hours"] == hours
    assert (settings["domain"]["domainType"], settings["domain"]["entityName"]) == domain


@pytest.mark.parametrize(("name", "minutes"), [("clinic", 30), ("restaurant", 120), ("salon", 60)])
def test_services_of_a_preset_have_its_length_where_they_have_none(name: str, minutes: int) -> None:
    assert presets.resolve_service(name, {"name": "N"}) == {"name": "N", "durationMinutes": minutes}
    assert presets.resolve_service(name, {"durationMinutes": 7})["durationMinutes"] == 7


def test_tiers_of_a_service_begin_at_times_of_their_own() -> None:
    twice = [{"beforeMinutes": 60, "percentage": 100}, {"beforeMinutes": 60, "percentage": 50}]
    with pytest.raises(Invalid):
        presets.resolve_service("default", {"name": "N", "refundTiers": twice})
    with pytest.raises(Invalid):
        presets.resolve("default", {"refundTiers": twice})


@pytest.mark.parametrize(
    "given",
    [
        {"breaks": [{"weekdays": ["sun"], "from": "12:00", "to": "13:00"}]},
        {"hours": {"mon": []}, "breaks": [{"weekdays": ["mon"], "from": "12:00", "to": "13:00"}]},
        {"policies": {"minimumNoticeMinutes": 10_000, "maximumAdvanceDays": 5}},
    ],
)
def test_settings_that_contradict_themselves_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        presets.resolve("default", given)


def test_groups_are_merged_and_wholes_are_replaced() -> None:
    given: dict[str, Any] = {"hold": {"maxSeconds": 300}, "hours": {"sun": []}, "breaks": []}
    settings = presets.resolve("salon", given)
    assert settings["hold"] == DEFAULT["hold"] | {"maxSeconds": 300}
    assert settings["hours"] == {"sun": []}
    assert presets.preset("salon")["settings"]["hold"]["maxSeconds"] == 900


def test_a_hold_that_cannot_be_is_refused() -> None:
    with pytest.raises(Invalid):
        presets.resolve("default", {"hold": {"minSeconds": 500}})
