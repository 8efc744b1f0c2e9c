"""Take a spot for good, in one transaction with the record: where a booking is moved to, or where staff book
by hand. Nobody is overtaken: who takes it is a newcomer there (QUEUE-2).

A reserve claims first and writes its record afterwards. What is confirmed from the start cannot: a claim
without a record would never lapse.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from holdfast.app.existing import existing_slot
from holdfast.app.look import look
from holdfast.app.ports import Catalogues, Ledger
from holdfast.app.wish import FreeStart
from holdfast.app.writes import SaveDay, SaveSlot
from holdfast.domain.appointment import Spot, claimant_of_start
from holdfast.domain.booking import Booking
from holdfast.domain.business import Business
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.decision import OF_CAPACITY, OVERBOOK, Refused
from holdfast.domain.errors import AlreadyHeld, SlotFull, SlotHeld
from holdfast.domain.identity import claimant_for, subject_id
from holdfast.domain.instants import NEVER, Instant
from holdfast.domain.money import Money
from holdfast.domain.needs import leading, needs_of
from holdfast.domain.override import Override
from holdfast.domain.place import DayKey, LedgerKey, SlotKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Taker:
    """Who takes it. What they `had` is left out as the spot is judged, and moved where a day has both."""

    booking: str
    owner: str
    subject: Mapping[str, object] | None
    units: int
    fingerprint: str
    had: Booking | None = None

    @classmethod
    def moving(cls, booking: Booking) -> Taker:
        return cls(
            booking=booking.id,
            owner=booking.owner,
            subject=booking.subject,
            units=booking.units,
            fingerprint=booking.fingerprint,
            had=booking,
        )

    @property
    def claim(self) -> Claim:
        return Claim(self.booking, self.units, NEVER, self.fingerprint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """`writes` are the ledgers with the claims in them, each once; what was had in other ledgers is still to
    be given back. `passed_over` are the codes that it took."""

    spot: Spot
    who: str
    start: Instant
    end: Instant
    price: Money
    passed_over: Sequence[str]
    writes: Mapping[LedgerKey, SaveSlot | SaveDay]


def codes_allowed(catalogues: Catalogues, business_id: str, override: Override) -> Set[str]:
    """Raises Invalid where it names what is no code of the business."""
    if not override.codes:
        return frozenset()
    known = catalogues.known(business_id)
    return override.allowed(custom=known is not None and bool(known.custom))


def take_spot(
    ledger: Ledger,
    catalogues: Catalogues,
    business: Business,
    spot: SlotKey | FreeStart,
    taker: Taker,
    now: Instant,
    ignoring: Set[str],
) -> Taken:
    """Decided from what is read now.

    Raises NotFound, NotOffered, AlreadyHeld, SlotBlocked, SlotPast, SlotFull, SlotHeld or Unavailable.
    """
    if isinstance(spot, SlotKey):
        return _take_slot(ledger, business, spot, taker, now, ignoring)
    return _take_start(ledger, catalogues, spot, taker, now, ignoring)


def _take_slot(
    ledger: Ledger, business: Business, key: SlotKey, taker: Taker, now: Instant, ignoring: Set[str]
) -> Taken:
    slot = existing_slot(ledger.slot(key))
    passed_over = list(business.terms.allow_taking(slot.start, now, business.zone, ignoring))
    who = claimant_for(taker.owner, taker.subject)
    if there := slot.live_claim(who, now):
        raise AlreadyHeld(there.booking, units=there.units)
    try:
        taken = slot.claimed_over_past(who, taker.claim, now)
    except (SlotFull, SlotHeld):
        if OVERBOOK not in ignoring:
            raise
        taken = slot.overbooked(who, taker.claim, now)
        passed_over.append(OVERBOOK)
    return Taken(
        spot=key,
        who=who,
        start=slot.start,
        end=slot.end,
        price=slot.price,
        passed_over=passed_over,
        writes={key: SaveSlot(taken)},
    )


def _take_start(
    ledger: Ledger,
    catalogues: Catalogues,
    spot: FreeStart,
    taker: Taker,
    now: Instant,
    ignoring: Set[str],
) -> Taken:
    had = taker.had
    own_days = [key for key in had.claims if isinstance(key, DayKey)] if had else []
    seen = look(ledger, catalogues, spot, also=own_days)
    _require_absent(seen.days.values(), spot, leading(needs_of(seen.catalogue, seen.service)), taker, now)
    decision = seen.offering(now, without=had.who if had else None).decide(
        spot.start, spot.end, units=taker.units, resource=spot.resource, ignoring=ignoring
    )
    if isinstance(decision, Refused):
        raise decision.refusal(now)
    appointment = decision.appointment
    who = appointment.claimant(taker.owner, subject_id(taker.subject))
    claims = {key: replace(taker.claim, window=window) for key, window in appointment.windows.items()}
    return Taken(
        spot=appointment,
        who=who,
        start=spot.start,
        end=decision.end,
        price=seen.price(spot.start, appointment.resource),
        passed_over=_codes(decision.overridden),
        writes={
            key: SaveDay(seen.days[key].changed(had.who if had else who, who, claim, now))
            for key, claim in claims.items()
        },
    )


def _require_absent(
    days: Collection[Day],
    spot: FreeStart,
    resources: Sequence[str],
    taker: Taker,
    now: Instant,
) -> None:
    """Raises AlreadyHeld where the same owner, and subject if given, has another booking of the service at
    that start, whoever serves it (HOLD-5)."""
    subject = subject_id(taker.subject)
    for resource in resources:
        who = claimant_of_start(taker.owner, subject, spot.service, resource, spot.start)
        for day in days:
            there = day.live_claim(who, now)
            if there and there.booking != taker.booking:
                raise AlreadyHeld(there.booking, units=there.units)


def _codes(reasons: Sequence[str]) -> Sequence[str]:
    """As staff name them: for want of room there is one code."""
    return list(dict.fromkeys(OVERBOOK if reason in OF_CAPACITY else reason for reason in reasons))
