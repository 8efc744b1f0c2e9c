"""Page cursors: opaque to clients, checked when they come back."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from holdfast.domain.errors import Invalid


def encode(*parts: str) -> str:
    return urlsafe_b64encode(json.dumps(parts).encode()).decode()


def decode(cursor: str, count: int) -> list[str]:
    """The parts of a cursor; raises Invalid where it is not one of ours."""
    try:
        parts = json.loads(urlsafe_b64decode(cursor.encode("ascii")))
    except (ValueError, RecursionError):  # not ASCII, not base64, not UTF-8, not JSON: all are ValueErrors
        parts = None
    if not isinstance(parts, list) or len(parts) != count or not all(isinstance(part, str) for part in parts):
        raise not_ours()
    return parts


def not_ours() -> Invalid:
    return Invalid("/query/cursor", "is not a cursor of this list")
