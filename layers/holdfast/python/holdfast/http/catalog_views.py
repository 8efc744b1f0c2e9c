"""What the answers about services, own holidays and time off look like, as `views` has the others; and what a
change of the catalog would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import TypedDict

from holdfast.app.dry_run import DryRun
from holdfast.domain.absence import Absence
from holdfast.domain.closures import ClosureKind
from holdfast.domain.holiday import Holiday
from holdfast.domain.service import Service
from holdfast.http.views import JsonObject, MoneyView, Timestamp, timestamp


class RequirementView(TypedDict):
    kind: str
    count: int


class ServiceView(TypedDict):
    """What is null is as the business has it, or not there."""

    businessId: str
    serviceId: str
    name: str
    durationMinutes: int
    minDurationMinutes: int | None
    maxDurationMinutes: int | None
    grid: JsonObject | None
    maxSimultaneous: int | None
    resourceIds: Sequence[str] | None
    requires: Sequence[RequirementView]
    price: MoneyView | None
    prices: Mapping[str, MoneyView] | None
    policies: JsonObject | None
    refundTiers: Sequence[JsonObject] | None
    version: int


class ServicesView(TypedDict):
    items: list[ServiceView]
    nextCursor: str | None


class HolidayView(TypedDict):
    """Whole local days; without an end it is one."""

    businessId: str
    holidayId: str
    date: str
    endDate: str | None
    name: str
    kind: ClosureKind
    yearly: bool
    resourceIds: Sequence[str] | None
    version: int


class OrphanView(TypedDict):
    bookingId: str
    userId: str
    serviceId: str | None
    resourceId: str
    start: Timestamp
    end: Timestamp
    reasons: list[str]


class DryRunView(TypedDict):
    """What a change would leave without a rule to stand on. Nothing was written."""

    dryRun: bool
    checked: int
    orphaned: list[OrphanView]
    until: Timestamp
    complete: bool
    timeZone: str


class HolidaysView(TypedDict):
    items: list[HolidayView]
    nextCursor: str | None


class TimeOffView(TypedDict):
    businessId: str
    resourceId: str
    timeOffId: str
    start: Timestamp
    end: Timestamp
    reason: str
    timeZone: str
    version: int


class TimesOffView(TypedDict):
    items: list[TimeOffView]
    nextCursor: str | None


def service_view(service: Service) -> ServiceView:
    told = service.settings
    return {
        "businessId": service.business,
        "serviceId": service.id,
        "name": told["name"],
        "durationMinutes": service.duration,
        "minDurationMinutes": told.get("minDurationMinutes"),
        "maxDurationMinutes": told.get("maxDurationMinutes"),
        "grid": told.get("grid"),
        "maxSimultaneous": service.most_at_once,
        "resourceIds": told.get("resourceIds"),
        "requires": told.get("requires") or [],
        "price": told.get("price"),
        "prices": told.get("prices"),
        "policies": told.get("policies"),
        "refundTiers": told.get("refundTiers"),
        "version": service.version,
    }


def holiday_view(holiday: Holiday) -> HolidayView:
    told = holiday.settings
    return {
        "businessId": holiday.business,
        "holidayId": holiday.id,
        "date": told["date"],
        "endDate": told.get("endDate"),
        "name": told["name"],
        "kind": ClosureKind(told["kind"]),
        "yearly": told.get("yearly", False),
        "resourceIds": told.get("resourceIds"),
        "version": holiday.version,
    }


def time_off_view(absence: Absence, zone: tzinfo) -> TimeOffView:
    return {
        "businessId": absence.business,
        "resourceId": absence.resource,
        "timeOffId": absence.id,
        "start": timestamp(absence.time_off.start, zone),
        "end": timestamp(absence.time_off.end, zone),
        "reason": absence.time_off.reason,
        "timeZone": str(zone),
        "version": absence.version,
    }


def dry_run_view(found: DryRun, zone: tzinfo) -> DryRunView:
    return {
        "dryRun": True,
        "checked": found.checked,
        "orphaned": [
            {
                "bookingId": booking.id,
                "userId": booking.owner,
                "serviceId": booking.service,
                "resourceId": booking.spot.resource,
                "start": timestamp(booking.start, zone),
                "end": timestamp(booking.end, zone),
                "reasons": list(reasons),
            }
            for booking, reasons in found.orphaned
        ],
        "until": timestamp(found.until, zone),
        "complete": found.complete,
        "timeZone": str(zone),
    }
