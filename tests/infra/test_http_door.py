"""Who may knock where."""

from __future__ import annotations

from tests.infra.synthesised import Properties, Synthesised

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PUBLIC = {
    "GET /v1/health",
    "GET /v1/openapi.json",
    "GET /v1/docs",
    "GET /v1/businesses/{businessId}",
    "GET /v1/businesses/{businessId}/{proxy+}",
    "GET /v1/slots/{slotId}",
}


GUESTS = {
    f"{method} {path}"
    for method in ("GET", "POST")
    for path in ("/v1/businesses/{businessId}/guest-bookings", "/v1/manage/{proxy+}")
}


def _of_http(stage: Synthesised, kind: str) -> dict[str, Properties]:
    """What of this kind is the HTTP API's own; the WebSocket API has tests of its own."""
    found = stage.of_type(f"AWS::ApiGatewayV2::{kind}").items()
    return {
        name: each for name, each in found if stage.named(each["Properties"].get("ApiId", name)) == "HttpApi"
    }


def _routes(stage: Synthesised, *, authorization: str) -> dict[str, str]:
    """Route key to function, of the routes with this kind of authorization."""
    behind = {
        name: stage.named(integration["Properties"]["IntegrationUri"])
        for name, integration in _of_http(stage, "Integration").items()
    }
    return {
        route["Properties"]["RouteKey"]: behind[
            stage.named(route["Properties"]["Target"]).removeprefix("integrations/")
        ]
        for route in _of_http(stage, "Route").values()
        if route["Properties"]["AuthorizationType"] == authorization
    }


def _api(stage: Synthesised) -> Properties:
    (api,) = _of_http(stage, "Api").values()
    return dict(api["Properties"])


def test_without_a_token_one_can_only_read_or_be_a_guest(any_stage: Synthesised) -> None:
    assert _routes(any_stage, authorization="NONE") == {
        **dict.fromkeys(PUBLIC, "PublicApiFunction.Arn"),
        **dict.fromkeys(GUESTS, "GuestApiFunction.Arn"),
    }


def test_all_else_needs_a_token_of_the_pool(any_stage: Synthesised) -> None:
    assert _routes(any_stage, authorization="JWT") == {
        **{f"{method} /v1/bookings/{{proxy+}}": "BookingApiFunction.Arn" for method in METHODS},
        **{f"{method} /v1/slots/{{slotId}}/{{proxy+}}": "BookingApiFunction.Arn" for method in METHODS},
        **{f"{method} /v1/queues/{{proxy+}}": "BookingApiFunction.Arn" for method in METHODS},
        **{f"{method} /v1/realtime/{{proxy+}}": "BookingApiFunction.Arn" for method in METHODS},
        **{f"{method} /v1/admin/{{proxy+}}": "AdminApiFunction.Arn" for method in METHODS},
    }


def test_no_route_catches_preflights(any_stage: Synthesised) -> None:
    keys = [route["Properties"]["RouteKey"] for route in _of_http(any_stage, "Route").values()]
    assert not [key for key in keys if key.startswith(("ANY", "OPTIONS", "$default"))]


def test_tokens_of_both_clients_are_taken_and_the_issuer_is_built_from_the_pool(
    any_stage: Synthesised,
) -> None:
    (authorizer,) = _of_http(any_stage, "Authorizer").values()
    jwt = authorizer["Properties"]["JwtConfiguration"]
    assert any_stage.named(jwt["Issuer"]) == "https://cognito-idp.AWS::Region.amazonaws.com/UsersPool"
    assert {any_stage.named(client) for client in jwt["Audience"]} == {"UsersAppClient", "UsersAdminClient"}


def test_browsers_are_let_in_by_an_allow_list(any_stage: Synthesised) -> None:
    cors = _api(any_stage)["CorsConfiguration"]
    assert cors["AllowOrigins"] == list(any_stage.settings.allowed_origins)
    assert cors["AllowMethods"] == list(METHODS)
    assert set(cors["AllowHeaders"]) == {
        *("authorization", "content-type", "idempotency-key", "x-idempotency-key"),
        *("if-match", "if-none-match", "x-correlation-id", "prefer"),
    }
    assert set(cors["ExposeHeaders"]) == {
        *("etag", "location", "retry-after", "idempotency-replayed", "x-correlation-id"),
        *("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"),
    }
    assert "*" not in [*cors["AllowOrigins"], *cors["AllowHeaders"], *cors["ExposeHeaders"]]


def test_production_lets_no_plain_http_origin_in(prod: Synthesised) -> None:
    assert all(origin.startswith("https://") for origin in prod.settings.allowed_origins)


def test_the_stage_is_logged_and_throttled(any_stage: Synthesised) -> None:
    (stage,) = _of_http(any_stage, "Stage").values()
    assert stage["Properties"]["StageName"] == "$default"
    assert any_stage.named(stage["Properties"]["AccessLogSettings"]["DestinationArn"]) == "HttpAccessLog.Arn"
    limits = stage["Properties"]["DefaultRouteSettings"]
    assert limits["ThrottlingRateLimit"] == any_stage.settings.requests_per_second
    assert limits["ThrottlingBurstLimit"] == 2 * any_stage.settings.requests_per_second


def test_an_access_log_holds_no_personal_data(any_stage: Synthesised) -> None:
    (stage,) = _of_http(any_stage, "Stage").values()
    logged = stage["Properties"]["AccessLogSettings"]["Format"]
    assert not [word for word in ("identity", "claims", "path", "$context.protocol") if word in logged]


def test_api_functions_have_the_memory_to_start_quickly(any_stage: Synthesised) -> None:
    for folder in ("public_api", "booking_api", "guest_api", "admin_api"):
        assert any_stage.function(folder)["MemorySize"] >= 1024
        assert any_stage.function(folder)["Timeout"] < 30  # the gateway gives up at 30 s
