"""Everything a rule can refuse.

Refusal                  a rule said no; `code` is part of the public contract
├── NotFound             no such thing, or not yours to know of
├── Forbidden            yours to know of, not yours to do
├── Malformed            the request cannot be read as one
├── Invalid              a value outside its bounds, with a pointer to it
├── KeyReused            this idempotency key came with another body before
├── RequestInProgress    the same key is being worked on right now
├── SlotFull             no room, and none that a lapse could bring
├── SlotHeld             no room now, but some of it is only held
├── SlotBlocked          closed by an admin
├── SlotPast             it has begun
├── AlreadyHeld          this owner has it already, with other units or as another booking
├── AlreadyInQueue       this owner has the slot, or waits for other units of it
├── QueueFull            nobody more may wait
├── SlotNotFull          there is room and nobody waits, so there is nothing to wait for
├── Overlap              the resource is taken for (part of) that time
├── NotOffered           an appointment or a slot cannot be had there now, with the reasons
├── SeriesNotOffered     the same of a series that is had whole or not at all
├── SlotInUse            live bookings stand in the way
├── ResourceInUse        slots or appointments of it are still to come, or a service needs it
├── ServiceInUse         appointments of it are still to come
├── AlreadyExists        the id is taken
├── InvalidTransition    the state of the booking or the place does not allow the deed
├── HoldExpired          the hold ended before the deed
├── HoldLimit            a hold cannot be kept that long
├── StaleVersion         If-Match names a version that is gone
├── PreconditionRequired the deed needs If-Match
├── PolicyViolation      the business's policy forbids the deed, with the rule's name
└── RateLimited          this caller asks too often; trying later works
Unavailable              no rule spoke: a dependency failed, trying again may work
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar


class Refusal(Exception):
    """A rule said no. `facts` are what a client needs to recover; they stand in the problem document."""

    code: ClassVar[str]

    def __init__(self, detail: str, **facts: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts: Mapping[str, object] = facts


class NotFound(Refusal):
    code = "not_found"

    def __init__(self, what: str) -> None:
        super().__init__(f"There is no such {what}.")


class Forbidden(Refusal):
    code = "forbidden"


class Malformed(Refusal):
    code = "malformed_request"


class Invalid(Refusal):
    """A value that fails a rule; `pointer` is a JSON Pointer into the request (RFC 6901)."""

    code = "validation_failed"

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__("The request is not valid.", errors=[{"pointer": pointer, "detail": detail}])


class KeyReused(Refusal):
    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This idempotency key was used with another request.")


class RequestInProgress(Refusal):
    code = "request_in_progress"

    def __init__(self) -> None:
        super().__init__("A request with this idempotency key is being worked on.", retryAfter=1)


class SlotFull(Refusal):
    code = "slot_full"

    def __init__(self, *, available: int, waiting: int = 0) -> None:
        super().__init__("There is no room left.", available=available, waiting=waiting)


class SlotHeld(Refusal):
    """Full, but holds among the claims may lapse; `retry_after` is in whole seconds."""

    code = "slot_held"

    def __init__(self, *, available: int, retry_after: int, waiting: int = 0) -> None:
        super().__init__(
            "There is no room now, but some of it is only held.",
            available=available,
            retryAfter=retry_after,
            waiting=waiting,
        )


class SlotBlocked(Refusal):
    code = "slot_blocked"

    def __init__(self) -> None:
        super().__init__("The slot is closed.")


class SlotPast(Refusal):
    code = "slot_past"

    def __init__(self) -> None:
        super().__init__("The slot has begun.")


class AlreadyHeld(Refusal):
    code = "already_held"

    def __init__(self, booking_id: str, *, units: int) -> None:
        super().__init__("A booking stands there already.", bookingId=booking_id, heldUnits=units)


class AlreadyInQueue(Refusal):
    """`facts` tell the booking they hold there, or the place they have."""

    code = "already_in_queue"


class QueueFull(Refusal):
    code = "queue_full"

    def __init__(self, *, most: int) -> None:
        super().__init__(f"At most {most} may wait for this slot.", maxSize=most)


class SlotNotFull(Refusal):
    code = "slot_not_full"

    def __init__(self, *, available: int) -> None:
        super().__init__("There is room: reserve it.", available=available)


class Overlap(Refusal):
    """`slot_ids` and `bookings` are the ones in the way."""

    code = "overlap"

    def __init__(self, detail: str, slot_ids: Sequence[str], bookings: Sequence[str] = ()) -> None:
        appointments: dict[str, object] = {"bookingIds": list(bookings)} if bookings else {}
        super().__init__(detail, slotIds=list(slot_ids), **appointments)
        self.slot_ids = slot_ids


class NotOffered(Refusal):
    """`reasons` are the evaluator's, or a custom rule's own; what is taken may come back where some of it is
    only held, after `retry_after` whole seconds at the earliest."""

    code = "not_offered"

    def __init__(self, reasons: Sequence[str], *, available: int = 0, retry_after: int | None = None) -> None:
        facts: dict[str, object] = {"reasons": list(reasons), "available": available}
        if retry_after is not None:
            facts["retryAfter"] = retry_after
        super().__init__("That cannot be had: " + ", ".join(reasons) + ".", **facts)
        self.reasons = tuple(reasons)


class SeriesNotOffered(Refusal):
    """`refused` are the starts of those occurrences that cannot be had, in milliseconds, each with its
    reasons."""

    code = "not_offered"

    def __init__(self, refused: Sequence[tuple[int, Sequence[str]]]) -> None:
        reasons = sorted({reason for _, some in refused for reason in some})
        super().__init__("Not all of that can be had: " + ", ".join(reasons) + ".", reasons=reasons)
        self.refused = refused


def reasons_of(refusal: Refusal) -> tuple[str, ...]:
    """In codes: what stands in the way of a place, else the policy's rule, else the refusal's own code."""
    if isinstance(refusal, NotOffered):
        return refusal.reasons
    rule = refusal.facts.get("rule")
    return (str(rule) if rule else refusal.code,)


class SlotInUse(Refusal):
    """What an admin wants would end or squeeze out live bookings or who waits; holds count too."""

    code = "slot_in_use"

    def __init__(self, detail: str, *, bookings: int, units: int, waiting: int = 0) -> None:
        super().__init__(detail, liveBookings=bookings, takenUnits=units, waiting=waiting)


class ResourceInUse(Refusal):
    """Some of its slots and bookings still to come, and the services that cannot do without it."""

    code = "resource_in_use"

    def __init__(
        self, slot_ids: Sequence[str], bookings: Sequence[str] = (), services: Sequence[str] = ()
    ) -> None:
        super().__init__(
            "The resource has slots or appointments still to come, or a service needs it.",
            slotIds=list(slot_ids),
            bookingIds=list(bookings),
            serviceIds=list(services),
        )


class ServiceInUse(Refusal):
    """`bookings` are some of its appointments still to come."""

    code = "service_in_use"

    def __init__(self, bookings: Sequence[str]) -> None:
        super().__init__("The service has appointments still to come.", bookingIds=list(bookings))


class AlreadyExists(Refusal):
    code = "already_exists"


class InvalidTransition(Refusal):
    code = "invalid_transition"

    def __init__(self, before: str, after: str, *, what: str = "booking") -> None:
        super().__init__(f"A {what} that is {before} cannot become {after}.", **{"from": before, "to": after})


class HoldExpired(Refusal):
    code = "hold_expired"

    def __init__(self) -> None:
        super().__init__("The hold has ended.")


class HoldLimit(Refusal):
    code = "hold_limit"

    def __init__(self, *, total_seconds: int) -> None:
        super().__init__(
            f"A hold lasts at most {total_seconds} seconds in all.", totalMaxSeconds=total_seconds
        )


class StaleVersion(Refusal):
    code = "stale_version"

    def __init__(self, current: int) -> None:
        super().__init__("It has changed since that version.", currentVersion=current)


class PreconditionRequired(Refusal):
    code = "precondition_required"

    def __init__(self) -> None:
        super().__init__("Send the version you read as If-Match.")


class PolicyViolation(Refusal):
    code = "policy_violation"

    def __init__(self, rule: str, detail: str, **facts: object) -> None:
        super().__init__(detail, rule=rule, **facts)
        self.rule = rule


class RateLimited(Refusal):
    """`retry_after` is in whole seconds."""

    code = "rate_limited"

    def __init__(self, *, limit: int, retry_after: int) -> None:
        super().__init__(f"At most {limit} such requests a minute.", retryAfter=retry_after)


class Unavailable(Exception):
    """A dependency failed or answered too late. The deed may have happened: repeating it is safe."""

    def __init__(self, reason: str, *, retry_after: int = 1) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
