"""The HTTP API: which path goes to which function, and who needs a token."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import cast

from aws_cdk import Acknowledgment, Duration, Stack, Validations
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.constructs.service_function import ServiceFunction
from infra.constructs.user_directory import UserDirectory
from infra.settings import Settings

PUBLIC_PATHS = (
    "/v1/health",
    "/v1/openapi.json",
    "/v1/docs",
    "/v1/businesses/{businessId}",
    "/v1/businesses/{businessId}/{proxy+}",
    "/v1/slots/{slotId}",
)
BOOKING_PATHS = (
    "/v1/bookings/{proxy+}",
    "/v1/slots/{slotId}/{proxy+}",
    "/v1/queues/{proxy+}",
    "/v1/realtime/{proxy+}",
)
GUEST_PATHS = ("/v1/businesses/{businessId}/guest-bookings", "/v1/manage/{proxy+}")
ADMIN_PATHS = ("/v1/admin/{proxy+}",)
READS = (apigatewayv2.HttpMethod.GET,)
READS_AND_POSTS = (apigatewayv2.HttpMethod.GET, apigatewayv2.HttpMethod.POST)
# Not ANY: it would take OPTIONS too, and a browser's preflight carries no token.
READS_AND_WRITES = (
    apigatewayv2.HttpMethod.GET,
    apigatewayv2.HttpMethod.POST,
    apigatewayv2.HttpMethod.PUT,
    apigatewayv2.HttpMethod.PATCH,
    apigatewayv2.HttpMethod.DELETE,
)
REQUEST_HEADERS = (
    *("authorization", "content-type", "idempotency-key", "x-idempotency-key", "if-match"),
    *("if-none-match", "x-correlation-id", "prefer"),
)
ANSWER_HEADERS = (
    *("etag", "location", "retry-after", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"),
    *("idempotency-replayed", "x-correlation-id"),
)
# Neither address nor agent nor query: an access log holds no personal data.
_LOGGED = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "route": "$context.routeKey",
    "status": "$context.status",
    "latencyMs": "$context.responseLatency",
    "integrationLatencyMs": "$context.integrationLatency",
    "integrationError": "$context.integrationErrorMessage",
    "authorizerError": "$context.authorizer.error",
    "errorType": "$context.error.responseType",
}


class HttpDoor(Construct):
    """One API with one stage, logged and throttled; four functions stand behind it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        users: UserDirectory,
        public: ServiceFunction,
        bookings: ServiceFunction,
        guests: ServiceFunction,
        admin: ServiceFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        self.api = apigatewayv2.HttpApi(
            self,
            "Api",
            api_name=Stack.of(self).stack_name,
            create_default_stage=False,
            cors_preflight=apigatewayv2.CorsPreflightOptions(
                allow_origins=list(settings.allowed_origins),
                allow_methods=[apigatewayv2.CorsHttpMethod[method.name] for method in READS_AND_WRITES],
                allow_headers=list(REQUEST_HEADERS),
                expose_headers=list(ANSWER_HEADERS),
                max_age=Duration.hours(1),
            ),
        )
        # The pool's own `user_pool_provider_url` is an attribute the emulator does not answer.
        region = Stack.of(self).region
        token = authorizers.HttpJwtAuthorizer(
            "Token",
            f"https://cognito-idp.{region}.amazonaws.com/{users.pool.user_pool_id}",
            jwt_audience=[users.app_client.user_pool_client_id, users.admin_client.user_pool_client_id],
        )
        for route in self._route(public, paths=PUBLIC_PATHS, methods=READS):
            Validations.of(route).acknowledge(
                Acknowledgment(
                    id="AwsSolutions-APIG4",
                    reason="What anybody may see of a business: it needs no token (API.md).",
                )
            )
        for route in self._route(guests, paths=GUEST_PATHS, methods=READS_AND_POSTS):
            Validations.of(route).acknowledge(
                Acknowledgment(
                    id="AwsSolutions-APIG4",
                    reason="Guests have no account: they are limited by address and show a link's token.",
                )
            )
        guard = cast(apigatewayv2.IHttpRouteAuthorizer, token)
        self._route(bookings, paths=BOOKING_PATHS, methods=READS_AND_WRITES, guard=guard)
        self._route(admin, paths=ADMIN_PATHS, methods=READS_AND_WRITES, guard=guard)
        access_log = logs.LogGroup(
            self, "AccessLog", retention=settings.log_retention, removal_policy=settings.removal_policy
        )
        self.stage = apigatewayv2.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            auto_deploy=True,
            throttle=apigatewayv2.ThrottleSettings(
                rate_limit=settings.requests_per_second, burst_limit=2 * settings.requests_per_second
            ),
        )
        bare_stage = cast(apigatewayv2.CfnStage, self.stage.node.default_child)
        bare_stage.access_log_settings = apigatewayv2.CfnStage.AccessLogSettingsProperty(
            destination_arn=access_log.log_group_arn, format=json.dumps(_LOGGED)
        )

    def _route(
        self,
        to: ServiceFunction,
        *,
        paths: Sequence[str],
        methods: Sequence[apigatewayv2.HttpMethod],
        guard: apigatewayv2.IHttpRouteAuthorizer | None = None,
    ) -> list[apigatewayv2.HttpRoute]:
        """All these paths with one integration and one permission, not one of each a route."""
        integration = integrations.HttpLambdaIntegration(
            f"To{to.node.id}", cast(lambda_.IFunction, to.function), scope_permission_to_route=False
        )
        return [
            route
            for path in paths
            for route in self.api.add_routes(
                path=path, methods=list(methods), integration=integration, authorizer=guard
            )
        ]
