"""Reads all of the Ledger's stream: puts a hold back as EXPIRED that DynamoDB's TTL deleted (DESIGN 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holdfast import bootstrap, clock
from holdfast.adapters.dynamodb.bookings import booking_of
from holdfast.app.expire import restore
from holdfast.app.ports import Ledger
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import Instant
from holdfast.observability import logger

TTL = "dynamodb.amazonaws.com"


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    return relay(bootstrap.ledger(), event["Records"], clock.now())


def relay(ledger: Ledger, records: list[Mapping[str, Any]], now: Instant) -> dict[str, Any]:
    """Handle the batch in order and stop at the first failure: the stream comes again from there."""
    for record in records:
        if not _deleted_by_ttl(record):
            continue
        removed = booking_of(record["dynamodb"]["OldImage"])
        try:
            restore(ledger, removed, now)
        except Unavailable as failure:
            logger().warning("a hold could not be put back", booking_id=removed.id, reason=str(failure))
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
        logger().info("put back what the TTL deleted", booking_id=removed.id)
    return {"batchItemFailures": []}


def _deleted_by_ttl(record: Mapping[str, Any]) -> bool:
    if record["eventName"] != "REMOVE" or record.get("userIdentity", {}).get("principalId") != TTL:
        return False
    kind: str = record["dynamodb"]["OldImage"]["kind"]["S"]
    return kind == "booking"
