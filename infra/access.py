"""Who may do what: every function of the service with exactly the actions its use cases need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

type Target = str
"""`ledger`, `catalog`, `ephemeral` (tables), `timers`, `jobs` (queues), or an index as `ledger/<index>`."""


QUEUES = frozenset({"timers", "jobs"})


@dataclass(frozen=True, kw_only=True)
class Access:
    """Some actions on some targets, all of one AWS service."""

    targets: tuple[Target, ...]
    actions: tuple[str, ...]


def _on(*targets: Target, may: tuple[str, ...]) -> Access:
    service = "sqs" if QUEUES.issuperset(targets) else "dynamodb"
    return Access(targets=targets, actions=tuple(f"{service}:{action}" for action in may))


# A transaction needs no action of its own: each of its members is judged as the single write it is.
# Reading the Ledger's stream and sending to a failure queue come with the event sources (constructs/).
ACCESS: Mapping[str, tuple[Access, ...]] = {
    "public_api": (
        _on("ledger", may=("GetItem", "Query", "DescribeTable")),
        _on("catalog", may=("GetItem", "Query")),
        _on("timers", may=("GetQueueAttributes",)),
    ),
    "booking_api": (
        _on("ledger", may=("GetItem", "BatchGetItem", "PutItem", "UpdateItem")),
        _on("ledger", "ledger/by_user", may=("Query",)),
        _on("catalog", may=("GetItem",)),
        _on("ephemeral", may=("GetItem", "UpdateItem")),
    ),
    "admin_api": (
        _on("ledger", may=("GetItem", "BatchGetItem", "PutItem", "UpdateItem")),
        _on("ledger", "ledger/by_business_day", "ledger/by_user", may=("Query",)),
        _on("catalog", may=("GetItem", "PutItem", "DeleteItem", "Query")),
        _on("ephemeral", may=("GetItem", "PutItem", "UpdateItem", "DeleteItem")),
        _on("jobs", may=("SendMessage",)),
    ),
    "slot_remover": (
        _on("ledger", may=("GetItem", "BatchGetItem", "PutItem", "UpdateItem")),
        _on("jobs", may=("SendMessage",)),
    ),
    "queue_promoter": (_on("timers", may=("SendMessage",)),),
    "stream_relay": (_on("ledger", may=("GetItem", "PutItem", "UpdateItem")),),
    "hold_expirer": (
        _on("ledger", may=("GetItem", "PutItem", "UpdateItem")),
        _on("timers", may=("SendMessage",)),
    ),
    "sweeper": (
        _on("ledger", may=("GetItem", "PutItem", "UpdateItem")),
        _on("ledger/due", may=("Query",)),
    ),
}

ENVIRONMENT_NAMES: Mapping[Target, str] = {
    "ledger": "LEDGER_TABLE",
    "catalog": "CATALOG_TABLE",
    "ephemeral": "EPHEMERAL_TABLE",
    "timers": "TIMER_QUEUE_URL",
    "jobs": "JOB_QUEUE_URL",
}


def uses(function: str) -> frozenset[Target]:
    """The tables and queues a function touches, an index counting as its table."""
    return frozenset(target.partition("/")[0] for access in ACCESS[function] for target in access.targets)
