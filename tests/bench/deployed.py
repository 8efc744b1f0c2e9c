"""Our functions and their tables on an emulator of one's own, in this process: its environment is set here,
so that what `holdfast.bootstrap` builds asks that emulator and nobody else."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local import process
from tests.bench import scene
from tests.bench.settings import CATALOG, EPHEMERAL, LEDGER, environment
from tests.local.support import free_port
from tests.support import tables


@contextmanager
def emulated() -> Iterator[str]:
    """The endpoint of an emulator without our patches, which are about functions."""
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        emulator = process.start(Path(folder), port=free_port(), options=("--without", "all"))
        try:
            os.environ |= environment(emulator.endpoint_url)
            create_tables()
            yield emulator.endpoint_url
        finally:
            process.stop(Path(folder))


def create_tables() -> None:
    """The three tables with the deployed keys and indexes, and the bench's business."""
    from holdfast import bootstrap
    from holdfast.adapters.dynamodb.client import connect

    client: Any = connect()
    for name, shape in ((LEDGER, tables.LEDGER), (CATALOG, tables.CATALOG), (EPHEMERAL, tables.EPHEMERAL)):
        client.create_table(TableName=name, **shape)
    bootstrap.fresh_catalog().add(scene.a_business())


def invoke(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The booking function's real handler."""
    from functions.booking_api.handler import handler

    return handler(event, None)
