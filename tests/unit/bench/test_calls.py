"""How often each operation asks the tables (SPEC 10). What grew here must be argued for."""

from __future__ import annotations

import pytest

from tests.bench.calls import counted

WITHIN_SPEC_10 = {
    "reserve": ["UpdateItem", "UpdateItem", "PutItem"],
    "extend": ["UpdateItem", "GetItem", "TransactWriteItems"],
    "confirm": ["UpdateItem", "GetItem", "TransactWriteItems"],
    "cancel": ["UpdateItem", "GetItem", "TransactWriteItems"],
    "reserve at a free start": ["UpdateItem", "BatchGetItem", "PutItem", "PutItem"],
    "reserve at a free start, two resources": ["UpdateItem", "BatchGetItem", "TransactWriteItems", "PutItem"],
    "extend at a free start": ["UpdateItem", "GetItem", "TransactWriteItems"],
    "confirm at a free start": ["UpdateItem", "GetItem", "TransactWriteItems"],
    "cancel at a free start": ["UpdateItem", "GetItem", "TransactWriteItems"],
    "release": ["UpdateItem", "GetItem", "TransactWriteItems"],
    "reserve, repeated with its key": ["UpdateItem", "GetItem"],
    "reserve, 100 claims past": ["UpdateItem", "UpdateItem", "PutItem", "PutItem"],
    "join": ["UpdateItem", "PutItem", "UpdateItem"],
    "position": ["UpdateItem", "GetItem"],
    "reserve, joins": ["UpdateItem", "UpdateItem", "PutItem", "UpdateItem"],
    "leave": ["UpdateItem", "GetItem", "GetItem", "TransactWriteItems"],
    "promotion": ["GetItem", "BatchGetItem", "TransactWriteItems", "GetItem"],
    "read a booking": ["GetItem"],
    "read a slot": ["GetItem"],
}


@pytest.mark.usefixtures("on_moto")
def test_each_operation_asks_the_tables_as_often_as_was_promised() -> None:
    found = {name: tally.calls for name, tally in counted().items()}
    assert {name: found[name] for name in WITHIN_SPEC_10} == WITHIN_SPEC_10
