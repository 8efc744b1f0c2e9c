"""A claim: units taken in a ledger, a slot's or a day's (DESIGN 1)."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.domain.instants import NEVER, Instant
from holdfast.domain.place import Window


@dataclass(frozen=True, slots=True)
class Claim:
    """Units held until `expires`, or confirmed, which is held for ever. On a day it takes a `window`, buffers
    included; in a slot there is none."""

    booking: str
    units: int
    expires: Instant
    fingerprint: str
    window: Window | None = None

    @property
    def confirmed(self) -> bool:
        return self.expires == NEVER

    def is_live(self, now: Instant) -> bool:
        return self.expires > now
