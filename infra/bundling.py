"""Builds what ships on this machine, without Docker: locked wheels, the domain layer, one folder a function.

Each bundle's hash comes from its sources and from this file, never from what was built, so a synth that
skips the building (`aws:cdk:bundling-stacks: []`) gives the same template.
"""

from __future__ import annotations

import compileall
import hashlib
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import cast

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk import aws_lambda as lambda_

REPOSITORY = Path(__file__).resolve().parents[1]
PYTHON = (3, 13)
MACHINE_OF = {"arm64": "aarch64", "x86_64": "x86_64"}
# Botocore's models of some four hundred services are most of its weight; a client of any other service
# fails with UnknownServiceError. ADR 0010 has the measure.
SERVICES_KEPT = frozenset(
    {
        "apigatewaymanagementapi",
        "cognito-idp",
        "dynamodb",
        "dynamodbstreams",
        "events",
        "kms",
        "lambda",
        "scheduler",
        "secretsmanager",
        "sesv2",
        "sqs",
        "ssm",
        "sts",
    }
)


@jsii.implements(ILocalBundling)
class Bundle(ABC):
    """Something that ships: it knows its hash before it is built."""

    def try_bundle(self, output_dir: str, options: BundlingOptions) -> bool:
        self.build(Path(output_dir))
        return True

    @abstractmethod
    def build(self, target: Path) -> None: ...

    @abstractmethod
    def sources(self) -> Iterable[bytes]:
        """All that decides what is built."""

    def as_code(self) -> lambda_.AssetCode:
        digest = hashlib.sha256(Path(__file__).read_bytes())
        for part in self.sources():
            digest.update(hashlib.sha256(part).digest())
        return lambda_.Code.from_asset(
            str(REPOSITORY / "functions"),  # CDK asks for a folder that exists; only `build` reads
            asset_hash_type=AssetHashType.CUSTOM,
            asset_hash=digest.hexdigest(),
            bundling=BundlingOptions(
                image=DockerImage.from_registry("never-used"), local=cast(ILocalBundling, self)
            ),
        )


class FunctionCode(Bundle):
    """One function's folder under its full import path, `functions.<folder>`, as tests import it too."""

    def __init__(self, folder: str, *, repository: Path = REPOSITORY) -> None:
        self._folder = folder
        self._functions = repository / "functions"

    def build(self, target: Path) -> None:
        if not (self._functions / self._folder / "handler.py").is_file():
            raise FileNotFoundError(
                f"functions/{self._folder}/handler.py: the stack declares it, nobody wrote it"
            )
        for file in self._files():
            _copy(file, target / "functions" / file.relative_to(self._functions))
        _compile(target, shown_as="/var/task")

    def sources(self) -> Iterable[bytes]:
        yield self._folder.encode()
        yield from _named_contents(self._files(), root=self._functions)

    def _files(self) -> list[Path]:
        return [self._functions / "__init__.py", *_source_files(self._functions / self._folder)]


class DomainLayer(Bundle):
    """`/opt/python/holdfast`: rules, use cases and adapters that all functions share."""

    def __init__(self, *, repository: Path = REPOSITORY) -> None:
        self._root = repository / "layers" / "holdfast"

    def build(self, target: Path) -> None:
        for file in _source_files(self._root / "python"):
            _copy(file, target / file.relative_to(self._root))
        _compile(target, shown_as="/opt")

    def sources(self) -> Iterable[bytes]:
        return _named_contents(_source_files(self._root / "python"), root=self._root)


class DependencyLayer(Bundle):
    """`/opt/python`: the wheels the domain layer needs, as uv.lock has them, each checked by its hash."""

    def __init__(self, *, architecture: lambda_.Architecture, runs_on_this_machine: bool) -> None:
        system = "apple-darwin" if runs_on_this_machine and sys.platform == "darwin" else "manylinux2014"
        self._wheels = f"{MACHINE_OF[architecture.name]}-{system}"
        self._requirements = _uv(
            *("export", "--frozen", "--offline", "--package", "holdfast", "--no-dev"),
            *("--no-emit-workspace", "--no-header", "--no-annotate"),
        )

    def build(self, target: Path) -> None:
        site = target / "python"
        _uv(
            *("pip", "install", "--target", str(site), "--requirement", "-"),
            *("--python", sys.executable, "--python-version", ".".join(map(str, PYTHON))),
            *("--python-platform", self._wheels, "--only-binary", ":all:", "--require-hashes"),
            *("--no-deps", "--link-mode", "copy"),
            stdin=self._requirements,
        )
        _strip(site)
        _compile(target, shown_as="/opt")

    def sources(self) -> Iterable[bytes]:
        return (self._requirements.encode(), self._wheels.encode())


def _strip(site: Path) -> None:
    """Takes out what no function opens."""
    (site / ".lock").unlink(missing_ok=True)
    for folder in (site / "bin", site / "boto3" / "examples"):
        shutil.rmtree(folder, ignore_errors=True)
    keep_only_our_services(site / "botocore" / "data")


def keep_only_our_services(models: Path) -> None:
    """Botocore's folder of service models without those of services we never call."""
    for model in models.iterdir():
        if model.is_dir() and model.name not in SERVICES_KEPT:
            shutil.rmtree(model)


def _source_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _named_contents(files: Iterable[Path], *, root: Path) -> Iterable[bytes]:
    for file in files:
        yield file.relative_to(root).as_posix().encode()
        yield file.read_bytes()


def _copy(file: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, to)


def _compile(target: Path, *, shown_as: str) -> None:
    """Lambda's folders are read-only: bytecode that is not shipped is made anew at each cold start.

    Unchecked, because the sources' times change on their way through a zip.
    """
    if sys.version_info[:2] != PYTHON:
        raise RuntimeError(f"bytecode for Python {PYTHON} cannot be made by {sys.version_info[:2]}")
    done = compileall.compile_dir(
        target,
        quiet=2,
        force=True,
        stripdir=target,
        prependdir=shown_as,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    if not done:
        raise RuntimeError(f"{target} holds a file that Python cannot compile")


def _uv(*arguments: str, stdin: str | None = None) -> str:
    bundled = REPOSITORY / ".tools" / "bin" / "uv"
    done = subprocess.run(
        [str(bundled) if bundled.exists() else "uv", *arguments, "--quiet"],
        cwd=REPOSITORY,
        input=stdin,
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    )
    return done.stdout
