"""Start-up of each function as it ships, beside a bare `boto3.client("dynamodb")`.

The bundles are staged by `infra/bundling.py`, bytecode included, and imported by an isolated interpreter
that sees nothing else. In turn, run after run; the figure is the median in ms of CPU time. `ours` is the
whole of a function's init: the handler's import, its DynamoDB client, and the API functions' priming call,
which a loopback stub answers.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.bench import stub
from tests.bench.report import emit, progress
from tests.bench.settings import environment

RUNS = 15
STAGE = Path(__file__).parents[2] / ".build" / "bench"

_TIMED = """
import os, sys, time
sys.path[:0] = sys.argv[2:]
started = time.process_time_ns()
if sys.argv[1] == "client":
    import boto3
    boto3.client("dynamodb")
else:
    __import__(f"functions.{sys.argv[1]}.handler")
    from holdfast import bootstrap
    bootstrap._client()
print((time.process_time_ns() - started) / 1e6)
"""


def stage() -> Mapping[str, list[Path]]:
    """Builds what `cdk deploy` would; answers each function's folders on `sys.path`, in Lambda's order."""
    from infra.access import ACCESS
    from infra.bundling import DependencyLayer, DomainLayer, FunctionCode
    from infra.settings import for_stage

    shutil.rmtree(STAGE, ignore_errors=True)
    dependencies, domain = STAGE / "dependencies", STAGE / "domain"
    settings = for_stage("local")
    DependencyLayer(
        architecture=settings.architecture, runs_on_this_machine=settings.runs_on_this_machine
    ).build(dependencies)
    DomainLayer().build(domain)
    layers = [dependencies / "python", domain / "python"]
    found = {"client": layers}
    for folder in ACCESS:
        FunctionCode(folder).build(STAGE / folder)
        found[folder] = [STAGE / folder, *layers]
    return found


def main() -> None:
    progress("import: staging the bundles")
    paths = stage()
    spent: dict[str, list[float]] = {name: [] for name in paths}
    with stub.running({}) as endpoint:
        for number in range(RUNS):
            progress(f"import: run {number + 1} of {RUNS}")
            for name, folders in paths.items():
                spent[name].append(_timed(name, folders, endpoint))
    client = statistics.median(spent.pop("client"))
    for function, times in spent.items():
        ours = statistics.median(times)
        emit(
            {
                "bench": "import",
                "function": function,
                "ours": round(ours, 1),
                "client": round(client, 1),
                "ratio": round(ours / client, 2),
            }
        )


def _timed(name: str, folders: list[Path], endpoint: str) -> float:
    # -I and -S: neither the environment's paths nor site-packages; -B: the shipped bytecode or none.
    command = [sys.executable, "-I", "-S", "-B", "-c", _TIMED, name, *map(str, folders)]
    done = subprocess.run(
        command, env=environment(endpoint), stdout=subprocess.PIPE, check=True, text=True, timeout=60
    )
    return float(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
