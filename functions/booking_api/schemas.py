"""What customers send about bookings."""

from __future__ import annotations

from typing import Any, Self

from pydantic import field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema

from holdfast.http.bodies import (
    Body,
    ContactBody,
    Notes,
    Object,
    Reason,
    Seconds,
    SlotId,
    Subject,
    Units,
    left_out,
)


class ReserveBody(Body):
    """A published slot. Queues come with a later version, so `joinQueueIfFull` is refused for now."""

    slot_id: SlotId
    units: Units = 1
    hold_seconds: Seconds | None = None
    join_queue_if_full: SkipJsonSchema[bool] = left_out()
    notes: Notes | None = None
    contact: ContactBody | None = None
    subject: Subject | None = None
    metadata: Object | None = None

    @field_validator("join_queue_if_full", mode="before")
    @classmethod
    def _no_queues_yet(cls, value: Any) -> Any:
        raise ValueError("is not offered yet: queues come with a later version")


class ExtendBody(Body):
    seconds: Seconds


class ConfirmBody(Body):
    contact: ContactBody | None = None
    notes: Notes | None = None


class CancelBody(Body):
    reason: Reason | None = None


class AmendBody(Body):
    """What is left out stays. Contact, metadata and subject are replaced as a whole."""

    notes: Notes = left_out()
    contact: ContactBody = left_out()
    metadata: Object = left_out()
    subject: Subject = left_out()
    units: Units = left_out()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("must name what to change")
        return self
