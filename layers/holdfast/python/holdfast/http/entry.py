"""From an API Gateway event to its answer: route, authenticate, read, run, map, log. The only way in.

Routes are matched here and not by Powertools' resolver: with it an API function's import would pass the
1.7 times of a bare DynamoDB client's that SPEC 10 allows.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from holdfast.app.asked import Meter
from holdfast.clock import now
from holdfast.domain.caller import Caller
from holdfast.domain.errors import NotFound, Refusal, Unavailable
from holdfast.domain.instants import Instant
from holdfast.http import conditional, idempotency, identity
from holdfast.http.api import Answer, Api, Call, Operation, Text
from holdfast.http.documents import read_document
from holdfast.http.params import Query
from holdfast.http.ports import Ports
from holdfast.http.problem import MEDIA_TYPE, problem
from holdfast.http.request import Request
from holdfast.observability import count, logger, measure, start_request, table_calls, where

type LambdaHandler = Callable[[Mapping[str, Any], object], dict[str, Any]]
type Keep = Callable[[Call[Any], Callable[[], Answer]], Answer]
"""Answers a repeat of a keyed request from what was kept, or runs it and keeps its answer."""

_ALWAYS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}
_REVALIDATED = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
"""May be kept by who got it, and is asked for again each time: most often it is a 304 then."""

DRY_RUN = "dry-run"
"""The preference of one who would know what a change does before it is made (RFC 7240)."""

_NOBODY = Caller("")
_REFUSALS = dict.fromkeys(("reserve_slot", "reserve_as_guest"), "booking_reservations_total")
"""Refusals that are a figure of their own. What was done is counted where it is told, from the stream."""


def entry(
    api: Api, ports: Ports, *, keep: Keep | None = None, clock: Callable[[], Instant] = now
) -> LambdaHandler:
    """The Lambda handler of an API. The clock is read once a request."""

    def handle(event: Mapping[str, Any], context: object) -> dict[str, Any]:
        started = time.perf_counter()
        request = Request.of(event)
        start_request(request.correlation_id)
        found = api.find(request.method, request.path)
        call: Call[Any] | None = None
        failure: Exception | None = None
        try:
            if found is None:
                raise NotFound("address")
            call = _read(request, *found, clock(), context)
            response = _respond(_run(call, found[0], ports, keep), found[0], request)
        except Exception as error:  # the outermost mapper: whatever it is, the client gets a problem document
            failure = error
            response = _refuse(error, request, _support_contact(error, call, ports))
        response["headers"]["X-Correlation-Id"] = request.correlation_id
        if call:
            response["headers"] |= _limits(call.asked.meter)
        blind = call is not None and call.asked.meter.blind
        _log(request, found[0] if found else None, response["statusCode"], failure, started, blind=blind)
        return response

    return handle


def _limits(meter: Meter) -> dict[str, str]:
    """How much of its limit the request has used; nothing where none applies (SEC-2)."""
    if meter.limit is None:
        return {}
    return {
        "RateLimit-Limit": str(meter.limit),
        "RateLimit-Remaining": str(max(0, meter.limit - meter.used)),
        "RateLimit-Reset": str(meter.reset),
    }


def _read(
    request: Request, operation: Operation, path: Mapping[str, str], at: Instant, context: object
) -> Call[Any]:
    caller = _NOBODY if operation.public else identity.caller(request.claims)
    query = Query(operation.query, request.query)
    if operation.body is None:
        return Call(
            asked=idempotency.asked_to_read(caller, at),
            body=None,
            path=path,
            query=query,
            context=context,
            source=request.source,
        )
    document = read_document(request)
    dry_run = operation.dry_run is not None and request.prefers(DRY_RUN)
    asked = idempotency.asked(request, caller, document, at, dry_run=dry_run)
    if operation.public:
        idempotency.require_uuid(request)
    return Call(
        asked=asked,
        body=operation.body.parse(document),
        path=path,
        query=query,
        context=context,
        source=request.source,
    )


def _run(call: Call[Any], operation: Operation, ports: Ports, keep: Keep | None) -> Answer:
    if operation.dry_run and call.asked.dry_run:
        return replace(operation.dry_run(call, ports), preference=DRY_RUN)
    if keep and call.asked.keyed and operation.kept:
        return keep(call, lambda: operation.handle(call, ports))
    return operation.handle(call, ports)


def _support_contact(error: Exception, call: Call[Any] | None, ports: Ports) -> str | None:
    """Whom a client may turn to while we are unavailable, where the business is known and can be read."""
    if isinstance(error, Unavailable) and call and call.business:
        with suppress(Unavailable):
            business = ports.catalog().business(call.business)
            return business.settings["supportContact"] if business else None
    return None


def _respond(answer: Answer, operation: Operation, request: Request) -> dict[str, Any]:
    headers = dict(_ALWAYS)
    if tag := conditional.etag(answer):
        headers["ETag"] = tag
    if operation.revalidates:
        headers |= _REVALIDATED
        if conditional.has_it(request.headers.get("if-none-match"), answer):
            return _response(304, headers, None)
    match answer.body:
        case None:
            pass
        case Text(media_type=media_type, headers=of_its_kind):
            headers |= {"Content-Type": media_type, **of_its_kind}
        case _:
            headers["Content-Type"] = "application/json"
    if answer.location is not None:
        headers["Location"] = answer.location
    if answer.preference is not None:
        headers["Preference-Applied"] = answer.preference
    if answer.replayed:
        headers["Idempotency-Replayed"] = "true"
    return _response(answer.status, headers, answer.body)


def _refuse(error: Exception, request: Request, support_contact: str | None) -> dict[str, Any]:
    status, document = problem(error, request.correlation_id, support_contact=support_contact)
    headers = _ALWAYS | {"Content-Type": MEDIA_TYPE}
    if "retryAfter" in document:
        headers["Retry-After"] = str(document["retryAfter"])
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return _response(status, headers, document)


def _response(status: int, headers: dict[str, str], body: Mapping[str, Any] | Text | None) -> dict[str, Any]:
    match body:
        case None:
            text = ""
        case Text():
            text = body.text
        case _:
            text = json.dumps(body, separators=(",", ":"))
    return {"statusCode": status, "headers": headers, "body": text, "isBase64Encoded": False}


def _log(
    request: Request,
    operation: Operation | None,
    status: int,
    failure: Exception | None,
    started: float,
    *,
    blind: bool,
) -> None:
    seconds = time.perf_counter() - started
    line: dict[str, Any] = {
        "method": request.method,
        "route": operation.path if operation else None,
        "status": status,
        "durationMs": round(seconds * 1_000, 1),
        "tableCalls": table_calls(),
    }
    if blind:
        line["callerItem"] = "unavailable"
    if isinstance(failure, Refusal):
        line["code"] = failure.code
    elif failure is not None:
        line["where"] = where(failure)
        if isinstance(failure, Unavailable):
            line["reason"] = str(failure)
    log = logger()
    (log.info if status < 500 else log.error)("request", **line)
    endpoint, method = (operation.path, operation.method) if operation else ("unknown", "unknown")
    labels = {"endpoint": endpoint, "method": method, "status": str(status)}
    measure({"http_request_duration_seconds": [seconds]}, **labels)
    if operation and operation.name in _REFUSALS and status >= 400:
        count({_REFUSALS[operation.name]: 1}, status="failure")
