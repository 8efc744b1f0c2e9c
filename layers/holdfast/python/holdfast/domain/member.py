"""Who works at a business and as what; where any are recorded, they and not the token decide (DESIGN 5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

USER = r"[A-Za-z0-9_.:-]{1,128}"
"""A user's id, as the user pool gives it out."""


class Role(StrEnum):
    STAFF = "staff"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A user with a role at a business; `op` and `changed_by` name the requests that wrote it."""

    business: str
    user: str
    role: Role
    version: int = 1
    op: str
    changed_by: str | None = None

    def become(self, role: Role, op: str) -> Member:
        return replace(self, role=role, version=self.version + 1, changed_by=op)
