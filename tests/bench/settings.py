"""What a function is told by its environment here: fake keys, tables of the bench, a loopback endpoint."""

from __future__ import annotations

LEDGER, CATALOG, EPHEMERAL = "ledger", "catalog", "ephemeral"


def environment(endpoint: str) -> dict[str, str]:
    """Nothing of the caller's own: a benchmark must never reach a real account."""
    return {
        "PATH": "/usr/bin:/bin",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "LEDGER_TABLE": LEDGER,
        "CATALOG_TABLE": CATALOG,
        "EPHEMERAL_TABLE": EPHEMERAL,
        "TIMER_QUEUE_URL": f"{endpoint}/000000000000/timers",
        "HOLDFAST_STAGE": "bench",
        "LOG_LEVEL": "INFO",
        "POWERTOOLS_SERVICE_NAME": "bench",
        "POWERTOOLS_METRICS_NAMESPACE": "Holdfast",
    }
