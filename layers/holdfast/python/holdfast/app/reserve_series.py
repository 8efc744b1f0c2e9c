"""Reserve several slots or starts by one request: all of them or none, each that can be had, or only look
(BOOK-13).

All or none is one transaction: every ledger on the `rev` it was judged at, every record, and the series. One
by one, the series is written first, so that a repeat goes on where a crash ended the first; each occurrence
is then had like a single reserve, under an id of its own that the repeat finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from holdfast.app.asked import Asked, remember, seen_before
from holdfast.app.custom_fields import require_fields
from holdfast.app.existing import existing_business
from holdfast.app.look import look
from holdfast.app.ports import Asking, Bookings, Callers, Catalog, Catalogues, Ledger, Lost
from holdfast.app.reserve import Reserved, holds_it, record, record_of
from holdfast.app.restraint import require_restraint
from holdfast.app.series_look import look_at_series
from holdfast.app.series_wish import SeriesWish, Wanted, wanted_of
from holdfast.app.take_slot import Standing, take_slot
from holdfast.app.take_start import take_start
from holdfast.app.terms import terms_for
from holdfast.app.wish import FreeStart
from holdfast.app.writes import SaveBooking, SaveSeries
from holdfast.domain.booking import Booking
from holdfast.domain.business import Business
from holdfast.domain.errors import (
    AlreadyHeld,
    Invalid,
    KeyReused,
    NotFound,
    NotOffered,
    Refusal,
    SeriesNotOffered,
    SlotBlocked,
    SlotFull,
    SlotHeld,
    SlotPast,
    Unavailable,
    reasons_of,
)
from holdfast.domain.identity import claimant_for
from holdfast.domain.instants import Instant
from holdfast.domain.place import MOST_WRITES_AT_ONCE, SlotKey
from holdfast.domain.series import Mode, Occurrence, Outcome, Series

MOST_TURNS = 20
"""So often somebody else may be quicker in one of the ledgers before we answer 503."""

MOST_TRIES = 5

CONFLICTS: tuple[type[Refusal], ...] = (
    *(NotFound, NotOffered, AlreadyHeld),
    *(SlotFull, SlotHeld, SlotBlocked, SlotPast),
)
"""Why a single occurrence cannot be had."""


class Made(NamedTuple):
    """`replayed` is true where this very request had its effect before."""

    series: Series
    replayed: bool


def reserve_series(
    ledger: Ledger,
    callers: Callers,
    catalog: Catalog,
    catalogues: Catalogues,
    bookings: Bookings,
    asked: Asked,
    plan: SeriesWish,
) -> Made:
    """Hold what is wished, by the mode of the wish; a preview writes nothing.

    One request is one reserve for its limit a minute. A series is one hold for HOLD-8, its first occurrence:
    how many it may have is bounded by itself.

    Raises NotFound, Malformed, Invalid, RateLimited, KeyReused, PolicyViolation, SeriesNotOffered or
    Unavailable.
    """
    first = plan.wish.spot
    missing = "slot" if isinstance(first, SlotKey) else "business"
    business = existing_business(catalog, first.business, missing=missing)
    terms_for(catalogues, business, plan.wish.service).require_key(asked.keyed)
    wanted = wanted_of(business, asked, plan)
    asking = Asking(wanted[0].wish.hold, wanted[0].asked.op, asked.now)
    looks_only = plan.mode is Mode.PREVIEW
    recollection = remember(callers, asked, deed="reserve", asking=None if looks_only else asking)
    asked.charge(recollection, business.reserves_a_minute)
    known = seen_before(recollection, asked)
    if known and not looks_only and (before := _made_before(ledger, asked)) and before.settled:
        return Made(before, replayed=True)
    require_fields(business, plan.wish.metadata)
    opened = Series(
        id=asked.op,
        business=business.id,
        owner=asked.caller.id,
        mode=plan.mode,
        fingerprint=asked.fingerprint,
        made_at=asked.now,
        occurrences=tuple(Occurrence(each.start, each.asked.op) for each in wanted),
    )
    if looks_only:
        return Made(_previewed(ledger, catalogues, business, opened, wanted), replayed=False)
    require_restraint(
        ledger,
        callers,
        bookings,
        asked,
        business,
        asking,
        recollection,
        lambda: all(holds_it(ledger, catalogues, asked, each.wish) for each in wanted),
    )
    have = _have_all if plan.mode is Mode.ALL_OR_NOTHING else _have_each
    return have(ledger, catalogues, business, asked, opened, wanted)


def _made_before(ledger: Ledger, asked: Asked) -> Series | None:
    """What this request made before, if anything. Raises KeyReused where it was another under its key."""
    there = ledger.series(asked.op)
    if there and there.fingerprint != asked.fingerprint:
        raise KeyReused
    return there


def _previewed(
    ledger: Ledger, catalogues: Catalogues, business: Business, opened: Series, wanted: Sequence[Wanted]
) -> Series:
    seen = look_at_series(ledger, catalogues, business, wanted)
    found: list[Occurrence] = []
    for each in wanted:
        try:
            standing = seen.judge(each)
            if standing.claim.units != each.wish.units:
                raise AlreadyHeld(standing.claim.booking, units=standing.claim.units)
        except CONFLICTS as refused:
            found.append(_skipped(each, refused))
        else:
            found.append(_had(each, standing, Outcome.OFFERED))
    return replace(opened, occurrences=tuple(found))


def _have_all(
    ledger: Ledger,
    catalogues: Catalogues,
    business: Business,
    asked: Asked,
    opened: Series,
    wanted: Sequence[Wanted],
) -> Made:
    """Judged, then written, again from what is there whenever somebody else was quicker in a ledger."""
    for _ in range(MOST_TURNS):
        seen = look_at_series(ledger, catalogues, business, wanted)
        found: list[Occurrence] = []
        records: list[SaveBooking] = []
        refused: list[tuple[Instant, Sequence[str]]] = []
        for each in wanted:
            try:
                standing = seen.judge(each)
                if standing.own:
                    records.append(SaveBooking(record_of(each.asked, each.wish, standing), absent=True))
                else:  # had under another request: its record has to be there, and of as many units
                    record(ledger, each.asked, each.wish, standing)
            except CONFLICTS as refusal:
                refused.append((each.start, reasons_of(refusal)))
            else:
                found.append(_had(each, standing, Outcome.RESERVED))
        if refused:
            if before := _made_before(ledger, asked):
                return Made(before, replayed=True)
            raise SeriesNotOffered(refused)
        expires = wanted[0].claim.expires if records else None
        series = replace(opened, occurrences=tuple(found), expires=expires)
        writes = [*seen.writes(), *records, SaveSeries(series, absent=True)]
        if len(writes) > MOST_WRITES_AT_ONCE:
            raise Invalid("/mode", f"takes {len(writes)} writes at once, of {MOST_WRITES_AT_ONCE} at most")
        try:
            ledger.commit(*writes)
        except Lost:
            if before := _made_before(ledger, asked):
                return Made(before, replayed=True)
        else:
            return Made(series, replayed=False)
    raise Unavailable("the ledgers change too quickly")


def _have_each(
    ledger: Ledger,
    catalogues: Catalogues,
    business: Business,
    asked: Asked,
    opened: Series,
    wanted: Sequence[Wanted],
) -> Made:
    """One after the other. A repeat goes on: what has its record was had, whatever became of it since."""
    if isinstance(spot := wanted[0].wish.spot, FreeStart):
        look(ledger, catalogues, spot)  # what is not there at all is refused before anything is written
    there, records = opened, dict[str, Booking]()
    try:
        ledger.commit(SaveSeries(opened, absent=True))
    except Lost:
        there = _made_before(ledger, asked) or opened
        if there.settled:
            return Made(there, replayed=True)
        records |= ledger.bookings(there.bookings)
    found: list[Occurrence] = []
    held: list[Instant] = []
    for each in wanted:
        try:
            booking = records.get(each.asked.op)
            done = (
                Reserved(booking, created=True, replayed=True)
                if booking
                else record(ledger, each.asked, each.wish, _taken(ledger, catalogues, business, each))
            )
        except CONFLICTS as refused:
            found.append(_skipped(each, refused))
            continue
        outcome = Outcome.RESERVED if done.created else Outcome.THERE
        found.append(Occurrence(each.start, done.booking.id, outcome, done.booking.end))
        if done.created:
            held.append(done.booking.expires)
    settled = _settled(ledger, there, found, min(held, default=None))
    return Made(settled, replayed=there is not opened)


def _taken(ledger: Ledger, catalogues: Catalogues, business: Business, wanted: Wanted) -> Standing:
    asked, wish, start, claim = wanted
    if isinstance(wish.spot, FreeStart):
        return take_start(ledger, catalogues, asked, wish.spot, wish, claim)
    business.terms.allow_taking(start, asked.now, business.zone)
    return take_slot(ledger, wish.spot, claimant_for(asked.caller.id, wish.subject), claim, asked.now)


def _settled(ledger: Ledger, opened: Series, found: Sequence[Occurrence], expires: Instant | None) -> Series:
    """With what came of it. A twin of the request may have settled it as well: what either holds is told."""
    series = opened
    for _ in range(MOST_TRIES):
        settled = series.settled_as(found, expires)
        try:
            ledger.commit(SaveSeries(settled))
        except Lost:
            series = ledger.series(opened.id) or series
            if series.tells_all(found):
                return series
        else:
            return settled
    raise Unavailable("the series changes too quickly")


def _had(wanted: Wanted, standing: Standing, outcome: Outcome) -> Occurrence:
    """With that outcome, unless it was there before."""
    return Occurrence(
        wanted.start, standing.claim.booking, outcome if standing.own else Outcome.THERE, standing.end
    )


def _skipped(wanted: Wanted, refused: Refusal) -> Occurrence:
    return Occurrence(wanted.start, wanted.asked.op, Outcome.SKIPPED, reasons=reasons_of(refused))
