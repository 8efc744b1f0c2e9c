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
    """Header names are lower-case here: AWS sends them so, the local emulator as the client wrote them.
    `source` is the network address as the gateway saw it, which is neither kept nor logged."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: str | None
    base64: bool
    claims: Mapping[str, Any] | None
    source: str
    correlation_id: str

    def prefers(self, preference: str) -> bool:
        """Whether that stands in the Prefer header (RFC 7240), where preferences may have parameters."""
        named = (each.partition(";")[0].strip() for each in self.headers.get("prefer", "").split(","))
        return preference in map(str.lower, named)

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
            source=context["http"].get("sourceIp", ""),
            correlation_id=asked_for
            if _CORRELATION_ID.fullmatch(asked_for)
            else context.get("requestId") or uuid4().hex,
        )
