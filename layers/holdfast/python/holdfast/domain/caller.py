"""Who calls, and what their roles let them do (SEC-1)."""

from __future__ import annotations

from dataclasses import dataclass

PLATFORM_ADMIN = "platform-admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in user. Groups are `platform-admin`, `<businessId>:admin` and `<businessId>:staff`."""

    id: str
    groups: frozenset[str] = frozenset()

    @property
    def is_platform_admin(self) -> bool:
        return PLATFORM_ADMIN in self.groups

    def administers(self, business: str) -> bool:
        return self.is_platform_admin or f"{business}:admin" in self.groups

    def works_at(self, business: str) -> bool:
        return self.administers(business) or f"{business}:staff" in self.groups
