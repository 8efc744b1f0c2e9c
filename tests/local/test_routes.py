"""A greedy path variable takes a line break as any other character."""

from __future__ import annotations

import httpx

from tests.local.support import Cloud

HANDLER = """
def handler(event, context):
    return {"statusCode": 200, "body": event["pathParameters"]["proxy"]}
"""


def _answer(cloud: Cloud, path: str) -> httpx.Response:
    """What an API with one greedy route says to the path."""
    gateway = cloud.client("apigatewayv2")
    function = cloud.client("lambda").get_function(FunctionName=cloud.function(HANDLER))["Configuration"]
    api = gateway.create_api(Name=function["FunctionName"], ProtocolType="HTTP")["ApiId"]
    integration = gateway.create_integration(
        ApiId=api,
        IntegrationType="AWS_PROXY",
        IntegrationUri=function["FunctionArn"],
        PayloadFormatVersion="2.0",
    )
    target = f"integrations/{integration['IntegrationId']}"
    gateway.create_route(ApiId=api, RouteKey="GET /v1/{proxy+}", Target=target)
    gateway.create_stage(ApiId=api, StageName="live")
    return httpx.get(f"{cloud.endpoint_url}/_aws/execute-api/{api}/live{path}", timeout=60)


def test_the_variable_goes_on_after_a_line_break(patched: Cloud) -> None:
    assert _answer(patched, "/v1/slots/a%0Ab/queue").text == "slots/a\nb/queue"


def test_unpatched_there_is_no_such_route(plain: Cloud) -> None:
    assert _answer(plain, "/v1/slots/a%0Ab/queue").json() == {"message": "Not Found"}
    assert _answer(plain, "/v1/slots/ab/queue").text == "slots/ab/queue"
