"""The policies and refund tiers under which a booking stands: its business's, and its service's where that
says otherwise (SALON's policies, SPEC BOOK-3 to BOOK-5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Self

from holdfast.domain.availability import Reason, too_soon_or_late
from holdfast.domain.booking import AfterEnd, Booking, BookingStatus
from holdfast.domain.errors import Malformed, NotOffered, PolicyViolation
from holdfast.domain.instants import HOUR, MINUTE, Instant
from holdfast.domain.refund import Refund, RefundTier, refund

_NO_CODES: Set[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a business's policies say of one service's bookings (BOOK-3, BOOK-5)."""

    minimum_notice_minutes: int
    maximum_advance_days: int
    cancellation_deadline_minutes: int
    reschedule_deadline_minutes: int
    max_reschedules: int
    approval_required: bool
    approval_hours: int
    guest_booking: bool
    idempotency_key_required: bool
    after_end: AfterEnd
    refund_tiers: Sequence[RefundTier]

    @classmethod
    def of(cls, settings: Mapping[str, Any], service: Mapping[str, Any] | None = None) -> Self:
        """From a business's settings and the document of a service, as API.md shapes them."""
        own = service or {}
        policies = {**settings["policies"], **(own.get("policies") or {})}
        tiers = own.get("refundTiers")
        tiers = settings["refundTiers"] if tiers is None else tiers
        return cls(
            minimum_notice_minutes=policies["minimumNoticeMinutes"],
            maximum_advance_days=policies["maximumAdvanceDays"],
            cancellation_deadline_minutes=policies["cancellationDeadlineMinutes"],
            reschedule_deadline_minutes=policies["rescheduleDeadlineMinutes"],
            max_reschedules=policies["maxReschedules"],
            approval_required=policies["approvalRequired"],
            approval_hours=policies["approvalHours"],
            guest_booking=policies["guestBooking"],
            idempotency_key_required=policies["idempotencyKeyRequired"],
            after_end=AfterEnd(policies["afterEnd"]),
            refund_tiers=tuple(RefundTier(tier["beforeMinutes"], tier["percentage"]) for tier in tiers),
        )

    def require_key(self, keyed: bool) -> None:
        if self.idempotency_key_required and not keyed:
            raise Malformed("This business requires an Idempotency-Key.")

    def allow_taking(
        self, start: Instant, now: Instant, zone: tzinfo, ignoring: Set[str] = _NO_CODES
    ) -> Sequence[str]:
        """Whether a slot may be taken now. Answers what staff had to pass over. Raises NotOffered."""
        reasons = self.untimely(start, now, zone)
        if left := [reason for reason in reasons if reason not in ignoring]:
            raise NotOffered(left)
        return reasons

    def untimely(self, start: Instant, now: Instant, zone: tzinfo) -> Sequence[str]:
        """Why it is too early, or too late, to take what begins then; that it began is the slot's to say."""
        bars = too_soon_or_late(now, zone, self.minimum_notice_minutes, self.maximum_advance_days)
        return [
            reason
            for reason, (since, until) in bars
            if reason is not Reason.PAST and since <= start // MINUTE < until
        ]

    def allow_moving(
        self, start: Instant, moves: int, now: Instant, ignoring: Set[str] = _NO_CODES
    ) -> Sequence[str]:
        """A booking is moved up to the deadline, so often (BOOK-5). Answers what staff had to pass over.
        Raises PolicyViolation."""
        against = list(self._against_moving(start, moves, now))
        for violation in against:
            if violation.rule not in ignoring:
                raise violation
        return [violation.rule for violation in against]

    def _against_moving(self, start: Instant, moves: int, now: Instant) -> Iterator[PolicyViolation]:
        if now >= start:
            yield PolicyViolation("after_start", "A booking cannot be moved once it has begun.")
        elif start - now < self.reschedule_deadline_minutes * MINUTE:
            yield PolicyViolation(
                "reschedule_deadline",
                f"Move it at least {self.reschedule_deadline_minutes} minutes before the start.",
            )
        if moves >= self.max_reschedules:
            yield PolicyViolation("max_reschedules", f"It may be moved {self.max_reschedules} times at most.")

    def approved_until(self, start: Instant, now: Instant) -> Instant:
        """By when its business has to approve what is confirmed now: before it begins, if it can."""
        return max(min(now + self.approval_hours * HOUR, start), now + MINUTE)

    def refund(self, booking: Booking, now: Instant) -> Refund:
        """What comes back of a booking cancelled now: all of one that was never approved. A start it was
        moved from counts if it is earlier (BOOK-4)."""
        if booking.status is BookingStatus.PENDING_APPROVAL:
            return Refund(100, booking.price)
        starts = (booking.start, *booking.moved_from)
        return refund(booking.price, self.refund_tiers, starts=starts, now=now)

    def allow_cancelling(self, start: Instant, now: Instant) -> None:
        """Customers cancel up to the deadline and never after the start (BOOK-3)."""
        if now >= start:
            raise PolicyViolation("after_start", "A booking cannot be cancelled once it has begun.")
        if start - now < self.cancellation_deadline_minutes * MINUTE:
            raise PolicyViolation(
                "cancellation_deadline",
                f"Cancel at least {self.cancellation_deadline_minutes} minutes before the start.",
            )
