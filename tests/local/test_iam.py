"""With `--auth` a role may do what its policy names, and a batch of SQS is named as its single call."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from local import process
from tests.local.support import Cloud, free_port

SENDS = """
import boto3
from botocore.exceptions import ClientError

def handler(event, context):
    sqs = boto3.client("sqs")
    def outcome(call, **what):
        try:
            call(QueueUrl=event["queue"], **what)
        except ClientError as refused:
            return refused.response["Error"]["Code"]
        return "done"
    return {
        "single": outcome(sqs.send_message, MessageBody="{}"),
        "batch": outcome(sqs.send_message_batch, Entries=[{"Id": "1", "MessageBody": "{}"}]),
    }
"""


def _enforcing(state_dir: Path, *options: str) -> Iterator[Cloud]:
    emulator = process.start(state_dir, port=free_port(), options=("--auth", *options))
    cloud = Cloud(emulator.endpoint_url, state_dir)
    try:
        yield cloud
    finally:
        cloud.close()
        process.stop(state_dir)


@pytest.fixture(scope="module")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    yield from _enforcing(tmp_path_factory.mktemp("enforcing"))


@pytest.fixture(scope="module")
def enforcing_unpatched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    yield from _enforcing(tmp_path_factory.mktemp("unpatched"), "--without", "iam")


def _role(cloud: Cloud, *allowed: str) -> str:
    """A role that may do this on every queue, and nothing else."""
    name, iam = f"probe-{uuid4().hex[:12]}", cloud.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
    if allowed:
        grant = {"Effect": "Allow", "Action": list(allowed), "Resource": "arn:aws:sqs:*:*:*"}
        iam.put_role_policy(RoleName=name, PolicyName="probe", PolicyDocument=_policy(grant))
    return str(role)


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _sent(cloud: Cloud, *allowed: str) -> Any:
    queue, _ = cloud.queue()
    return cloud.invoke(cloud.function(SENDS, Role=_role(cloud, *allowed)), {"queue": queue})


def test_who_may_send_may_send_a_batch(enforcing: Cloud) -> None:
    assert _sent(enforcing, "sqs:SendMessage") == {"single": "done", "batch": "done"}


@pytest.mark.parametrize("allowed", [(), ("sqs:ReceiveMessage",)])
def test_who_may_not_send_may_not_send_a_batch(enforcing: Cloud, allowed: tuple[str, ...]) -> None:
    assert _sent(enforcing, *allowed) == {"single": "AccessDenied", "batch": "AccessDenied"}


def test_unpatched_a_batch_is_refused_to_who_may_send(enforcing_unpatched: Cloud) -> None:
    assert _sent(enforcing_unpatched, "sqs:SendMessage") == {"single": "done", "batch": "AccessDenied"}


def test_without_the_flag_nothing_is_enforced(patched: Cloud) -> None:
    assert _sent(patched) == {"single": "done", "batch": "done"}
