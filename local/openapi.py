"""Writes the OpenAPI contract from the operations' own declarations: `python -m local.openapi [--check]`."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, is_typeddict

from pydantic import TypeAdapter
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from functions.admin_api.handler import api as admin_api
from functions.booking_api.handler import api as booking_api
from functions.guest_api.handler import api as guest_api
from functions.public_api.handler import api as public_api
from holdfast.domain import errors
from holdfast.http import catalog_views, guest_views, idempotency, views
from holdfast.http.api import PATH_IDS, Api, Operation
from holdfast.http.documents import NotValid, PayloadTooLarge
from holdfast.http.entry import DRY_RUN
from holdfast.http.problem import INTERNAL, MEDIA_TYPE, PROBLEMS, TYPE, UNAVAILABLE, Unauthenticated
from holdfast.settings import VERSION
from local import examples
from local.links import links_from, views_in

type Json = dict[str, Any]

REPOSITORY = Path(__file__).resolve().parents[1]
TARGETS = (REPOSITORY / "openapi.json", REPOSITORY / "functions" / "public_api" / "openapi.json")
"""The second is what `GET /v1/openapi.json` answers: a function ships with its own folder only."""

APIS: Mapping[str, Api] = {
    "public": public_api,
    "bookings": booking_api,
    "guests": guest_api,
    "admin": admin_api,
}
REFS = "#/components/schemas/"
GATEWAY = frozenset({401, 403, 413, 429, 503})
"""What the gateway itself refuses with carries its own small JSON, not a problem document."""

VERSIONED = (
    *(views.BookingView, views.HistoryView, views.SlotView, views.ResourceView, views.MemberView),
    *(views.BusinessView, views.BusinessSettingsView),
    *(catalog_views.ServiceView, catalog_views.HolidayView, catalog_views.TimeOffView),
    guest_views.GuestBookingView,
)
ABOUT = {
    "bookings": "What customers do with slots and with bookings of their own.",
    "guests": "Bookings without an account, where a business takes them; a link's token is the credential.",
    "public": "What anybody may read, without a token.",
    "admin": "What a business's staff and admins do, and platform admins.",
}

ABOUT_STATUS = {201: "Made", 202: "It takes its time"}
ABOUT_EMPTY = {204: "Gone", 304: "As the client has it"}

_TEXT: Json = {"type": "string"}
_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Makes repeats safe for 24 hours; `X-Idempotency-Key` is read too.",
    "schema": _TEXT | {"pattern": f"^{idempotency.KEY}$", "examples": [examples.KEY]},
}
_GUEST_KEY: Json = _KEY | {
    "schema": _TEXT | {"pattern": f"^{idempotency.GUEST_KEY}$", "examples": [examples.GUEST_KEY]}
}
_IF_MATCH: Json = {
    "name": "If-Match",
    "in": "header",
    "description": "The strong ETag that was read. `*` stands for no check, as leaving it out does.",
    "schema": _TEXT | {"pattern": rf"^(\*|{idempotency.ETAG})$", "examples": ['"1"']},
}
_IF_NONE_MATCH: Json = {
    "name": "If-None-Match",
    "in": "header",
    "description": "ETags one has; the answer is 304 while one of them still names it.",
    "schema": _TEXT | {"examples": ['"1"']},
}
_PREFER: Json = {
    "name": "Prefer",
    "in": "header",
    "description": "`dry-run` answers which bookings the change would orphan, and writes nothing.",
    "schema": _TEXT | {"examples": [DRY_RUN]},
}
_APPLIED: Json = {"schema": {"const": DRY_RUN}, "description": "Stands there after a dry run alone."}
_ETAG: Json = {"schema": _TEXT | {"pattern": f"^{idempotency.ETAG}$"}}
_WEAK_ETAG: Json = {"schema": _TEXT | {"pattern": '^W/"[A-Za-z0-9_-]{11}"$'}}
_CORRELATION: Json = {"schema": _TEXT, "description": "Stands in every log line of the request."}
_PROBLEM: Json = {
    "type": "object",
    "description": "RFC 9457. Members beyond these help to recover, such as `retryAfter`.",
    "required": ["type", "title", "status", "detail", "code", "correlationId"],
    "properties": {
        "type": _TEXT | {"pattern": f"^{TYPE}"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": _TEXT,
        "correlationId": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": _TEXT
                    | {"description": "Into the body; `/query/…`, `/headers/…` for what is outside of it."},
                    "detail": _TEXT,
                },
            },
        },
        "retryAfter": {"type": "integer", "minimum": 1, "description": "Seconds; as Retry-After."},
        "currentVersion": {"type": "integer", "minimum": 1},
        "supportContact": _TEXT,
    },
}


class _WithoutTitles(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def document() -> Json:
    operations = [(tag, each) for tag, api in APIS.items() for each in api.operations]
    schemas = _schemas(each for _, each in operations)
    refusals = {name: told for _, each in operations for name, (_, told) in _refused(each).items()}
    paths: dict[str, Json] = defaultdict(dict)
    for tag, operation in operations:
        paths[operation.path][operation.method.lower()] = _operation(tag, operation, operations)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Holdfast",
            "version": VERSION,
            "summary": "Hold, confirm and cancel slots without ever selling one twice.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": about} for name, about in ABOUT.items()],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "responses": dict(sorted(refusals.items())),
            "securitySchemes": {
                "userPool": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access or ID token of the Cognito user pool.",
                }
            },
        },
    }


def _schemas(operations: Iterable[Operation]) -> Json:
    wanted: dict[str, tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = {}
    for operation in operations:
        if operation.body is not None:
            name = operation.body.__name__
            wanted[name] = (name, "validation", TypeAdapter(operation.body))
        for view in (each for told in operation.answers.values() for each in views_in(told)):
            if is_typeddict(view):
                wanted[view.__name__] = (view.__name__, "serialization", TypeAdapter(view))
    _, generated = TypeAdapter.json_schemas(
        list(wanted.values()), ref_template=REFS + "{model}", schema_generator=_WithoutTitles
    )
    schemas: Json = generated["$defs"]
    schemas["Timestamp"] |= {"format": "date-time"}
    for name in wanted.keys() & examples.OF.keys():
        schemas[name]["examples"] = [examples.OF[name]]
    schemas["Problem"] = _PROBLEM
    schemas["GatewayError"] = {"type": "object", "properties": {"message": _TEXT}, "required": ["message"]}
    return schemas


def _operation(tag: str, operation: Operation, others: Sequence[tuple[str, Operation]]) -> Json:
    summary, _, more = operation.summary.partition("\n\n")
    told: Json = {
        "operationId": to_camel(operation.name),
        "tags": [tag],
        "summary": " ".join(summary.split()),
        "security": [] if operation.public else [{"userPool": []}],
        "parameters": _parameters(operation),
        "responses": {str(status): each for status, each in sorted(_responses(operation, others).items())},
    }
    if more:
        told["description"] = " ".join(more.split())
    if operation.body is not None:
        schema = TypeAdapter(operation.body).json_schema()
        told["requestBody"] = {
            "required": bool(schema.get("required")),
            "content": {"application/json": {"schema": {"$ref": REFS + operation.body.__name__}}},
        }
    return told


def _parameters(operation: Operation) -> list[Json]:
    told: list[Json] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _TEXT | {"pattern": f"^{PATH_IDS[name]}$", "examples": [examples.IDS[name]]},
        }
        for name in operation.path_ids
    ]
    told += [
        {"name": param.name, "in": "query", "description": param.about, "schema": dict(param.schema)}
        | ({"required": True} if param.required else {})
        for param in operation.query
    ]
    if operation.revalidates:
        told.append(_IF_NONE_MATCH)
    if operation.dry_run is not None:
        told.append(_PREFER)
    if operation.takes_key:
        must = errors.PreconditionRequired in operation.refuses
        told.append(_GUEST_KEY if operation.public else _KEY)
        if must or errors.StaleVersion in operation.refuses:
            told.append(_IF_MATCH | ({"required": True} if must else {}))
    return told


def _responses(operation: Operation, others: Sequence[tuple[str, Operation]]) -> dict[int, Json]:
    told = {status: _success(operation, status, view, others) for status, view in operation.answers.items()}
    for name, (status, _) in _refused(operation).items():
        told[status] = {"$ref": f"#/components/responses/{name}"}
    return told


def _refused(operation: Operation) -> dict[str, tuple[int, Json]]:
    """The answers that are refusals, under names that are the same for the same content."""
    told: dict[str, tuple[int, Json]] = {}
    known = _codes(operation)
    for status in sorted({*known, *GATEWAY} - ({401, 403} if operation.public else set())):
        codes = sorted(known.get(status, ()))
        content: Json = {}
        if codes:
            narrowed = {"properties": {"code": {"enum": codes}}}
            content[MEDIA_TYPE] = {
                "schema": {"allOf": [{"$ref": f"{REFS}Problem"}, narrowed]},
                "examples": {code: {"value": _problem(status, code)} for code in codes},
            }
        if status in GATEWAY:
            content["application/json"] = {"schema": {"$ref": f"{REFS}GatewayError"}}
        about = ", ".join(codes) or "The gateway refuses"
        headers = {"X-Correlation-Id": _CORRELATION} if codes else {}
        name = ".".join([str(status), *codes])
        told[name] = status, {"description": about, "headers": headers, "content": content}
    return told


def _problem(status: int, code: str) -> Json:
    """How such a refusal looks, less what it tells besides."""
    titles = {refusal.code: title for refusal, (_, title) in PROBLEMS.items() if hasattr(refusal, "code")}
    return {
        "type": TYPE + code,
        "title": titles.get(code, "Try again" if code == UNAVAILABLE else "Something broke"),
        "status": status,
        "detail": "What was wrong with this very request.",
        "code": code,
        "correlationId": "KdTq1hTWliAEJ7w=",
    }


def _success(operation: Operation, status: int, view: Any, others: Sequence[tuple[str, Operation]]) -> Json:
    headers: Json = {"X-Correlation-Id": _CORRELATION}
    named = views_in(operation.answers[200] if status == 304 else view)[0]
    if any(named is each for each in VERSIONED):
        headers["ETag"] = _ETAG
    elif operation.revalidates:
        headers["ETag"] = _WEAK_ETAG
    if status in (201, 202):
        headers["Location"] = {"schema": _TEXT | {"format": "uri-reference"}}
    if operation.dry_run is not None and status == 200:
        headers["Preference-Applied"] = _APPLIED
    if view is None:
        return {"description": ABOUT_EMPTY[status], "headers": headers}
    told: Json = {
        "description": ABOUT_STATUS.get(status, "As it is now"),
        "headers": headers,
        "content": _content(view),
    }
    # A guest has a token and no account: nothing leads them to where they would have to sign in.
    open_to_them = (other for _, other in others if other.public or operation not in guest_api.operations)
    if links := links_from(named, open_to_them, etag=headers.get("ETag") is _ETAG):
        told["links"] = links
    return told


def _content(view: Any) -> Json:
    if isinstance(view, str):
        return {view: {"schema": _TEXT}}
    schemas = [
        {"$ref": REFS + each.__name__} if is_typeddict(each) else {"type": "object"}
        for each in views_in(view)
    ]
    return {"application/json": {"schema": schemas[0] if len(schemas) == 1 else {"oneOf": schemas}}}


def _codes(operation: Operation) -> dict[int, set[str]]:
    refusals: set[type[errors.Refusal]] = {*operation.refuses}
    if not operation.public:
        refusals.add(Unauthenticated)
    if operation.path_ids:
        refusals.add(errors.NotFound)
    if operation.query or operation.body is not None:
        refusals.add(NotValid)
    if operation.body is not None:
        refusals |= {errors.Malformed, PayloadTooLarge, errors.KeyReused}
    codes: dict[int, set[str]] = defaultdict(set)
    for refusal in refusals:
        codes[PROBLEMS[refusal][0]].add(refusal.code)
    codes[500].add(INTERNAL)
    codes[PROBLEMS[errors.Unavailable][0]].add(UNAVAILABLE)
    return codes


def rendered() -> str:
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str]) -> int:
    text = rendered()
    stale = [target for target in TARGETS if not target.is_file() or target.read_text("utf-8") != text]
    if "--check" in arguments:
        for target in stale:
            print(f"{target.relative_to(REPOSITORY)} is stale: run python -m local.openapi", file=sys.stderr)
        return 1 if stale else 0
    for target in stale:
        target.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
