"""Every five minutes: end what is past and was not ended by its timer (HOLD-4, DESIGN 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holdfast import bootstrap, clock
from holdfast.app.sweep import sweep
from holdfast.observability import logger


def handler(event: Mapping[str, Any], context: object) -> dict[str, int]:
    swept = sweep(bootstrap.ledger(), clock.now())
    logger().info("swept", looked_at=swept.looked_at, failed=swept.failed)
    return {"lookedAt": swept.looked_at, "failed": swept.failed}
