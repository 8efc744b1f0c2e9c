"""All ports at once, on each thing they can stand on: memory, moto, the emulator's DynamoDB."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from moto import mock_aws

from holdfast.adapters.dynamodb.callers import DynamoCallers
from holdfast.adapters.dynamodb.catalog import DynamoCatalog
from holdfast.adapters.dynamodb.catalogues import DynamoCatalogues
from holdfast.adapters.dynamodb.client import Dynamo, connect
from holdfast.adapters.dynamodb.ledger import DynamoLedger
from holdfast.adapters.dynamodb.readers import DynamoBookings, DynamoDays, DynamoEntries, DynamoSlots
from holdfast.adapters.known_catalogues import KnownCatalogues, Source
from holdfast.app.ports import Bookings, Callers, Catalog, Catalogues, Days, Entries, Ledger, Slots
from holdfast.app.writes import SaveSlot
from holdfast.domain.instants import to_datetime
from holdfast.domain.slot import Slot
from tests.support.builders import NOW
from tests.support.memory import Memory, MemoryLedger
from tests.support.memory_readers import (
    MemoryBookings,
    MemoryCallers,
    MemoryCatalog,
    MemoryCatalogues,
    MemoryDays,
    MemoryEntries,
    MemorySlots,
    MemorySource,
)
from tests.support.tables import Tables, create

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Ports:
    ledger: Ledger
    callers: Callers
    catalog: Catalog
    catalogues: Catalogues
    slots: Slots
    bookings: Bookings
    entries: Entries
    days: Days
    source: Source
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def put(self, slot: Slot) -> Slot:
        """Publish it; nothing else is there."""
        self.ledger.commit(SaveSlot(replace(slot, rev=1)))
        return replace(slot, rev=1)

    def put_apart(self, slot: Slot) -> Slot:
        """Publish it on a resource that nobody else has, so that one test can do so many times."""
        return self.put(replace(slot, key=replace(slot.key, resource=f"stand-{next(self._numbers):06d}")))


def in_memory(memory: Memory | None = None) -> Ports:
    memory = memory or Memory()
    return Ports(
        MemoryLedger(memory),
        MemoryCallers(memory),
        MemoryCatalog(memory),
        MemoryCatalogues(memory),
        MemorySlots(memory),
        MemoryBookings(memory),
        MemoryEntries(memory),
        MemoryDays(memory),
        MemorySource(memory),
    )


def on_dynamodb(client: DynamoDBClient, tables: Tables) -> Ports:
    """The catalog makes its own connections: `AWS_ENDPOINT_URL` must name what the client speaks to."""
    dynamo = Dynamo(client)
    ledger = DynamoLedger(dynamo, tables.ledger, tables.catalog)
    source = DynamoCatalogues(dynamo, tables.catalog)
    today = to_datetime(NOW).date()
    return Ports(
        ledger,
        DynamoCallers(dynamo, tables.ephemeral),
        DynamoCatalog(tables.catalog),
        KnownCatalogues(source, national=lambda *_: (), custom=lambda _: (), today=lambda: today),
        DynamoSlots(ledger),
        DynamoBookings(ledger),
        DynamoEntries(ledger),
        DynamoDays(ledger),
        source,
    )


@contextmanager
def on_moto() -> Iterator[Ports]:
    with mock_aws(), connected() as (client, tables):
        yield on_dynamodb(client, tables)


@contextmanager
def connected() -> Iterator[tuple[DynamoDBClient, Tables]]:
    """A client of whatever `AWS_ENDPOINT_URL` names, and tables of one's own there."""
    client = connect()
    try:
        yield client, create(client, f"t{uuid4().hex[:12]}")
    finally:
        client.close()
