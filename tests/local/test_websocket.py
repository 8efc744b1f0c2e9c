"""Patch `websocket`: routes run in parallel, with logs, and answer the client as API Gateway does."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from local.websocket_client import Refused, WebSocket
from tests.local.support import Cloud, eventually

# Every message names a deed. "meet" waits in a folder until two calls are there at the same time.
HANDLER = """
import urllib.request
def push(context, text):
    url = f"{os.environ['AWS_ENDPOINT_URL']}/_aws/execute-api/{context['apiId']}/{context['stage']}"
    data = text.encode()
    urllib.request.urlopen(f"{url}/@connections/{context['connectionId']}", data=data).close()
def handler(event, lambda_context):
    context = event["requestContext"]
    if context["eventType"] != "MESSAGE":
        return {"statusCode": 403 if os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "129" else 200}
    message = json.loads(event["body"])
    print("deed", message["deed"])
    if message["deed"] == "fail":
        raise ValueError("a secret of the handler")
    if message["deed"] == "meet":
        open(os.path.join(message["folder"], context["connectionId"]), "w").close()
        until = time.monotonic() + message["patience"]
        while len(os.listdir(message["folder"])) < 2 and time.monotonic() < until:
            time.sleep(0.02)
        push(context, "met" if len(os.listdir(message["folder"])) > 1 else "alone")
    return {"statusCode": 200, "body": "returned"}
"""


def deploy(cloud: Cloud, function: str) -> str:
    """A WebSocket API whose every route is the function; returns its URL."""
    gateway = cloud.client("apigatewayv2")
    api = gateway.create_api(
        Name=function, ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.deed"
    )["ApiId"]
    arn = cloud.client("lambda").get_function(FunctionName=function)["Configuration"]["FunctionArn"]
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    integration = gateway.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=uri)
    for route in ("$connect", "$default", "$disconnect"):
        target = f"integrations/{integration['IntegrationId']}"
        gateway.create_route(ApiId=api, RouteKey=route, Target=target)
    gateway.create_stage(ApiId=api, StageName="live")
    return cloud.endpoint_url.replace("http", "ws", 1) + f"/_aws/execute-api/{api}/live"


@contextmanager
def connected(cloud: Cloud, connections: int = 1) -> Iterator[tuple[str, list[WebSocket]]]:
    """The function's name and this many open connections to it."""
    function = cloud.function(HANDLER)
    url = deploy(cloud, function)
    with ExitStack() as stack:
        yield function, [stack.enter_context(WebSocket(url)) for _ in range(connections)]


def meet(cloud: Cloud, folder: Path, patience: float) -> list[str]:
    with connected(cloud, connections=2) as (_, sockets):
        for each in sockets:
            each.send(json.dumps({"deed": "meet", "folder": str(folder), "patience": patience}))
        return [each.receive() for each in sockets]


def logged(cloud: Cloud, function: str, text: str) -> bool:
    group = {"logGroupName": f"/aws/lambda/{function}", "logGroupNamePrefix": f"/aws/lambda/{function}"}
    logs = cloud.client("logs")
    if not logs.describe_log_groups(logGroupNamePrefix=group["logGroupNamePrefix"])["logGroups"]:
        return False
    events = logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
    return any(text in event["message"] for event in events)


def test_messages_of_two_connections_run_at_the_same_time(patched: Cloud, tmp_path: Path) -> None:
    assert meet(patched, tmp_path, patience=10) == ["met", "met"]


def test_without_the_patch_the_second_waits_for_the_first(plain: Cloud, tmp_path: Path) -> None:
    assert "alone" in meet(plain, tmp_path, patience=1)


def test_a_failure_is_answered_with_json_and_logged(patched: Cloud) -> None:
    with connected(patched) as (function, [socket]):
        socket.send('{"deed": "fail"}')
        answer = json.loads(socket.receive())
        assert answer["message"] == "Internal server error"
        assert set(answer) == {"message", "connectionId", "requestId"}
        assert eventually(lambda: logged(patched, function, "a secret of the handler"))
        assert logged(patched, function, "deed fail")


def test_without_the_patch_the_exception_is_sent_and_nothing_logged(plain: Cloud) -> None:
    with connected(plain) as (function, [socket]):
        socket.send('{"deed": "fail"}')
        assert socket.receive() == "a secret of the handler"
        assert not logged(plain, function, "deed fail")


def test_a_returned_body_goes_nowhere_without_a_route_response(patched: Cloud, tmp_path: Path) -> None:
    (tmp_path / "somebody").touch()
    with connected(patched) as (_, [socket]):
        socket.send('{"deed": "return"}')
        socket.send(json.dumps({"deed": "meet", "folder": str(tmp_path), "patience": 0}))
        assert socket.receive() == "met"


def test_connect_can_still_be_refused(patched: Cloud) -> None:
    refusing = patched.function(HANDLER, MemorySize=129)
    with pytest.raises(Refused) as refused:
        WebSocket(deploy(patched, refusing))
    assert refused.value.status == 403
