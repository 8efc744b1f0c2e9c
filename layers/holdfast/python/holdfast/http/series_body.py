"""How bodies ask for the same several times over: at several slots, or starts, or by a rule (API.md)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from holdfast.app.recurrence import LONGEST_RULE
from holdfast.app.series_wish import SeriesWish
from holdfast.app.wish import FreeStart
from holdfast.domain.instants import MINUTE
from holdfast.domain.place import LONGEST_SLOT, SlotKey
from holdfast.domain.series import MOST_ONE_BY_ONE, Mode
from holdfast.http.api import Call
from holdfast.http.bodies import ONE_LINE, CrossCheckedBody, Id, InstantText, Seconds, SlotId, left_out
from holdfast.http.documents import NotValid
from holdfast.http.spot_body import WishBody


class SeriesBody(CrossCheckedBody, WishBody):
    """Published slots of one business; or several starts of a service, or all that a rule makes of one. Each
    lasts `durationMinutes`, or as long as the service does."""

    slot_ids: Annotated[list[SlotId], Field(min_length=1, max_length=MOST_ONE_BY_ONE)] = left_out()
    business_id: Id = left_out()
    service_id: Id = left_out()
    resource_id: Id = left_out()
    starts: Annotated[list[InstantText], Field(min_length=1, max_length=MOST_ONE_BY_ONE)] = left_out()
    start: InstantText = left_out()
    rrule: Annotated[str, Field(min_length=1, max_length=LONGEST_RULE, pattern=ONE_LINE)] = left_out()
    duration_minutes: Annotated[int, Field(ge=1, le=LONGEST_SLOT // MINUTE)] = left_out()
    hold_seconds: Seconds | None = None
    mode: Literal["all_or_nothing", "skip_conflicts", "preview"] = "all_or_nothing"

    @classmethod
    def faults(cls, given: Iterable[str]) -> Iterator[tuple[str, str]]:
        names = set(given)
        by_rule = {"start", "rrule"}
        of_a_service = {"businessId", "serviceId", "resourceId", "durationMinutes", "starts", *by_rule}
        if "slotIds" in names:
            for name in names & of_a_service:
                yield f"/{name}", "does not go with slotIds"
            return
        if not names & of_a_service:
            yield "/slotIds", "must be given, or businessId, serviceId and starts"
            return
        for name in {"businessId", "serviceId"} - names:
            yield f"/{name}", "must be given where slotIds are not"
        if "starts" in names:
            for name in names & by_rule:
                yield f"/{name}", "does not go with starts"
        elif not names & by_rule:
            yield "/starts", "must be given, or start and rrule"
        else:
            for name in by_rule - names:
                yield f"/{name}", "must be given where starts are not"

    def plan[B](self, call: Call[B]) -> SeriesWish:
        """Its business is the call's. Raises NotFound where the id of a slot is none, NotValid where they are
        not of one business."""
        first, *others = self._spots(call)
        if any(each.business != first.business for each in others):
            raise NotValid([("/slotIds", "must be of one business")])
        return SeriesWish(
            wish=replace(self.wish(first), hold_seconds=self.hold_seconds),
            others=others,
            rule=self.rrule,
            mode=Mode(self.mode),
        )

    def _spots[B](self, call: Call[B]) -> Sequence[SlotKey | FreeStart]:
        if "slot_ids" in self.model_fields_set:
            return [call.slot_key(each) for each in self.slot_ids]
        call.business = self.business_id
        lasts = None if self.duration_minutes is None else self.duration_minutes * MINUTE
        return [
            FreeStart(
                business=self.business_id,
                service=self.service_id,
                resource=self.resource_id,
                start=start,
                end=None if lasts is None else start + lasts,
            )
            for start in self.starts or [self.start]
        ]
