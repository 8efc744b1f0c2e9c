"""`Ref` of a secret in a template is its ARN; the secret can be changed and removed by it."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.local.support import Cloud

SECRET = "AWS::SecretsManager::Secret"


def _template(value: str) -> str:
    made: dict[str, Any] = {"Key": {"Type": SECRET, "Properties": {"SecretString": value}}}
    return json.dumps({"Resources": made, "Outputs": {"Ref": {"Value": {"Ref": "Key"}}}})


@pytest.fixture
def stack_name() -> str:
    return f"probe-{uuid4().hex[:12]}"


def _made(cloud: Cloud, name: str) -> str:
    """What `Ref` of the new stack's secret is."""
    templates = cloud.client("cloudformation")
    templates.create_stack(StackName=name, TemplateBody=_template("first"))
    templates.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    (told,) = templates.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    return str(told["OutputValue"])


@pytest.fixture
def secret(patched: Cloud, stack_name: str) -> Iterator[str]:
    yield _made(patched, stack_name)
    patched.client("cloudformation").delete_stack(StackName=stack_name)


def test_ref_is_the_arn(patched: Cloud, secret: str) -> None:
    assert secret.startswith("arn:aws:secretsmanager:")
    assert patched.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"] == "first"


def test_a_secret_is_changed_in_place(patched: Cloud, secret: str, stack_name: str) -> None:
    templates = patched.client("cloudformation")
    templates.update_stack(StackName=stack_name, TemplateBody=_template("second"))
    templates.get_waiter("stack_update_complete").wait(StackName=stack_name, WaiterConfig={"Delay": 1})
    found = patched.client("secretsmanager").get_secret_value(SecretId=secret)
    assert (found["ARN"], found["SecretString"]) == (secret, "second")


def test_a_secret_goes_with_its_stack(patched: Cloud, secret: str, stack_name: str) -> None:
    templates = patched.client("cloudformation")
    templates.delete_stack(StackName=stack_name)
    templates.get_waiter("stack_delete_complete").wait(StackName=stack_name, WaiterConfig={"Delay": 1})
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        patched.client("secretsmanager").get_secret_value(SecretId=secret)


def test_unpatched_ref_is_the_name(plain: Cloud, stack_name: str) -> None:
    assert not _made(plain, stack_name).startswith("arn:")
