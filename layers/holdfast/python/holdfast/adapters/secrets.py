"""The `Secrets` port over Secrets Manager, each secret kept for five minutes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from holdfast.adapters.session import session
from holdfast.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

KEPT_SECONDS = 300
SHORTEST_KEY = 32
"""Bytes, as many as the hash made with it has."""

MEMBER = "manageKey"
"""Under which a secret that is a JSON object holds the key; any other secret is the key."""


def connect() -> SecretsManagerClient:
    bounds = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2})
    return cast("SecretsManagerClient", session().create_client("secretsmanager", config=bounds))


class ManagedSecrets:
    def __init__(
        self, client: SecretsManagerClient, secret_id: str, *, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._secret_id = secret_id
        self._seconds = seconds
        self._kept: tuple[bytes, float] | None = None

    def manage_key(self) -> bytes:
        if self._kept and self._seconds() < self._kept[1]:
            return self._kept[0]
        try:
            told = self._client.get_secret_value(SecretId=self._secret_id)
        except (ClientError, BotoCoreError) as error:
            raise Unavailable(type(error).__name__) from error
        key = _key_of(told.get("SecretString", "")).encode()
        if len(key) < SHORTEST_KEY:
            raise Unavailable("the secret is too short for a key")
        self._kept = key, self._seconds() + KEPT_SECONDS
        return key


def _key_of(secret: str) -> str:
    document: object = None
    with suppress(ValueError):
        document = json.loads(secret)
    return str(document.get(MEMBER, "")) if isinstance(document, dict) else secret
