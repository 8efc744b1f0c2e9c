"""Starts MiniStack in this process: check its version, patch it, run it until a signal ends it."""

import importlib
import importlib.metadata
import os
import sys
from collections.abc import Sequence

from local.emulator.settings import SETTINGS_PREFIX, Settings, parse

CHECKED_VERSION = "1.5.33"


def main(argv: Sequence[str] | None = None) -> None:
    settings = parse(sys.argv[1:] if argv is None else argv, os.environ)
    require_checked_version(importlib.metadata.version("ministack"))
    prepare_environment(settings)
    apply_patches(settings)
    run()


def require_checked_version(installed: str) -> None:
    """Refuse any other MiniStack: the patches replace private names, which any release may move."""
    if installed != CHECKED_VERSION:
        raise SystemExit(
            f"local.emulator: its patches were checked against ministack {CHECKED_VERSION}, "
            f"but {installed} is installed. Run `uv sync`, or check every patch and raise CHECKED_VERSION."
        )


def prepare_environment(settings: Settings) -> None:
    """Tell MiniStack where to listen, and no function how; it reads this when imported, so do it first."""
    for name in [name for name in os.environ if name.startswith(SETTINGS_PREFIX)]:
        del os.environ[name]
    os.environ["GATEWAY_PORT"] = str(settings.port)
    os.environ["BIND_HOST"] = "127.0.0.1"
    os.environ["AUTH"] = "true" if settings.enforces_iam else "false"
    os.environ["PERSIST_STATE"] = "0"  # stream mappings would wake up with positions of a stream that is gone
    os.environ["IOT_MTLS_ENABLED"] = "0"  # else it opens port 8883, which a second emulator wants too
    if settings.temp_dir is not None:
        os.environ["TMPDIR"] = str(settings.temp_dir.resolve(strict=True))


def apply_patches(settings: Settings) -> None:
    for name in settings.patches:
        importlib.import_module(f"local.emulator.{name}").apply(settings)


def run() -> None:
    app = importlib.import_module("ministack.app")
    lambda_runtime = importlib.import_module("ministack.core.lambda_runtime")
    sys.argv = ["ministack"]  # its main() parses the command line again
    try:
        app.main()
    finally:
        lambda_runtime.reset()  # MiniStack leaves its workers and their folders behind
