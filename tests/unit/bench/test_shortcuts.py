"""Our client answers what a plain one does, though it spares itself botocore's walk through the items."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from holdfast.adapters.dynamodb.client import connect
from tests.bench.settings import LEDGER

KEY = {"PK": {"S": "BOOKING#b"}, "SK": {"S": "BOOKING"}}
ITEM = {
    **KEY,
    "text": {"S": "ä \u2028 \U0001f600"},
    "number": {"N": "12.5"},
    "nothing": {"NULL": True},
    "flag": {"BOOL": False},
    "map": {"M": {"list": {"L": [{"N": "1"}, {"M": {}}]}}},
    "names": {"SS": ["a", "b"]},
}


def _answers(client: Any) -> list[Any]:
    name = {"TableName": LEDGER}
    asked = [
        client.put_item(**name, Item=ITEM),
        client.get_item(**name, Key=KEY),
        client.get_item(**name, Key={**KEY, "PK": {"S": "none"}}),
        client.query(
            **name,
            KeyConditionExpression="PK = :pk",
            ExpressionAttributeValues={":pk": KEY["PK"]},
            ReturnConsumedCapacity="TOTAL",
        ),
        client.batch_get_item(RequestItems={LEDGER: {"Keys": [KEY]}}),
        client.update_item(
            **name,
            Key=KEY,
            UpdateExpression="SET #n = :two",
            ExpressionAttributeNames={"#n": "number"},
            ExpressionAttributeValues={":two": {"N": "2"}},
            ReturnValues="ALL_OLD",
        ),
    ]
    for refused in (
        {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"},
        {},
    ):
        with pytest.raises(ClientError) as error:
            client.put_item(**name, Item=KEY, ConditionExpression="attribute_not_exists(PK)", **refused)
        asked.append(error.value.response)
    with pytest.raises(client.exceptions.ResourceNotFoundException) as missing:
        client.get_item(TableName="none-such", Key=KEY)
    return [_without_metadata(answer) for answer in (*asked, missing.value.response)]


def _without_metadata(answer: Any) -> Any:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


@pytest.mark.usefixtures("on_moto")
def test_answers_are_those_of_a_plain_client() -> None:
    ours, plain = _answers(connect()), _answers(boto3.client("dynamodb"))
    assert ours == plain
