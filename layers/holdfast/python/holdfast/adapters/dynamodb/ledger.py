"""The `Ledger` port: the hot claim, conditional single writes, and transactions of them.

It uses the client itself: the claim needs `ALL_OLD` on refusal, and one transaction spans slots and records
(ADR 0001)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import Any

from holdfast.adapters.dynamodb import bookings, entries, jobs, series, slots
from holdfast.adapters.dynamodb.client import ConditionFailed, Dynamo, Throttling
from holdfast.adapters.dynamodb.correlation import marked
from holdfast.adapters.dynamodb.days import day_of, save_day
from holdfast.adapters.dynamodb.keys import (
    DUE,
    booking_key,
    day_key,
    due_shards,
    entry_key,
    job_key,
    number_key,
    read_booking_id,
    read_day_key,
    read_job_id,
    read_slot_key,
    revision_key,
    series_key,
    slot_key,
)
from holdfast.app.ports import ClaimRefused, DayMoved, Due, DueBooking, DueJob, Lost, Throttled
from holdfast.app.writes import (
    ChangeClaim,
    MoveEntry,
    RemoveClaim,
    RemovePlace,
    SaveBooking,
    SaveDay,
    SaveJob,
    SaveSeries,
    SaveSlot,
    SetClaimExpiry,
    TakeNumber,
    Write,
)
from holdfast.domain.booking import Booking
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.entry import Entry
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import Instant
from holdfast.domain.job import Job
from holdfast.domain.place import DayKey, SlotKey
from holdfast.domain.queue import Place
from holdfast.domain.series import Series
from holdfast.domain.slot import Slot

type Item = Mapping[str, Any]

BATCH = 100
"""What one BatchGetItem takes."""


class DynamoLedger:
    """Slots, days, bookings and entries in the Ledger table; the lists for readers stand beside it."""

    def __init__(self, dynamo: Dynamo, table: str, catalog_table: str = "") -> None:
        """The catalog's table is asked for a business's revision alone, in one read with its days; functions
        that never decide where an appointment may be do without."""
        self._dynamo = dynamo
        self._table = table
        self._catalog_table = catalog_table

    def claim(self, slot: SlotKey, who: str, claim: Claim, now: Instant) -> Slot:
        expression = slots.claim(slot, who, claim, now)
        answer = self._decide("update_item", ReturnValues="ALL_NEW", **expression)
        return slots.slot_of(answer["Attributes"])

    def replace(self, slot: Slot) -> None:
        self._decide("put_item", **slots.save_slot(slot))

    def join(self, slot: SlotKey, who: str, place: Place, now: Instant, most: int) -> Slot:
        expression = slots.join(slot, who, place, now, most)
        answer = self._decide("update_item", ReturnValues="ALL_NEW", **expression)
        return slots.slot_of(answer["Attributes"])

    def record(self, booking: Booking) -> Booking | None:
        there = self._put_new(bookings.save_booking(SaveBooking(booking, absent=True)))
        return bookings.booking_of(there) if there else None

    def enter(self, entry: Entry) -> Entry | None:
        there = self._put_new(entries.enter(entry))
        return entries.entry_of(there) if there else None

    def commit(self, *writes: Write) -> None:
        actions = [_action(write) for write in writes]
        try:
            if len(actions) == 1:
                operation, expression = actions[0]
                self._write(_SINGLE[operation], **expression)
            else:
                items = [
                    {operation: {"TableName": self._table, **marked(each)}} for operation, each in actions
                ]
                self._dynamo.call(
                    "transact_write_items", TransactItems=items, ClientRequestToken=_token(items)
                )
        except ConditionFailed:
            raise Lost from None

    def slot(self, key: SlotKey) -> Slot | None:
        item = self._get(slot_key(key))
        return slots.slot_of(item) if item else None

    def booking(self, booking_id: str) -> Booking | None:
        item = self._get(booking_key(booking_id))
        return bookings.booking_of(item) if item else None

    def bookings(self, booking_ids: Sequence[str]) -> Mapping[str, Booking]:
        found = self.batch([booking_key(each) for each in booking_ids]).values()
        return {booking.id: booking for booking in map(bookings.booking_of, found)}

    def series(self, series_id: str) -> Series | None:
        item = self._get(series_key(series_id))
        return series.series_of(item) if item else None

    def entry(self, entry_id: str) -> Entry | None:
        item = self._get(entry_key(entry_id))
        return entries.entry_of(item) if item else None

    def entry_and_booking(self, entry_id: str) -> tuple[Entry | None, Booking | None]:
        found = self.batch([entry_key(entry_id), booking_key(entry_id)])
        entry = found.get(_name(entry_key(entry_id)))
        booking = found.get(_name(booking_key(entry_id)))
        return entries.entry_of(entry) if entry else None, bookings.booking_of(booking) if booking else None

    def entries(self, entry_ids: Sequence[str]) -> Mapping[str, Entry]:
        found = self.batch([entry_key(each) for each in entry_ids]).values()
        return {entry.id: entry for entry in map(entries.entry_of, found)}

    def job(self, job_id: str) -> Job | None:
        item = self._get(job_key(job_id))
        return jobs.job_of(item) if item else None

    def numbered(self, number: str) -> str | None:
        item = self._get(number_key(number))
        return item["booking"]["S"] if item else None

    def slot_and_days(self, slot: SlotKey, days: Iterable[DayKey]) -> tuple[Slot | None, Sequence[Day]]:
        there, found = self.slots_and_days([slot], list(days))
        return there.get(slot), found

    def slots_and_days(
        self, slot_keys: Sequence[SlotKey], days: Sequence[DayKey]
    ) -> tuple[Mapping[SlotKey, Slot], Sequence[Day]]:
        found = self.batch([*map(slot_key, slot_keys), *map(day_key, days)])
        items = ((key, found.get(_name(slot_key(key)))) for key in slot_keys)
        return (
            {key: slots.slot_of(item) for key, item in items if item},
            [day_of(day, found.get(_name(day_key(day)))) for day in days],
        )

    def days_and_revision(self, business: str, days: Sequence[DayKey]) -> tuple[Sequence[Day], int]:
        first, *rest = batched(days, BATCH - 1, strict=False) if days else ((),)
        found = self._batch(
            {self._table: [*map(day_key, first)], self._catalog_table: [revision_key(business)]}
        )
        for more in rest:
            found |= self.batch([*map(day_key, more)])
        revision = found.get(_name(revision_key(business)))
        return (
            [day_of(day, found.get(_name(day_key(day)))) for day in days],
            int(revision["revision"]["N"]) if revision else 0,
        )

    def replace_day(self, day: Day) -> None:
        try:
            self._write(
                "put_item",
                retry_throttling=False,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **save_day(day),
            )
        except ConditionFailed as failed:
            raise DayMoved(day_of(day.key, failed.item)) from None
        except Throttling:
            raise Throttled from None

    def due(self, until: Instant) -> Iterator[Due]:
        for shard in due_shards():
            pages = self.query(
                IndexName=DUE,
                KeyConditionExpression="#shard = :shard AND #due <= :until",
                ExpressionAttributeNames={"#shard": "dueShard", "#due": "due"},
                ExpressionAttributeValues={":shard": {"S": shard}, ":until": {"N": str(until)}},
            )
            for item in pages:
                if ledger := read_slot_key(item) or read_day_key(item):
                    yield ledger
                elif booking_id := read_booking_id(item):
                    yield DueBooking(booking_id)
                elif job_id := read_job_id(item):
                    yield DueJob(job_id)

    def batch(self, keys: Sequence[dict[str, Any]]) -> Mapping[str, Item]:
        """Consistent reads of any number of items, by `PK SK`; what is missing is left out."""
        found: dict[str, Item] = {}
        for some in batched(keys, BATCH, strict=False):
            found |= self._batch({self._table: some})
        return found

    def _batch(self, keys: Mapping[str, Sequence[dict[str, Any]]]) -> dict[str, Item]:
        asked = {table: {"Keys": list(some), "ConsistentRead": True} for table, some in keys.items() if some}
        answer = self._dynamo.call("batch_get_item", RequestItems=asked)
        if answer.get("UnprocessedKeys"):
            raise Unavailable("not all items could be read")
        return {_name(item): item for items in answer["Responses"].values() for item in items}

    def query(self, **request: Any) -> Iterator[dict[str, Any]]:
        """All items of a query, page after page."""
        while True:
            answer = self._dynamo.call("query", TableName=self._table, **request)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def query_page(self, limit: int, **request: Any) -> tuple[Sequence[Item], Item | None]:
        """One page of a query and the key to go on after, None at the end."""
        answer = self._dynamo.call("query", TableName=self._table, Limit=limit, **request)
        return answer["Items"], answer.get("LastEvaluatedKey")

    def _put_new(self, expression: Mapping[str, Any]) -> Item | None:
        """Put an item where there is none; answers what is there, if anything."""
        try:
            self._write("put_item", ReturnValuesOnConditionCheckFailure="ALL_OLD", **expression)
        except ConditionFailed as failed:
            if failed.item is None:
                raise Unavailable("the record there was not told") from None
            return failed.item
        return None

    def _decide(self, operation: str, **expression: Any) -> Item:
        """A write on a slot that tells why it was refused, and that is never repeated when throttled."""
        try:
            return self._write(
                operation,
                retry_throttling=False,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **expression,
            )
        except ConditionFailed as failed:
            raise ClaimRefused(slots.slot_of(failed.item) if failed.item else None) from None
        except Throttling:
            raise Throttled from None

    def _write(self, operation: str, **request: Any) -> Item:
        return self._dynamo.call(operation, TableName=self._table, **marked(request))

    def _get(self, key: dict[str, Any]) -> Item | None:
        answer = self._dynamo.call("get_item", TableName=self._table, Key=key, ConsistentRead=True)
        return answer.get("Item")


_SINGLE = {"Update": "update_item", "Put": "put_item"}


def _action(write: Write) -> tuple[str, dict[str, Any]]:
    match write:
        case SetClaimExpiry():
            return "Update", slots.set_claim_expiry(write)
        case ChangeClaim():
            return "Update", slots.change_claim(write)
        case RemoveClaim():
            return "Update", slots.remove_claim(write)
        case RemovePlace():
            return "Update", slots.remove_place(write)
        case MoveEntry():
            return "Update", entries.move_entry(write)
        case SaveSlot():
            return "Put", slots.save_slot(write.slot)
        case SaveDay():
            return "Put", save_day(write.day)
        case SaveBooking():
            return "Put", bookings.save_booking(write)
        case TakeNumber():
            return "Put", bookings.take_number(write)
        case SaveJob():
            return "Put", jobs.save_job(write)
        case SaveSeries():
            return "Put", series.save_series(write)


def _token(items: Sequence[Mapping[str, Any]]) -> str:
    """The client request token: the same content is the same request. The correlation id is part of it, so a
    repeat of ours is a request of its own, which finds its `op` in the history."""
    return hashlib.sha256(json.dumps(items, sort_keys=True).encode()).hexdigest()[:36]


def _name(key: Mapping[str, Any]) -> str:
    return f"{key['PK']['S']} {key['SK']['S']}"
