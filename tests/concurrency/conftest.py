"""The emulator's DynamoDB, whose single writes and transactions are atomic, and tables of one's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from holdfast.adapters.dynamodb.client import Dynamo
from tests.concurrency.arena import Arena
from tests.support.clouds import connected, on_dynamodb


@pytest.fixture
def arena(emulated_dynamodb: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Arena]:
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulated_dynamodb)
    with connected() as (client, tables):
        yield Arena(on_dynamodb(client, tables), Dynamo(client), tables)
