"""The `Tickets` port: items of Ephemeral that go when they are spent, and by TTL at the latest."""

from __future__ import annotations

from holdfast.adapters.dynamodb.client import ConditionFailed, Dynamo
from holdfast.adapters.dynamodb.keys import ticket_key
from holdfast.adapters.dynamodb.values import n, s
from holdfast.domain.caller import Caller
from holdfast.domain.instants import SECOND, Instant


class DynamoTickets:
    def __init__(self, dynamo: Dynamo, table: str) -> None:
        self._dynamo = dynamo
        self._table = table

    def keep(self, hashed: str, caller: Caller, until: Instant) -> None:
        item = {
            **ticket_key(hashed),
            "owner": s(caller.id),
            "groups": s(" ".join(sorted(caller.groups))),
            "until": n(until),
            "ttl": n(until // SECOND),
        }
        self._dynamo.call("put_item", TableName=self._table, Item=item)

    def spend(self, hashed: str, now: Instant) -> Caller | None:
        """| ticket  | until   | outcome       |
        |---------|---------|---------------|
        | missing | -       | refused       |
        | there   | past    | refused       |
        | there   | to come | taken out     |
        """
        try:
            answer = self._dynamo.call(
                "delete_item",
                TableName=self._table,
                Key=ticket_key(hashed),
                ConditionExpression="#until > :now",
                ExpressionAttributeNames={"#until": "until"},
                ExpressionAttributeValues={":now": n(now)},
                ReturnValues="ALL_OLD",
            )
        except ConditionFailed:
            return None
        item = answer["Attributes"]
        return Caller(item["owner"]["S"], frozenset(item["groups"]["S"].split()))
