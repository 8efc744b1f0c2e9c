"""What an API function imports at start-up is bounded (SPEC 10); these libraries would break it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

RESOLVER = "aws_lambda_powertools.event_handler"
IDEMPOTENCY = "aws_lambda_powertools.utilities.idempotency"


@pytest.mark.parametrize(
    ("folder", "unwanted"),
    [
        ("public_api", ("pydantic", "numpy", "holidays", RESOLVER, IDEMPOTENCY, "aws_xray_sdk")),
        ("booking_api", ("numpy", "holidays", RESOLVER, IDEMPOTENCY, "aws_xray_sdk")),
        ("admin_api", ("numpy", "holidays", RESOLVER, "aws_xray_sdk")),
        ("guest_api", ("numpy", "holidays", RESOLVER, IDEMPOTENCY, "aws_xray_sdk")),
    ],
)
def test_start_up_leaves_heavy_libraries_out(folder: str, unwanted: tuple[str, ...]) -> None:
    code = f"import sys, functions.{folder}.handler; print(*(set({unwanted!r}) & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.split() == []
