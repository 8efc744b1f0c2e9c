"""How bodies name what is asked for: a published slot, or a start of a service; and for whom (API.md)."""

from collections.abc import Iterable, Iterator

from holdfast.app.wish import FreeStart, Wish
from holdfast.domain.place import SlotKey
from holdfast.http.api import Call
from holdfast.http.bodies import (
    Body,
    ContactBody,
    CrossCheckedBody,
    Id,
    InstantText,
    Notes,
    Object,
    SlotId,
    Subject,
    Units,
    left_out,
)

NEEDED = ("businessId", "serviceId", "start")
ALLOWED = ("resourceId", "end")


class WishBody(Body):
    """What the booking shall say."""

    units: Units = 1
    notes: Notes | None = None
    contact: ContactBody | None = None
    subject: Subject | None = None
    metadata: Object | None = None

    def wish(self, spot: SlotKey | FreeStart) -> Wish:
        return Wish(
            spot=spot,
            units=self.units,
            notes=self.notes,
            contact=self.contact.contact() if self.contact else None,
            subject=self.subject,
            metadata=self.metadata or {},
        )


class SpotBody(CrossCheckedBody):
    """A published slot; or a start of a service, with a resource or with any that serves it, up to `end` or
    as long as the service lasts."""

    slot_id: SlotId = left_out()
    business_id: Id = left_out()
    service_id: Id = left_out()
    resource_id: Id = left_out()
    start: InstantText = left_out()
    end: InstantText = left_out()

    @classmethod
    def faults(cls, given: Iterable[str]) -> Iterator[tuple[str, str]]:
        names = set(given)
        if "slotId" in names:
            for name in names & {*NEEDED, *ALLOWED}:
                yield f"/{name}", "does not go with slotId"
        elif not names & {*NEEDED, *ALLOWED}:
            yield "/slotId", "must be given, or businessId, serviceId and start"
        else:
            for name in {*NEEDED} - names:
                yield f"/{name}", "must be given where slotId is not"

    def spot[B](self, call: Call[B]) -> SlotKey | FreeStart:
        """Its business is the call's. Raises NotFound where the slot's id is none."""
        if "slot_id" in self.model_fields_set:
            return call.slot_key(self.slot_id)
        call.business = self.business_id
        return FreeStart(
            business=self.business_id,
            service=self.service_id,
            resource=self.resource_id,
            start=self.start,
            end=self.end,
        )
