"""Applies after each `cdk deploy` what MiniStack's CloudFormation accepts but leaves undone.

It reads the deployed templates and makes the public API calls CloudFormation would have made; running it
again changes nothing. AWS needs none of this, so any endpoint that is not on this machine is refused.
"""

import argparse
import ipaddress
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.session import Session

REGION = "us-east-1"

# Templates are JSON of any shape, and botocore's clients have no types of their own.
Json = Any
Properties = Mapping[str, Json]


class FixupError(RuntimeError):
    """A fixup was refused, or a template says something this module cannot read."""


@dataclass(frozen=True)
class Resource:
    """A deployed resource: where it is declared, what it is called, what its template says."""

    stack: str
    name: str
    kind: str
    physical_id: str
    properties: Properties


def apply(endpoint_url: str) -> list[str]:
    """Fix every deployed stack; returns what was set, one line each."""
    require_loopback(endpoint_url)
    clients = _Clients(endpoint_url)
    try:
        return [
            f"{resource.stack}: {resource.name}: {done}"
            for resource in _deployed(clients)
            if resource.kind in _FIXES
            for done in _FIXES[resource.kind](clients, resource)
        ]
    finally:
        clients.close()


def require_loopback(endpoint_url: str) -> None:
    host = urlsplit(endpoint_url).hostname or ""
    if host == "localhost":
        return
    try:
        on_this_machine = ipaddress.ip_address(host).is_loopback
    except ValueError:
        on_this_machine = False
    if not on_this_machine:
        raise FixupError(f"Fixups are for the emulator on this machine, not for {endpoint_url!r}.")


BOOTSTRAP = "CDKToolkit"


class _Clients:
    """One client for each service, with the emulator's fixed credentials."""

    def __init__(self, endpoint_url: str) -> None:
        self.endpoint_url = endpoint_url
        self._session = Session()
        self._made: dict[str, Any] = {}

    def __getitem__(self, service: str) -> Any:
        if service not in self._made:
            self._made[service] = self._session.create_client(
                service,
                region_name=REGION,
                endpoint_url=self.endpoint_url,
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
        return self._made[service]

    def close(self) -> None:
        for client in self._made.values():
            client.close()


def _deployed(clients: _Clients) -> Iterator[Resource]:
    cloudformation = clients["cloudformation"]
    for page in cloudformation.get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            name, status = stack["StackName"], stack["StackStatus"]
            if status.startswith("DELETE") or not status.endswith("_COMPLETE"):
                continue
            if name == BOOTSTRAP:
                continue  # the CDK's own, in YAML, with nothing to apply
            body = cloudformation.get_template(StackName=name)["TemplateBody"]
            template: Json = json.loads(body) if isinstance(body, str) else body
            made = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
            physical_ids = {each["LogicalResourceId"]: each.get("PhysicalResourceId") for each in made}
            for logical_id, declared in template["Resources"].items():
                if physical_id := physical_ids.get(logical_id):
                    properties = declared.get("Properties", {})
                    yield Resource(name, logical_id, declared["Type"], physical_id, properties)


def _fix_table(clients: _Clients, table: Resource) -> Iterator[str]:
    dynamodb, name, properties = clients["dynamodb"], table.physical_id, table.properties
    # A TableV2 is a global table: some of its properties are set for each replica; here there is one.
    replica: Properties = (properties.get("Replicas") or [{}])[0]
    ttl = properties.get("TimeToLiveSpecification", {})
    if ttl.get("Enabled"):
        dynamodb.update_time_to_live(
            TableName=name,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": ttl["AttributeName"]},
        )
        yield f"time to live by {ttl['AttributeName']}"
    recovery = {**properties, **replica}.get("PointInTimeRecoverySpecification", {})
    if recovery.get("PointInTimeRecoveryEnabled"):
        dynamodb.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )
        yield "point-in-time recovery"
    if {**properties, **replica}.get("DeletionProtectionEnabled"):
        dynamodb.update_table(TableName=name, DeletionProtectionEnabled=True)
        yield "deletion protection"


def _fix_http_api(clients: _Clients, api: Resource) -> Iterator[str]:
    cors = api.properties.get("CorsConfiguration")
    if cors:
        clients["apigatewayv2"].update_api(ApiId=api.physical_id, CorsConfiguration=cors)
        yield "CORS"


def _fix_function(clients: _Clients, function: Resource) -> Iterator[str]:
    yield from _fix_addresses(clients, function)
    reserved = function.properties.get("ReservedConcurrentExecutions")
    if reserved is not None:
        clients["lambda"].put_function_concurrency(
            FunctionName=function.physical_id, ReservedConcurrentExecutions=int(reserved)
        )
        yield f"reserved concurrency {reserved}"
    target = function.properties.get("DeadLetterConfig", {}).get("TargetArn")
    if target is not None:
        arn = _arn(clients, function, target)
        clients["lambda"].update_function_configuration(
            FunctionName=function.physical_id, DeadLetterConfig={"TargetArn": arn}
        )
        yield f"dead letters to {arn}"


def _fix_addresses(clients: _Clients, function: Resource) -> Iterator[str]:
    """An API's own address leads to AWS from here; the emulator answers for it at a path."""
    if "Environment" not in function.properties:
        return
    name = function.physical_id
    told = clients["lambda"].get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    changed = {key: here(value, clients.endpoint_url) for key, value in told.items()}
    if changed != told:
        clients["lambda"].update_function_configuration(FunctionName=name, Environment={"Variables": changed})
        yield "addresses of APIs"


_ADDRESS = re.compile(r"(?P<scheme>https|wss)://(?P<api>\w+)\.execute-api\.[\w.-]+(?P<path>/\w+)")


def here(value: str, endpoint_url: str) -> str:
    """The emulator's address of the API that an address on AWS names; anything else as it is."""
    match = _ADDRESS.fullmatch(value)
    if match is None:
        return value
    base = endpoint_url.replace("http", "ws", 1) if match["scheme"] == "wss" else endpoint_url
    return f"{base}/_aws/execute-api/{match['api']}{match['path']}"


def _fix_bucket(clients: _Clients, bucket: Resource) -> Iterator[str]:
    lock = bucket.properties.get("ObjectLockConfiguration", {"ObjectLockEnabled": "Enabled"})
    if bucket.properties.get("ObjectLockEnabled"):
        clients["s3"].put_object_lock_configuration(Bucket=bucket.physical_id, ObjectLockConfiguration=lock)
        yield "object lock"


_FIXES: dict[str, Callable[[_Clients, Resource], Iterator[str]]] = {
    "AWS::DynamoDB::Table": _fix_table,
    "AWS::DynamoDB::GlobalTable": _fix_table,
    "AWS::ApiGatewayV2::Api": _fix_http_api,
    "AWS::Lambda::Function": _fix_function,
    "AWS::S3::Bucket": _fix_bucket,
}


def _arn(clients: _Clients, user: Resource, reference: Json) -> str:
    """The ARN a template means: literal, a queue's or topic's attribute, or another stack's export."""
    match reference:
        case str():
            return reference
        case {"Fn::GetAtt": [str(logical_id), "Arn"]}:
            url = _physical_id(clients, user.stack, logical_id)
            answer = clients["sqs"].get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
            return str(answer["Attributes"]["QueueArn"])
        case {"Ref": str(logical_id)}:  # of a topic, whose physical id is its ARN
            return _physical_id(clients, user.stack, logical_id)
        case {"Fn::ImportValue": str(export)}:
            return _exported(clients, export)
    raise FixupError(f"{user.stack}: {user.name}: cannot read {reference!r} as an ARN.")


def _physical_id(clients: _Clients, stack: str, logical_id: str) -> str:
    answer = clients["cloudformation"].describe_stack_resource(StackName=stack, LogicalResourceId=logical_id)
    return str(answer["StackResourceDetail"]["PhysicalResourceId"])


def _exported(clients: _Clients, export: str) -> str:
    for page in clients["cloudformation"].get_paginator("list_exports").paginate():
        for each in page["Exports"]:
            if each["Name"] == export:
                return str(each["Value"])
    raise FixupError(f"No stack exports {export!r}.")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.fixups", description=__doc__)
    parser.add_argument("endpoint_url", help="the emulator, such as http://127.0.0.1:4566")
    try:
        for done in apply(parser.parse_args().endpoint_url):
            print(done)
    except FixupError as refusal:
        raise SystemExit(str(refusal)) from refusal


if __name__ == "__main__":
    main()
