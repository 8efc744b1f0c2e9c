"""What a business sets: how long holds last, until when customers cancel, whether keys are required."""

from __future__ import annotations

import pytest

from holdfast.domain.business import Business
from holdfast.domain.errors import Invalid, Malformed, PolicyViolation
from holdfast.domain.instants import HOUR, MINUTE
from holdfast.domain.refund import RefundTier
from tests.support.builders import NOW, SETTINGS, a_business


def _with_policies(**policies: object) -> Business:
    return a_business(policies={**SETTINGS["policies"], **policies})


def test_the_typed_members_are_read_from_the_settings() -> None:
    business = a_business()
    assert (business.hold.default_seconds, business.hold.total_max_seconds) == (120, 1800)
    assert business.terms.refund_tiers == (RefundTier(1440, 100), RefundTier(120, 50))
    assert (business.currency, str(business.zone)) == ("EUR", "Europe/Berlin")


@pytest.mark.parametrize(("asked", "seconds"), [(None, 120), (10, 10), (900, 900), (333, 333)])
def test_a_hold_lasts_as_asked_within_the_bounds(asked: int | None, seconds: int) -> None:
    assert a_business().hold.seconds(asked) == seconds


@pytest.mark.parametrize("asked", [9, 0, -1, 901])
def test_a_hold_outside_the_bounds_is_refused(asked: int) -> None:
    with pytest.raises(Invalid) as refused:
        a_business().hold.seconds(asked)
    assert refused.value.facts == {
        "errors": [{"pointer": "/holdSeconds", "detail": "must be from 10 to 900"}]
    }


def test_customers_cancel_up_to_the_deadline() -> None:
    business = _with_policies(cancellationDeadlineMinutes=60)
    start = NOW + HOUR
    business.terms.allow_cancelling(start, NOW)
    with pytest.raises(PolicyViolation) as refused:
        business.terms.allow_cancelling(start, NOW + 1)
    assert refused.value.facts == {"rule": "cancellation_deadline"}


def test_nobody_cancels_once_it_has_begun_though_there_is_no_deadline() -> None:
    business = _with_policies(cancellationDeadlineMinutes=0)
    business.terms.allow_cancelling(NOW, NOW - 1)
    for late in (NOW, NOW + MINUTE):
        with pytest.raises(PolicyViolation) as refused:
            business.terms.allow_cancelling(NOW, late)
        assert refused.value.facts == {"rule": "after_start"}


def test_a_business_may_require_keys() -> None:
    _with_policies(idempotencyKeyRequired=False).terms.require_key(False)
    _with_policies(idempotencyKeyRequired=True).terms.require_key(True)
    with pytest.raises(Malformed):
        _with_policies(idempotencyKeyRequired=True).terms.require_key(False)


def test_the_local_date_is_the_wall_clocks() -> None:
    assert a_business().local_date(NOW + 13 * HOUR) == "2026-06-13"
    assert a_business(timeZone="America/New_York").local_date(NOW + 13 * HOUR) == "2026-06-12"
