"""For every test: AWS that is nobody's, hypothesis that draws the same each time, one emulator a session."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from local import process
from tests.local.support import free_port

os.environ |= {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"):
    os.environ.pop(name, None)

settings.register_profile(
    "holdfast",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("holdfast")


@pytest.fixture(scope="session")
def emulated_dynamodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of the real emulator, as it is without our patches: they are about functions."""
    state_dir = tmp_path_factory.mktemp("dynamodb")
    emulator = process.start(state_dir, port=free_port(), options=("--without", "all"))
    try:
        yield emulator.endpoint_url
    finally:
        process.stop(state_dir)
