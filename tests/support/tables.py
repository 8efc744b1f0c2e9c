"""The three tables for tests, of the deployed keys and indexes: `tests/infra/test_data_stack.py` compares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Tables:
    """Their names."""

    ledger: str
    catalog: str
    ephemeral: str


def _index(name: str, partition: str, sort: str) -> dict[str, Any]:
    return {
        "IndexName": name,
        "KeySchema": _keys(partition, sort),
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]


def _attributes(**kinds: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in kinds.items()]


CATALOG: Mapping[str, Any] = {
    "AttributeDefinitions": _attributes(PK="S", SK="S"),
    "KeySchema": _keys("PK", "SK"),
    "BillingMode": "PAY_PER_REQUEST",
}
EPHEMERAL = CATALOG
LEDGER: Mapping[str, Any] = {
    **CATALOG,
    "AttributeDefinitions": _attributes(
        PK="S", SK="S", owner="S", businessDay="S", dueShard="S", start="N", due="N"
    ),
    "GlobalSecondaryIndexes": [
        _index("by_user", "owner", "start"),
        _index("by_business_day", "businessDay", "start"),
        _index("due", "dueShard", "due"),
    ],
}


def create(client: Any, prefix: str) -> Tables:
    """Create all three; the client is boto3's, untyped, since it takes the shapes above as they are."""
    tables = Tables(f"{prefix}-ledger", f"{prefix}-catalog", f"{prefix}-ephemeral")
    client.create_table(TableName=tables.ledger, **LEDGER)
    client.create_table(TableName=tables.catalog, **CATALOG)
    client.create_table(TableName=tables.ephemeral, **EPHEMERAL)
    return tables
