"""Each stage is synthesised once a session; nearly all of a synth's time is the first import of CDK."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from tests.infra.synthesised import Synthesised, synthesise

type Synthesise = Callable[[str], Synthesised]


@pytest.fixture(scope="session")
def stage_called(tmp_path_factory: pytest.TempPathFactory) -> Synthesise:
    @cache
    def synthesised(stage: str) -> Synthesised:
        return synthesise(stage, tmp_path_factory.mktemp(f"cdk-{stage}"))

    return synthesised


@pytest.fixture(scope="session", params=["local", "dev", "prod"])
def any_stage(request: pytest.FixtureRequest, stage_called: Synthesise) -> Synthesised:
    return stage_called(request.param)


@pytest.fixture(scope="session")
def local(stage_called: Synthesise) -> Synthesised:
    return stage_called("local")


@pytest.fixture(scope="session")
def dev(stage_called: Synthesise) -> Synthesised:
    return stage_called("dev")


@pytest.fixture(scope="session")
def prod(stage_called: Synthesise) -> Synthesised:
    return stage_called("prod")
