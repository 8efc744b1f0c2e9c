"""What customers send about bookings."""

from dataclasses import replace
from typing import Literal, Self

from pydantic import model_validator

from holdfast.app.wish import FreeStart, Wish
from holdfast.domain.place import SlotKey
from holdfast.http.bodies import (
    Body,
    ContactBody,
    Notes,
    Object,
    Seconds,
    Subject,
    Units,
    left_out,
)
from holdfast.http.booking_bodies import CancelBody, ExtendBody, RescheduleBody
from holdfast.http.spot_body import SpotBody, WishBody

__all__ = [
    "AmendBody",
    "ConfirmBody",
    "ExtendBody",
    "JoinBody",
    "ReserveBody",
    "ScopedCancelBody",
    "ScopedRescheduleBody",
]

ScopeName = Literal["this", "following", "all"]
"""Of a series: the booking that is named, those after it as well, or all of them."""


class JoinBody(WishBody):
    """What the booking shall say that comes of the place."""


class ReserveBody(SpotBody, WishBody):
    """Whether to wait for a full slot is the business's to say if left out."""

    hold_seconds: Seconds | None = None
    join_queue_if_full: bool = left_out()

    def wish(self, spot: SlotKey | FreeStart) -> Wish:
        wish = super().wish(spot)
        return replace(wish, hold_seconds=self.hold_seconds, join_if_full=self.join_queue_if_full)


class ConfirmBody(Body):
    contact: ContactBody | None = None
    notes: Notes | None = None


class ScopedCancelBody(CancelBody):
    """Without a scope it is this one."""

    scope: ScopeName = "this"


class ScopedRescheduleBody(RescheduleBody):
    """Where to, as in a reserve. Without an end an appointment stays as long as it is. With a scope others of
    its series move by as much on the wall clock."""

    scope: ScopeName = "this"


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
