"""Patch `websocket`: WebSocket routes run like every other invocation.

MiniStack sends all routes of a function through one worker, one after the other, without logs, and
answers a failed handler with the bare exception text; whatever `body` a handler returns goes to the
client.
AWS runs them in parallel with logs, answers a failure with a JSON error, and sends a returned body only
if the route has a route response.
Here the route goes through MiniStack's own dispatcher, which does all but the last two; those are done
here.
"""

import json
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import apigateway, lambda_svc

from local.emulator.settings import Settings


def apply(settings: Settings) -> None:
    # Only MiniStack's WebSocket code calls this; it asks for a worker and calls its invoke().
    lambda_runtime.get_or_create_worker = _DispatchedRoute


class _DispatchedRoute:
    """Stands where MiniStack expects a worker."""

    def __init__(self, name: str, config: Any, code: bytes, qualifier: str = "$LATEST") -> None:
        stored = lambda_svc._functions.get(name) or {}
        self._function = {**stored, "config": config, "code_zip": code}

    def invoke(self, event: dict[str, Any], request_id: str) -> dict[str, Any]:
        outcome = lambda_svc._execute_function(self._function, event)
        context = event["requestContext"]
        if outcome.get("error"):
            error = {
                "message": "Internal server error",
                "connectionId": context["connectionId"],
                "requestId": request_id,
            }
            return {"status": "error", "error": json.dumps(error)}
        answer = outcome.get("body") or {}
        if context["eventType"] == "MESSAGE" and not _has_route_response(context):
            answer = {}
        return {"status": "ok", "result": answer}


def _has_route_response(context: dict[str, Any]) -> bool:
    route = apigateway._match_ws_route(context["apiId"], context["routeKey"]) or {}
    return bool(route.get("routeResponseSelectionExpression"))
