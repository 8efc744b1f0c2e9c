"""The `Secrets` port over Secrets Manager: what a key may be, how long it is kept, what is unavailable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from moto import mock_aws

from holdfast.adapters.secrets import KEPT_SECONDS, ManagedSecrets, connect
from holdfast.domain.errors import Unavailable

KEY = "k" * 64
THROTTLED = ClientError({"Error": {"Code": "ThrottlingException"}}, "GetSecretValue")
GONE = ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetSecretValue")


class Vault:
    """Answers in turn with secrets, or raises; the last one stands."""

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, Any]:  # noqa: N803
        assert SecretId == "name"
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return {"SecretString": answer}


class Clock:
    at = 0.0

    def __call__(self) -> float:
        return self.at


def secrets(vault: Vault, clock: Clock | None = None) -> ManagedSecrets:
    return ManagedSecrets(cast(Any, vault), "name", seconds=clock or Clock())


@pytest.mark.parametrize(
    "secret", [KEY, json.dumps({"manageKey": KEY}), json.dumps({"a": 1, "manageKey": KEY})]
)
def test_a_secret_is_the_key_or_holds_it(secret: str) -> None:
    assert secrets(Vault(secret)).manage_key() == KEY.encode()


@pytest.mark.parametrize("secret", ["1" * 40, f'"{KEY}"', f"[{KEY}]", "true" * 10])
def test_what_is_no_json_object_is_the_key_as_it_stands(secret: str) -> None:
    assert secrets(Vault(secret)).manage_key() == secret.encode()


@pytest.mark.parametrize(
    "secret", ["", "k" * 31, "{}", json.dumps({"key": KEY}), json.dumps({"manageKey": "k"})]
)
def test_too_short_a_key_is_none(secret: str) -> None:
    with pytest.raises(Unavailable):
        secrets(Vault(secret)).manage_key()


def test_a_key_is_kept_for_five_minutes_and_no_longer() -> None:
    vault, clock = Vault(KEY, "n" * 64), Clock()
    port = secrets(vault, clock)
    assert port.manage_key() == KEY.encode()
    clock.at = KEPT_SECONDS - 0.1
    assert port.manage_key() == KEY.encode()
    assert vault.asked == 1
    clock.at = KEPT_SECONDS
    assert port.manage_key() == b"n" * 64


@pytest.mark.parametrize("fault", [THROTTLED, GONE, ConnectTimeoutError(endpoint_url="x")])
def test_a_vault_that_fails_makes_us_unavailable_until_it_answers(fault: Exception) -> None:
    port = secrets(Vault(fault, KEY))
    with pytest.raises(Unavailable):
        port.manage_key()
    assert port.manage_key() == KEY.encode()


def test_a_failure_tells_nothing_of_the_secret() -> None:
    with pytest.raises(Unavailable) as caught:
        secrets(Vault("hunter2")).manage_key()
    assert "hunter2" not in str(caught.value)


@mock_aws
def test_a_real_client_asks_for_the_secret_by_its_name() -> None:
    client = connect()
    client.create_secret(Name="name", SecretString=KEY)
    assert ManagedSecrets(client, "name").manage_key() == KEY.encode()
    with pytest.raises(Unavailable):
        ManagedSecrets(client, "other").manage_key()
