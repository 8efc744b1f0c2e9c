"""Every write of the Ledger tells which request it goes back to, so that the stream's readers can go on under
its correlation id (ADR 0031). It is no part of what is stored: nothing reads it back into a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holdfast.adapters.dynamodb.values import Item, read_s, s
from holdfast.observability import correlation

ATTRIBUTE = "correlation"


def marked(expression: Mapping[str, Any]) -> dict[str, Any]:
    """A put or an update that also notes the correlation id, if there is one."""
    value = correlation()
    if not value:
        return dict(expression)
    if "Item" in expression:
        return {**expression, "Item": {**expression["Item"], ATTRIBUTE: s(value)}}
    # Each of our updates sets something, and placeholders keep attribute names out of its words.
    update = expression["UpdateExpression"].replace("SET ", "SET #correlation = :correlation, ", 1)
    return {
        **expression,
        "UpdateExpression": update,
        "ExpressionAttributeNames": {**expression["ExpressionAttributeNames"], "#correlation": ATTRIBUTE},
        "ExpressionAttributeValues": {**expression["ExpressionAttributeValues"], ":correlation": s(value)},
    }


def correlation_of(image: Item) -> str:
    """Which request an item was last written for; empty where it does not say."""
    return read_s(image, ATTRIBUTE) or ""
