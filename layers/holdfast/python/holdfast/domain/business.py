"""A business and the rules it sets: hold bounds, queues, limits, the terms of its bookings (SPEC HOLD-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from zoneinfo import ZoneInfo

from holdfast.domain.errors import Invalid, PolicyViolation
from holdfast.domain.instants import Instant, to_datetime
from holdfast.domain.terms import Terms


@dataclass(frozen=True, slots=True)
class HoldRules:
    """How long holds last, and how many one user may have (HOLD-1, HOLD-3, HOLD-8)."""

    default_seconds: int
    min_seconds: int
    max_seconds: int
    total_max_seconds: int
    cooldown_seconds: int = 0
    max_per_user: int = 10

    def seconds(self, asked: int | None) -> int:
        """How long a hold lasts: the default, or what was asked where the bounds allow it (HOLD-1)."""
        if asked is None:
            return self.default_seconds
        if not self.min_seconds <= asked <= self.max_seconds:
            raise Invalid("/holdSeconds", f"must be from {self.min_seconds} to {self.max_seconds}")
        return asked


@dataclass(frozen=True, slots=True)
class QueueRules:
    """`max_size` is for one slot, `claim_seconds` is how long a promoted hold lasts, `place_hours` how long a
    place does (QUEUE-1, QUEUE-3, QUEUE-4)."""

    enabled: bool
    max_size: int
    claim_seconds: int
    join_if_full: bool
    place_hours: int

    def require_enabled(self) -> None:
        if not self.enabled:
            raise PolicyViolation("queue_disabled", "This business has no queues.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """`settings` is the whole document as API.md shapes it; the typed members are read from it.

    `ledger_offset` is in minutes from UTC, set when the business is created and never changed (DESIGN 2).
    """

    id: str
    ledger_offset: int
    settings: Mapping[str, Any]
    hold: HoldRules
    queue: QueueRules
    terms: Terms
    reserves_a_minute: int
    cancels_a_minute: int
    joins_a_minute: int
    positions_a_minute: int
    version: int = 1
    op: str
    changed_by: str | None = None

    @classmethod
    def of(
        cls,
        business_id: str,
        settings: Mapping[str, Any],
        *,
        ledger_offset: int,
        op: str,
        version: int = 1,
        changed_by: str | None = None,
    ) -> Self:
        hold, queue = settings["hold"], settings["queue"]
        limits = settings["rateLimits"]
        return cls(
            id=business_id,
            ledger_offset=ledger_offset,
            settings=settings,
            hold=HoldRules(
                default_seconds=hold["defaultSeconds"],
                min_seconds=hold["minSeconds"],
                max_seconds=hold["maxSeconds"],
                total_max_seconds=hold["totalMaxSeconds"],
                cooldown_seconds=hold["cooldownSeconds"],
                max_per_user=hold["maxPerUser"],
            ),
            queue=QueueRules(
                enabled=queue["enabled"],
                max_size=queue["maxSize"],
                claim_seconds=queue["claimSeconds"],
                join_if_full=queue["joinIfFull"],
                place_hours=queue["placeHours"],
            ),
            terms=Terms.of(settings),
            reserves_a_minute=limits["reservePerMinute"],
            cancels_a_minute=limits["cancelPerMinute"],
            joins_a_minute=limits["queuePerMinute"],
            positions_a_minute=limits["positionPerMinute"],
            version=version,
            op=op,
            changed_by=changed_by,
        )

    def with_settings(self, settings: Mapping[str, Any], op: str) -> Self:
        """One version on. Its ledger offset stays, whatever zone it is in now (DESIGN 2)."""
        offset, version = self.ledger_offset, self.version + 1
        return self.of(self.id, settings, ledger_offset=offset, op=self.op, version=version, changed_by=op)

    @property
    def custom_fields(self) -> Mapping[str, Any]:
        """The JSON Schema of its bookings' metadata; an empty one allows anything (BOOK-14)."""
        fields: Mapping[str, Any] = self.settings["domain"]["customFields"]
        return fields

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings["timeZone"])

    @property
    def currency(self) -> str:
        currency: str = self.settings["currency"]
        return currency

    def local_date(self, instant: Instant) -> str:
        return to_datetime(instant, self.zone).date().isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What slots are published on: a chair, a court, a doctor. Without hours of its own (None) it keeps the
    business's, breaks included."""

    business: str
    id: str
    name: str
    kind: str
    capacity: int = 1
    slots_may_overlap: bool = False
    hours: Mapping[str, Sequence[Mapping[str, str]]] | None = None
    breaks: Sequence[Mapping[str, Any]] = ()
    metadata: Mapping[str, object]
    version: int = 1
    op: str
    changed_by: str | None = None
