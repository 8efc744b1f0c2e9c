"""Patch `ttl`: expired items leave with a REMOVE record that names DynamoDB, by AWS's rules."""

import time
from typing import Any

from tests.local.support import Cloud, eventually

NOTES_ALL_RECORDS = """
def handler(event, context):
    for record in event["Records"]:
        note([record["eventName"], record["dynamodb"], record.get("userIdentity")])
"""
SIX_YEARS = 6 * 365 * 24 * 3600


def removals(seen: list[Any]) -> dict[str, tuple[Any, Any]]:
    return {
        change["Keys"]["pk"]["S"]: (change["OldImage"], identity)
        for name, change, identity in seen
        if name == "REMOVE"
    }


def test_an_expired_item_leaves_with_its_image_and_the_service_as_actor(patched: Cloud) -> None:
    table, stream = patched.streamed_table()
    journal = patched.journal()
    patched.map_stream(stream, patched.function(NOTES_ALL_RECORDS, journal))
    dynamodb = patched.client("dynamodb")
    dynamodb.update_time_to_live(
        TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}
    )
    now = int(time.time())
    past, future = {"N": str(now - 5)}, {"N": str(now + 600)}
    stays = {
        "later": future,
        "text": {"S": str(now - 5)},
        "ancient": {"N": str(now - SIX_YEARS)},
    }
    patched.put(table, *({"pk": {"S": name}, "ttl": stamp} for name, stamp in stays.items()))
    patched.put(table, {"pk": {"S": "expired"}, "ttl": past}, {"pk": {"S": "deleted"}, "ttl": future})
    dynamodb.delete_item(TableName=table, Key={"pk": {"S": "deleted"}})

    seen = eventually(lambda: found if len(found := removals(journal.read())) >= 2 else None)

    service = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert seen["expired"] == ({"pk": {"S": "expired"}, "ttl": past}, service)
    assert seen["deleted"] == ({"pk": {"S": "deleted"}, "ttl": future}, None)
    left = {item["pk"]["S"] for item in dynamodb.scan(TableName=table)["Items"]}
    assert left == set(stays)
