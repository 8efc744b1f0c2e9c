"""What is asked for several times over: the same at several slots of a business, or at several starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from holdfast.app.asked import Asked
from holdfast.app.recurrence import occurrences
from holdfast.app.wish import FreeStart, Wish
from holdfast.domain.business import Business
from holdfast.domain.claim import Claim
from holdfast.domain.errors import Invalid
from holdfast.domain.identity import derived_id
from holdfast.domain.instants import SECOND, Instant
from holdfast.domain.place import SlotKey
from holdfast.domain.series import MOST_AT_ONCE, MOST_ONE_BY_ONE, Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesWish:
    """`wish` is for the first occurrence. The others differ from it in nothing but their spot: they are at
    `others`, or at the starts that `rule` makes of the first."""

    wish: Wish
    others: Sequence[SlotKey | FreeStart] = ()
    rule: str | None = None
    mode: Mode = Mode.ALL_OR_NOTHING

    @property
    def most(self) -> int:
        return MOST_AT_ONCE if self.mode is Mode.ALL_OR_NOTHING else MOST_ONE_BY_ONE

    @property
    def named(self) -> str:
        """What of the request names the occurrences."""
        if self.rule is not None:
            return "/rrule"
        return "/slotIds" if isinstance(self.wish.spot, SlotKey) else "/starts"


class Wanted(NamedTuple):
    """One occurrence as it is asked for: `asked.op` is the id of its booking."""

    asked: Asked
    wish: Wish
    start: Instant
    claim: Claim


def wanted_of(business: Business, asked: Asked, plan: SeriesWish) -> Sequence[Wanted]:
    """All occurrences, in their order; each has an id of the request and its spot, so that a repeat finds the
    bookings of the first. Raises Invalid."""
    expires = asked.now + business.hold.seconds(plan.wish.hold_seconds) * SECOND
    spots = _spots(business, plan)
    if len(spots) > plan.most:
        raise Invalid(plan.named, f"are at most {plan.most} in mode {plan.mode}")
    found: dict[str, Wanted] = {}
    for number, spot in enumerate(spots):
        wish = replace(plan.wish, spot=spot, series=asked.op)
        if wish.where in found:
            raise Invalid(f"{plan.named}/{number}", "is there twice")
        of_it = replace(asked, op=derived_id("occurrence", asked.op, wish.where))
        start = spot.start(business.ledger_offset) if isinstance(spot, SlotKey) else spot.start
        claim = Claim(of_it.op, wish.units, expires, asked.fingerprint)
        found[wish.where] = Wanted(of_it, wish, start, claim)
    return list(found.values())


def _spots(business: Business, plan: SeriesWish) -> Sequence[SlotKey | FreeStart]:
    """A rule is read on the business's clock; each occurrence lasts as long as the first."""
    first = plan.wish.spot
    if plan.rule is None or isinstance(first, SlotKey):
        return [first, *plan.others]
    lasts = None if first.end is None else first.end - first.start
    starts = occurrences(plan.rule, first.start, business.zone, most=plan.most)
    return [replace(first, start=start, end=None if lasts is None else start + lasts) for start in starts]
