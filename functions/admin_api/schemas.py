"""What admins send: businesses with all their settings, resources, slots (API.md, Shapes of the catalog).

Members of settings that are left out come from the preset, so no default stands here.
"""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from holdfast.app import presets
from holdfast.domain.member import USER
from holdfast.domain.money import Money
from holdfast.domain.override import Override
from holdfast.domain.prices import Prices as Amounts
from holdfast.http.bodies import (
    Body,
    Id,
    InstantText,
    MoneyBody,
    Name,
    Object,
    Reason,
    Units,
    ZoneName,
    left_out,
)
from holdfast.http.params import read_day
from holdfast.http.spot_body import SpotBody, WishBody

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
LocalTime = Annotated[str, Field(pattern=r"^([0-3][0-9]|4[0-7]):[0-5][0-9]$|^48:00$")]
"""`24:00` ends a day, `26:00` is 2 in the next."""

Minutes = Annotated[int, Field(ge=0, le=365 * 24 * 60)]
Buffer = Annotated[int, Field(ge=0, le=24 * 60)]
Hours = Annotated[int, Field(ge=0, le=365 * 24)]
RoleName = Literal["staff", "admin"]
PerMinute = Annotated[int, Field(ge=1, le=1_000_000)]
Percentage = Annotated[int, Field(ge=0, le=100)]


def _known_preset(name: str) -> str:
    if name not in presets.names():
        raise ValueError(f"must be one of {', '.join(presets.names())}")
    return name


class Interval(Body):
    from_: Annotated[LocalTime, Field(alias="from")]
    to: LocalTime


type Intervals = Annotated[list[Interval], Field(max_length=24)]


class WeekHours(Body):
    """A weekday left out is closed."""

    mon: Intervals = left_out()
    tue: Intervals = left_out()
    wed: Intervals = left_out()
    thu: Intervals = left_out()
    fri: Intervals = left_out()
    sat: Intervals = left_out()
    sun: Intervals = left_out()


class Break(Interval):
    weekdays: Annotated[list[Weekday], Field(min_length=1, max_length=7)]


class HolidayCalendar(Body):
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    subdivision: Annotated[str, Field(pattern=r"^[A-Z0-9-]{1,10}$")] = left_out()


class Grid(Body):
    """Without a step, starts follow each other by duration and buffers."""

    step_minutes: Annotated[int, Field(ge=1, le=24 * 60)] | None = left_out()
    buffer_before_minutes: Buffer = left_out()
    buffer_after_minutes: Buffer = left_out()


class Hold(Body):
    default_seconds: Annotated[int, Field(ge=1, le=900)] = left_out()
    min_seconds: Annotated[int, Field(ge=1, le=900)] = left_out()
    max_seconds: Annotated[int, Field(ge=1, le=presets.LONGEST_HOLD_SECONDS)] = left_out()
    total_max_seconds: Annotated[int, Field(ge=1, le=86_400)] = left_out()
    cooldown_seconds: Annotated[int, Field(ge=0, le=86_400)] = left_out()
    max_per_user: Annotated[int, Field(ge=1, le=1_000)] = left_out()


class Queue(Body):
    enabled: bool = left_out()
    max_size: Annotated[int, Field(ge=1, le=300)] = left_out()
    claim_seconds: Annotated[int, Field(ge=10, le=86_400)] = left_out()
    join_if_full: bool = left_out()
    place_hours: Annotated[int, Field(ge=1, le=24 * 365)] = left_out()


class Policies(Body):
    minimum_notice_minutes: Minutes = left_out()
    maximum_advance_days: Annotated[int, Field(ge=0, le=3_650)] = left_out()
    cancellation_deadline_minutes: Minutes = left_out()
    reschedule_deadline_minutes: Minutes = left_out()
    max_reschedules: Annotated[int, Field(ge=0, le=1_000)] = left_out()
    waitlist_notification_hours: Hours = left_out()
    approval_required: bool = left_out()
    approval_hours: Annotated[int, Field(ge=1, le=24 * 365)] = left_out()
    idempotency_key_required: bool = left_out()
    guest_booking: bool = left_out()
    after_end: Literal["complete", "no_show", "nothing"] = left_out()


class Tier(Body):
    before_minutes: Minutes
    percentage: Percentage


class RateLimits(Body):
    reserve_per_minute: PerMinute = left_out()
    queue_per_minute: PerMinute = left_out()
    position_per_minute: PerMinute = left_out()
    cancel_per_minute: PerMinute = left_out()


class Domain(Body):
    domain_type: Literal["appointment", "seat", "resource", "service"] = left_out()
    entity_name: Name = left_out()
    custom_fields: Object = left_out()
    notification_channels: Annotated[list[Literal["email", "sms", "push"]], Field(max_length=3)] = left_out()


class SettingsBody(Body):
    """The whole settings of a business: what is left out comes from the preset, and that from before."""

    name: Name
    time_zone: ZoneName
    preset: Annotated[
        str, AfterValidator(_known_preset), Field(json_schema_extra={"enum": presets.names()})
    ] = "default"
    locale: Annotated[str, Field(max_length=35, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")] = left_out()
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = left_out()
    hours: WeekHours = left_out()
    breaks: Annotated[list[Break], Field(max_length=50)] = left_out()
    holidays: HolidayCalendar | None = left_out()
    grid: Grid = left_out()
    hold: Hold = left_out()
    queue: Queue = left_out()
    policies: Policies = left_out()
    refund_tiers: Annotated[list[Tier], Field(max_length=20)] = left_out()
    rate_limits: RateLimits = left_out()
    domain: Domain = left_out()
    support_contact: Name | None = left_out()

    def settings(self) -> dict[str, Any]:
        """What was given, under the names of the contract."""
        return self.model_dump(by_alias=True, exclude_unset=True, exclude={"business_id", "preset"})


class BusinessBody(SettingsBody):
    """What is left out comes from the preset."""

    business_id: Id


class MemberBody(Body):
    user_id: Annotated[str, Field(pattern=f"^{USER}$")]
    role: RoleName


class RoleBody(Body):
    role: RoleName


def _day(value: object) -> date:
    if not isinstance(value, str):
        raise ValueError("must be a day as text, such as 2030-05-01")
    return read_day(value)


Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}),
]


class ResourceTermsBody(Body):
    """Without hours of its own it keeps the business's, breaks included."""

    name: Name
    kind: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")]
    capacity: Units = left_out()
    slots_may_overlap: bool = left_out()
    hours: WeekHours | None = left_out()
    breaks: Annotated[list[Break], Field(max_length=50)] = left_out()
    metadata: Object = left_out()

    def openings(self) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        """Hours, if it has its own, and breaks, as the contract shapes them. Raises Invalid."""
        hours, breaks = hours_of(self.hours), [each.model_dump(by_alias=True) for each in self.breaks or ()]
        presets.check_breaks(breaks)
        return hours, breaks


class ResourceBody(ResourceTermsBody):
    resource_id: Id


class Prices(Body):
    """Where a kind is left out, it is as if the day were nothing special."""

    weekend: MoneyBody = left_out()
    holiday: MoneyBody = left_out()
    premium: MoneyBody = left_out()


class PricedBody(Body):
    """`prices` go by the local day of each start; premium is what has `"isPremium": true` in its metadata."""

    price: MoneyBody | None = None
    prices: Prices | None = None

    def amounts(self, currency: str) -> Amounts | None:
        """None where nothing is said of prices. Raises NotValid where an amount has too many digits."""
        named = self.prices.model_fields_set if self.prices else ()
        special = {kind: getattr(self.prices, kind).money(f"/prices/{kind}") for kind in named}
        if self.price is None and not special:
            return None
        return Amounts(base=self.price.money() if self.price else Money(0, currency), **special)


class SlotBody(PricedBody):
    resource_id: Id
    start: InstantText
    end: InstantText
    capacity: Units
    metadata: Object | None = None


class SlotTermsBody(Body):
    """What is left out stays. Neither start nor resource ever changes."""

    end: InstantText = left_out()
    capacity: Units = left_out()
    price: MoneyBody = left_out()
    metadata: Object = left_out()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("must name what to change")
        return self


class MarkBody(Body):
    reason: Reason | None = None


class ReasonBody(Body):
    """Told to whom it concerns."""

    reason: Annotated[Reason, Field(min_length=1)]


class OverrideBody(Body):
    """Rules are passed over by their codes, and only with a reason."""

    override: Annotated[list[Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}$")]], Field(max_length=20)] = (
        left_out()
    )
    reason: Annotated[Reason, Field(min_length=1)] = left_out()

    def overrides(self) -> Override:
        return Override(self.override or (), self.reason)


class ByHandBody(OverrideBody, SpotBody, WishBody):
    """Without a user it is a walk-in's."""

    user_id: Annotated[str, Field(pattern=f"^{USER}$")] = left_out()


class RescheduleForBody(OverrideBody, SpotBody):
    """Where to, as in a reserve. Without an end an appointment stays as long as it is."""


class CancelForBody(Body):
    """Without a percentage the business's refund tiers decide."""

    reason: Reason
    refund_percentage: Percentage | None = None


class ScheduleBody(PricedBody):
    """`from` and `to` are local days, both included. Hours left out are the resource's or business's."""

    resource_id: Id
    from_: Annotated[Day, Field(alias="from")]
    to: Day
    capacity: Units
    duration_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)]
    gap_minutes: Buffer = 0
    hours: WeekHours = left_out()
    metadata: Object | None = None
    dry_run: bool = False


def hours_of(hours: WeekHours | None) -> dict[str, Any] | None:
    """Opening hours as the contract shapes them; raises Invalid where intervals are none or overlap."""
    if hours is None:
        return None
    told = hours.model_dump(by_alias=True, exclude_unset=True)
    presets.check_hours(told)
    return told
