"""Which timers a ledger's change asks for: one for each claim seen with a new end (DESIGN 4).

They follow the ledger, not the booking: a claim whose record was never written needs its timer most.
"""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.app.ports import Timer
from holdfast.domain.slot import Slot


def timers_for(before: Slot | None, after: Slot) -> Sequence[Timer]:
    """A timer for each held claim whose end differs from the one before, or that was not there before."""
    known = before.claims if before else {}
    return [
        Timer(after.key, who, claim.booking, claim.expires)
        for who, claim in after.claims.items()
        if not claim.confirmed
        and (who not in known or (known[who].booking, known[who].expires) != (claim.booking, claim.expires))
    ]
