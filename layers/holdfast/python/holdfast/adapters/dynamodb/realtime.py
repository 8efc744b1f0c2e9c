"""The `Connections` port: items of Ephemeral, gone by TTL at the latest.

A connection lists what it listens to, so that its end can take its subscriptions along; a subscription lies
under its channel. Each of the two may be missing for an instant, or after a crash: nothing relies on both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from holdfast.adapters.dynamodb.client import ConditionFailed, Dynamo
from holdfast.adapters.dynamodb.keys import (
    TOLD,
    channel_pk,
    connection_key,
    subscription_key,
    told_key,
)
from holdfast.adapters.dynamodb.values import Item, n, optional_s, present, read_s, s
from holdfast.app.realtime_ports import Gone, Listening
from holdfast.domain.caller import Caller
from holdfast.domain.instants import SECOND, Instant
from holdfast.domain.realtime import Subscription, TooManySubscriptions


class DynamoConnections:
    def __init__(self, dynamo: Dynamo, table: str) -> None:
        self._dynamo = dynamo
        self._table = table

    def open(self, connection: str, caller: Caller, until: Instant) -> None:
        item = {**connection_key(connection), "owner": s(caller.id), "ttl": n(until // SECOND)}
        self._dynamo.call("put_item", TableName=self._table, Item=item)

    def enlist(self, subscription: Subscription, most: int) -> bool:
        """| connection | its channels         | outcome          |
        |------------|----------------------|------------------|
        | missing    | -                    | refused, nothing |
        | there      | fewer than the most  | this one added   |
        | there      | the most, this among | as it was        |
        | there      | the most, this not   | refused, item    |
        """
        line = _line(subscription.channel, subscription.who)
        try:
            answer = self._dynamo.call(
                "update_item",
                TableName=self._table,
                Key=connection_key(subscription.connection),
                ConditionExpression="attribute_exists(PK) AND (attribute_not_exists(#channels) "
                "OR size(#channels) < :most OR contains(#channels, :line))",
                UpdateExpression="ADD #channels :lines",
                ExpressionAttributeNames={"#channels": "channels"},
                ExpressionAttributeValues={":most": n(most), ":line": s(line), ":lines": {"SS": [line]}},
                ReturnValues="ALL_OLD",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ConditionFailed as failure:
            raise (TooManySubscriptions() if failure.item else Gone()) from None
        return line in _lines(answer.get("Attributes", {}))

    def subscribe(self, subscription: Subscription, until: Instant) -> None:
        item: dict[str, Any] = {
            **_key(subscription),
            "sent": n(subscription.sent),
            "ttl": n(until // SECOND),
            **present({"entry": optional_s(subscription.entry)}),
        }
        if subscription.asking:
            item["asking"] = {"BOOL": True}
        self._dynamo.call("put_item", TableName=self._table, Item=item)

    def settle(self, subscription: Subscription) -> None:
        with suppress(ConditionFailed):
            self._dynamo.call(
                "update_item",
                TableName=self._table,
                Key=_key(subscription),
                ConditionExpression="attribute_exists(PK)",
                UpdateExpression="REMOVE #asking",
                ExpressionAttributeNames={"#asking": "asking"},
            )

    def subscribed(self, subscription: Subscription) -> bool:
        answer = self._dynamo.call(
            "get_item", TableName=self._table, Key=_key(subscription), ConsistentRead=True
        )
        return "Item" in answer

    def of(self, channel: str, now: Instant) -> Listening:
        told, found = 0, list[Subscription]()
        page: dict[str, Any] = {}
        while True:
            answer = self._dynamo.call(
                "query",
                TableName=self._table,
                KeyConditionExpression="PK = :channel",
                ExpressionAttributeValues={":channel": s(channel_pk(channel))},
                ConsistentRead=True,
                **page,
            )
            for item in answer["Items"]:
                if item["SK"]["S"] == TOLD:
                    told = int(item["sent"]["N"])
                elif int(item["ttl"]["N"]) * SECOND > now:  # DynamoDB deletes what is past within days
                    found.append(_subscription_of(channel, item))
            if "LastEvaluatedKey" not in answer:
                return Listening(told, found)
            page = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def told(self, channel: str, sequence: int, until: Instant) -> None:
        """| mark    | its `sent` | outcome |
        |---------|------------|---------|
        | missing | -          | put     |
        | there   | as late    | refused |
        | there   | earlier    | put     |
        """
        item = {**told_key(channel), "sent": n(sequence), "ttl": n(until // SECOND)}
        with suppress(ConditionFailed):
            self._dynamo.call(
                "put_item",
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(PK) OR #sent < :sent",
                ExpressionAttributeNames={"#sent": "sent"},
                ExpressionAttributeValues={":sent": n(sequence)},
            )

    def mark(self, subscription: Subscription, sent: int) -> None:
        """| subscription | its `sent` | outcome            |
        |--------------|------------|--------------------|
        | missing      | -          | refused            |
        | there        | as late    | refused            |
        | there        | earlier    | `sent` and `entry` |
        """
        update, values = "SET #sent = :sent", {":sent": n(sent)}
        names = {"#sent": "sent", "#asking": "asking"}
        if subscription.entry:
            update, names["#entry"] = f"{update}, #entry = :entry", "entry"
            values[":entry"] = s(subscription.entry)
        with suppress(ConditionFailed):
            self._dynamo.call(
                "update_item",
                TableName=self._table,
                Key=_key(subscription),
                ConditionExpression="#sent < :sent",
                UpdateExpression=f"{update} REMOVE #asking",
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
            )

    def end(self, subscription: Subscription) -> None:
        """| subscription | its entry     | outcome   |
        |--------------|---------------|-----------|
        | missing      | -             | refused   |
        | there        | another       | refused   |
        | there        | the same/none | taken out |
        """
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(#entry)"}
        if subscription.entry:
            condition = {
                "ConditionExpression": "#entry = :entry",
                "ExpressionAttributeValues": {":entry": s(subscription.entry)},
            }
        try:
            self._dynamo.call(
                "delete_item",
                TableName=self._table,
                Key=_key(subscription),
                ExpressionAttributeNames={"#entry": "entry"},
                **condition,
            )
        except ConditionFailed:
            return
        self._strike(subscription.connection, _line(subscription.channel, subscription.who))

    def leave(self, connection: str, channel: str, who: str) -> None:
        self._delete(subscription_key(channel, connection, who))
        self._strike(connection, _line(channel, who))

    def close(self, connection: str) -> None:
        answer = self._delete(connection_key(connection), ReturnValues="ALL_OLD")
        for line in _lines(answer.get("Attributes", {})):
            channel, _, who = line.partition(" ")
            self._delete(subscription_key(channel, connection, who))

    def _delete(self, key: Mapping[str, Any], **more: Any) -> Item:
        return self._dynamo.call("delete_item", TableName=self._table, Key=key, **more)

    def _strike(self, connection: str, line: str) -> None:
        """Off the connection's list, if there is a connection: an update would make one."""
        with suppress(ConditionFailed):
            self._dynamo.call(
                "update_item",
                TableName=self._table,
                Key=connection_key(connection),
                ConditionExpression="attribute_exists(PK)",
                UpdateExpression="DELETE #channels :lines",
                ExpressionAttributeNames={"#channels": "channels"},
                ExpressionAttributeValues={":lines": {"SS": [line]}},
            )


def _key(subscription: Subscription) -> dict[str, Any]:
    return subscription_key(subscription.channel, subscription.connection, subscription.who)


def _line(channel: str, who: str) -> str:
    """How a connection lists a subscription; neither part has a space in it."""
    return f"{channel} {who}"


def _lines(item: Item) -> Sequence[str]:
    lines: Sequence[str] = item.get("channels", {}).get("SS", [])
    return lines


def _subscription_of(channel: str, item: Item) -> Subscription:
    connection, _, who = item["SK"]["S"].partition("#")
    return Subscription(
        channel,
        connection,
        who,
        entry=read_s(item, "entry"),
        sent=int(item["sent"]["N"]),
        asking="asking" in item,
    )
