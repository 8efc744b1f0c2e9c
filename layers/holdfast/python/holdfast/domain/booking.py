"""A booking: the record of a claim, its state machine and its history (SPEC BOOK-1, BOOK-10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from holdfast.domain.appointment import Spot
from holdfast.domain.claim import Claim
from holdfast.domain.errors import HoldExpired, HoldLimit, InvalidTransition, PolicyViolation
from holdfast.domain.instants import MINUTE, NEVER, SECOND, Instant
from holdfast.domain.money import Money
from holdfast.domain.place import LedgerKey, SlotKey
from holdfast.domain.refund import Refund

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

HELD = frozenset({_S.RESERVED, _S.PENDING_APPROVAL})
"""States that end by themselves at `expires`: a hold's, or the deadline of who has to approve."""


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


RESCHEDULE = "reschedule"
"""The trigger of a move. Each has a line in the history and a start in `moved_from`, in the same order."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One act on a booking: `op` names the request, so that its repeat is known; `actor` is `role:id`. By
    `override` staff passed over rules (BOOK-7): the codes that it took, not all that they named."""

    op: str
    actor: str
    at: Instant
    trigger: str
    reason: str | None = None
    override: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change[State: StrEnum]:
    """One line of a record's history. Where the state stays (a note, an extension), both are the same."""

    before: State
    after: State
    deed: Deed


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to reach about a booking; never logged (SEC-5)."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """`who` is its claimant in the ledgers of its spot; `expires` is the end of the hold and stays when it is
    confirmed, since it tells which claim the record was made from. A `promoted` one came from the slot's
    queue: its entry has the same id. `moved_from` are the starts it was moved from, `link` is the version of
    the token that manages a guest's."""

    id: str
    spot: Spot
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
    moved_from: tuple[Instant, ...] = ()
    series: str | None = None
    link: int = 1
    confirmed_at: Instant | None = None
    cancelled_at: Instant | None = None
    completed_at: Instant | None = None
    version: int = 1
    history: tuple[Change[BookingStatus], ...]

    @property
    def business(self) -> str:
        return self.spot.business

    @property
    def slot(self) -> SlotKey | None:
        """The published slot it is of, None for an appointment at a free start."""
        return self.spot if isinstance(self.spot, SlotKey) else None

    @property
    def service(self) -> str | None:
        return None if isinstance(self.spot, SlotKey) else self.spot.service

    @property
    def resources(self) -> tuple[str, ...]:
        """All that it takes, the one it is with first."""
        return (self.spot.resource,) if isinstance(self.spot, SlotKey) else self.spot.resources

    @property
    def price(self) -> Money:
        return self.unit_price * self.units

    @property
    def claim(self) -> Claim:
        """The claim that stands for this record while it has not ended, less the window it takes of a day."""
        expires = self.expires if self.status in HELD else NEVER
        return Claim(self.id, self.units, expires, self.fingerprint)

    @property
    def claims(self) -> Mapping[LedgerKey, Claim]:
        """The same in each ledger in which it stands."""
        if isinstance(self.spot, SlotKey):
            return {self.spot: self.claim}
        return {day: replace(self.claim, window=window) for day, window in self.spot.windows.items()}

    @property
    def moves(self) -> Mapping[str, tuple[Instant, Instant]]:
        """From which start to which, by the request that moved it."""
        ops = [change.deed.op for change in self.history if change.deed.trigger == RESCHEDULE]
        return dict(zip(ops, pairwise((*self.moved_from, self.start)), strict=True))

    def seen_at(self, now: Instant) -> BookingStatus:
        """The status as a reader sees it: a hold past its end is over, tidied up or not (HOLD-3)."""
        return _S.EXPIRED if self.status in HELD and self.expires <= now else self.status

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

    def awaiting_approval(
        self, number: str, until: Instant, deed: Deed, *, contact: Contact | None, notes: str | None
    ) -> Booking:
        """Confirmed by its owner, held until its business approves (BOOK-2). Raises as `confirmed` does."""
        self._require_hold(deed.at, _S.PENDING_APPROVAL)
        return replace(
            self.moved(_S.PENDING_APPROVAL, deed),
            number=number,
            expires=until,
            contact=contact or self.contact,
            notes=self.notes if notes is None else notes,
        )

    def approved(self, deed: Deed, *, after_end: AfterEnd) -> Booking:
        """Raises HoldExpired after the deadline, InvalidTransition in any other state."""
        self._require_waiting_for_approval(deed.at, _S.CONFIRMED)
        return replace(self.moved(_S.CONFIRMED, deed), confirmed_at=deed.at, after_end=after_end)

    def rejected(self, deed: Deed) -> Booking:
        """Not approved, so all of its price goes back. Raises as `approved` does."""
        self._require_waiting_for_approval(deed.at, _S.CANCELLED)
        return self.cancelled(Refund(100, self.price), deed)

    def rescheduled(self, spot: Spot, who: str, start: Instant, end: Instant, deed: Deed) -> Booking:
        """The same booking somewhere else, at the price that was agreed; the deed's trigger is RESCHEDULE.
        Raises InvalidTransition as `require_movable` does."""
        self.require_movable(deed.at)
        return replace(
            self.changed(deed),
            spot=spot,
            who=who,
            start=start,
            end=end,
            moved_from=(*self.moved_from, self.start),
        )

    def link_revoked(self, deed: Deed) -> Booking:
        """With another version of its token, so that what was issued is void (BOOK-9)."""
        return replace(self.changed(deed), link=self.link + 1)

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

    def require_movable(self, now: Instant) -> None:
        """Raises InvalidTransition unless it is confirmed and nobody is being served (BOOK-5)."""
        seen = self.seen_at(now)
        if seen is not _S.CONFIRMED:
            raise InvalidTransition(seen, seen)

    def _require_waiting_for_approval(self, now: Instant, after: BookingStatus) -> None:
        if self.status is not _S.PENDING_APPROVAL:
            raise InvalidTransition(self.seen_at(now), after)
        if self.expires <= now:
            raise HoldExpired

    def _require_hold(self, now: Instant, after: BookingStatus) -> None:
        if self.seen_at(now) is _S.EXPIRED:
            raise HoldExpired
        if self.status is not _S.RESERVED:
            raise InvalidTransition(self.status, after)


def reserved(
    spot: Spot,
    who: str,
    claim: Claim,
    deed: Deed,
    *,
    start: Instant,
    end: Instant,
    price: Money,
    owner: str,
    notes: str | None,
    contact: Contact | None,
    subject: Mapping[str, object] | None,
    metadata: Mapping[str, object],
    series: str | None = None,
) -> Booking:
    """The record of a claim. Units and expiry are copied from it; PENDING is never stored (BOOK-1)."""
    return Booking(
        id=claim.booking,
        spot=spot,
        who=who,
        owner=owner,
        units=claim.units,
        start=start,
        end=end,
        status=_S.RESERVED,
        reserved_at=deed.at,
        expires=claim.expires,
        unit_price=price,
        fingerprint=claim.fingerprint,
        notes=notes,
        contact=contact,
        subject=subject,
        metadata=metadata,
        series=series,
        history=(Change(_S.PENDING, _S.RESERVED, deed),),
    )
