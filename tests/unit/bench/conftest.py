"""The real functions on moto or on the emulator; whatever was read from the environment is read anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from holdfast import bootstrap, observability
from tests.bench.deployed import create_tables
from tests.bench.settings import CATALOG, EPHEMERAL, LEDGER, environment
from tests.bench.watch import watching


@pytest.fixture
def on_moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with mock_aws():
        _enter(monkeypatch, "")
        monkeypatch.delenv("AWS_ENDPOINT_URL")
        create_tables()
        yield
    _forget()


@pytest.fixture(scope="module")
def on_emulator(emulated_dynamodb: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        _enter(monkeypatch, emulated_dynamodb)
        create_tables()
        with watching(bootstrap._client()):
            yield
        for table in (LEDGER, CATALOG, EPHEMERAL):
            bootstrap._client().delete_table(TableName=table)
    _forget()


def _enter(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    for name, value in environment(endpoint).items():
        if name != "PATH":
            monkeypatch.setenv(name, value)
    _forget()


def _forget() -> None:
    for each in list(vars(bootstrap).values()):
        if clear := getattr(each, "cache_clear", None):
            clear()
    observability._stage.cache_clear()
