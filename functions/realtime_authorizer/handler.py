"""Lets a WebSocket in that brings a ticket nobody has used, and tells who is at its end (SEC-5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holdfast import bootstrap, clock
from holdfast.app.tickets import Tickets, spend_ticket
from holdfast.domain.instants import Instant
from holdfast.observability import logger, start_request


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    start_request(event["requestContext"]["requestId"])
    return admit(bootstrap.tickets(), event, clock.now())


def admit(tickets: Tickets, event: Mapping[str, Any], now: Instant) -> dict[str, Any]:
    """The policy, with the caller as context: texts are all that a gateway passes on."""
    ticket = (event.get("queryStringParameters") or {}).get("ticket", "")
    caller = spend_ticket(tickets, ticket, now)
    logger().info("connect", admitted=caller is not None)
    if caller is None:
        return {"principalId": "nobody", "policyDocument": _policy("Deny", event["methodArn"])}
    return {
        "principalId": caller.id,
        "policyDocument": _policy("Allow", event["methodArn"]),
        "context": {"owner": caller.id, "groups": " ".join(sorted(caller.groups))},
    }


def _policy(effect: str, arn: str) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": arn}
    return {"Version": "2012-10-17", "Statement": [statement]}
