"""The one place that reads the environment and puts adapters behind ports. Each is built once a process."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from holdfast import clock
from holdfast.adapters import secrets as secrets_manager
from holdfast.adapters import sqs
from holdfast.adapters.dynamodb import client
from holdfast.adapters.dynamodb.callers import DynamoCallers
from holdfast.adapters.dynamodb.catalog import CachedCatalog, DynamoCatalog
from holdfast.adapters.dynamodb.catalogues import DynamoCatalogues
from holdfast.adapters.dynamodb.ledger import DynamoLedger
from holdfast.adapters.dynamodb.readers import DynamoBookings, DynamoDays, DynamoEntries, DynamoSlots
from holdfast.adapters.dynamodb.tickets import DynamoTickets
from holdfast.adapters.known_catalogues import KnownCatalogues
from holdfast.adapters.national_holidays import NationalHolidays
from holdfast.adapters.plugins import Plugins
from holdfast.adapters.recent_days import RecentDays
from holdfast.adapters.recent_slots import RecentSlots
from holdfast.app.ports import (
    Bookings,
    Calendars,
    Callers,
    Catalog,
    Catalogues,
    Days,
    Entries,
    Jobs,
    Secrets,
    Slots,
    Timers,
)
from holdfast.app.tickets import Tickets
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import to_datetime
from holdfast.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient


@cache
def settings() -> Settings:
    return Settings.from_environment()


@cache
def ledger() -> DynamoLedger:
    return DynamoLedger(dynamo(), settings().ledger_table, settings().catalog_table)


@cache
def callers() -> Callers:
    return DynamoCallers(dynamo(), settings().ephemeral_table)


@cache
def fresh_catalog() -> Catalog:
    """For admins: what was written is seen at once."""
    return DynamoCatalog(settings().catalog_table)


@cache
def catalog() -> Catalog:
    """For everybody else: businesses may be a minute old."""
    return CachedCatalog(fresh_catalog())


@cache
def catalogues() -> Catalogues:
    """Whole, for what is decided from rules; an admin's change shows as soon as the revision is looked at."""
    return KnownCatalogues(
        DynamoCatalogues(dynamo(), settings().catalog_table),
        national=calendars().closures,
        custom=Plugins().rules,
        today=lambda: to_datetime(clock.now()).date(),
    )


@cache
def calendars() -> Calendars:
    return NationalHolidays()


@cache
def days() -> Days:
    return DynamoDays(ledger())


@cache
def slots() -> Slots:
    return DynamoSlots(ledger())


@cache
def recent_slots() -> Slots:
    """A few seconds old; for offers, which are judged anew when they are taken."""
    return RecentSlots(slots())


@cache
def recent_days() -> Days:
    """As recent_slots are."""
    return RecentDays(days())


@cache
def bookings() -> Bookings:
    return DynamoBookings(ledger())


@cache
def entries() -> Entries:
    return DynamoEntries(ledger())


@cache
def timers() -> Timers:
    return sqs.SqsTimers(_sqs(), settings().timer_queue_url)


@cache
def jobs() -> Jobs:
    return sqs.SqsJobs(_sqs(), settings().job_queue_url)


@cache
def tickets() -> Tickets:
    return DynamoTickets(dynamo(), settings().ephemeral_table)


@cache
def secrets() -> Secrets:
    return secrets_manager.ManagedSecrets(secrets_manager.connect(), settings().manage_secret)


def health() -> dict[str, bool]:
    """Whether what we stand on answers: the ledger table, its stream (our outbox), the timers' queue."""
    database = events = queue = False
    with suppress(BotoCoreError, ClientError):
        table = _client().describe_table(TableName=settings().ledger_table)["Table"]
        database = table["TableStatus"] in ("ACTIVE", "UPDATING")
        events = table.get("StreamSpecification", {}).get("StreamEnabled", False)
    with suppress(BotoCoreError, ClientError):
        _sqs().get_queue_attributes(QueueUrl=settings().timer_queue_url, AttributeNames=["QueueArn"])
        queue = True
    return {"database": database, "queue": queue, "events": events}


def prime() -> None:
    """One call while the function starts, so that the first request finds an open connection.

    Without a table in the environment (in tests, in the contract's generator) there is nothing to open."""
    if os.environ.get("LEDGER_TABLE"):
        with suppress(Unavailable, ClientError):
            ledger().booking("prime")


@cache
def _client() -> DynamoDBClient:
    return client.connect()


@cache
def dynamo() -> client.Dynamo:
    """One client for all that stands on DynamoDB."""
    return client.Dynamo(_client())


@cache
def _sqs() -> SQSClient:
    return sqs.connect()
