"""Every refusal has a status, every problem is a whole document."""

from __future__ import annotations

import inspect

import pytest

from holdfast.domain import errors
from holdfast.domain.errors import Refusal
from holdfast.http.problem import PROBLEMS, problem

REFUSALS = [
    each
    for _, each in inspect.getmembers(errors, inspect.isclass)
    if issubclass(each, Refusal) and each is not Refusal
]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_no_refusal_is_forgotten(refusal: type[Refusal]) -> None:
    assert refusal in PROBLEMS


def test_facts_stand_beside_the_members_and_never_over_them() -> None:
    status, document = problem(errors.AlreadyExists("Taken.", slotIds=["a"], status=1, code="x"), "id-12345")
    assert status == 409
    assert document == {
        "type": "urn:holdfast:problem:already_exists",
        "title": "The id is taken",
        "status": 409,
        "detail": "Taken.",
        "code": "already_exists",
        "correlationId": "id-12345",
        "slotIds": ["a"],
    }


def test_what_is_unavailable_says_when_to_come_back() -> None:
    status, document = problem(errors.Unavailable("secret reason", retry_after=3), "id-12345")
    assert (status, document["retryAfter"]) == (503, 3)
    assert "secret" not in str(document)
