"""What a change of the catalog would do to those who have booked: which of them it leaves without a rule to
stand on. Nothing is written; what is booked stays booked whatever an admin changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from holdfast.app.offers import offers_of
from holdfast.app.ports import Calendars, Catalogues, Days, Ledger
from holdfast.domain.absence import Absence
from holdfast.domain.booking import ENDED, Booking
from holdfast.domain.business import Business, Resource
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.day import Day
from holdfast.domain.holiday import Holiday
from holdfast.domain.instants import DAY, Instant, to_datetime
from holdfast.domain.orphans import orphaning
from holdfast.domain.place import LONGEST_SLOT, DayKey

MOST_QUERIES = 300
"""Each a month of a resource. With more resources than that allows, the look ends sooner."""

MOST_CHECKED = 1_000
_MONTH = 31 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """`checked` appointments begin from now on and before `until`; `complete` says that they are all there
    can be by the rules. `orphaned` are those that the change is against, with the reasons, by start."""

    checked: int
    orphaned: Sequence[tuple[Booking, Sequence[str]]]
    until: Instant
    complete: bool


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One for each kind of change, which was made and not saved."""

    ledger: Ledger
    days: Days
    catalogues: Catalogues
    now: Instant
    most_queries: int = MOST_QUERIES
    most_checked: int = MOST_CHECKED

    def business(self, after: Business, calendars: Calendars) -> DryRun:
        """The holidays of another country come to those it had: who stands on one of these stood there
        before."""
        offers = offers_of(self.catalogues, after.id)
        changed = replace(offers, business=after)
        if calendar := after.settings.get("holidays"):
            year, last = (
                to_datetime(each).year for each in (self.now, self.now + (changed.days_ahead + 1) * DAY)
            )
            national = calendars.closures(calendar["country"], calendar.get("subdivision"), year - 1, last)
            changed = replace(changed, closures=(*offers.closures, *national))
        return self._of(offers, changed, offers.resources)

    def resource(self, after: Resource) -> DryRun:
        offers = offers_of(self.catalogues, after.business)
        changed = replace(offers, resources={**offers.resources, after.id: after})
        return self._of(offers, changed, [after.id])

    def holiday(self, after: Holiday) -> DryRun:
        offers = offers_of(self.catalogues, after.business)
        changed = replace(offers, closures=(*offers.closures, after.closure))
        return self._of(offers, changed, [each for each in offers.resources if after.closure.closes(each)])

    def time_off(self, after: Absence) -> DryRun:
        offers = offers_of(self.catalogues, after.business)
        times = (*offers.time_off.get(after.resource, ()), after.time_off)
        changed = replace(offers, time_off={**offers.time_off, after.resource: times})
        return self._of(offers, changed, [after.resource])

    def _of(self, before: Catalogue, after: Catalogue, resources: Collection[str]) -> DryRun:
        most_months = max(1, self.most_queries // max(1, len(resources)))
        bookable = self.now + (max(before.days_ahead, after.days_ahead) + 1) * DAY
        until = min(bookable, self.now + most_months * _MONTH)
        days = self._days(before.business, resources, until)
        ids = dict.fromkeys(
            claim.booking
            for key in sorted(days, key=lambda key: key.day)
            for claim in days[key].live(self.now).values()
        )
        checked = self._to_come(ids, until)
        judged = (
            (booking, orphaning(before, after, booking, resources, days, self.now)) for booking in checked
        )
        return DryRun(
            checked=len(checked),
            orphaned=[(booking, reasons) for booking, reasons in judged if reasons],
            until=until,
            complete=until == bookable and len(ids) <= self.most_checked,
        )

    def _days(self, business: Business, resources: Collection[str], until: Instant) -> Mapping[DayKey, Day]:
        """Who begins before the end of the look may go on after it."""
        offset = business.ledger_offset
        return {
            day.key: day
            for resource in resources
            for day in self.days.between(business.id, resource, self.now, until + LONGEST_SLOT, offset)
        }

    def _to_come(self, ids: Collection[str], until: Instant) -> Sequence[Booking]:
        """The live ones of the first so many, by start; a claim without a record is about to lapse."""
        found = self.ledger.bookings(list(islice(ids, self.most_checked))).values()
        live = [
            each for each in found if each.seen_at(self.now) not in ENDED and self.now < each.start < until
        ]
        return sorted(live, key=lambda each: (each.start, each.id))
