"""What admins send of services, own holidays and time off (API.md, Shapes of the catalog).

A member of a service that is left out, or null, is as the business or its preset has it.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from functions.admin_api.schemas import Day, Grid, Policies, Prices, Tier
from holdfast.domain.closures import TimeOff
from holdfast.http.bodies import Body, Id, InstantText, MoneyBody, Name, Reason, Units, left_out

LongMinutes = Annotated[int, Field(ge=1, le=7 * 24 * 60)]
ResourceIds = Annotated[list[Id], Field(min_length=1, max_length=100)]


class RequirementBody(Body):
    kind: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")]
    count: Annotated[int, Field(ge=1, le=20)]


class ServiceTermsBody(Body):
    """Without a duration it lasts as long as the preset's do. Grid, policies and refund tiers override the
    business's: the first two member by member."""

    name: Name
    duration_minutes: LongMinutes = left_out()
    min_duration_minutes: LongMinutes | None = left_out()
    max_duration_minutes: LongMinutes | None = left_out()
    grid: Grid | None = left_out()
    max_simultaneous: Units | None = left_out()
    resource_ids: ResourceIds | None = left_out()
    requires: Annotated[list[RequirementBody], Field(max_length=10)] | None = left_out()
    price: MoneyBody | None = left_out()
    prices: Prices | None = left_out()
    policies: Policies | None = left_out()
    refund_tiers: Annotated[list[Tier], Field(max_length=20)] | None = left_out()

    def settings(self) -> dict[str, Any]:
        """What was given, under the names of the contract."""
        given = self.model_dump(by_alias=True, exclude_unset=True, exclude={"service_id"})
        return {name: value for name, value in given.items() if value is not None}


class ServiceBody(ServiceTermsBody):
    service_id: Id


class HolidayTermsBody(Body):
    """Whole local days, the last one included. A yearly one comes back from its first on; one of no resources
    closes nothing and only sets the price."""

    date: Day
    end_date: Day | None = left_out()
    name: Name
    kind: Literal["public", "blackout", "maintenance"]
    yearly: bool = False
    resource_ids: Annotated[list[Id], Field(max_length=100)] | None = left_out()

    def settings(self) -> dict[str, Any]:
        """What was given, under the names of the contract, days as text."""
        given = self.model_dump(by_alias=True, exclude={"holiday_id"}, mode="json")
        return {name: value for name, value in given.items() if value is not None}


class HolidayBody(HolidayTermsBody):
    """Without an id it gets one."""

    holiday_id: Id = left_out()


class TimeOffTermsBody(Body):
    start: InstantText
    end: InstantText
    reason: Reason = ""

    def time_off(self) -> TimeOff:
        return TimeOff(self.start, self.end, self.reason)


class TimeOffBody(TimeOffTermsBody):
    """Without an id it gets one."""

    time_off_id: Id = left_out()
