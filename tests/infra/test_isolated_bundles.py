"""Each bundle on an interpreter that has nothing else: only its folder and the two layers, as on Lambda.

The emulator runs functions in this repository's interpreter, so only here a library is missed that no layer
ships (docs/emulator.md).
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from infra.access import ACCESS
from infra.bundling import DependencyLayer, DomainLayer, FunctionCode
from infra.settings import for_stage
from tests.handlers.door import sample

AWS = {"botocore", "jmespath", "dateutil", "six", "urllib3"}
POWERTOOLS = {"aws_lambda_powertools", "typing_extensions"}
# The catalog is PynamoDB's; it comes to every function with `holdfast.bootstrap`, which wires all ports.
CATALOG = {"pynamodb"}
BODIES = {"pydantic", "pydantic_core", "annotated_types", "typing_inspection"}
OURS = {"functions", "holdfast"}

IMPORTS: dict[str, set[str]] = {
    "public_api": {*OURS, *AWS, *POWERTOOLS, *CATALOG},
    "booking_api": {*OURS, *AWS, *POWERTOOLS, *CATALOG, *BODIES},
    "guest_api": {*OURS, *AWS, *POWERTOOLS, *CATALOG, *BODIES},
    "admin_api": {*OURS, *AWS, *POWERTOOLS, *CATALOG, *BODIES},
    "queue_promoter": {*OURS, *AWS, *POWERTOOLS, *CATALOG},
    "stream_relay": {*OURS, *AWS, *POWERTOOLS, *CATALOG},
    "realtime_authorizer": {*OURS, *AWS, *POWERTOOLS, *CATALOG},
    "realtime_api": {*OURS, *AWS, *POWERTOOLS, *CATALOG},
    "realtime_pusher": {*OURS, *AWS, *POWERTOOLS, *CATALOG},
    "hold_expirer": {*OURS, *AWS, *POWERTOOLS, *CATALOG},
    "slot_remover": {*OURS, *AWS, *POWERTOOLS, *CATALOG},
    "sweeper": {*OURS, *AWS, *POWERTOOLS, *CATALOG},
}
# Imported by the first request that needs them, by a line of our own code (ADR 0020).
LATER: dict[str, tuple[str, set[str]]] = {
    "kept answers": (
        "from holdfast.http.kept_answers import in_table; in_table('answers')",
        {"boto3", "s3transfer"},
    ),
    "custom fields": (
        "from holdfast.app.custom_fields import require_schema; require_schema({'type': 'object'})",
        {"jsonschema", "jsonschema_specifications", "referencing", "rpds", "attr", "attrs"},
    ),
    "national holidays": (
        "from holdfast.adapters.national_holidays import NationalHolidays;"
        "NationalHolidays().require('DE', 'BY')",
        {"holidays"},
    ),
}
NEVER_SHIPPED = (
    "aws_xray_sdk",
    "aws_cdk",
    "constructs",
    "moto",
    "ministack",
    "pytest",
    "mypy_boto3_dynamodb",
)

# Lambda puts the code before the layers. The system's own zone database is out of reach, as it is there.
_START = """
import sys, json, zoneinfo, importlib
zoneinfo.reset_tzpath(to=[])
sys.path[:0] = json.loads(sys.argv[1])
module = importlib.import_module(sys.argv[2])
handler = module.handler
hasattr(module, "api") and module.api.operations  # those too that are declared in modules imported later
"""
_TELL_IMPORTS = """
def file_of(module):
    return getattr(module, "__file__", None) or "".join(list(getattr(module, "__path__", ()))[:1])
shipped = tuple(json.loads(sys.argv[1]))
found = (name for name, module in list(sys.modules.items()) if file_of(module).startswith(shipped))
print(json.dumps(sorted({name.partition(".")[0] for name in found})))
"""
_TELL_STRAYS = """
import sysconfig
known = (*json.loads(sys.argv[1]), sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
print(json.dumps([file for file in files if file and not file.startswith(known)]))
"""
_TELL_ZONE = """
from datetime import datetime
zone = zoneinfo.ZoneInfo("Europe/Vienna")
print(json.dumps([str(datetime(2030, 7, 1, tzinfo=zone).utcoffset()), sys.modules["tzdata"].__file__]))
"""
_ANSWER = """
answer = handler(json.loads(sys.stdin.read()), None)
print(json.dumps([answer["statusCode"], json.loads(answer["body"])["info"]["title"]]))
"""


@dataclass(frozen=True)
class Staged:
    """The bundles as they are uploaded, for this machine's architecture."""

    folder: Path

    def paths(self, function: str) -> list[str]:
        layers = (str(self.folder / layer / "python") for layer in ("dependencies", "domain"))
        return [str(self.folder / function), *layers]

    def run(self, function: str, code: str, *, stdin: str = "") -> Any:
        """What the code prints as JSON after the function's handler was imported."""
        module = f"functions.{function}.handler"
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _START + code, json.dumps(self.paths(function)), module],
            cwd=self.folder,
            env={"AWS_DEFAULT_REGION": "us-east-1", "PYDANTIC_DISABLE_PLUGINS": "1"},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Staged:
    folder = tmp_path_factory.mktemp("bundles")
    architecture = for_stage("local").architecture
    DependencyLayer(architecture=architecture, runs_on_this_machine=True).build(folder / "dependencies")
    DomainLayer().build(folder / "domain")
    for function in ACCESS:
        FunctionCode(function).build(folder / function)
    return Staged(folder)


@pytest.mark.parametrize("function", ACCESS)
def test_a_bundle_imports_by_itself_and_only_the_libraries_named_here(staged: Staged, function: str) -> None:
    assert set(staged.run(function, _TELL_IMPORTS)) == IMPORTS[function]


@pytest.mark.parametrize("what", LATER)
def test_what_is_imported_at_first_need_is_in_the_layers_too(staged: Staged, what: str) -> None:
    line, libraries = LATER[what]
    before = IMPORTS["admin_api"]
    assert set(staged.run("admin_api", line + _TELL_IMPORTS)) - before <= libraries
    assert set(staged.run("admin_api", line + _TELL_IMPORTS)) > before


@pytest.mark.parametrize("function", ACCESS)
def test_nothing_but_the_bundle_its_layers_and_python_is_imported(staged: Staged, function: str) -> None:
    assert staged.run(function, _TELL_STRAYS) == []


@pytest.mark.parametrize("function", ACCESS)
def test_time_zones_are_known_without_a_zone_database_of_the_system(staged: Staged, function: str) -> None:
    offset, found_in = staged.run(function, _TELL_ZONE)
    assert offset == "2:00:00"
    assert found_in.startswith(str(staged.folder / "dependencies"))


def test_a_bundled_handler_answers(staged: Staged) -> None:
    event = sample("health")
    event["rawPath"] = event["requestContext"]["http"]["path"] = "/v1/openapi.json"
    assert staged.run("public_api", _ANSWER, stdin=json.dumps(event)) == [200, "Holdfast"]


def test_the_interpreter_used_here_cannot_see_this_repositorys_own_packages(staged: Staged) -> None:
    told = staged.run("sweeper", 'print(json.dumps([importlib.util.find_spec("pytest") is None, sys.path]))')
    assert told[0]
    assert ".venv" not in "".join(told[1])


@cache
def _top_level(folder: Path) -> frozenset[str]:
    return frozenset(path.name.partition(".")[0] for path in folder.iterdir())


@pytest.mark.parametrize("library", NEVER_SHIPPED)
def test_what_only_builds_traces_or_tests_is_not_shipped(staged: Staged, library: str) -> None:
    shipped = _top_level(staged.folder / "dependencies" / "python")
    assert "pydantic" in shipped
    assert library not in shipped


def test_every_shipped_library_is_one_that_some_function_imports(staged: Staged) -> None:
    packages = {
        path.name.partition(".")[0]
        for path in (staged.folder / "dependencies" / "python").iterdir()
        if path.suffix != ".dist-info" and path.name != "__pycache__"
    }
    later = (libraries for _, libraries in LATER.values())
    assert packages == set().union(*IMPORTS.values(), *later, {"tzdata"}) - OURS
