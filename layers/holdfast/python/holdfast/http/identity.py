"""Who calls, as the gateway's JWT authoriser verified it (SEC-1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from holdfast.domain.caller import Caller
from holdfast.http.problem import Unauthenticated

_SUBJECT = re.compile(r"[\x21-\x7e]{1,128}")
_BETWEEN_GROUPS = re.compile(r"[\s,\"'\[\]]+")


def caller(claims: Mapping[str, Any] | None) -> Caller:
    """The caller behind the claims of an ID or access token; raises Unauthenticated."""
    subject = claims.get("sub") if claims else None
    if claims is None or not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise Unauthenticated
    return Caller(subject, groups(claims.get("cognito:groups")))


def groups(claim: object) -> frozenset[str]:
    """Group names hold no spaces, so every way a gateway flattens the list can be told apart:
    `[a b]` (AWS), `a,b`, `["a", "b"]`, and the list itself."""
    if isinstance(claim, list):
        claim = " ".join(str(name) for name in claim)
    return frozenset(filter(None, _BETWEEN_GROUPS.split(claim))) if isinstance(claim, str) else frozenset()
