"""The request as every use case sees it: who asks, when, how often, under which key (SEC-2, SEC-3)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from holdfast.app.ports import Asking, Callers, Limited, Recollection
from holdfast.domain.booking import Deed
from holdfast.domain.caller import Caller
from holdfast.domain.errors import KeyReused, PreconditionRequired, RateLimited, StaleVersion, Unavailable
from holdfast.domain.identity import derived_id
from holdfast.domain.instants import MINUTE, Instant, seconds_until


@dataclass(slots=True)
class Meter:
    """How much of a limit a request has used, for the headers of its answer whatever that is; of two limits,
    the one that leaves less.

    `blind` says that the caller's item could not be written, so that nothing was counted."""

    limit: int | None = None
    used: int = 0
    reset: int = 0
    blind: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`op` names the request: derived from its key, or random without one. `fingerprint` is a hash of body
    and If-Match; `expects` is the version that If-Match names. A `dry_run` only looks what it would do."""

    caller: Caller
    now: Instant
    op: str
    fingerprint: str
    keyed: bool
    expects: int | None = None
    dry_run: bool = False
    meter: Meter = field(default_factory=Meter, compare=False)

    def by(self, caller: Caller) -> Asked:
        """The same request, made by one whom it tells itself; its key is scoped to them (SEC-3)."""
        return replace(self, caller=caller, op=derived_id("by", caller.id, self.op))

    def deed(self, trigger: str, reason: str | None = None, *, role: str = "customer") -> Deed:
        return Deed(self.op, f"{role}:{self.caller.id}", self.now, trigger, reason)

    def part(self, of: str) -> Asked:
        """The same request's deed on one of several things: known by itself when it is repeated, though only
        the whole is remembered by its key."""
        return replace(self, op=derived_id("part", self.op, of), keyed=False, expects=None)

    def deed_at(self, business: str, trigger: str, reason: str | None = None) -> Deed:
        """One of its staff."""
        role = "admin" if self.caller.administers(business) else "staff"
        return self.deed(trigger, reason, role=role)

    def require_version(self, current: int) -> None:
        if self.expects is not None and self.expects != current:
            raise StaleVersion(current)

    def require_precondition(self) -> None:
        if self.expects is None:
            raise PreconditionRequired

    def charge(self, recollection: Recollection, limit: int) -> None:
        """Count this request against a limit a minute; raises RateLimited (SEC-2)."""
        reset = seconds_until(self.now - self.now % MINUTE + MINUTE, self.now)
        if self.meter.limit is None or limit - recollection.used < self.meter.limit - self.meter.used:
            self.meter.limit, self.meter.used, self.meter.reset = limit, recollection.used, reset
        if recollection.used > limit:
            raise RateLimited(limit=limit, retry_after=max(1, reset))


def remember(
    callers: Callers, asked: Asked, *, deed: Limited | None = None, asking: Asking | None = None
) -> Recollection:
    """Note the request in its caller's item, if there is anything to note.

    Without the item a keyed request cannot be told from its repeat, so it has to wait; any other goes on."""
    if not asked.keyed and deed is None:
        return Recollection()
    try:
        return callers.note(
            asked.caller.id,
            asked.now,
            key=asked.op if asked.keyed else None,
            fingerprint=asked.fingerprint,
            deed=deed,
            asking=asking,
        )
    except Unavailable:
        if asked.keyed:
            raise
        asked.meter.blind = True
        return Recollection()


def count(callers: Callers, asked: Asked, whom: str, deed: Limited, limit: int) -> None:
    """Count the request for somebody besides its caller, if they can be reached. Raises RateLimited."""
    try:
        recollection = callers.note(whom, asked.now, key=None, fingerprint="", deed=deed, asking=None)
    except Unavailable:
        asked.meter.blind = True
    else:
        asked.charge(recollection, limit)


def seen_before(recollection: Recollection, asked: Asked) -> bool:
    """Whether this key was used before with this very request; raises KeyReused where with another.

    A known key proves nothing but that: what it did stands in the ledger, and is read from there."""
    if recollection.first is not None and recollection.first != asked.fingerprint:
        raise KeyReused
    return recollection.first is not None
