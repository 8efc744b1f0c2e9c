"""Fixups: what the emulator's CloudFormation leaves undone is applied, and only ever on this machine."""

import json
from typing import Any
from uuid import uuid4

import pytest

from local import fixups
from tests.local.support import ROLE, Cloud, eventually

ON_AWS = "wss://abc123.execute-api.eu-central-1.amazonaws.com/live"
TEMPLATE = {
    "Resources": {
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
                "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            },
        },
        "TableV2": {
            "Type": "AWS::DynamoDB::GlobalTable",
            "Properties": {
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
                "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
                "Replicas": [
                    {
                        "Region": "us-east-1",
                        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                        "DeletionProtectionEnabled": True,
                    }
                ],
            },
        },
        "Api": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {
                "Name": "probe",
                "ProtocolType": "HTTP",
                "CorsConfiguration": {"AllowOrigins": ["https://example.org"], "AllowMethods": ["GET"]},
            },
        },
        "Letters": {"Type": "AWS::SQS::Queue"},
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": ROLE,
                "Code": {"ZipFile": "def handler(event, context): pass"},
                "ReservedConcurrentExecutions": 7,
                "DeadLetterConfig": {"TargetArn": {"Fn::GetAtt": ["Letters", "Arn"]}},
                "Environment": {"Variables": {"API": ON_AWS, "NAME": "as-it-is"}},
            },
        },
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "ObjectLockEnabled": True,
                "VersioningConfiguration": {"Status": "Enabled"},
                "ObjectLockConfiguration": {
                    "ObjectLockEnabled": "Enabled",
                    "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 3}},
                },
            },
        },
    }
}


def deploy(cloud: Cloud) -> dict[str, str]:
    """Deploy the template; returns the physical ids by logical id."""
    cloudformation, name = cloud.client("cloudformation"), f"probe-{uuid4().hex[:8]}"
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(TEMPLATE))

    def status() -> str:
        return str(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])

    eventually(lambda: not status().endswith("IN_PROGRESS"))
    assert status() == "CREATE_COMPLETE"
    resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources}


def facts(cloud: Cloud, ids: dict[str, str]) -> dict[str, Any]:
    """What the fixups are about, as the public APIs tell it."""
    dynamodb = cloud.client("dynamodb")

    def ttl(table: str) -> Any:
        answer = dynamodb.describe_time_to_live(TableName=ids[table])["TimeToLiveDescription"]
        return answer.get("AttributeName")

    def recovery(table: str) -> Any:
        answer = dynamodb.describe_continuous_backups(TableName=ids[table])["ContinuousBackupsDescription"]
        return answer["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]

    table = dynamodb.describe_table(TableName=ids["TableV2"])["Table"]
    function = cloud.client("lambda").get_function(FunctionName=ids["Function"])
    return {
        "ttl": (ttl("Table"), ttl("TableV2")),
        "recovery": (recovery("Table"), recovery("TableV2")),
        "protected": table.get("DeletionProtectionEnabled", False),
        "concurrency": function.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
        "letters": function["Configuration"].get("DeadLetterConfig", {}).get("TargetArn"),
        "addresses": function["Configuration"]["Environment"]["Variables"],
    }


def test_what_the_template_says_holds_after_the_fixups(patched: Cloud) -> None:
    ids = deploy(patched)
    queue = patched.client("sqs").get_queue_attributes(QueueUrl=ids["Letters"], AttributeNames=["QueueArn"])
    wanted = {
        "ttl": ("ttl", "expires"),
        "recovery": ("ENABLED", "ENABLED"),
        "protected": True,
        "concurrency": 7,
        "letters": queue["Attributes"]["QueueArn"],
        "addresses": {"API": fixups.here(ON_AWS, patched.endpoint_url), "NAME": "as-it-is"},
    }
    before = facts(patched, ids)
    assert {name for name in wanted if before[name] == wanted[name]} == set()

    fixups.apply(patched.endpoint_url)
    done_again = fixups.apply(patched.endpoint_url)

    assert facts(patched, ids) == wanted
    cors = patched.client("apigatewayv2").get_api(ApiId=ids["Api"])["CorsConfiguration"]
    assert cors["AllowOrigins"] == ["https://example.org"]
    lock = patched.client("s3").get_object_lock_configuration(Bucket=ids["Bucket"])
    assert lock["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]["Days"] == 3
    assert [line for line in done_again if "Table: time to live by ttl" in line]


@pytest.mark.parametrize(
    "endpoint",
    ["https://dynamodb.us-east-1.amazonaws.com", "http://10.0.0.1:4566", "http://127.0.0.1.example.org", ""],
)
def test_another_machine_is_refused(endpoint: str) -> None:
    with pytest.raises(fixups.FixupError, match="on this machine"):
        fixups.apply(endpoint)


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:4566", "http://localhost:4566", "http://[::1]:4566"])
def test_this_machine_is_not(endpoint: str) -> None:
    fixups.require_loopback(endpoint)


@pytest.mark.parametrize(
    ("on_aws", "here"),
    [
        (ON_AWS, "ws://127.0.0.1:4566/_aws/execute-api/abc123/live"),
        (ON_AWS.replace("wss", "https"), "http://127.0.0.1:4566/_aws/execute-api/abc123/live"),
        ("https://sqs.eu-central-1.amazonaws.com/live", "https://sqs.eu-central-1.amazonaws.com/live"),
        ("Ledger", "Ledger"),
    ],
)
def test_an_apis_address_on_aws_is_one_of_the_emulators_here(on_aws: str, here: str) -> None:
    assert fixups.here(on_aws, "http://127.0.0.1:4566") == here
