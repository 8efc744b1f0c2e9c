"""Refusals as problem documents (RFC 9457): the one place that knows which status a rule's no has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holdfast.domain import errors
from holdfast.domain.errors import Refusal, Unavailable
from holdfast.http.documents import NotValid, PayloadTooLarge

TYPE = "urn:holdfast:problem:"
MEDIA_TYPE = "application/problem+json"


class Unauthenticated(Refusal):
    code = "unauthenticated"

    def __init__(self) -> None:
        super().__init__("Send a token of the user pool.")


PROBLEMS: Mapping[type[Exception], tuple[int, str]] = {
    errors.Malformed: (400, "The request cannot be read"),
    Unauthenticated: (401, "Authentication is required"),
    errors.Forbidden: (403, "Not yours to do"),
    errors.NotFound: (404, "Not found"),
    errors.SlotFull: (409, "The slot is full"),
    errors.SlotHeld: (409, "The slot is held"),
    errors.SlotBlocked: (409, "The slot is closed"),
    errors.SlotPast: (409, "The slot has begun"),
    errors.AlreadyHeld: (409, "Held already"),
    errors.AlreadyInQueue: (409, "Held or waited for already"),
    errors.QueueFull: (409, "The queue is full"),
    errors.SlotNotFull: (409, "The slot is not full"),
    errors.Overlap: (409, "The time is taken"),
    errors.NotOffered: (409, "Not to be had"),
    errors.SeriesNotOffered: (409, "Not to be had"),
    errors.SlotInUse: (409, "The slot has live bookings"),
    errors.ResourceInUse: (409, "The resource is needed"),
    errors.ServiceInUse: (409, "The service has appointments"),
    errors.AlreadyExists: (409, "The id is taken"),
    errors.InvalidTransition: (409, "The booking's state does not allow it"),
    errors.HoldLimit: (409, "A hold cannot be kept that long"),
    errors.RequestInProgress: (409, "The same request is in progress"),
    errors.HoldExpired: (410, "The hold has ended"),
    errors.StaleVersion: (412, "It has changed"),
    PayloadTooLarge: (413, "The body is too large"),
    errors.Invalid: (422, "The request is not valid"),
    NotValid: (422, "The request is not valid"),
    errors.PolicyViolation: (422, "A policy forbids it"),
    errors.KeyReused: (422, "The idempotency key was used before"),
    errors.PreconditionRequired: (428, "If-Match is required"),
    errors.RateLimited: (429, "Too many requests"),
    Unavailable: (503, "Try again"),
}
"""Each with its status and title."""

UNAVAILABLE = "temporarily_unavailable"
INTERNAL = "internal_error"

_TRY_AGAIN = "The deed may have happened or not; repeating it with the same Idempotency-Key is safe."


def problem(
    error: Exception, correlation_id: str, *, support_contact: str | None = None
) -> tuple[int, dict[str, Any]]:
    """The status and the document. What is neither a refusal nor Unavailable tells nothing of itself."""
    facts: dict[str, object] = {}
    if isinstance(error, Refusal):
        status, title = PROBLEMS[type(error)]
        facts, detail, code = dict(error.facts), error.detail, error.code
    elif isinstance(error, Unavailable):
        status, title = PROBLEMS[Unavailable]
        detail, code = _TRY_AGAIN, UNAVAILABLE
        facts["retryAfter"] = error.retry_after
        if support_contact:
            facts["supportContact"] = support_contact
    else:
        status, title = 500, "Something broke"
        detail, code = "It has been noted under this correlation id.", INTERNAL
    return status, facts | {
        "type": TYPE + code,
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "correlationId": correlation_id,
    }
