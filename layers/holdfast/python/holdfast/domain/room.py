"""How many units are left in a stretch of time, whatever the hours say (SPEC SLOT-6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from holdfast.domain.needs import Need


@dataclass(frozen=True, slots=True)
class Room:
    """Units that there are, and those of them that are free all the time."""

    capacity: int
    available: int


def units_together(needs: Sequence[Need], units: Mapping[str, int], asked: str | None = None) -> int:
    """How many go on at once at most, each with as many different resources as it needs, where those have so
    many units; all of them with the one asked for, if any."""
    return min(_of_need(need, units, asked) for need in needs)


def _of_need(need: Need, units: Mapping[str, int], asked: str | None) -> int:
    if asked is None or asked not in need.resources:
        return _together([units[each] for each in need.resources], need.many)
    others = [units[each] for each in need.resources if each != asked]
    return min(units[asked], _together(others, need.many - 1)) if need.many > 1 else units[asked]


def _together(units: Sequence[int], many: int) -> int:
    """The most of which each takes one unit of `many` of these: a resource serves each of them once."""
    most = sum(units) // many
    while sum(min(each, most) for each in units) < most * many:
        most -= 1
    return most
