"""Policies of a business and its services: what is taken, moved and cancelled when, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from holdfast.domain.booking import BookingStatus, Deed
from holdfast.domain.errors import NotOffered, PolicyViolation
from holdfast.domain.instants import DAY, HOUR, MINUTE, Instant
from holdfast.domain.refund import RefundTier
from holdfast.domain.terms import Terms
from tests.support.builders import NOW, SETTINGS, a_booking, a_confirmed_booking

BERLIN = ZoneInfo("Europe/Berlin")
START = NOW + 3 * DAY


def terms(policies: Mapping[str, object] | None = None, service: Mapping[str, Any] | None = None) -> Terms:
    return Terms.of({**SETTINGS, "policies": {**SETTINGS["policies"], **(policies or {})}}, service)


def test_a_service_says_what_it_has_differently_and_the_rest_is_the_businesss() -> None:
    own = {"policies": {"maxReschedules": 1}, "refundTiers": [{"beforeMinutes": 60, "percentage": 10}]}
    service = terms({"rescheduleDeadlineMinutes": 30}, own)
    assert (service.max_reschedules, service.reschedule_deadline_minutes) == (1, 30)
    assert service.refund_tiers == (RefundTier(60, 10),)
    assert terms(service={"refundTiers": []}).refund_tiers == ()
    assert terms(service={}).refund_tiers == terms().refund_tiers


@pytest.mark.parametrize(
    ("policies", "start", "reasons"),
    [
        ({}, NOW + MINUTE, []),
        ({"minimumNoticeMinutes": 60}, NOW + HOUR, []),
        ({"minimumNoticeMinutes": 60}, NOW + HOUR - MINUTE, ["minimum_notice"]),
        # The last local day counts whole: NOW is a Friday, eleven o'clock in Berlin.
        ({"maximumAdvanceDays": 1}, NOW + 37 * HOUR - MINUTE, []),
        ({"maximumAdvanceDays": 1}, NOW + 37 * HOUR, ["maximum_advance"]),
        (
            {"minimumNoticeMinutes": 10_000, "maximumAdvanceDays": 1},
            START,
            ["minimum_notice", "maximum_advance"],
        ),
    ],
)
def test_a_slot_is_taken_within_notice_and_advance(
    policies: dict[str, int], start: Instant, reasons: list[str]
) -> None:
    under = terms(policies)
    if not reasons:
        assert list(under.allow_taking(start, NOW, BERLIN)) == []
        return
    with pytest.raises(NotOffered) as refused:
        under.allow_taking(start, NOW, BERLIN)
    assert list(refused.value.reasons) == reasons
    assert list(under.allow_taking(start, NOW, BERLIN, frozenset(reasons))) == reasons


def test_what_is_not_passed_over_is_what_is_told() -> None:
    under = terms({"minimumNoticeMinutes": 10_000, "maximumAdvanceDays": 1})
    with pytest.raises(NotOffered) as refused:
        under.allow_taking(START, NOW, BERLIN, {"minimum_notice", "break"})
    assert refused.value.reasons == ("maximum_advance",)


@pytest.mark.parametrize(
    ("policies", "moves", "now", "rules"),
    [
        ({}, 0, START - 1, []),
        ({}, 0, START, ["after_start"]),
        ({"rescheduleDeadlineMinutes": 120}, 2, START - 2 * HOUR, []),
        ({"rescheduleDeadlineMinutes": 120}, 0, START - 2 * HOUR + 1, ["reschedule_deadline"]),
        ({"maxReschedules": 2}, 2, NOW, ["max_reschedules"]),
        ({"maxReschedules": 0}, 0, NOW, ["max_reschedules"]),
        (
            {"rescheduleDeadlineMinutes": 120, "maxReschedules": 3},
            3,
            START - HOUR,
            ["reschedule_deadline", "max_reschedules"],
        ),
        (
            {"rescheduleDeadlineMinutes": 120, "maxReschedules": 0},
            0,
            START,
            ["after_start", "max_reschedules"],
        ),
    ],
)
def test_a_booking_moves_so_often_up_to_the_deadline(
    policies: dict[str, int], moves: int, now: Instant, rules: list[str]
) -> None:
    under = terms(policies)
    assert list(under.allow_moving(START, moves, now, frozenset(rules))) == rules
    for index, rule in enumerate(rules):
        with pytest.raises(PolicyViolation) as refused:
            under.allow_moving(START, moves, now, frozenset(rules[:index]))
        assert refused.value.facts["rule"] == rule


@pytest.mark.parametrize(
    ("asked_at", "approval_hours", "until"),
    [
        (NOW, 24, NOW + 24 * HOUR),
        (START - HOUR, 24, START),
        (START - 1, 24, START - 1 + MINUTE),  # a moment at least, also where it begins at once
    ],
)
def test_a_booking_is_approved_before_it_begins_if_it_can_be(
    asked_at: Instant, approval_hours: int, until: Instant
) -> None:
    assert terms({"approvalHours": approval_hours}).approved_until(START, asked_at) == until


def test_all_comes_back_of_what_was_never_approved() -> None:
    held = a_booking()
    deed = Deed("op-2", "customer:alice", NOW, "confirm")
    asking = held.awaiting_approval("BOK-1", NOW + HOUR, deed, contact=None, notes=None)
    back = terms().refund(asking, held.start)
    assert (back.percentage, back.amount) == (100, asking.price)


def test_the_earliest_start_it_had_judges_the_refund() -> None:
    """Else moving it away and cancelling it there would get around the tiers (BOOK-4)."""
    booking = a_confirmed_booking()
    soon = booking.start - 3 * HOUR
    later = replace(booking, start=booking.start + 7 * DAY, moved_from=(booking.start,))
    sooner = replace(booking, moved_from=(booking.start + 7 * DAY,))
    assert {terms().refund(each, soon).percentage for each in (booking, later, sooner)} == {50}
    assert booking.status is BookingStatus.CONFIRMED
