"""An API Gateway HTTP API event (payload format 2.0), read in one place and once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import uuid4

_CORRELATION_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Header names are lower-case here: AWS sends them so, the local emulator as the client wrote them."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: str | None
    base64: bool
    claims: Mapping[str, Any] | None
    correlation_id: str

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Self:
        context = event["requestContext"]
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        path, stage = event["rawPath"], context.get("stage", "$default")
        if path.startswith(f"/{stage}/"):
            path = path[len(stage) + 1 :]
        asked_for = headers.get("x-correlation-id", "")
        return cls(
            method=context["http"]["method"],
            path=path,
            headers=headers,
            query=event.get("queryStringParameters") or {},
            body=event.get("body"),
            base64=bool(event.get("isBase64Encoded")),
            claims=((context.get("authorizer") or {}).get("jwt") or {}).get("claims"),
            correlation_id=asked_for
            if _CORRELATION_ID.fullmatch(asked_for)
            else context.get("requestId") or uuid4().hex,
        )
