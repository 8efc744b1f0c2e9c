"""What customers send about bookings."""

from dataclasses import replace
from typing import Self

from pydantic import model_validator

from holdfast.app.wish import Wish
from holdfast.domain.place import SlotKey
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


class JoinBody(Body):
    """What the booking shall say that comes of the place."""

    units: Units = 1
    notes: Notes | None = None
    contact: ContactBody | None = None
    subject: Subject | None = None
    metadata: Object | None = None

    def wish(self, slot: SlotKey) -> Wish:
        return Wish(
            slot=slot,
            units=self.units,
            notes=self.notes,
            contact=self.contact.contact() if self.contact else None,
            subject=self.subject,
            metadata=self.metadata or {},
        )


class ReserveBody(JoinBody):
    """A published slot. Whether to wait where it is full is the business's to say if left out."""

    slot_id: SlotId
    hold_seconds: Seconds | None = None
    join_queue_if_full: bool = left_out()

    def wish(self, slot: SlotKey) -> Wish:
        wish = super().wish(slot)
        return replace(wish, hold_seconds=self.hold_seconds, join_if_full=self.join_queue_if_full)


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
