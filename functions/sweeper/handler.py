"""Every five minutes: end what is past and was not ended by its timer, serve who waits and was not served
by the stream, send jobs again whose message was lost (HOLD-4, QUEUE-3, DESIGN 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holdfast import bootstrap, clock
from holdfast.app.ports import Catalog, Jobs, Ledger
from holdfast.app.sweep import sweep
from holdfast.domain.instants import Instant
from holdfast.observability import count, invocation_id, logger, start_request


def handler(event: Mapping[str, Any], context: object) -> dict[str, int]:
    start_request(invocation_id(context))
    return run(bootstrap.ledger(), bootstrap.catalog(), bootstrap.jobs(), clock.now())


def run(ledger: Ledger, catalog: Catalog, jobs: Jobs, now: Instant) -> dict[str, int]:
    swept = sweep(ledger, catalog, jobs, now)
    logger().info("swept", looked_at=swept.looked_at, failed=swept.failed, served=swept.served)
    count(
        {
            "sweep_looked_at_total": swept.looked_at,
            "sweep_failed_total": swept.failed,
            "sweep_served_total": swept.served,
        }
    )
    return {"lookedAt": swept.looked_at, "failed": swept.failed, "served": swept.served}
