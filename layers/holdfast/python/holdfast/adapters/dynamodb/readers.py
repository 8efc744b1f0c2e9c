"""The `Slots`, `Days`, `Bookings` and `Entries` ports: lists for readers, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from holdfast.adapters.dynamodb.bookings import booking_of
from holdfast.adapters.dynamodb.days import day_of
from holdfast.adapters.dynamodb.keys import (
    BY_BUSINESS_DAY,
    BY_USER,
    booking_key,
    business_day_shards,
    entry_key,
    month_pk,
    waiting_owner,
)
from holdfast.adapters.dynamodb.ledger import DynamoLedger, Item
from holdfast.adapters.dynamodb.slots import slot_of
from holdfast.app.cursors import decode, encode, not_ours
from holdfast.app.ports import Page
from holdfast.domain.booking import Booking
from holdfast.domain.day import Day
from holdfast.domain.entry import Entry
from holdfast.domain.instants import DAY, Instant, to_datetime
from holdfast.domain.place import ID, DayKey, ledger_date
from holdfast.domain.slot import Slot, SlotState

MOST_QUERIES = 25
"""One page asks at most this many times; a business with many empty months gets a short page and a cursor."""

_AFTER_SLOT = (ID, r"[0-9]{4}-[0-9]{2}", r"([0-9]{2}#SLOT#[0-9]{4})?")
MOST_DAYS = 16
"""One page of a business's bookings looks at most at so many days, each in a few shards."""

_AFTER_BOOKING_OF_DAY = (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", r"[0-9]{1,15}", r"([a-z0-9-]{1,64})?")
_AFTER_BOOKING = (r"[0-9]{1,15}", r"[a-z0-9-]{1,64}")
_AFTER_ENTRY = ("queued", *_AFTER_BOOKING)


class DynamoSlots:
    """One query a resource and month, in order of resource and start."""

    def __init__(self, ledger: DynamoLedger) -> None:
        self._ledger = ledger

    def published(
        self,
        business: str,
        resources: Sequence[str],
        start: Instant,
        end: Instant,
        *,
        limit: int,
        cursor: str | None,
    ) -> Page[Slot]:
        # Ledger days differ from UTC's by less than one: read a day more at both ends, keep what fits.
        first, last = _day(start - DAY), _day(end + DAY)
        parts = [(resource, month) for resource in sorted(resources) for month in _months(first, last)]
        after_resource, after_month, after = decode(cursor, *_AFTER_SLOT) if cursor else ("", "", "")
        if cursor and after_resource not in resources:
            raise not_ours()
        left = [part for part in parts if part >= (after_resource, after_month)]
        page: list[Slot] = []
        last_read = ("", "", "")
        for number, (resource, month) in enumerate(left):
            if number == MOST_QUERIES:
                return Page(page, encode(resource, month, ""))
            low = after if (resource, month) == (after_resource, after_month) else ""
            for slot, sort_key in self._of_month(business, resource, month, first, last):
                if sort_key <= low or not start <= slot.start < end or slot.state is SlotState.DELETED:
                    continue
                if len(page) == limit:
                    return Page(page, encode(*last_read))
                page.append(slot)
                last_read = (resource, month, sort_key)
        return Page(page, None)

    def _of_month(
        self, business: str, resource: str, month: str, first: str, last: str
    ) -> Iterator[tuple[Slot, str]]:
        for item in _of_month(self._ledger, "slot", business, resource, month, first, last):
            yield slot_of(item), item["SK"]["S"]


class DynamoDays:
    """One query a month (and MB), by date."""

    def __init__(self, ledger: DynamoLedger) -> None:
        self._ledger = ledger

    def between(
        self, business: str, resource: str, start: Instant, end: Instant, ledger_offset: int
    ) -> Sequence[Day]:
        if start >= end:
            return []
        first, last = (ledger_date(edge, ledger_offset).isoformat() for edge in (start, end - 1))
        return [
            day_of(DayKey(business, resource, f"{month}-{item['SK']['S'][:2]}"), item)
            for month in _months(first, last)
            for item in _of_month(self._ledger, "day", business, resource, month, first, last)
        ]


class DynamoBookings:
    """The index tells which bookings; what they say is read consistently from the table."""

    def __init__(self, ledger: DynamoLedger) -> None:
        self._ledger = ledger

    def of_owner(
        self,
        owner: str,
        start: Instant,
        end: Instant,
        *,
        limit: int,
        cursor: str | None,
        also: Sequence[str] = (),
    ) -> Page[Booking]:
        if start >= end:
            return Page([], None)  # DynamoDB refuses a range that ends before it begins
        request = {
            "IndexName": BY_USER,
            "KeyConditionExpression": "#owner = :owner AND #start BETWEEN :from AND :to",
            "ExpressionAttributeNames": {"#owner": "owner", "#start": "start"},
            "ExpressionAttributeValues": {
                ":owner": {"S": owner},
                ":from": {"N": str(start)},
                ":to": {"N": str(end - 1)},
            },
        }
        first = start
        if cursor:
            after, booking_id = decode(cursor, *_AFTER_BOOKING)
            if not start <= int(after) < end:
                raise not_ours()
            first = int(after)
            request["ExclusiveStartKey"] = {
                **booking_key(booking_id),
                "owner": {"S": owner},
                "start": {"N": after},
            }
        items, last = self._ledger.query_page(limit, **request)
        listed = {item["PK"]["S"].removeprefix("BOOKING#") for item in items}
        records = self._ledger.batch([booking_key(each) for each in sorted(listed.union(also))])
        bookings = [booking_of(record) for record in records.values()]
        until = int(last["start"]["N"]) if last else end
        bookings = [
            each
            for each in bookings
            if each.id in listed or (each.owner == owner and first <= each.start < until)
        ]
        bookings.sort(key=lambda booking: (booking.start, booking.id))
        if last is None:
            return Page(bookings, None)
        return Page(bookings, encode(last["start"]["N"], last["PK"]["S"].removeprefix("BOOKING#")))

    def of_business(
        self, business: str, start: Instant, end: Instant, *, limit: int, cursor: str | None
    ) -> Page[Booking]:
        # Ledger days differ from UTC's by less than one: read a day more at both ends, keep what fits.
        days = _days(_day(start - DAY), _day(end + DAY))
        after = (start - 1, "")
        if cursor:
            day, started, booking_id = decode(cursor, *_AFTER_BOOKING_OF_DAY)
            if day not in days:
                raise not_ours()
            days, after = days[days.index(day) :], (int(started), booking_id)
        found: list[tuple[Instant, str]] = []
        for number, day in enumerate(days):
            if number == MOST_DAYS:
                return Page(self._records(found), encode(day, str(start), ""))
            for each in self._of_day(business, day, start, end):
                if number == 0 and each <= after:
                    continue
                if len(found) == limit:
                    last_start, last_id = found[-1]
                    return Page(self._records(found), encode(day, str(last_start), last_id))
                found.append(each)
        return Page(self._records(found), None)

    def _of_day(self, business: str, day: str, start: Instant, end: Instant) -> list[tuple[Instant, str]]:
        """Start and id of each booking, all shards merged: equal starts have no order in the index."""
        if start >= end:
            return []
        return sorted(
            (int(item["start"]["N"]), item["PK"]["S"].removeprefix("BOOKING#"))
            for shard in business_day_shards(business, day)
            for item in self._ledger.query(
                IndexName=BY_BUSINESS_DAY,
                KeyConditionExpression="#day = :day AND #start BETWEEN :from AND :to",
                ExpressionAttributeNames={"#day": "businessDay", "#start": "start"},
                ExpressionAttributeValues={
                    ":day": {"S": shard},
                    ":from": {"N": str(start)},
                    ":to": {"N": str(end - 1)},
                },
            )
        )

    def _records(self, found: Sequence[tuple[Instant, str]]) -> list[Booking]:
        bookings = self._ledger.bookings([booking_id for _, booking_id in found]).values()
        return sorted(bookings, key=lambda booking: (booking.start, booking.id))


class DynamoEntries:
    """As with bookings: the index tells which, the table what they say."""

    def __init__(self, ledger: DynamoLedger) -> None:
        self._ledger = ledger

    def of_owner(self, owner: str, *, limit: int, cursor: str | None) -> Page[Entry]:
        request = {
            "IndexName": BY_USER,
            "KeyConditionExpression": "#owner = :owner",
            "ExpressionAttributeNames": {"#owner": "owner"},
            "ExpressionAttributeValues": {":owner": {"S": waiting_owner(owner)}},
            "ScanIndexForward": False,
        }
        if cursor:
            _, start, entry_id = decode(cursor, *_AFTER_ENTRY)
            request["ExclusiveStartKey"] = {
                **entry_key(entry_id),
                "owner": {"S": waiting_owner(owner)},
                "start": {"N": start},
            }
        items, last = self._ledger.query_page(limit, **request)
        found = self._ledger.entries([item["PK"]["S"].removeprefix("ENTRY#") for item in items])
        entries = sorted(found.values(), key=lambda entry: (entry.start, entry.id), reverse=True)
        if last is None:
            return Page(entries, None)
        return Page(entries, encode("queued", last["start"]["N"], last["PK"]["S"].removeprefix("ENTRY#")))


def _of_month(
    ledger: DynamoLedger, kind: str, business: str, resource: str, month: str, first: str, last: str
) -> Iterator[Item]:
    """What of a resource's month is of that kind, from the first of those dates to the last."""
    low = first[8:] if month == first[:7] else "00"
    high = last[8:] if month == last[:7] else "99"
    return ledger.query(
        KeyConditionExpression="PK = :pk AND SK BETWEEN :low AND :high",
        FilterExpression="#kind = :kind",
        ExpressionAttributeNames={"#kind": "kind"},
        ExpressionAttributeValues={
            ":pk": {"S": month_pk(business, resource, month)},
            ":low": {"S": f"{low}#"},
            ":high": {"S": f"{high}#~"},
            ":kind": {"S": kind},
        },
        ConsistentRead=True,
    )


def _days(first: str, last: str) -> list[str]:
    """The days from one ISO date to another, both included."""
    since, upto = date.fromisoformat(first), date.fromisoformat(last)
    return [(since + timedelta(days=number)).isoformat() for number in range((upto - since).days + 1)]


def _day(instant: Instant) -> str:
    return to_datetime(instant).date().isoformat()


def _months(first: str, last: str) -> list[str]:
    """The months from one ISO date to another, both included, as `YYYY-MM`."""
    numbers = (int(day[:4]) * 12 + int(day[5:7]) - 1 for day in (first, last))
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(next(numbers), next(numbers) + 1)]
