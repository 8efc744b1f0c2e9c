"""The same operations as tutorials build them: count the caller's requests, Powertools' idempotency,
PynamoDB's get, update and save. No routing, no validation, no log line: only what it asks the tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.idempotency.persistence.dynamodb import DynamoDBPersistenceLayer
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

TABLE, RECORDS = "textbook", "textbook-records"
REGION = "us-east-1"


class Item(Model):
    class Meta:
        table_name = TABLE
        region = REGION

    pk = UnicodeAttribute(hash_key=True, attr_name="PK")
    sk = UnicodeAttribute(range_key=True, attr_name="SK")


class SlotItem(Item):
    """A counter with a version; who has its units stands in the bookings."""

    free = NumberAttribute()
    version = NumberAttribute()
    start = NumberAttribute()
    end = NumberAttribute()
    price = NumberAttribute()


class BookingItem(Item):
    slot = UnicodeAttribute()
    owner = UnicodeAttribute()
    status = UnicodeAttribute()
    units = NumberAttribute()
    start = NumberAttribute()
    end = NumberAttribute()
    expires = NumberAttribute()
    price = NumberAttribute()
    version = NumberAttribute()


class NumberItem(Item):
    booking = UnicodeAttribute()


class CounterItem(Item):
    requests = NumberAttribute(default=0)


class Full(Exception):
    """No unit is free."""


class Context:
    """What Powertools reads of Lambda's context."""

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


class Textbook:
    """Asks whatever `AWS_ENDPOINT_URL` names."""

    def __init__(self) -> None:
        self._store = DynamoDBPersistenceLayer(RECORDS)
        self._config = IdempotencyConfig(
            event_key_jmespath="key", payload_validation_jmespath="body", lambda_context=cast(Any, Context())
        )
        self._connection = Connection(region=REGION)

    def reserve(self, event: Mapping[str, Any]) -> str:
        body = json.loads(event["body"])
        return self._once(event, lambda: self._reserve(_caller(event), body["slotId"]))

    def confirm(self, event: Mapping[str, Any]) -> str:
        return self._once(event, lambda: self._change(event, "CONFIRMED", number="BOK-20260612-ABCDEF"))

    def extend(self, event: Mapping[str, Any]) -> str:
        return self._once(event, lambda: self._change(event, "RESERVED"))

    def cancel(self, event: Mapping[str, Any]) -> str:
        return self._once(event, lambda: self._change(event, "CANCELLED"))

    def read(self, event: Mapping[str, Any]) -> str:
        return json.dumps(_told(BookingItem.get(_booking_pk(event), "BOOKING", consistent_read=True)))

    def _once(self, event: Mapping[str, Any], run: Callable[[], dict[str, Any]]) -> str:
        _count(_caller(event))

        def run_once(*, request: Mapping[str, Any]) -> dict[str, Any]:
            return run()

        idempotent = idempotent_function(
            run_once, data_keyword_argument="request", persistence_store=self._store, config=self._config
        )
        request = {"key": event["headers"]["idempotency-key"], "body": event.get("body")}
        try:
            return json.dumps(idempotent(request=request))
        except Full:
            return json.dumps({"code": "slot_full"})

    def _reserve(self, caller: str, slot_id: str) -> dict[str, Any]:
        slot = SlotItem.get(f"SLOT#{slot_id}", "SLOT", consistent_read=True)
        if slot.free < 1:
            raise Full
        slot.update(
            actions=[SlotItem.free.set(SlotItem.free - 1), SlotItem.version.set(SlotItem.version + 1)],
            condition=(SlotItem.version == slot.version) & (SlotItem.free >= 1),
        )
        booking = BookingItem(
            "BOOKING#b",
            "BOOKING",
            slot=slot_id,
            owner=caller,
            status="RESERVED",
            units=1,
            start=slot.start,
            end=slot.end,
            expires=slot.start,
            price=slot.price,
            version=1,
        )
        booking.save(condition=BookingItem.pk.does_not_exist())
        return _told(booking)

    def _change(self, event: Mapping[str, Any], status: str, number: str | None = None) -> dict[str, Any]:
        booking = BookingItem.get(_booking_pk(event), "BOOKING", consistent_read=True)
        slot = SlotItem(f"SLOT#{booking.slot}", "SLOT")
        with TransactWrite(connection=self._connection) as transaction:
            transaction.update(
                booking,
                actions=[BookingItem.status.set(status), BookingItem.version.set(booking.version + 1)],
                condition=BookingItem.version == booking.version,
            )
            transaction.update(slot, actions=[SlotItem.version.set(SlotItem.version + 1)])
            if number is not None:
                transaction.save(
                    NumberItem(f"NUMBER#{number}", "NUMBER", booking=booking.pk),
                    condition=NumberItem.pk.does_not_exist(),
                )
        booking.status = status
        return _told(booking)


def _count(caller: str) -> None:
    CounterItem(f"CALLER#{caller}", "MINUTE").update(actions=[CounterItem.requests.add(1)])


def _caller(event: Mapping[str, Any]) -> str:
    caller: str = event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"]
    return caller


def _booking_pk(event: Mapping[str, Any]) -> str:
    return f"BOOKING#{event['rawPath'].split('/')[3]}"


def _told(booking: BookingItem) -> dict[str, Any]:
    return {
        "bookingId": booking.pk,
        "slotId": booking.slot,
        "status": booking.status,
        "units": int(booking.units),
        "start": int(booking.start),
        "end": int(booking.end),
        "price": int(booking.price),
        "version": int(booking.version),
    }
