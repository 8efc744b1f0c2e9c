"""The rest of `bootstrap`, for functions that speak over WebSocket: others need not import it."""

from __future__ import annotations

from functools import cache

from holdfast import bootstrap
from holdfast.adapters import pushes as push_queue
from holdfast.adapters import sockets as websockets
from holdfast.adapters import sqs
from holdfast.adapters.dynamodb.realtime import DynamoConnections
from holdfast.app.realtime_ports import Connections, Pushes, Sockets


@cache
def pushes() -> Pushes:
    return push_queue.SqsPushes(sqs.connect(), bootstrap.settings().push_queue_url)


@cache
def connections() -> Connections:
    return DynamoConnections(bootstrap.dynamo(), bootstrap.settings().ephemeral_table)


@cache
def sockets() -> Sockets:
    return websockets.ApiSockets(websockets.connect(bootstrap.settings().realtime_endpoint))
