"""What the launcher can be told, by flag or by environment."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Each name is a module of this package with an `apply(settings)`.
PATCHES = (
    "backlog",
    "drain",
    "pool",
    "websocket",
    "ttl",
    "streams",
    "scheduler",
    "iam",
    "secrets",
    "routes",
    "unpacked",
)
SETTINGS_PREFIX = "HOLDFAST_EMULATOR_"


@dataclass(frozen=True, kw_only=True)
class Settings:
    port: int
    patches: tuple[str, ...]
    workers: int
    ttl_interval: float
    temp_dir: Path | None
    enforces_iam: bool


def parse(argv: Sequence[str], environ: Mapping[str, str]) -> Settings:
    """Read the settings; a flag wins over its environment variable."""
    parser = argparse.ArgumentParser(
        prog="python -m local.emulator", description="Run MiniStack with Holdfast's patches on 127.0.0.1."
    )
    parser.add_argument("--port", type=int, default=environ.get("HOLDFAST_EMULATOR_PORT", "4566"))
    parser.add_argument(
        "--patches",
        default=environ.get("HOLDFAST_EMULATOR_PATCHES", "all"),
        help=f"the patches to apply: all, none, or some of {','.join(PATCHES)} [HOLDFAST_EMULATOR_PATCHES]",
    )
    parser.add_argument("--without", default="none", help="patches to leave out, named as in --patches")
    parser.add_argument(
        "--workers",
        type=int,
        default=environ.get("HOLDFAST_EMULATOR_WORKERS", "4"),
        help="most processes a function (pool patch) [HOLDFAST_EMULATOR_WORKERS, 4]",
    )
    parser.add_argument(
        "--ttl-interval",
        type=float,
        default=environ.get("HOLDFAST_EMULATOR_TTL_INTERVAL", "5"),
        help="seconds between TTL sweeps (ttl patch) [HOLDFAST_EMULATOR_TTL_INTERVAL, 5]",
    )
    parser.add_argument(
        "--temp-dir",
        type=Path,
        help="an existing folder for unpacked functions and layers (default: the system's)",
    )
    parser.add_argument(
        "--auth",
        action="store_true",
        default=environ.get("HOLDFAST_EMULATOR_AUTH") == "true",
        help="let every role do only what its policies allow [HOLDFAST_EMULATOR_AUTH=true]",
    )
    told = parser.parse_args(argv)
    try:
        wanted, unwanted = _named(told.patches), _named(told.without)
    except ValueError as unknown:
        parser.error(str(unknown))
    if told.workers < 1 or told.ttl_interval <= 0:
        parser.error("--workers and --ttl-interval must be positive")
    return Settings(
        port=told.port,
        patches=tuple(name for name in PATCHES if name in wanted - unwanted),
        workers=told.workers,
        ttl_interval=told.ttl_interval,
        temp_dir=told.temp_dir,
        enforces_iam=told.auth,
    )


def _named(listed: str) -> set[str]:
    if listed == "all":
        return set(PATCHES)
    names = {name.strip() for name in listed.split(",")} - {"", "none"}
    if unknown := names - set(PATCHES):
        raise ValueError(f"no such patch: {', '.join(sorted(unknown))} (there are {', '.join(PATCHES)})")
    return names
