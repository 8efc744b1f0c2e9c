"""What the benchmarks count with: sizes and units, faults, the stub, tables for the README."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.bench import stub
from tests.bench.report import percentiles, rendered, table
from tests.bench.settings import LEDGER
from tests.bench.units import item_size, of_call, write_units
from tests.bench.watch import Faults, tallied, touches_slot, watching

KEY = {"PK": {"S": "RESOURCE#a#b#2026-06"}, "SK": {"S": "01#SLOT#0900"}}


def test_sizes_are_dynamodbs() -> None:
    assert item_size({"PK": {"S": "abc"}}) == 5
    assert item_size({"n": {"N": "1781254800000"}}) == 1 + 8
    assert (
        item_size({"m": {"M": {"ü": {"L": [{"S": "x"}, {"N": "1"}]}}}}) == 1 + 3 + 1 + 2 + 3 + 1 + 1 + 1 + 2
    )
    assert [write_units(size) for size in (0, 1, 1024, 1025)] == [1, 1, 1, 2]


def test_units_are_told_or_come_from_sizes() -> None:
    told = {"ConsumedCapacity": [{"CapacityUnits": 4.0}, {"CapacityUnits": 2.0}]}
    assert of_call("TransactWriteItems", {}, told) == (6.0, 0.0)
    assert of_call("GetItem", {}, {"ConsumedCapacity": {"CapacityUnits": 1.0}}) == (0.0, 1.0)
    long = {"t": {"S": "x" * 5_000}}
    assert of_call("Query", {"ConsistentRead": True}, {"Items": [long]}) == (0.0, 2.0)
    assert of_call("Query", {}, {"Items": []}) == (0.0, 0.5)
    assert of_call("BatchGetItem", {}, {"Responses": {"ledger": [long, long]}}) == (0.0, 4.0)
    assert of_call("UpdateItem", {}, {"Error": {}, "Item": long}) == (5.0, 0.0)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    answers = {
        f"GetItem {LEDGER} RESOURCE#a#b#2026-06": stub.Canned({"Item": KEY}),
        f"UpdateItem {LEDGER}": stub.Canned({"Item": KEY}, "ConditionalCheckFailedException"),
    }
    with stub.running(answers) as endpoint:
        client = boto3.client("dynamodb", endpoint_url=endpoint)
        yield client
        client.close()


def test_the_stub_answers_by_operation_table_and_key(client: Any) -> None:
    assert client.get_item(TableName=LEDGER, Key=KEY)["Item"] == KEY
    assert "Item" not in client.get_item(TableName="other", Key=KEY)
    with pytest.raises(client.exceptions.ConditionalCheckFailedException) as refused:
        client.update_item(TableName=LEDGER, Key=KEY)
    assert refused.value.response["Item"] == KEY


def test_calls_are_counted_within_the_block_that_makes_them(client: Any) -> None:
    with watching(client, at_once=1):
        client.get_item(TableName=LEDGER, Key=KEY)
        with tallied() as tally:
            client.put_item(TableName=LEDGER, Item=KEY)
            client.get_item(TableName=LEDGER, Key=KEY)
    assert (tally.calls, tally.slot_writes) == (["PutItem", "GetItem"], 1)


def test_writes_to_slots_are_told_from_others() -> None:
    record = {"PK": {"S": "BOOKING#b"}, "SK": {"S": "BOOKING"}}
    assert touches_slot("UpdateItem", {"Key": KEY})
    assert not touches_slot("GetItem", {"Key": KEY})
    assert not touches_slot("PutItem", {"Item": record})
    both = [{"Update": {"Key": KEY}}, {"Put": {"Item": record}}]
    assert touches_slot("TransactWriteItems", {"TransactItems": both})


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        (Faults(conflicts=1.0, throttled=0.0), "TransactionConflictException"),
        (Faults(conflicts=0.0, throttled=1.0), "ProvisionedThroughputExceededException"),
    ],
)
def test_faults_are_answered_in_the_tables_stead(client: Any, faults: Faults, code: str) -> None:
    with watching(client, faults=faults):
        with pytest.raises(ClientError) as single:
            client.put_item(TableName=LEDGER, Item=KEY)
        with pytest.raises(ClientError) as several:
            client.transact_write_items(TransactItems=[{"Put": {"TableName": LEDGER, "Item": KEY}}])
    assert single.value.response["Error"]["Code"] == code
    assert several.value.response["Error"]["Code"] == "TransactionCanceledException"


def test_percentiles_are_values_that_were_measured() -> None:
    assert percentiles([float(number) for number in range(1, 101)]) == (50.0, 95.0, 99.0)
    assert percentiles([4.0]) == (4.0, 4.0, 4.0)


def test_tables_stand_between_their_markers_and_can_be_rendered_again() -> None:
    results = {"cpu": [{"bench": "cpu", "operation": "reserve", "ours": 3.1, "textbook": None}]}
    text = "before\n<!-- bench:cpu -->\nold\n<!-- /bench:cpu -->\nafter"
    once = rendered(text, results)
    assert table(results["cpu"]) in once
    assert "old" not in once
    assert once.startswith("before\n")
    assert once.endswith("\nafter")
    assert rendered(once, results) == once
    assert "| reserve | 3.1 | - |" in once
