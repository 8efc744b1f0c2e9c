"""A booking: the record of a claim, its state machine and its history (SPEC BOOK-1, BOOK-10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from holdfast.domain.claim import Claim
from holdfast.domain.errors import HoldExpired, HoldLimit, InvalidTransition, PolicyViolation
from holdfast.domain.instants import MINUTE, NEVER, SECOND, Instant
from holdfast.domain.money import Money
from holdfast.domain.place import SlotKey
from holdfast.domain.refund import Refund
from holdfast.domain.slot import Slot

LONGEST_HISTORY = 500
"""A record is one item of at most 400 KB; nobody changes a booking this often in good faith."""


class BookingStatus(StrEnum):
    PENDING = "PENDING"
    RESERVED = "RESERVED"
    PENDING_APPROVAL = "PENDING_APPROVAL"
    CONFIRMED = "CONFIRMED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    NO_SHOW = "NO_SHOW"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


_S = BookingStatus
TRANSITIONS: Mapping[BookingStatus, frozenset[BookingStatus]] = {
    _S.PENDING: frozenset({_S.RESERVED}),
    _S.RESERVED: frozenset({_S.CONFIRMED, _S.PENDING_APPROVAL, _S.EXPIRED}),
    _S.PENDING_APPROVAL: frozenset({_S.CONFIRMED, _S.CANCELLED, _S.EXPIRED}),
    _S.CONFIRMED: frozenset({_S.IN_PROGRESS, _S.COMPLETED, _S.NO_SHOW, _S.CANCELLED}),
    _S.IN_PROGRESS: frozenset({_S.COMPLETED, _S.CANCELLED}),
    _S.COMPLETED: frozenset({_S.NO_SHOW}),
    _S.NO_SHOW: frozenset({_S.COMPLETED}),
    _S.CANCELLED: frozenset(),
    _S.EXPIRED: frozenset(),
}

ENDED = frozenset({_S.CANCELLED, _S.EXPIRED})
"""States without a claim in any ledger."""


class AfterEnd(StrEnum):
    """What a booking becomes by itself after its end, by its business's policy (BOOK-11)."""

    COMPLETE = "complete"
    NO_SHOW = "no_show"
    NOTHING = "nothing"


AFTER_END_GRACE = 15 * MINUTE
"""Staff have this long after the end to say themselves what became of a booking."""


class Ending(StrEnum):
    """Why a hold became EXPIRED."""

    LAPSED = "lapsed"
    RELEASED = "released"
    SLOT_REMOVED = "slot_removed"


@dataclass(frozen=True, slots=True)
class Deed:
    """One act on a booking: `op` names the request, so that its repeat is known; `actor` is `role:id`."""

    op: str
    actor: str
    at: Instant
    trigger: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Change[State: StrEnum]:
    """One line of a record's history. Where the state stays (a note, an extension), both are the same."""

    before: State
    after: State
    deed: Deed


@dataclass(frozen=True, slots=True)
class Contact:
    name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """`who` is its claimant in the slot's ledger; `expires` is the end of the hold and stays after it is
    confirmed, since it tells which claim the record was made from. A `promoted` one came from the slot's
    queue: its entry has the same id."""

    id: str
    slot: SlotKey
    who: str
    owner: str
    units: int
    start: Instant
    end: Instant
    status: BookingStatus
    reserved_at: Instant
    expires: Instant
    unit_price: Money
    fingerprint: str
    notes: str | None = None
    contact: Contact | None = None
    subject: Mapping[str, object] | None = None
    metadata: Mapping[str, object]
    number: str | None = None
    refund: Refund | None = None
    after_end: AfterEnd = AfterEnd.NOTHING
    promoted: bool = False
    confirmed_at: Instant | None = None
    cancelled_at: Instant | None = None
    completed_at: Instant | None = None
    version: int = 1
    history: tuple[Change[BookingStatus], ...]

    @property
    def business(self) -> str:
        return self.slot.business

    @property
    def price(self) -> Money:
        return self.unit_price * self.units

    @property
    def claim(self) -> Claim:
        """The claim that stands in the slot for this record while it has not ended."""
        expires = self.expires if self.status is _S.RESERVED else NEVER
        return Claim(self.id, self.units, expires, self.fingerprint)

    def seen_at(self, now: Instant) -> BookingStatus:
        """The status as a reader sees it: a hold past its end is over, tidied up or not (HOLD-3)."""
        return _S.EXPIRED if self.status is _S.RESERVED and self.expires <= now else self.status

    def did(self, op: str) -> bool:
        """Whether that request has had its effect: looked for in the whole history, since others may have
        come after it."""
        return any(change.deed.op == op for change in self.history)

    def changed(self, deed: Deed) -> Booking:
        """One version on, in the same state."""
        return self._next(self.status, deed)

    def moved(self, after: BookingStatus, deed: Deed) -> Booking:
        """One version on, in another state; raises InvalidTransition where there is no such way."""
        if after not in TRANSITIONS[self.status]:
            raise InvalidTransition(self.status, after)
        return self._next(after, deed)

    def _next(self, after: BookingStatus, deed: Deed) -> Booking:
        if len(self.history) >= LONGEST_HISTORY and after is self.status:
            raise PolicyViolation("history_full", "This booking was changed too often.")
        change = Change(self.status, after, deed)
        return replace(self, status=after, version=self.version + 1, history=(*self.history, change))

    def confirmed(
        self,
        number: str,
        deed: Deed,
        *,
        contact: Contact | None,
        notes: str | None,
        after_end: AfterEnd = AfterEnd.NOTHING,
    ) -> Booking:
        """Raises HoldExpired once the hold is over, InvalidTransition in any other state (BOOK-2)."""
        self._require_hold(deed.at, _S.CONFIRMED)
        return replace(
            self.moved(_S.CONFIRMED, deed),
            number=number,
            confirmed_at=deed.at,
            after_end=after_end,
            contact=contact or self.contact,
            notes=self.notes if notes is None else notes,
        )

    def extended(self, seconds: int, deed: Deed, *, total_max_seconds: int) -> Booking:
        """The hold ends at the later of its end and now + seconds, within the total (HOLD-6)."""
        self._require_hold(deed.at, _S.RESERVED)
        expires = max(self.expires, deed.at + seconds * SECOND)
        if expires > max(self.expires, self.reserved_at + total_max_seconds * SECOND):
            raise HoldLimit(total_seconds=total_max_seconds)
        return replace(self.changed(deed), expires=expires)

    def released(self, deed: Deed) -> Booking:
        self._require_hold(deed.at, _S.EXPIRED)
        return self.moved(_S.EXPIRED, deed)

    def cancelled(self, refund: Refund, deed: Deed) -> Booking:
        return replace(self.moved(_S.CANCELLED, deed), refund=refund, cancelled_at=deed.at)

    def completed(self, deed: Deed) -> Booking:
        return replace(self.moved(_S.COMPLETED, deed), completed_at=deed.at)

    @property
    def finishes_at(self) -> Instant | None:
        """When the sweep shall finish it by policy, None while there is nothing for it to do."""
        running = self.status in (_S.CONFIRMED, _S.IN_PROGRESS)
        if not running or self.after_end is AfterEnd.NOTHING:
            return None
        return self.end + AFTER_END_GRACE

    def finished(self, deed: Deed) -> Booking:
        """What the policy makes of it; who is being served has shown up."""
        if self.after_end is AfterEnd.NO_SHOW and self.status is _S.CONFIRMED:
            return self.moved(_S.NO_SHOW, deed)
        return self.completed(deed)

    def _require_hold(self, now: Instant, after: BookingStatus) -> None:
        if self.seen_at(now) is _S.EXPIRED:
            raise HoldExpired
        if self.status is not _S.RESERVED:
            raise InvalidTransition(self.status, after)


def reserved(
    slot: Slot,
    who: str,
    claim: Claim,
    deed: Deed,
    *,
    owner: str,
    notes: str | None,
    contact: Contact | None,
    subject: Mapping[str, object] | None,
    metadata: Mapping[str, object],
) -> Booking:
    """The record of a claim. Place, units and expiry are copied from it; PENDING is never stored (BOOK-1)."""
    return Booking(
        id=claim.booking,
        slot=slot.key,
        who=who,
        owner=owner,
        units=claim.units,
        start=slot.start,
        end=slot.end,
        status=_S.RESERVED,
        reserved_at=deed.at,
        expires=claim.expires,
        unit_price=slot.price,
        fingerprint=claim.fingerprint,
        notes=notes,
        contact=contact,
        subject=subject,
        metadata=metadata,
        history=(Change(_S.PENDING, _S.RESERVED, deed),),
    )
