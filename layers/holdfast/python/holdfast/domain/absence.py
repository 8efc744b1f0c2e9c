"""An absence: time off of a resource, as its business's admins keep it (SPEC AVAIL-2)."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.domain.closures import TimeOff


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Time off as it is kept: of one resource, under an id, with a version."""

    business: str
    resource: str
    id: str
    time_off: TimeOff
    version: int = 1
    op: str
    changed_by: str | None = None
