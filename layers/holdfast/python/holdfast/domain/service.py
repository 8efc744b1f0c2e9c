"""A service: what is offered at free starts, how long it lasts, on which resources (API.md, Shapes)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Requirement:
    """So many resources of a kind, all taken by the same appointment (BOOK-13)."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """`settings` is the whole document as API.md shapes it, without its id."""

    business: str
    id: str
    settings: Mapping[str, Any]
    version: int = 1
    op: str
    changed_by: str | None = None

    @property
    def duration(self) -> int:
        """In minutes."""
        minutes: int = self.settings["durationMinutes"]
        return minutes

    @property
    def most_at_once(self) -> int | None:
        """How many units of it go on at the same time over all resources; None where that is not capped."""
        most: int | None = self.settings.get("maxSimultaneous")
        return most

    @property
    def resource_ids(self) -> frozenset[str] | None:
        """The resources that may serve it; None means all."""
        named = self.settings.get("resourceIds")
        return None if named is None else frozenset(named)

    @property
    def requires(self) -> Sequence[Requirement]:
        """Empty where one resource serves it alone."""
        return [Requirement(each["kind"], each["count"]) for each in self.settings.get("requires") or ()]
