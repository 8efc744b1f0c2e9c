"""The DynamoDB client under our bounds: short timeouts, few retries with full jitter, our own errors."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from holdfast.adapters.session import session
from holdfast.domain.errors import Unavailable
from holdfast.observability import count_table_call

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BOUNDS = Config(
    connect_timeout=2,
    read_timeout=4,
    retries={"total_max_attempts": 1},
    max_pool_connections=50,
    parameter_validation=False,
    user_agent="Holdfast",
)
"""A handler has ten seconds. The SDK does not retry: which calls may be repeated is known here only. It does
not look over our requests and builds no user agent for each: a fifth of a call's CPU (ADR 0020)."""

_ITEMS = ("Attributes", "Item", "Items", "Responses")
"""The members of answers that hold items."""

MOST_ATTEMPTS = 5
FIRST_PAUSE = 0.025

THROTTLES = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
    }
)
CONFLICTS = frozenset(
    {"TransactionConflictException", "TransactionInProgressException", "TransactionConflict"}
)
FAILURES = frozenset(
    {"InternalServerError", "ServiceUnavailable", "InternalFailure", "ServiceUnavailableException"}
)


class ConditionFailed(Exception):
    """The write's condition did not hold; `item` is what stood there, if that was asked for."""

    def __init__(self, item: Mapping[str, Any] | None) -> None:
        super().__init__()
        self.item = item


class Throttling(Exception):
    """The table or the item is asked too often."""


def connect() -> DynamoDBClient:
    client = session().create_client("dynamodb", config=BOUNDS)
    client.meta.events.register("before-parse.dynamodb.*", _take_items_as_sent)
    return cast("DynamoDBClient", client)


def _take_items_as_sent(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object
) -> None:
    """Spare botocore's walk through every attribute: an item's JSON has the shape it would build already.

    Only bytes differ, and nothing here keeps any. Botocore parses what is left of the answer."""
    with suppress(ValueError):  # not JSON: no answer of DynamoDB's, botocore makes an error of it
        document = json.loads(response_dict["body"])
        taken = {name: document.pop(name) for name in _ITEMS if name in document}
        if taken:
            customized_response_dict |= taken
            response_dict["body"] = json.dumps(document).encode()


class Dynamo:
    """Calls by operation name, e.g. `update_item`, so that each is bounded and its errors are mapped alike.

    Raises ConditionFailed, Throttling (only where it is not retried) or Unavailable.
    """

    def __init__(self, client: DynamoDBClient) -> None:
        self._client = client

    def call(self, operation: str, *, retry_throttling: bool = True, **request: Any) -> Mapping[str, Any]:
        for attempt in range(MOST_ATTEMPTS):
            if attempt:
                time.sleep(random.uniform(0, FIRST_PAUSE * 2**attempt))
            count_table_call()
            try:
                answer: Mapping[str, Any] = getattr(self._client, operation)(**request)
            except ClientError as error:
                _raise_unless_passing(error, retry_throttling=retry_throttling)
                reason = _code(error)
            except BotoCoreError as error:
                # Sent or not, we cannot know: the use case treats the lost answer as an ordinary case.
                raise Unavailable(type(error).__name__) from error
            else:
                return answer
        raise Unavailable(reason)


def _raise_unless_passing(error: ClientError, *, retry_throttling: bool) -> None:
    code = _code(error)
    if code == "ConditionalCheckFailedException":
        raise ConditionFailed(_item(error)) from None
    if code == "TransactionCanceledException":
        codes = {reason.get("Code", "None") for reason in error.response.get("CancellationReasons", ())}
        if "ConditionalCheckFailed" in codes:
            raise ConditionFailed(None) from None
        if codes <= {"None"} | CONFLICTS | THROTTLES:
            return
        raise error
    if code in THROTTLES and not retry_throttling:
        raise Throttling from error
    if code not in THROTTLES | CONFLICTS | FAILURES:
        raise error


def _item(error: ClientError) -> Mapping[str, Any] | None:
    item: Mapping[str, Any] | None = dict(error.response).get("Item")  # type: ignore[assignment]  # untyped
    return item


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")
