"""Businesses' own rules as plugins (SPEC AVAIL-8): Python entry points of the group `holdfast.rules`.

A package in a layer of its own declares one; its name says whose rule it is, and after a dot which:

    [project.entry-points."holdfast.rules"]
    "demo-salon.no-mondays" = "salon_rules:NoMondays"
    "all" = "house_rules:rule"

It yields something with `refuses` (see `CustomRule`), or a class of such that needs no argument. One that
cannot be loaded is an error: a business must not be sold against its own rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import cast

from holdfast.domain.availability import CustomRule

GROUP = "holdfast.rules"
EVERY_BUSINESS = "all"


class Plugins:
    """Loads all there are when they are first asked for, once: a layer does not change under a function."""

    def rules(self, business_id: str) -> Sequence[CustomRule]:
        """Those of one business and of all, by name."""
        names = {business_id, EVERY_BUSINESS}
        return tuple(rule for name, rule in self._loaded if name.partition(".")[0] in names)

    @cached_property
    def _loaded(self) -> Sequence[tuple[str, CustomRule]]:
        """Two packages may use the same name."""
        from importlib.metadata import entry_points  # costs more than all of ours, and most never get here

        return [(each.name, _rule(each.name, each.load())) for each in sorted(entry_points(group=GROUP))]


def _rule(name: str, loaded: object) -> CustomRule:
    rule = loaded() if isinstance(loaded, type) else loaded
    if not callable(getattr(rule, "refuses", None)):
        raise TypeError(f"the entry point {name} of {GROUP} yields no rule")
    return cast("CustomRule", rule)
