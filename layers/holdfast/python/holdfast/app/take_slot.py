"""Claim units of a published slot, or find the claim that stands there for the caller (DESIGN 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from holdfast.app.existing import existing_slot
from holdfast.app.ports import ClaimRefused, Ledger, Throttled
from holdfast.app.wish import MOST_WRITES
from holdfast.domain.appointment import Spot
from holdfast.domain.claim import Claim
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import Instant
from holdfast.domain.money import Money
from holdfast.domain.place import LedgerKey, SlotKey
from holdfast.domain.slot import Slot


class Standing(NamedTuple):
    """What stands in the ledgers for `who`, and what a record of it copies. `own` says that this very request
    wrote it, `whole` that it is all that was claimed; `available` are the units left beside it."""

    spot: Spot
    who: str
    claims: Mapping[LedgerKey, Claim]
    start: Instant
    end: Instant
    price: Money
    available: int
    own: bool
    whole: bool = True

    @property
    def claim(self) -> Claim:
        """The same in all of its ledgers, the window it takes of a day apart."""
        return next(iter(self.claims.values()))


def take_slot(ledger: Ledger, key: SlotKey, who: str, claim: Claim, now: Instant) -> Standing:
    """The first write goes out without a read.

    Raises NotFound, SlotBlocked, SlotPast, SlotHeld, SlotFull or Unavailable.
    """
    slot: Slot | None = None
    for _ in range(MOST_WRITES):
        try:
            if slot is None or slot.admits(who, claim.units, now):
                return standing_in(ledger.claim(key, who, claim, now), who, claim, now, own=True)
            taken = slot.claimed_over_past(who, claim, now)
            ledger.replace(taken)
            return standing_in(taken, who, claim, now, own=True)
        except ClaimRefused as refused:
            slot = existing_slot(refused.slot)
            throttled = False
        except Throttled:
            slot = existing_slot(ledger.slot(key))
            throttled = True
        if there := slot.live_claim(who, now):
            return standing_in(slot, who, there, now, own=False)
        if throttled:
            slot.claimed_over_past(who, claim, now)  # a refusal is final, written or not
            raise Unavailable("the slot is written too often")
    raise Unavailable("the slot changes too quickly")


def standing_in(slot: Slot, who: str, claim: Claim, now: Instant, *, own: bool) -> Standing:
    """As the slot is with the claim in it."""
    return Standing(
        spot=slot.key,
        who=who,
        claims={slot.key: claim},
        start=slot.start,
        end=slot.end,
        price=slot.price,
        available=slot.available(now),
        own=own,
    )
