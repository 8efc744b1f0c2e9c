"""The `Sockets` port over API Gateway's management API: posts to a connection by its id."""

from __future__ import annotations

import json
from typing import Protocol, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from holdfast.adapters.session import session
from holdfast.app.realtime_ports import AT_ONCE, Gone, Message
from holdfast.domain.errors import Unavailable


class Client(Protocol):
    """What of botocore's client is used."""

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> object: ...  # noqa: N803


def connect(endpoint_url: str) -> Client:
    bounds = Config(
        connect_timeout=1,
        read_timeout=2,
        retries={"total_max_attempts": 2},
        max_pool_connections=AT_ONCE,
        parameter_validation=False,  # this and the next: a fan-out is its posts' CPU (ADR 0020)
        user_agent="Holdfast",
    )
    client = session().create_client("apigatewaymanagementapi", endpoint_url=endpoint_url, config=bounds)
    return cast("Client", client)


class ApiSockets:
    def __init__(self, client: Client) -> None:
        self._client = client

    def post(self, connection: str, message: Message) -> None:
        data = json.dumps(message, separators=(",", ":")).encode()
        try:
            self._client.post_to_connection(ConnectionId=connection, Data=data)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in ("GoneException", "410"):
                raise Gone from None
            raise Unavailable(error.response.get("Error", {}).get("Code", "")) from error
        except BotoCoreError as error:
            raise Unavailable(type(error).__name__) from error
