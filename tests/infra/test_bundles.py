"""What ships: opened and looked at, not only named in a template."""

from __future__ import annotations

import marshal
from pathlib import Path
from types import CodeType

import pytest
from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_

from infra.access import ACCESS
from infra.bundling import REPOSITORY, DependencyLayer, DomainLayer, FunctionCode, keep_only_our_services
from tests.infra.synthesised import Synthesised, new_app

ARM, INTEL = lambda_.Architecture.ARM_64, lambda_.Architecture.X86_64
UNCHECKED_HASH = 0b01


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small repository with two functions and a domain layer."""
    root = tmp_path / "repository"
    for file in (
        *("functions/__init__.py", "functions/README.md"),
        *("functions/one/__init__.py", "functions/one/handler.py", "functions/one/schemas.py"),
        *("functions/one/__pycache__/handler.cpython-313.pyc", "functions/two/handler.py"),
        *("layers/holdfast/pyproject.toml", "layers/holdfast/python/holdfast/__init__.py"),
        *("layers/holdfast/python/holdfast/py.typed", "layers/holdfast/python/holdfast/app/reserve.py"),
    ):
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("" if path.suffix == ".py" else "not Python")
    return root


def _sources(folder: Path) -> set[str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(folder).as_posix() for path in files}


def _bytecode(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.pyc"))


def test_a_function_ships_its_own_folder_under_its_full_import_path(repository: Path, tmp_path: Path) -> None:
    FunctionCode("one", repository=repository).build(tmp_path / "asset")
    assert _sources(tmp_path / "asset") == {
        *("functions/__init__.py", "functions/one/__init__.py"),
        *("functions/one/handler.py", "functions/one/schemas.py"),
    }


def test_the_domain_layer_ships_what_is_imported_and_nothing_about_its_making(
    repository: Path, tmp_path: Path
) -> None:
    DomainLayer(repository=repository).build(tmp_path / "asset")
    assert _sources(tmp_path / "asset") == {
        *("python/holdfast/__init__.py", "python/holdfast/py.typed", "python/holdfast/app/reserve.py"),
    }


def test_bytecode_ships_beside_every_source_and_is_never_checked_against_it(
    repository: Path, tmp_path: Path
) -> None:
    for name, bundle, root in (
        ("function", FunctionCode("one", repository=repository), "/var/task/functions/"),
        ("domain", DomainLayer(repository=repository), "/opt/python/holdfast/"),
    ):
        bundle.build(tmp_path / name)
        compiled = _bytecode(tmp_path / name)
        assert len(compiled) == len([file for file in _sources(tmp_path / name) if file.endswith(".py")])
        for file in compiled:
            content = file.read_bytes()
            assert int.from_bytes(content[4:8], "little") == UNCHECKED_HASH
            code = marshal.loads(content[16:])
            assert isinstance(code, CodeType)
            assert code.co_filename.startswith(root)


def test_the_asset_that_cdk_stages_is_the_one_that_was_built(repository: Path, tmp_path: Path) -> None:
    app = new_app(tmp_path / "cdk.out", building=True)
    lambda_.Function(
        Stack(app, "One"),
        "Function",
        code=FunctionCode("one", repository=repository).as_code(),
        handler="functions.one.handler.handler",
        runtime=lambda_.Runtime.PYTHON_3_13,
    )
    app.synth()
    (asset,) = (path for path in (tmp_path / "cdk.out").glob("asset.*") if path.is_dir())
    assert (asset / "functions" / "one" / "handler.py").is_file()
    assert {path.relative_to(asset).parts[0] for path in asset.rglob("*")} == {"functions"}


def test_every_handler_in_the_repository_ships_with_a_function(
    any_stage: Synthesised, tmp_path: Path
) -> None:
    for handler in sorted((REPOSITORY / "functions").glob("*/handler.py")):
        folder = handler.parent.name
        assert any_stage.function(folder)["Handler"] == f"functions.{folder}.handler.handler"
        FunctionCode(folder).build(tmp_path / folder)
        shipped = _sources(tmp_path / folder)
        assert f"functions/{folder}/handler.py" in shipped
        assert all(file.startswith("functions/") for file in shipped)


def test_a_declared_function_that_nobody_wrote_stops_the_build(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"functions/three/handler\.py"):
        FunctionCode("three", repository=repository).build(tmp_path / "asset")


def test_a_file_that_python_cannot_compile_stops_the_build(repository: Path, tmp_path: Path) -> None:
    (repository / "functions" / "one" / "handler.py").write_text("def handler(:")
    with pytest.raises(RuntimeError, match="cannot compile"):
        FunctionCode("one", repository=repository).build(tmp_path / "asset")


def test_a_functions_hash_follows_its_own_files_and_no_others(repository: Path) -> None:
    def fingerprint() -> list[bytes]:
        return list(FunctionCode("one", repository=repository).sources())

    before = fingerprint()
    (repository / "functions" / "two" / "handler.py").write_text("changed = True")
    (repository / "functions" / "one" / "__pycache__" / "handler.cpython-313.pyc").write_bytes(b"changed")
    assert fingerprint() == before
    (repository / "functions" / "one" / "schemas.py").write_text("changed = True")
    assert fingerprint() != before


def test_every_declared_function_has_an_asset_of_its_own(any_stage: Synthesised) -> None:
    keys = {any_stage.function(folder)["Code"]["S3Key"] for folder in ACCESS}
    assert len(keys) == len(ACCESS)


def test_every_wheel_is_locked_and_checked_by_its_hash() -> None:
    requirements, wheels = DependencyLayer(architecture=ARM, runs_on_this_machine=False).sources()
    locked = requirements.decode().replace("\\\n", "").splitlines()
    assert {"boto3", "pydantic", "pynamodb", "aws-lambda-powertools"} <= {
        line.partition("==")[0] for line in locked
    }
    assert all("==" in line and "--hash=sha256:" in line for line in locked)
    assert wheels == b"aarch64-manylinux2014"


def test_the_dependencies_of_another_architecture_are_another_layer() -> None:
    arm, intel = (
        list(DependencyLayer(architecture=each, runs_on_this_machine=False).sources())
        for each in (ARM, INTEL)
    )
    assert arm != intel


def test_botocore_keeps_its_common_files_and_the_models_of_our_services(tmp_path: Path) -> None:
    for name in ("dynamodb", "sqs", "ec2", "s3"):
        (tmp_path / name).mkdir()
    (tmp_path / "endpoints.json").write_text("{}")
    keep_only_our_services(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"dynamodb", "sqs", "endpoints.json"}
