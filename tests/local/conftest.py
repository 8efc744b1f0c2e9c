"""Two emulators for the session, each on its own free port: one patched, one with every patch off."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local import process
from tests.local.support import Cloud, free_port


@pytest.fixture(scope="session")
def patched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    yield from _emulator(
        tmp_path_factory.mktemp("patched"), "--patches", "all", "--ttl-interval", "0.5", "--workers", "3"
    )


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    yield from _emulator(tmp_path_factory.mktemp("plain"), "--without", "all")


def _emulator(state_dir: Path, *options: str) -> Iterator[Cloud]:
    emulator = process.start(state_dir, port=free_port(), options=options)
    cloud = Cloud(emulator.endpoint_url, state_dir)
    try:
        yield cloud
    finally:
        cloud.close()
        process.stop(state_dir)
