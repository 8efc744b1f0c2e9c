"""A published slot: capacity, the claims on it, and what may be claimed at an instant (SPEC SLOT-1, HOLD-2).

The slot is a ledger: all that competes for its units stands in this one value, so that one conditional write
decides. `Slot.admits` is that condition; the adapter says the same to DynamoDB.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from enum import StrEnum

from holdfast.domain.errors import AlreadyHeld, SlotBlocked, SlotFull, SlotHeld, SlotInUse, SlotPast
from holdfast.domain.instants import MINUTE, NEVER, Instant, seconds_until
from holdfast.domain.money import Money
from holdfast.domain.place import SlotKey

LARGEST_CAPACITY = 300
"""Every write is charged for the whole item, so the claims in one are bounded (DESIGN 2)."""

SWEEP_AHEAD = 15 * MINUTE
"""While anything is held the sweep looks again at least this often."""


class SlotState(StrEnum):
    """What an admin decided. A deleted slot stays as a tombstone, so that its `rev` goes on."""

    OPEN = "open"
    BLOCKED = "blocked"
    DELETED = "deleted"


class SlotStatus(StrEnum):
    """What a reader sees, derived from the facts at that instant."""

    AVAILABLE = "AVAILABLE"
    RESERVED = "RESERVED"
    BOOKED = "BOOKED"
    EXPIRED = "EXPIRED"
    BLOCKED = "BLOCKED"


@dataclass(frozen=True, slots=True)
class Claim:
    """Units taken in a ledger: held until `expires`, or confirmed, which is held for ever."""

    booking: str
    units: int
    expires: Instant
    fingerprint: str

    @property
    def confirmed(self) -> bool:
        return self.expires == NEVER

    def is_live(self, now: Instant) -> bool:
        return self.expires > now


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """`claims` is by claimant (see `identity.claimant`), `terms` is raised by admin writes only (its ETag),
    `rev` by every write, and `free` equals the capacity less the units of all claims, live or past. `op` is
    the request that made it, `changed_by` the last admin's since."""

    key: SlotKey
    start: Instant
    end: Instant
    capacity: int
    free: int
    price: Money
    metadata: Mapping[str, object]
    state: SlotState = SlotState.OPEN
    terms: int = 1
    rev: int = 1
    claims: Mapping[str, Claim]
    due: Instant | None = None
    op: str
    changed_by: str | None = None

    @property
    def vacant(self) -> bool:
        """A tombstone without history of its own, on which a slot may be published again."""
        return self.state is SlotState.DELETED and not self.claims

    def live(self, now: Instant) -> dict[str, Claim]:
        return {who: claim for who, claim in self.claims.items() if claim.is_live(now)}

    def past(self, now: Instant) -> dict[str, Claim]:
        return {who: claim for who, claim in self.claims.items() if not claim.is_live(now)}

    def live_claim(self, who: str, now: Instant) -> Claim | None:
        claim = self.claims.get(who)
        return claim if claim and claim.is_live(now) else None

    def available(self, now: Instant) -> int:
        """Units a newcomer could take: past claims do not count, whoever has tidied up or not (HOLD-3)."""
        if self.state is not SlotState.OPEN or self.start <= now:
            return 0
        return max(0, self._room(now))

    def status(self, now: Instant) -> SlotStatus:
        if self.state is not SlotState.OPEN:
            return SlotStatus.BLOCKED
        if self.end <= now:
            return SlotStatus.EXPIRED
        if self._room(now) > 0:
            return SlotStatus.AVAILABLE
        held = any(not claim.confirmed for claim in self.live(now).values())
        return SlotStatus.RESERVED if held else SlotStatus.BOOKED

    def admits(self, who: str, units: int, now: Instant) -> bool:
        """The condition of a plain claim, as one write can judge it: it sees `free`, not the past claims."""
        return (
            self.state is SlotState.OPEN
            and self.start > now
            and self.free >= units
            and who not in self.claims
        )

    def claimed(self, who: str, claim: Claim) -> Slot:
        """What the plain claim leaves behind."""
        return replace(
            self,
            claims={**self.claims, who: claim},
            free=self.free - claim.units,
            rev=self.rev + 1,
            due=claim.expires if self.due is None else self.due,
        )

    def claimed_over_past(self, who: str, claim: Claim, now: Instant) -> Slot:
        """Evict *all* past claims and claim in the same step; to be written on this slot's `rev` only.

        Raises SlotBlocked, SlotPast, SlotHeld or SlotFull where there would be no room even so.
        """
        if self.state is not SlotState.OPEN:
            raise SlotBlocked
        if self.start <= now:
            raise SlotPast
        live, room = self.live(now), self._room(now)
        if claim.units > room:
            holds = [other for other in live.values() if not other.confirmed]
            if claim.units > room + sum(other.units for other in holds):
                raise SlotFull(available=max(0, room))
            first = min(other.expires for other in holds)
            raise SlotHeld(available=max(0, room), retry_after=max(1, seconds_until(first, now)))
        return replace(self, claims=live, free=room).claimed(who, claim)._due_again(now)

    def changed(self, who: str, to_who: str, claim: Claim) -> Slot:
        """What changing a claim leaves behind: other units, or another claimant."""
        others = {other: each for other, each in self.claims.items() if other != who}
        more = claim.units - self.claims[who].units
        return replace(self, claims={**others, to_who: claim}, free=self.free - more, rev=self.rev + 1)

    def changed_over_past(self, who: str, to_who: str, claim: Claim, now: Instant) -> Slot:
        """Change a claim as a newcomer who takes what it has more: evict all past claims in the same step.

        To be written on this slot's `rev` only. Raises what `claimed_over_past` raises, AlreadyHeld where
        `to_who` has the slot already.
        """
        held = self.live_claim(to_who, now) if to_who != who else None
        if held:
            raise AlreadyHeld(held.booking, units=held.units)
        before = self.claims[who]
        if claim.units > before.units:
            freed = replace(self, claims={other: each for other, each in self.claims.items() if other != who})
            freed.claimed_over_past(to_who, claim, now)  # refuses as it refuses a newcomer
        live = self.live(now)
        kept = replace(self, claims=live, free=self._room(now))
        return kept.changed(who, to_who, claim)._due_again(now)

    def without(self, who: str) -> Slot:
        """What taking one claim out leaves behind."""
        kept = {other: claim for other, claim in self.claims.items() if other != who}
        return replace(self, claims=kept, free=self.free + self.claims[who].units, rev=self.rev + 1)

    def with_expiry(self, who: str, expires: Instant) -> Slot:
        """What confirming or extending a claim leaves behind."""
        changed = replace(self.claims[who], expires=expires)
        return replace(self, claims={**self.claims, who: changed}, rev=self.rev + 1)

    def amended(
        self,
        op: str,
        now: Instant,
        *,
        end: Instant | None = None,
        capacity: int | None = None,
        price: Money | None = None,
        metadata: Mapping[str, object] | None = None,
    ) -> Slot:
        """With other terms; what is None stays. Raises SlotInUse below what is taken (SLOT-3)."""
        live = self.live(now)
        taken = sum(claim.units for claim in live.values())
        room = (self.capacity if capacity is None else capacity) - taken
        if capacity is not None and room < 0 and capacity < self.capacity:
            raise SlotInUse(f"{taken} units are taken.", bookings=len(live), units=taken)
        amended = replace(
            self,
            end=end or self.end,
            capacity=room + taken,
            price=price or self.price,
            metadata=self.metadata if metadata is None else metadata,
        )
        return amended._administered(op, now)

    def in_state(self, state: SlotState, op: str, now: Instant) -> Slot:
        """Blocked or open again. Who holds or has booked it keeps their units."""
        return replace(self, state=state)._administered(op, now)

    def removed(self, op: str, now: Instant, *, keeping: Set[str] = frozenset()) -> Slot:
        """The tombstone, on which `rev` and `terms` go on. Raises SlotInUse while claims live but those to
        keep, which are history (SLOT-3)."""
        live = {who: claim for who, claim in self.live(now).items() if who not in keeping}
        if live:
            raise SlotInUse(
                f"{len(live)} live bookings stand in the slot.",
                bookings=len(live),
                units=sum(claim.units for claim in live.values()),
            )
        return self.in_state(SlotState.DELETED, op, now)

    def _administered(self, op: str, now: Instant) -> Slot:
        """The same after an admin's write: past claims evicted, terms raised; on this slot's `rev` only."""
        changed = replace(self, claims=self.live(now), free=self._room(now), rev=self.rev + 1)
        return replace(changed, terms=self.terms + 1, changed_by=op)._due_again(now)

    def swept(self, now: Instant) -> Slot:
        """One `rev` on, with nothing changed but when the sweep must look next."""
        return replace(self, rev=self.rev + 1)._due_again(now)

    def _due_again(self, now: Instant) -> Slot:
        """With `due` set anew, or gone while nothing is held."""
        ends = [claim.expires for claim in self.claims.values() if not claim.confirmed]
        return replace(self, due=min(*ends, now + SWEEP_AHEAD) if ends else None)

    def _room(self, now: Instant) -> int:
        return self.capacity - sum(claim.units for claim in self.live(now).values())
