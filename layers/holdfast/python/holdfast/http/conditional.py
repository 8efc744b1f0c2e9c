"""ETags and If-None-Match: a client that has an answer already is not sent it again (RFC 9110, 13.1.2)."""

from __future__ import annotations

import re

from holdfast.http.api import Answer

_OPAQUE = re.compile(r'(?:W/)?("[^"]*")')


def etag(answer: Answer) -> str | None:
    """Strong where a version names it, so that If-Match takes it."""
    if answer.version is not None:
        return f'"{answer.version}"'
    return None if answer.digest is None else f'W/"{answer.digest}"'


def has_it(if_none_match: str | None, answer: Answer) -> bool:
    """Whether one of the tags the client sent names this answer, by the weak comparison; `*` names any."""
    tag = etag(answer)
    if if_none_match is None or tag is None or answer.outdated:
        return False
    if if_none_match.strip() == "*":
        return True
    return tag.removeprefix("W/") in _OPAQUE.findall(if_none_match)
