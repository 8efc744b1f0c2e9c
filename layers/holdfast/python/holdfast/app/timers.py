"""The first line of defence: a timer for each claim seen with a new end (DESIGN 4).

Timers follow the ledger, not the booking: a claim whose record was never written needs its timer most.
"""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.app.expire import expire
from holdfast.app.ports import Ledger, Timer, Timers
from holdfast.domain.day import Day
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import Instant
from holdfast.domain.slot import Slot


def timers_for(before: Slot | Day | None, after: Slot | Day) -> Sequence[Timer]:
    """A timer for each held claim that was not there before, or had another end."""
    known = before.claims if before else {}
    return [
        Timer(after.key, who, claim.booking, claim.expires)
        for who, claim in after.claims.items()
        if not claim.confirmed
        and (who not in known or (known[who].booking, known[who].expires) != (claim.booking, claim.expires))
    ]


def ring(ledger: Ledger, timers: Timers, timer: Timer, now: Instant) -> None:
    """A timer came: end its hold, or send it anew if it came early, which is no failure (HOLD-4)."""
    again = expire(ledger, timer, now)
    if again is not None and timers.schedule([timer], now):
        raise Unavailable("the timer could not be sent anew")
