"""Decisions about a start at the salon, and what they are asserted by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from holdfast.domain.catalogue import Catalogue
from holdfast.domain.day import Day
from holdfast.domain.decision import Choice, Decision, Refused
from holdfast.domain.offering import Offering
from tests.support.offers import (
    CUT,
    NOW,
    at,
)

TEN = at("10:00")


def offering(
    of: Catalogue, days: Iterable[Day] = (), *, now: int = NOW, without: str | None = None
) -> Offering:
    return Offering(of, of.services[CUT], days, now, without=without)


def decided(of: Catalogue, days: Iterable[Day] = (), **wanted: Any) -> Decision:
    """At ten on Monday."""
    now, start = wanted.pop("now", NOW), wanted.pop("start", TEN)
    return offering(of, days, now=now).decide(start, **wanted)


def chosen(of: Catalogue, days: Iterable[Day] = (), **wanted: Any) -> tuple[str, ...]:
    decision = decided(of, days, **wanted)
    assert isinstance(decision, Choice), decision
    return decision.appointment.resources


def refused(of: Catalogue, days: Iterable[Day] = (), **wanted: Any) -> Refused:
    decision = decided(of, days, **wanted)
    assert isinstance(decision, Refused), decision
    return decision


def reasons(of: Catalogue, days: Iterable[Day] = (), **wanted: Any) -> tuple[str, ...]:
    return refused(of, days, **wanted).reasons
