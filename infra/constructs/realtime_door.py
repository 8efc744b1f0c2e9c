"""The WebSocket API: who may open a connection, and which function each frame goes to."""

from __future__ import annotations

import json
from typing import cast

from aws_cdk import Acknowledgment, CfnElement, Stack, Validations
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.constructs.service_function import ServiceFunction
from infra.settings import Settings

STAGE = "live"
ROUTES = ("$disconnect", "$default", "subscribe", "unsubscribe", "ping")
_POSTS = "POST/@connections/*"
# Neither address nor query: an access log holds no personal data, and a ticket is one.
_LOGGED = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "route": "$context.routeKey",
    "event": "$context.eventType",
    "connectionId": "$context.connectionId",
    "status": "$context.status",
    "integrationLatencyMs": "$context.integrationLatency",
    "integrationError": "$context.integrationErrorMessage",
    "authorizerError": "$context.authorizer.error",
    "errorType": "$context.error.responseType",
}


class RealtimeDoor(Construct):
    """Its addresses are known before the functions behind it are, which are told of them."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        self._api = apigatewayv2.WebSocketApi(
            self,
            "Api",
            api_name=f"{Stack.of(self).stack_name}-realtime",
            route_selection_expression="$request.body.action",
        )
        access_log = logs.LogGroup(
            self, "AccessLog", retention=settings.log_retention, removal_policy=settings.removal_policy
        )
        self._stage = apigatewayv2.WebSocketStage(
            self,
            "Stage",
            web_socket_api=self._api,
            stage_name=STAGE,
            auto_deploy=True,
            throttle=apigatewayv2.ThrottleSettings(
                rate_limit=settings.requests_per_second, burst_limit=2 * settings.requests_per_second
            ),
        )
        bare_stage = cast(apigatewayv2.CfnStage, self._stage.node.default_child)
        bare_stage.access_log_settings = apigatewayv2.CfnStage.AccessLogSettingsProperty(
            destination_arn=access_log.log_group_arn, format=json.dumps(_LOGGED)
        )

    @property
    def api_id(self) -> str:
        return self._api.api_id

    @property
    def url(self) -> str:
        """Where clients open their connections."""
        return self._stage.url

    @property
    def endpoint(self) -> str:
        """Where functions post to those that are open."""
        return self._stage.callback_url

    @property
    def connections_arn(self) -> str:
        """To post to any connection, and nothing else: connections have no names one could allow."""
        return Stack.of(self).format_arn(
            service="execute-api",
            resource=self._api.api_id,
            resource_name=f"{STAGE}/{_POSTS}",
        )

    def open(self, *, to: ServiceFunction, authorizer: ServiceFunction) -> None:
        """Every frame goes to the one function; the other lets connections in."""
        guard = authorizers.WebSocketLambdaAuthorizer(
            "Ticket",
            cast(lambda_.IFunction, authorizer.function),
            identity_source=["route.request.querystring.ticket"],
        )
        self._api.add_route(
            "$connect",
            integration=self._integration(to),
            authorizer=cast(apigatewayv2.IWebSocketRouteAuthorizer, guard),
        )
        for key in ROUTES:
            route = self._api.add_route(key, integration=self._integration(to))
            Validations.of(route).acknowledge(
                Acknowledgment(
                    id="AwsSolutions-APIG4",
                    reason="A connection is authorised when it is opened; its later frames carry that on.",
                )
            )

    def is_posted_to_by(self, function: ServiceFunction) -> None:
        """Why its role, as `infra.access` has it, may name connections only by a wildcard."""
        api = Stack.of(self).get_logical_id(cast(CfnElement, self._api.node.default_child))
        arn = f"arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<{api}>/{STAGE}/{_POSTS}"
        Validations.of(function.role).acknowledge(
            Acknowledgment(
                id=f"AwsSolutions-IAM5[Resource::{arn}]",
                reason="A connection gets its id when it is opened; all it may do there is to post.",
            )
        )

    def _integration(self, to: ServiceFunction) -> apigatewayv2.WebSocketRouteIntegration:
        # One of each route: CDK ties an integration to the route it was made for.
        return integrations.WebSocketLambdaIntegration(
            f"To{to.node.id}", cast(lambda_.IFunction, to.function)
        )
