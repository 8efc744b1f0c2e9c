"""Request bodies, from bytes to a JSON object that nothing further in can stumble over.

What JSON lets through and no member may hold is refused here with a pointer, before any model looks: lone
surrogates, control characters, numbers a double cannot hold, endless nesting.
"""

from __future__ import annotations

import json
import math
import re
from base64 import b64decode
from collections.abc import Iterable
from typing import Any, NoReturn

from holdfast.domain.errors import Malformed, Refusal
from holdfast.http.request import Request

LARGEST_BODY = 64 * 1024
DEEPEST_BODY = 16
LARGEST_NUMBER = 2**53
MOST_ERRORS = 50
"""More faults than this are not told: the answer must not outgrow the request."""

UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Characters that no text may have."""

_JSON_TYPE = re.compile(r"\s*application/([a-z0-9.-]+\+)?json\s*(;.*)?", re.IGNORECASE)
_LONGEST_TOKEN = 64


class PayloadTooLarge(Refusal):
    code = "payload_too_large"


class NotValid(Refusal):
    """Like `Invalid`, with all the faults at once."""

    code = "validation_failed"

    def __init__(self, faults: Iterable[tuple[str, str]]) -> None:
        self.faults = list(faults)
        told = sorted(self.faults)[:MOST_ERRORS]
        super().__init__(
            "The request is not valid.",
            errors=[{"pointer": pointer, "detail": detail} for pointer, detail in told],
        )


def pointer(*tokens: object) -> str:
    """A JSON Pointer (RFC 6901). Tokens come from the client, so they are cut and made fit to print."""
    cut = (UNFIT.sub("\ufffd", str(token)[:_LONGEST_TOKEN]) for token in tokens)
    return "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in cut)


def read_document(request: Request) -> dict[str, Any]:
    """The body's JSON object; an absent body is an empty one.

    Raises Malformed, PayloadTooLarge or NotValid.
    """
    raw = _bytes(request)
    if len(raw) > LARGEST_BODY:
        raise PayloadTooLarge(f"A body has at most {LARGEST_BODY} bytes.")
    if not raw.strip():
        return {}
    if not _JSON_TYPE.fullmatch(request.headers.get("content-type", "application/json")):
        _malformed("The body must be application/json.", "/headers/content-type")
    try:
        document = json.loads(raw.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        _malformed("The body is not JSON in UTF-8.")
    if not isinstance(document, dict):
        _malformed("The body must be a JSON object.")
    if faults := list(_faults(document)):
        raise NotValid(faults)
    return document


def canonical(document: dict[str, Any]) -> str:
    """The same text for the same content, whatever its spacing and order."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def _bytes(request: Request) -> bytes:
    if not request.body:
        return b""
    if len(request.body) > 2 * LARGEST_BODY:
        raise PayloadTooLarge(f"A body has at most {LARGEST_BODY} bytes.")
    try:
        return b64decode(request.body, validate=True) if request.base64 else request.body.encode()
    except ValueError:
        _malformed("The body is not JSON in UTF-8.")


def _malformed(detail: str, at: str = "") -> NoReturn:
    raise Malformed(detail, errors=[{"pointer": at, "detail": detail}]) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _faults(document: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """Walks without recursion, since the nesting is the client's."""
    waiting: list[tuple[tuple[object, ...], Any]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            if UNFIT.search(value):
                yield pointer(*path), "has characters that no text may have"
        elif isinstance(value, dict | list):
            if len(path) >= DEEPEST_BODY:
                yield pointer(*path), "is nested too deeply"
            elif isinstance(value, dict):
                for name, inner in value.items():
                    if UNFIT.search(name):
                        yield pointer(*path, name), "has a name with characters that no text may have"
                    waiting.append(((*path, name), inner))
            else:
                waiting.extend(((*path, index), inner) for index, inner in enumerate(value))
        elif isinstance(value, float):
            if not math.isfinite(value) or abs(value) > LARGEST_NUMBER:
                yield pointer(*path), "is a number out of range"
        elif isinstance(value, int) and abs(value) > LARGEST_NUMBER:
            yield pointer(*path), "is a number out of range"
