"""The request as every use case sees it: who asks, when, and under which idempotency key (SEC-3)."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.app.ports import Callers
from holdfast.domain.booking import Deed
from holdfast.domain.caller import Caller
from holdfast.domain.errors import KeyReused, PreconditionRequired, StaleVersion
from holdfast.domain.instants import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`op` names the request: derived from its key, or random without one. `fingerprint` is a hash of body
    and If-Match; `expects` is the version that If-Match names."""

    caller: Caller
    now: Instant
    op: str
    fingerprint: str
    keyed: bool
    expects: int | None = None

    def deed(self, trigger: str, reason: str | None = None, *, role: str = "customer") -> Deed:
        return Deed(self.op, f"{role}:{self.caller.id}", self.now, trigger, reason)

    def require_version(self, current: int) -> None:
        if self.expects is not None and self.expects != current:
            raise StaleVersion(current)

    def require_precondition(self) -> None:
        if self.expects is None:
            raise PreconditionRequired


def seen_before(callers: Callers, asked: Asked) -> bool:
    """Whether this key was used before with this very request; raises KeyReused where with another.

    A known key proves nothing but that: what it did stands in the ledger, and is read from there."""
    if not asked.keyed:
        return False
    earlier = callers.remember(asked.caller.id, asked.op, asked.fingerprint, asked.now)
    if earlier is not None and earlier != asked.fingerprint:
        raise KeyReused
    return earlier is not None
