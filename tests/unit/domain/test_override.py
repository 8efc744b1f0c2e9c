"""Codes that staff name to pass over a rule (BOOK-7)."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.domain.availability import Reason
from holdfast.domain.errors import Invalid
from holdfast.domain.override import CODES, NOTHING, Override


def test_every_reason_has_a_code_save_the_past_and_want_of_room() -> None:
    """A reason that comes anew has to be put on one side or the other."""
    without = {Reason.PAST, Reason.TAKEN, Reason.SERVICE_FULL, Reason.TOO_MANY_UNITS}
    policies = {"after_start", "reschedule_deadline", "max_reschedules"}
    assert {*Reason} - without | policies | {"overbook"} == CODES


def test_nothing_is_passed_over_without_a_code() -> None:
    assert NOTHING.allowed(custom=False) == frozenset()
    assert Override((), "just so").allowed(custom=True) == frozenset()


@pytest.mark.parametrize(
    ("codes", "custom", "pointer"),
    [
        (("break", "nonsense"), False, "/override/1"),
        (("past",), True, "/override/0"),
        (("taken",), True, "/override/0"),
    ],
)
def test_what_is_no_code_is_refused(codes: tuple[str, ...], custom: bool, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        Override(codes, "r").allowed(custom=custom)
    errors: Any = refused.value.facts["errors"]
    assert [fault["pointer"] for fault in errors] == [pointer]


def test_a_businesss_own_rules_have_codes_that_only_they_know() -> None:
    assert Override(("nonsense", "break"), "r").allowed(custom=True) == {"nonsense", "break"}


@pytest.mark.parametrize("reason", [None, ""])
def test_a_code_needs_a_reason(reason: str | None) -> None:
    with pytest.raises(Invalid):
        Override(("break",), reason).allowed(custom=False)
