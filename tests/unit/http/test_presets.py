"""Presets (AVAIL-7): complete, and merged as the contract says."""

from __future__ import annotations

from typing import Any

import pytest

from functions.admin_api.schemas import BusinessBody
from holdfast.app import presets
from holdfast.domain.errors import Invalid

DEFAULT = presets.preset("default")["settings"]


def test_these_are_there() -> None:
    assert presets.names() == ["clinic", "commit", "default", "golf", "restaurant", "salon"]


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


@pytest.mark.parametrize(
    ("name", "group", "member", "value"),
    [
        ("clinic", "policies", "maximumAdvanceDays", 60),
        ("clinic", "grid", "stepMinutes", None),
        ("clinic", "grid", "bufferAfterMinutes", 5),
        ("salon", "policies", "cancellationDeadlineMinutes", 24 * 60),
        ("salon", "policies", "rescheduleDeadlineMinutes", 2 * 60),
        ("salon", "policies", "minimumNoticeMinutes", 2 * 60),
        ("salon", "policies", "maximumAdvanceDays", 30),
        ("salon", "policies", "maxReschedules", 3),
        ("salon", "policies", "idempotencyKeyRequired", True),
        ("salon", "grid", "bufferAfterMinutes", 15),
        ("restaurant", "policies", "maximumAdvanceDays", 14),
        ("restaurant", "queue", "maxSize", 50),
        ("commit", "hold", "defaultSeconds", 900),
        ("default", "hold", "defaultSeconds", 120),
        ("default", "queue", "claimSeconds", 600),
    ],
)
def test_presets_reproduce_their_seeds(name: str, group: str, member: str, value: object) -> None:
    assert presets.preset(name)["settings"][group][member] == value


@pytest.mark.parametrize(("name", "minutes"), [("clinic", 30), ("restaurant", 120)])
def test_services_of_a_preset_have_their_length(name: str, minutes: int) -> None:
    assert presets.preset(name)["service"]["durationMinutes"] == minutes


def test_groups_are_merged_and_wholes_are_replaced() -> None:
    given: dict[str, Any] = {"hold": {"maxSeconds": 300}, "hours": {"sun": []}, "breaks": []}
    settings = presets.resolve("salon", given)
    assert settings["hold"] == DEFAULT["hold"] | {"maxSeconds": 300}
    assert settings["hours"] == {"sun": []}
    assert presets.preset("salon")["settings"]["hold"]["maxSeconds"] == 900


def test_a_hold_that_cannot_be_is_refused() -> None:
    with pytest.raises(Invalid):
        presets.resolve("default", {"hold": {"minSeconds": 500}})
