"""A holiday of a business's own, as its admins keep it (SPEC AVAIL-3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from holdfast.domain.closures import Closure


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """`settings` is the whole document as API.md shapes it, without its id."""

    business: str
    id: str
    settings: Mapping[str, Any]
    version: int = 1
    op: str
    changed_by: str | None = None

    @property
    def closure(self) -> Closure:
        """Raises Invalid where the days it names are none."""
        return Closure.of(self.settings)
