"""The negative controls of the simulation and the contracts: without its guard, each must fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.mutations import MUTATIONS, Mutation

REPOSITORY = Path(__file__).resolve().parents[2]
COPIED = ("functions", "layers", "tests", "infra", "local", "pyproject.toml", "cdk.json")
ENOUGH_SEEDS = 30_000


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_its_loss_is_seen(mutation: Mutation, tmp_path: Path) -> None:
    for name in COPIED:
        source, target = REPOSITORY / name, tmp_path / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    mutated = tmp_path / mutation.path
    code = mutated.read_text()
    assert code.count(mutation.guarded) == 1, "the guard is not where it was"
    mutated.write_text(code.replace(mutation.guarded, mutation.unguarded))

    done = subprocess.run(
        [sys.executable, *_command(mutation)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": f"{tmp_path}/layers/holdfast/python:{tmp_path}"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 1, f"nobody saw it:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    if mutation.caught_by == "simulation":
        assert "again with: make simulate SEED=" in done.stdout, done.stdout[-2000:] + done.stderr[-2000:]
    else:
        assert " failed" in done.stdout


def _command(mutation: Mutation) -> list[str]:
    if mutation.caught_by == "simulation":
        return ["-m", "tests.simulation", "--seeds", str(ENOUGH_SEEDS)]
    on_moto = ["-k", "moto"] if mutation.caught_by.startswith("tests/contract") else []
    return ["-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *on_moto, mutation.caught_by]
