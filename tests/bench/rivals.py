"""The two classic designs, on the same tables, with the same record and the same note of the caller.

`transaction`: read the slot, then one transaction of slot and record on the version read; again with full
jitter when it is cancelled. `lock`: take a lock item that expires after 30 s (CLINIC's Redis lock), read,
write, write, give the lock back; again after a pause while another has it, 10 times where CLINIC tries 3
(node-redlock's defaults: 200 ms and up to 200 more).
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from tests.bench.settings import EPHEMERAL, LEDGER

MOST_TRANSACTIONS = 10
FIRST_PAUSE, LONGEST_PAUSE = 0.025, 1.0
LOCK_SECONDS = 30.0
LOCK_RETRIES, LOCK_PAUSE, LOCK_JITTER = 10, 0.2, 0.2

type Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`answered` is false where it gave up without knowing."""

    sold: bool
    answered: bool
    attempts: int


def seed(client: Any, name: str, capacity: int) -> None:
    item = {**_slot(name), "kind": {"S": "rival"}, "free": _n(capacity), "version": _n(1)}
    client.put_item(TableName=LEDGER, Item=item)


def by_transaction(client: Any, name: str, user: str, record: Item) -> Outcome:
    _note_caller(client, user)
    for attempt in range(1, MOST_TRANSACTIONS + 1):
        slot = client.get_item(TableName=LEDGER, Key=_slot(name), ConsistentRead=True)["Item"]
        if int(slot["free"]["N"]) < 1:
            return Outcome(sold=False, answered=True, attempts=attempt - 1)
        try:
            client.transact_write_items(
                TransactItems=[{"Update": _take_one(name, slot)}, {"Put": _put(record)}],
            )
        except client.exceptions.TransactionCanceledException:
            time.sleep(random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)))
            continue
        return Outcome(sold=True, answered=True, attempts=attempt)
    return Outcome(sold=False, answered=False, attempts=MOST_TRANSACTIONS)


def by_lock(client: Any, name: str, user: str, record: Item) -> Outcome:
    _note_caller(client, user)
    token = uuid4().hex
    for attempt in range(1, LOCK_RETRIES + 2):
        if _locked(client, name, token):
            try:
                sold = _under_lock(client, name, record)
            finally:
                _unlock(client, name, token)
            return Outcome(sold=sold, answered=True, attempts=attempt)
        time.sleep(LOCK_PAUSE + random.uniform(0, LOCK_JITTER))
    return Outcome(sold=False, answered=False, attempts=LOCK_RETRIES + 1)


def _under_lock(client: Any, name: str, record: Item) -> bool:
    slot = client.get_item(TableName=LEDGER, Key=_slot(name), ConsistentRead=True)["Item"]
    free = int(slot["free"]["N"])
    if free < 1:
        return False
    # Unconditional: the lock is what protects it.
    client.update_item(
        TableName=LEDGER,
        Key=_slot(name),
        UpdateExpression="SET #free = :free, #version = #version + :one",
        ExpressionAttributeNames={"#free": "free", "#version": "version"},
        ExpressionAttributeValues={":free": _n(free - 1), ":one": _n(1)},
    )
    client.put_item(**_put(record))
    return True


def _locked(client: Any, name: str, token: str) -> bool:
    now = time.time()
    try:
        client.put_item(
            TableName=EPHEMERAL,
            Item={**_lock(name), "token": {"S": token}, "until": {"N": f"{now + LOCK_SECONDS:.3f}"}},
            ConditionExpression="attribute_not_exists(PK) OR #until < :now",
            ExpressionAttributeNames={"#until": "until"},
            ExpressionAttributeValues={":now": {"N": f"{now:.3f}"}},
        )
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def _unlock(client: Any, name: str, token: str) -> None:
    try:
        client.delete_item(
            TableName=EPHEMERAL,
            Key=_lock(name),
            ConditionExpression="#token = :token",
            ExpressionAttributeNames={"#token": "token"},
            ExpressionAttributeValues={":token": {"S": token}},
        )
    except ClientError:
        return  # it expired, and another has it


def _note_caller(client: Any, user: str) -> None:
    client.update_item(
        TableName=EPHEMERAL,
        Key={"PK": {"S": f"CALLER#{user}"}, "SK": {"S": "CALLER"}},
        UpdateExpression="ADD #n :one",
        ExpressionAttributeNames={"#n": "n"},
        ExpressionAttributeValues={":one": _n(1)},
    )


def _take_one(name: str, slot: Mapping[str, Any]) -> Item:
    return {
        "TableName": LEDGER,
        "Key": _slot(name),
        "ConditionExpression": "#version = :version",
        "UpdateExpression": "SET #free = #free - :one, #version = #version + :one",
        "ExpressionAttributeNames": {"#free": "free", "#version": "version"},
        "ExpressionAttributeValues": {":version": slot["version"], ":one": _n(1)},
    }


def _put(record: Item) -> Item:
    return {"TableName": LEDGER, "Item": record, "ConditionExpression": "attribute_not_exists(PK)"}


def _slot(name: str) -> Item:
    return {"PK": {"S": f"RIVAL#{name}"}, "SK": {"S": "01#SLOT#0900"}}


def _lock(name: str) -> Item:
    return {"PK": {"S": f"LOCK#{name}"}, "SK": {"S": "LOCK"}}


def _n(number: int) -> dict[str, str]:
    return {"N": str(number)}
