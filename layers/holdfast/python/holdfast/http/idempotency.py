"""Idempotency-Key and If-Match: what makes a request the same request (SEC-3, DESIGN 3)."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from holdfast.app.asked import Asked
from holdfast.domain.caller import Caller
from holdfast.domain.errors import Invalid
from holdfast.domain.identity import derived_id, short_hash
from holdfast.domain.instants import Instant
from holdfast.http.documents import canonical
from holdfast.http.request import Request

KEY = r"[\x20-\x7e]{8,255}"
GUEST_KEY = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
ETAG = r'"[1-9][0-9]{0,8}"'
_KEY, _GUEST_KEY, _ETAG = re.compile(KEY), re.compile(GUEST_KEY), re.compile(ETAG)


def asked(
    request: Request, caller: Caller, document: dict[str, Any], now: Instant, *, dry_run: bool = False
) -> Asked:
    """The request as the use cases see it. Its scope is caller, method and path with its actual ids.

    Raises Invalid for a key or an If-Match that is none.
    """
    key = idempotency_key(request)
    if_match = request.headers.get("if-match")
    return Asked(
        caller=caller,
        now=now,
        op=derived_id("op", caller.id, request.method, request.path, key)
        if key is not None
        else derived_id("op", uuid4().hex),
        fingerprint=short_hash("request", canonical(document), if_match or ""),
        keyed=key is not None,
        expects=version(if_match),
        dry_run=dry_run,
    )


def asked_to_read(caller: Caller, now: Instant) -> Asked:
    """A read has no effect that a key could name."""
    return Asked(caller=caller, now=now, op="read", fingerprint="", keyed=False)


def idempotency_key(request: Request) -> str | None:
    """The key under either of its names; raises Invalid if it is none or the names disagree."""
    sent = {
        name: request.headers[name]
        for name in ("idempotency-key", "x-idempotency-key")
        if name in request.headers
    }
    for name, key in sent.items():
        if not _KEY.fullmatch(key):
            raise Invalid(f"/headers/{name}", "must be 8 to 255 printable ASCII characters")
    if len(set(sent.values())) > 1:
        raise Invalid("/headers/x-idempotency-key", "differs from Idempotency-Key")
    return next(iter(sent.values()), None)


def require_uuid(request: Request) -> None:
    """What a guest made under a key is told to whoever repeats it, so the key must be hard to guess (SEC-3).

    Raises Invalid."""
    key = idempotency_key(request)
    if key is not None and not _GUEST_KEY.fullmatch(key):
        raise Invalid("/headers/idempotency-key", "must be a UUID where no token tells who asks")


def version(if_match: str | None) -> int | None:
    """The version a strong ETag names; None for `*` and for no header. Raises Invalid for anything else.

    An empty header is not the same as none: whoever sends it means to be checked and lost the value.
    """
    wanted = "*" if if_match is None else if_match.strip()
    if wanted == "*":
        return None
    if not _ETAG.fullmatch(wanted):
        raise Invalid("/headers/if-match", 'must be one strong ETag as answered, such as "7"')
    return int(wanted[1:-1])
