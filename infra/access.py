"""Who may do what: every function of the service with exactly the actions its use cases need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

type Target = str
"""`ledger`, `catalog`, `ephemeral` (tables), `timers`, `jobs`, `pushes` (queues), `sockets` (WebSockets that
are open), `secret` (the key of guests' links), or an index as `ledger/<index>`."""


QUEUES = frozenset({"timers", "jobs", "pushes"})


@dataclass(frozen=True, kw_only=True)
class Access:
    """Some actions on some targets, all of one AWS service."""

    targets: tuple[Target, ...]
    actions: tuple[str, ...]


def _on(*targets: Target, may: tuple[str, ...]) -> Access:
    service = "sqs" if QUEUES.issuperset(targets) else "dynamodb"
    if targets == ("sockets",):
        service = "execute-api"
    if targets == ("secret",):
        service = "secretsmanager"
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
        _on("catalog", may=("GetItem", "BatchGetItem", "Query")),
        _on("ephemeral", may=("GetItem", "PutItem", "UpdateItem")),
    ),
    "guest_api": (
        _on("ledger", may=("GetItem", "BatchGetItem", "PutItem", "UpdateItem")),
        _on("ledger", "ledger/by_user", may=("Query",)),
        _on("catalog", may=("GetItem", "BatchGetItem", "Query")),
        _on("ephemeral", may=("UpdateItem",)),
        _on("secret", may=("GetSecretValue",)),
    ),
    "admin_api": (
        _on("ledger", may=("GetItem", "BatchGetItem", "PutItem", "UpdateItem")),
        _on("ledger", "ledger/by_business_day", "ledger/by_user", may=("Query",)),
        _on("catalog", may=("GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "Query")),
        _on("ephemeral", may=("GetItem", "PutItem", "UpdateItem", "DeleteItem")),
        _on("jobs", may=("SendMessage",)),
    ),
    "slot_remover": (
        _on("ledger", may=("GetItem", "BatchGetItem", "PutItem", "UpdateItem")),
        _on("jobs", may=("SendMessage",)),
    ),
    "queue_promoter": (
        _on("ledger", may=("GetItem", "BatchGetItem", "PutItem", "UpdateItem")),
        _on("catalog", may=("GetItem",)),
        _on("timers", may=("SendMessage",)),
    ),
    "stream_relay": (
        _on("ledger", may=("GetItem", "BatchGetItem", "PutItem", "UpdateItem")),
        _on("pushes", may=("SendMessage",)),
    ),
    "realtime_authorizer": (_on("ephemeral", may=("DeleteItem",)),),
    "realtime_api": (
        _on("ledger", may=("GetItem",)),
        _on("catalog", may=("GetItem",)),
        _on("ephemeral", may=("GetItem", "PutItem", "UpdateItem", "DeleteItem")),
        _on("pushes", may=("SendMessage",)),
        _on("sockets", may=("ManageConnections",)),
    ),
    "realtime_pusher": (
        _on("ledger", may=("GetItem", "BatchGetItem")),
        _on("catalog", may=("GetItem",)),
        _on("ephemeral", may=("Query", "PutItem", "UpdateItem", "DeleteItem")),
        _on("pushes", may=("ChangeMessageVisibility",)),
        _on("sockets", may=("ManageConnections",)),
    ),
    "hold_expirer": (
        _on("ledger", may=("GetItem", "BatchGetItem", "PutItem", "UpdateItem")),
        _on("timers", may=("SendMessage",)),
    ),
    "sweeper": (
        _on("ledger", may=("GetItem", "BatchGetItem", "PutItem", "UpdateItem")),
        _on("ledger/due", may=("Query",)),
        _on("catalog", may=("GetItem",)),
        _on("jobs", may=("SendMessage",)),
    ),
}

ENVIRONMENT_NAMES: Mapping[Target, str] = {
    "ledger": "LEDGER_TABLE",
    "catalog": "CATALOG_TABLE",
    "ephemeral": "EPHEMERAL_TABLE",
    "timers": "TIMER_QUEUE_URL",
    "jobs": "JOB_QUEUE_URL",
    "pushes": "PUSH_QUEUE_URL",
    "sockets": "REALTIME_ENDPOINT",
    "realtime": "REALTIME_URL",
    "secret": "MANAGE_SECRET",
}

TOLD: Mapping[str, frozenset[Target]] = {"booking_api": frozenset({"realtime"})}
"""What a function only tells its callers of, without touching it."""


def uses(function: str) -> frozenset[Target]:
    """What a function is told the names of: what it touches, an index counting as its table."""
    touched = (target.partition("/")[0] for access in ACCESS[function] for target in access.targets)
    return frozenset(touched) | TOLD.get(function, frozenset())
