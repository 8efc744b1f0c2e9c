"""The WebSocket API: who gets in, where frames go, and how pushes are kept in order."""

from __future__ import annotations

import json
from typing import Any

from tests.infra.synthesised import Properties, Synthesised

FRAMES = {"$disconnect", "$default", "subscribe", "unsubscribe", "ping"}


def _api(stage: Synthesised) -> Properties:
    return dict(stage.of_type("AWS::ApiGatewayV2::Api")["RealtimeApi"]["Properties"])


def _routes(stage: Synthesised) -> dict[str, Properties]:
    return {
        route["Properties"]["RouteKey"]: route["Properties"]
        for route in stage.of_type("AWS::ApiGatewayV2::Route").values()
        if stage.named(route["Properties"]["ApiId"]) == "RealtimeApi"
    }


def _lambda_behind(stage: Synthesised, properties: Any) -> str:
    """The function that an integration's or authoriser's address names."""
    return stage.named(properties).split("functions/")[1].partition(".")[0]


def test_frames_are_routed_by_their_action(any_stage: Synthesised) -> None:
    api = _api(any_stage)
    assert (api["ProtocolType"], api["RouteSelectionExpression"]) == ("WEBSOCKET", "$request.body.action")
    assert set(_routes(any_stage)) == {"$connect", *FRAMES}


def test_every_frame_goes_to_the_one_function(any_stage: Synthesised) -> None:
    integrations = any_stage.of_type("AWS::ApiGatewayV2::Integration")
    for route in _routes(any_stage).values():
        behind = integrations[any_stage.named(route["Target"]).removeprefix("integrations/")]["Properties"]
        assert _lambda_behind(any_stage, behind["IntegrationUri"]) == "RealtimeApiFunction"


def test_only_a_ticket_opens_a_connection(any_stage: Synthesised) -> None:
    connect = _routes(any_stage)["$connect"]
    assert connect["AuthorizationType"] == "CUSTOM"
    guard = any_stage.of_type("AWS::ApiGatewayV2::Authorizer")[any_stage.named(connect["AuthorizerId"])]
    assert guard["Properties"]["AuthorizerType"] == "REQUEST"
    assert guard["Properties"]["IdentitySource"] == ["route.request.querystring.ticket"]
    behind = _lambda_behind(any_stage, guard["Properties"]["AuthorizerUri"])
    assert behind == "RealtimeAuthorizerFunction"


def test_no_answer_goes_back_by_itself(any_stage: Synthesised) -> None:
    assert any_stage.of_type("AWS::ApiGatewayV2::RouteResponse") == {}


def test_the_stage_is_throttled_and_logs_nothing_personal(any_stage: Synthesised) -> None:
    stage = any_stage.of_type("AWS::ApiGatewayV2::Stage")["RealtimeStage"]["Properties"]
    throttle = stage["DefaultRouteSettings"]
    assert throttle["ThrottlingRateLimit"] == any_stage.settings.requests_per_second
    assert throttle["ThrottlingBurstLimit"] == 2 * any_stage.settings.requests_per_second
    logged = stage["AccessLogSettings"]
    assert any_stage.named(logged["DestinationArn"]) == "RealtimeAccessLog.Arn"
    fields = set(json.loads(logged["Format"]).values())
    assert not [
        each for each in fields if "query" in each.lower() or "sourceIp" in each or "userAgent" in each
    ]


def test_pushes_come_one_after_the_other_of_each_slot_and_repeats_are_dropped(any_stage: Synthesised) -> None:
    queues = any_stage.of_type("AWS::SQS::Queue")
    pushes = queues["PushesQueue"]["Properties"]
    assert (pushes["FifoQueue"], pushes["DeduplicationScope"]) == (True, "messageGroup")
    assert pushes["FifoThroughputLimit"] == "perMessageGroupId"
    assert pushes["RedrivePolicy"]["maxReceiveCount"] == 3
    assert any_stage.named(pushes["RedrivePolicy"]["deadLetterTargetArn"]) == "PushesFailuresQueue.Arn"
    assert queues["PushesFailuresQueue"]["Properties"]["FifoQueue"] is True


def test_a_push_that_failed_comes_again_within_a_minute_and_never_while_it_runs(
    any_stage: Synthesised,
) -> None:
    (mapping,) = (
        each["Properties"]
        for each in any_stage.of_type("AWS::Lambda::EventSourceMapping").values()
        if any_stage.named(each["Properties"]["FunctionName"]) == "RealtimePusherFunction"
    )
    assert any_stage.named(mapping["EventSourceArn"]) == "PushesQueue.Arn"
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert "MaximumBatchingWindowInSeconds" not in mapping  # a FIFO queue has none
    hidden = any_stage.of_type("AWS::SQS::Queue")["PushesQueue"]["Properties"]["VisibilityTimeout"]
    assert 6 * any_stage.function("realtime_pusher")["Timeout"] <= hidden <= 60


def test_clients_are_told_where_to_connect(any_stage: Synthesised) -> None:
    output = any_stage.service["Outputs"]["WsUrl"]["Value"]
    assert any_stage.named(output) == "wss://RealtimeApi.execute-api.AWS::Region.AWS::URLSuffix/live"
