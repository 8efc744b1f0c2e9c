"""Claim an appointment at a free start, or find the claim that stands there for the caller (DESIGN 2, 3).

Days are decided from what was read and written on its `rev`. A conflict brings the newer day, and it is
decided again: somebody else took something each time, and a day has only so much to take.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from holdfast.app.asked import Asked
from holdfast.app.look import Look, look
from holdfast.app.ports import Catalogues, DayMoved, Ledger, Lost, Throttled
from holdfast.app.take_slot import Standing
from holdfast.app.wish import FreeStart, Wish
from holdfast.app.writes import SaveDay
from holdfast.domain.appointment import Appointment
from holdfast.domain.availability_rules import occupies
from holdfast.domain.claim import Claim
from holdfast.domain.day import claimed_before
from holdfast.domain.decision import Refused
from holdfast.domain.errors import Unavailable
from holdfast.domain.identity import subject_id
from holdfast.domain.instants import MINUTE
from holdfast.domain.needs import leading, needs_of
from holdfast.domain.place import DayKey

MOST_DECISIONS = 100
"""More than anybody sees who is met by as many rivals as fit into a day."""


def take_start(
    ledger: Ledger, catalogues: Catalogues, asked: Asked, spot: FreeStart, wish: Wish, claim: Claim
) -> Standing:
    """Raises NotFound, NotOffered or Unavailable."""
    seen = look(ledger, catalogues, spot)
    throttled = False
    for _ in range(MOST_DECISIONS):
        standing = judged(seen, asked, spot, wish, claim)
        if not standing.own:
            return standing
        if throttled:
            raise Unavailable("the day is written too often")
        claimed = seen.claimed(standing.who, standing.claims, asked.now)
        try:
            if len(claimed) == 1:
                ledger.replace_day(claimed[0])
            else:
                ledger.commit(*map(SaveDay, claimed))
        except DayMoved as moved:
            seen = seen.with_day(moved.day)
        except Lost:
            seen = look(ledger, catalogues, spot)
        except Throttled:
            seen, throttled = look(ledger, catalogues, spot), True
        else:
            return standing
    raise Unavailable("the day changes too quickly")


def judged(seen: Look, asked: Asked, spot: FreeStart, wish: Wish, claim: Claim) -> Standing:
    """What stands there for the caller, or what of their `own` is to be claimed. Raises NotOffered."""
    if standing := _standing(seen, asked, spot, wish):
        return standing
    decision = seen.offering(asked.now).decide(spot.start, spot.end, units=wish.units, resource=spot.resource)
    if isinstance(decision, Refused):
        raise decision.refusal(asked.now)
    appointment, available = decision.appointment, decision.available - wish.units
    who = appointment.claimant(asked.caller.id, subject_id(wish.subject))
    claims = {key: replace(claim, window=window) for key, window in appointment.windows.items()}
    return _as_standing(seen, appointment, who, claims, spot, available=available, own=True)


def holds_start(ledger: Ledger, catalogues: Catalogues, asked: Asked, spot: FreeStart, wish: Wish) -> bool:
    """Whether the caller has a live claim there. Raises NotFound."""
    return _standing(look(ledger, catalogues, spot), asked, spot, wish) is not None


def _standing(seen: Look, asked: Asked, spot: FreeStart, wish: Wish) -> Standing | None:
    """The caller's live claim at that start of that service, with whomever of those who may serve it."""
    needs = needs_of(seen.catalogue, seen.service)
    there = claimed_before(
        seen.days.values(),
        (spot.service, spot.start, leading(needs)),
        (asked.caller.id, subject_id(wish.subject)),
        seen.catalogue.business.ledger_offset,
        asked.now,
    )
    if there is None:
        return None
    appointment, who, claims = there
    standing = _as_standing(seen, appointment, who, claims, spot, available=0, own=False)
    # Others may have been evicted, or stand where nobody looks who wishes for this resource.
    many = sum(need.many for need in needs)
    pooled = seen.service.most_at_once is not None
    occupied = occupies(seen.catalogue, seen.service, standing.start, standing.end)
    whole = (len(appointment.resources), appointment.pooled) == (many, pooled)
    whole = whole and (appointment.begins, appointment.ends) == occupied
    return standing._replace(whole=whole and appointment.windows.keys() == claims.keys())


def _as_standing(
    seen: Look,
    appointment: Appointment,
    who: str,
    claims: Mapping[DayKey, Claim],
    spot: FreeStart,
    *,
    available: int,
    own: bool,
) -> Standing:
    return Standing(
        spot=appointment,
        who=who,
        claims=dict(claims.items()),
        start=spot.start,
        end=spot.end or spot.start + seen.service.duration * MINUTE,
        price=seen.price(spot.start, appointment.resource),
        available=available,
        own=own,
    )
