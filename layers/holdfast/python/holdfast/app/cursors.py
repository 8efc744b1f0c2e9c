"""Page cursors: opaque to clients, checked when they come back."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from holdfast.domain.errors import Invalid


def encode(*parts: str) -> str:
    return urlsafe_b64encode(json.dumps(parts).encode()).decode()


def decode(cursor: str, *shapes: str) -> list[str]:
    """The parts of a cursor, each of its shape (a pattern): they go into keys, where DynamoDB would refuse
    what is none. Raises Invalid where the cursor is not one of ours."""
    try:
        parts = json.loads(urlsafe_b64decode(cursor.encode("ascii")))
    except (ValueError, RecursionError):  # not ASCII, not base64, not UTF-8, not JSON: all are ValueErrors
        raise not_ours() from None
    if not isinstance(parts, list) or len(parts) != len(shapes):
        raise not_ours()
    for part, shape in zip(parts, shapes, strict=True):
        if not isinstance(part, str) or not re.fullmatch(shape, part):
            raise not_ours()
    return parts


def not_ours() -> Invalid:
    return Invalid("/query/cursor", "is not a cursor of this list")
