"""A published slot: capacity, the claims on it, and what may be claimed at an instant (SPEC SLOT-1, HOLD-2).

The slot is a ledger: all that competes for its units stands in this one value, so that one conditional write
decides. `Slot.admits` is that condition; the adapter says the same to DynamoDB.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum

from holdfast.domain.claim import Claim
from holdfast.domain.errors import (
    AlreadyHeld,
    AlreadyInQueue,
    Invalid,
    QueueFull,
    SlotBlocked,
    SlotFull,
    SlotHeld,
    SlotInUse,
    SlotNotFull,
    SlotPast,
)
from holdfast.domain.instants import JANITOR_SKEW, SWEEP_AHEAD, Instant, seconds_until
from holdfast.domain.money import Money
from holdfast.domain.place import SlotKey
from holdfast.domain.queue import Place

LARGEST_CAPACITY = 300
"""Every write is charged for the whole item, so claims and places in one are bounded together (DESIGN 2)."""

MOST_SERVED = 6
"""So many of the latest promotions are remembered, to tell how fast the queue moves."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """`claims` and `places` are by claimant (see `identity.claimant`), `terms` is raised by admin writes only
    (its ETag), `rev` by every write, and `free` equals the capacity less the units of all claims, live or
    past. `served` are the instants of the latest promotions. `op` is the request that made it, `changed_by`
    the last admin's since."""

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
    places: Mapping[str, Place] = field(default_factory=dict)
    served: tuple[Instant, ...] = ()
    due: Instant | None = None
    op: str
    changed_by: str | None = None

    @property
    def vacant(self) -> bool:
        """A tombstone without history of its own, on which a slot may be published again."""
        return self.state is SlotState.DELETED and not self.claims and not self.places

    def live(self, now: Instant) -> dict[str, Claim]:
        return {who: claim for who, claim in self.claims.items() if claim.is_live(now)}

    def past(self, now: Instant) -> dict[str, Claim]:
        return {who: claim for who, claim in self.claims.items() if not claim.is_live(now)}

    def live_claim(self, who: str, now: Instant) -> Claim | None:
        claim = self.claims.get(who)
        return claim if claim and claim.is_live(now) else None

    def waiting(self, now: Instant) -> dict[str, Place]:
        """The live places, the head first."""
        live = ((who, place) for who, place in self.places.items() if place.is_live(now))
        return dict(sorted(live, key=lambda each: each[1].seq))

    def live_place(self, who: str, now: Instant) -> Place | None:
        place = self.places.get(who)
        return place if place and place.is_live(now) else None

    def position(self, who: str, now: Instant) -> int:
        """1 for the head; raises ValueError for one who does not wait."""
        return list(self.waiting(now)).index(who) + 1

    def available(self, now: Instant) -> int:
        """Units a newcomer could take: past claims do not count, whoever has tidied up or not (HOLD-3); none
        while anyone waits (QUEUE-2)."""
        if self.state is not SlotState.OPEN or self.start <= now:
            return 0
        return max(0, self._room_for_newcomers(now))

    def status(self, now: Instant) -> SlotStatus:
        if self.state is not SlotState.OPEN:
            return SlotStatus.BLOCKED
        if self.end <= now:
            return SlotStatus.EXPIRED
        if self._room_for_newcomers(now) > 0:
            return SlotStatus.AVAILABLE
        held = any(not claim.confirmed for claim in self.live(now).values())
        return SlotStatus.RESERVED if held or self._room(now) > 0 else SlotStatus.BOOKED

    def admits(self, who: str, units: int, now: Instant) -> bool:
        """The condition of a plain claim, as one write can judge it: it sees `free`, not the past claims."""
        return (
            self.state is SlotState.OPEN
            and self.start > now
            and self.free >= units
            and not self.places
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

        Past places are no hindrance; they stay until they are taken out together with their entries. Raises
        SlotBlocked, SlotPast, SlotHeld or SlotFull where there would be no room even so.
        """
        self._require_open(now)
        live, room = self.live(now), self._room_for_newcomers(now)
        if claim.units > room:
            waiting = len(self.waiting(now))
            holds = [other for other in live.values() if not other.confirmed]
            if claim.units > room + sum(other.units for other in holds):
                raise SlotFull(available=max(0, room), waiting=waiting)
            first = min(other.expires for other in holds)
            wait = max(1, seconds_until(first, now))
            raise SlotHeld(available=max(0, room), retry_after=wait, waiting=waiting)
        return replace(self, claims=live, free=room).claimed(who, claim)._due_again(now)

    def overbooked(self, who: str, claim: Claim, now: Instant) -> Slot:
        """Claim beyond the capacity, as only staff do (BOOK-7): `free` may fall below nothing. Nobody who
        waits is overtaken by it: the units would come out of those that come free (QUEUE-2).

        To be written on this slot's `rev` only. Raises SlotBlocked, SlotPast or SlotFull.
        """
        self._require_open(now)
        live, waiting = self.live(now), len(self.waiting(now))
        if waiting or len(live) + len(self.places) >= LARGEST_CAPACITY:
            raise SlotFull(available=0, waiting=waiting)
        return replace(self, claims=live, free=self._room(now)).claimed(who, claim)._due_again(now)

    def admits_waiting(self, who: str, place: Place, now: Instant, most: int) -> bool:
        """The condition of a plain join, as one write can judge it: it sees what stands in the item, past or
        not, and cannot add, so that a large capacity is left to `joined_over_past`."""
        return (
            self.state is SlotState.OPEN
            and self.start > now
            and place.units <= self.capacity <= LARGEST_CAPACITY - most
            and len(self.places) < most
            and (self.free < place.units or len(self.places) > 0)
            and who not in self.places
            and who not in self.claims
        )

    def joined(self, who: str, place: Place, now: Instant) -> Slot:
        """What the plain join leaves behind: the place's `seq` is the `rev` it was written at."""
        return replace(
            self,
            places={**self.places, who: replace(place, seq=self.rev)},
            rev=self.rev + 1,
            due=now + SWEEP_AHEAD if self.due is None else self.due,
        )

    def joined_over_past(self, who: str, place: Place, now: Instant, most: int) -> Slot:
        """Evict all past claims, and the joiner's own past place, and join in the same step; to be written on
        this slot's `rev` only. `most` is what the business allows.

        Raises SlotBlocked, SlotPast, Invalid, SlotNotFull or QueueFull.
        """
        self._require_open(now)
        if place.units > self.capacity:
            raise Invalid("/units", f"must be at most {self.capacity}, the slot's capacity")
        if place.units <= self._room_for_newcomers(now):
            raise SlotNotFull(available=self._room(now))
        others = {other: each for other, each in self.places.items() if other != who}
        allowed = min(most, LARGEST_CAPACITY - self.capacity)
        if len(others) >= allowed:
            raise QueueFull(most=allowed)
        settled = replace(self, claims=self.live(now), free=self._room(now), places=others)
        return settled.joined(who, place, now)._due_again(now)

    def without_place(self, who: str, now: Instant) -> Slot:
        """What taking one place out leaves behind."""
        others = {other: place for other, place in self.places.items() if other != who}
        return replace(self, places=others, rev=self.rev + 1)._due_again(now)

    def moved_to_front(self, who: str, now: Instant) -> Slot:
        """The place before all others; to be written on this slot's `rev` only."""
        first = min(place.seq for place in self.places.values()) - 1
        moved = replace(self.places[who], seq=first)
        return replace(self, places={**self.places, who: moved}, rev=self.rev + 1)._due_again(now)

    def promoted(self, who: str, claim: Claim, passed: Set[str], now: Instant) -> Slot:
        """The place gone and its claim made, in one step on this slot's `rev`; claims that are past for a
        janitor are evicted, and those in front who did not fit are marked as passed over."""
        kept = self.live(now - JANITOR_SKEW)
        places = {
            other: place.passed_over() if other in passed else place
            for other, place in self.places.items()
            if other != who
        }
        settled = replace(self, claims=kept, free=self._room(now - JANITOR_SKEW), places=places)
        promoted = replace(settled.claimed(who, claim), served=(*self.served, now)[-MOST_SERVED:])
        return promoted._due_again(now)

    def changed(self, who: str, to_who: str, claim: Claim) -> Slot:
        """What changing a claim leaves behind: other units, or another claimant."""
        others = {other: each for other, each in self.claims.items() if other != who}
        more = claim.units - self.claims[who].units
        return replace(self, claims={**others, to_who: claim}, free=self.free - more, rev=self.rev + 1)

    def changed_over_past(self, who: str, to_who: str, claim: Claim, now: Instant) -> Slot:
        """Change a claim as a newcomer who takes what it has more: evict all past claims in the same step.

        To be written on this slot's `rev` only. Raises what `claimed_over_past` raises, AlreadyHeld or
        AlreadyInQueue where `to_who` is in the slot already.
        """
        if to_who != who:
            self._require_absent(to_who, now)
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
        """With other terms; what is None stays. Raises SlotInUse below what is taken (SLOT-3), Invalid where
        capacity and queue together would be too large for one item."""
        live = self.live(now)
        taken = sum(claim.units for claim in live.values())
        room = (self.capacity if capacity is None else capacity) - taken
        if capacity is not None and room < 0 and capacity < self.capacity:
            raise SlotInUse(f"{taken} units are taken.", bookings=len(live), units=taken)
        most = LARGEST_CAPACITY - len(self.places)
        if capacity is not None and capacity > max(most, self.capacity):
            raise Invalid("/capacity", f"must be at most {most} while {len(self.places)} wait")
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
        """The tombstone, on which `rev` and `terms` go on.

        Raises SlotInUse while anyone waits or claims live; those to keep are history and do not count
        (SLOT-3).
        """
        live = {who: claim for who, claim in self.live(now).items() if who not in keeping}
        waiting = len(self.waiting(now))
        if live or waiting:
            raise SlotInUse(
                f"{len(live)} live bookings stand in the slot, {waiting} wait for it.",
                bookings=len(live),
                units=sum(claim.units for claim in live.values()),
                waiting=waiting,
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
        """With `due` set anew, or gone while nothing is held and nobody waits."""
        ends = [claim.expires for claim in self.claims.values() if not claim.confirmed]
        ends += [place.until for place in self.places.values()]
        return replace(self, due=min(*ends, now + SWEEP_AHEAD) if ends else None)

    def _require_absent(self, who: str, now: Instant) -> None:
        if held := self.live_claim(who, now):
            raise AlreadyHeld(held.booking, units=held.units)
        if place := self.live_place(who, now):
            raise AlreadyInQueue("They wait for this slot already.", entryId=place.entry)

    def _require_open(self, now: Instant) -> None:
        if self.state is not SlotState.OPEN:
            raise SlotBlocked
        if self.start <= now:
            raise SlotPast

    def _room(self, now: Instant) -> int:
        return self.capacity - sum(claim.units for claim in self.live(now).values())

    def _room_for_newcomers(self, now: Instant) -> int:
        return min(0, self._room(now)) if self.waiting(now) else self._room(now)
