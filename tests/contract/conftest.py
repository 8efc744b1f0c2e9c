"""The same tests on every implementation of the ports."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.clouds import Ports, connected, in_memory, on_dynamodb, on_moto


@pytest.fixture(params=["memory", "moto", "emulator"])
def ports(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ports]:
    match request.param:
        case "memory":
            yield in_memory()
        case "moto":
            with on_moto() as ports:
                yield ports
        case _:
            monkeypatch.setenv("AWS_ENDPOINT_URL", request.getfixturevalue("emulated_dynamodb"))
            with connected() as (client, tables):
                yield on_dynamodb(client, tables)
