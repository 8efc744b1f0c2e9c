"""One deployed stack for all end-to-end tests: its own emulator, its own port, ended afterwards.

The emulator enforces IAM, so all that these tests reach is done within the roles of `infra/access.py`
(`test_least_privilege.py` has the negative control). `make run` does not enforce it.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local import demo, stack
from tests.e2e.door import PATIENCE, Door


@pytest.fixture(scope="session")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    state_dir: Path = tmp_path_factory.mktemp("stack")
    try:
        running = stack.up(state_dir, port=_free_port(), options=("--auth",))
        with httpx.Client(
            base_url=running.api_url,
            timeout=PATIENCE,
            limits=httpx.Limits(max_connections=256, max_keepalive_connections=0),
        ) as http:
            demo.seed(running, http)
            found = Door(running, http)
            body = {"resourceId": "bench", "name": "Bench", "kind": "bench"}
            made = found.caller("admin").post(f"/v1/admin/businesses/{running.business_id}/resources", body)
            assert made.status_code == 201, made.text
            yield found
    finally:
        stack.down(state_dir)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
