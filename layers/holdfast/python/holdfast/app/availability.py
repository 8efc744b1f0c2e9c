"""What can be had, page by page: free starts of a service, or published slots (SPEC AVAIL-1).

Whatever stands on a page was decided by `Offers.decide`, as a reserve decides (AVAIL-4). Days are read only
where something would be offered if nothing were taken, and no further than a page needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from operator import itemgetter

from holdfast.app.cursors import decode, encode, not_ours
from holdfast.app.monthly_days import MonthlyDays, months
from holdfast.app.offer import Offer, offer_of_slot, offer_of_start
from holdfast.app.ports import Days, Page, Slots
from holdfast.domain.availability_rules import occupies
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.errors import NotFound
from holdfast.domain.hours import Minute
from holdfast.domain.instants import MINUTE, Instant
from holdfast.domain.needs import needs_of
from holdfast.domain.offering import Offering, Offers
from holdfast.domain.place import ID
from holdfast.domain.service import Service

MOST_READS = 60
"""Having read so many months of resources a page ends with the month it is in, be it short or empty."""

_POSITION = (r"[0-9]{1,15}", rf"({ID})?")

type _Position = tuple[Instant, str]
"""A place in the order of a list: a start, and a resource where each has a list of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Places for so many `units` that begin in `[since, until)`, with one resource or any; `explain` asks for
    those that cannot be had as well."""

    resource: str | None
    since: Instant
    until: Instant
    units: int = 1
    explain: bool = False


def free_starts(
    days: Days,
    catalogue: Catalogue,
    service: Service,
    wanted: Wanted,
    now: Instant,
    *,
    limit: int,
    cursor: str | None,
) -> Page[Offer]:
    """By start, then by resource. Where the service requires several, one item is the start of the whole set
    and its resource the one it is with. A page may be short, even empty, and lead on.

    Raises NotFound where the resource does not serve it, Invalid where the cursor is not one of ours."""
    after = _after(cursor, wanted)
    search = _Search(days, catalogue, service, replace(wanted, since=max(after[0], wanted.since)), now)
    page: list[Offer] = []
    last = after
    for begins, ends in search.months():
        if search.has_read_much:
            return Page(page, _cursor((begins - 1, "")))
        for position, offers in search.listed(begins, ends):
            if position <= after:
                continue
            if len(page) == limit:
                return Page(page, _cursor(last))
            page.append(search.offer(offers, position[0]))
            last = position
    return Page(page, None)


def published(
    slots: Slots, catalogue: Catalogue, wanted: Wanted, now: Instant, *, limit: int, cursor: str | None
) -> Page[Offer]:
    """By resource, then by start, also those that cannot be had. Raises NotFound where there is no such
    resource, Invalid where the cursor is not one of ours."""
    if wanted.resource is not None and wanted.resource not in catalogue.resources:
        raise NotFound("resource")
    resources = sorted(catalogue.resources) if wanted.resource is None else [wanted.resource]
    page = slots.published(
        catalogue.business.id, resources, wanted.since, wanted.until, limit=limit, cursor=cursor
    )
    return Page(
        [offer_of_slot(catalogue.business, slot, wanted.units, now) for slot in page.items], page.cursor
    )


class _Search:
    """For free starts: one list of all of them, or one for each resource."""

    def __init__(
        self, days: Days, catalogue: Catalogue, service: Service, wanted: Wanted, now: Instant
    ) -> None:
        self._catalogue, self._service, self._wanted, self._now = catalogue, service, wanted, now
        self._since = wanted.since if wanted.explain else max(wanted.since, now)
        needs = needs_of(catalogue, service, wanted.resource)
        self._lists: Sequence[tuple[str, str | None]] = [("", wanted.resource)]
        if not service.requires:
            self._lists = [(each, each) for each in needs[0].resources]
        self._days = MonthlyDays(days, catalogue.business, *self._occupies(self._since, wanted.until))

    @property
    def has_read_much(self) -> bool:
        return self._days.reads >= MOST_READS

    def months(self) -> Iterator[tuple[Instant, Instant]]:
        since, until = self._since, self._wanted.until
        for begins, ends in months(since, until, self._catalogue.business.ledger_offset):
            yield max(begins, since), min(ends, until)

    def listed(self, since: Instant, until: Instant) -> Iterator[tuple[_Position, Offers]]:
        """In order, where which offers have something to tell."""
        untaken = Offering(self._catalogue, self._service, (), self._now)
        lists = []
        for name, asked in self._lists:
            offers = self._between(untaken, since, until, asked)
            if told := self._told(offers):
                begins, ends = self._occupies(told[0] * MINUTE, told[-1] * MINUTE)
                self._days.read(offers.ledgers, begins, ends)
                lists.append((name, asked))
        offering = Offering(self._catalogue, self._service, self._days.found, self._now)
        found = ((name, self._between(offering, since, until, asked)) for name, asked in lists)
        return merge(*(self._positions(*each) for each in found), key=itemgetter(0))

    def offer(self, offers: Offers, start: Instant) -> Offer:
        return offer_of_start(self._catalogue, self._service, start, offers.decide(start))

    def _between(self, offering: Offering, since: Instant, until: Instant, asked: str | None) -> Offers:
        return offering.between(since, until, units=self._wanted.units, resource=asked)

    def _positions(self, name: str, offers: Offers) -> Iterator[tuple[_Position, Offers]]:
        return (((minute * MINUTE, name), offers) for minute in self._told(offers))

    def _told(self, offers: Offers) -> Sequence[Minute]:
        return offers.grid if self._wanted.explain else offers.starts

    def _occupies(self, first: Instant, last: Instant) -> tuple[Instant, Instant]:
        """What the appointments that begin between the two take."""
        ends = last + self._service.duration * MINUTE
        return occupies(self._catalogue, self._service, first, ends)


def _after(cursor: str | None, wanted: Wanted) -> _Position:
    """After which the page begins."""
    if cursor is None:
        return -1, ""
    start, resource = decode(cursor, *_POSITION)
    if int(start) >= wanted.until:
        raise not_ours()
    return int(start), resource


def _cursor(position: _Position) -> str:
    start, resource = position
    return encode(str(start), resource)
