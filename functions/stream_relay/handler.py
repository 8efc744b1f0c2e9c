"""Reads all of the Ledger's stream: puts a hold back as EXPIRED that DynamoDB's TTL deleted (DESIGN 4), has
those told who listen, and counts what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from functions.stream_relay.signals import unsent_from
from functions.stream_relay.tally import Tally
from holdfast import bootstrap, bootstrap_realtime, clock
from holdfast.adapters.dynamodb.bookings import booking_of
from holdfast.adapters.dynamodb.correlation import correlation_of
from holdfast.app.expire import restore
from holdfast.app.ports import Ledger
from holdfast.app.realtime_ports import Pushes
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import Instant
from holdfast.observability import following, invocation_id, logger, start_request

TTL = "dynamodb.amazonaws.com"


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    start_request(invocation_id(context))
    return relay(bootstrap.ledger(), bootstrap_realtime.pushes(), event["Records"], clock.now())


def relay(ledger: Ledger, pushes: Pushes, records: list[Mapping[str, Any]], now: Instant) -> dict[str, Any]:
    """Handle the batch in order and stop at the first failure: the stream comes again from there."""
    failed: list[str] = []
    done = 0
    for record in records:
        if _deleted_by_ttl(record) and not _put_back(ledger, record["dynamodb"]["OldImage"], now):
            failed.append(record["dynamodb"]["SequenceNumber"])
            break
        done += 1
    if unsent := unsent_from(pushes, records[:done]):
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        done, failed = numbers.index(unsent), [unsent]
        logger().warning("the pusher could not be told")
    Tally.of(records[:done]).emit()
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def _put_back(ledger: Ledger, image: Mapping[str, Any], now: Instant) -> bool:
    """Whether it could be, under the id of the request that wrote it last."""
    removed = booking_of(image)
    with following(correlation_of(image)):
        try:
            restore(ledger, removed, now)
        except Unavailable as failure:
            logger().warning("a hold could not be put back", booking_id=removed.id, reason=str(failure))
            return False
        logger().info("put back what the TTL deleted", booking_id=removed.id)
    return True


def _deleted_by_ttl(record: Mapping[str, Any]) -> bool:
    if record["eventName"] != "REMOVE" or record.get("userIdentity", {}).get("principalId") != TTL:
        return False
    kind: str = record["dynamodb"]["OldImage"]["kind"]["S"]
    return kind == "booking"
