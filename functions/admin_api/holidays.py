"""A business's own holidays: add, list, read, change, remove. National ones come from its settings."""

from __future__ import annotations

from functions.admin_api.door import api, business_of_staff, dry_run_answer, rehearsal, zone_of
from functions.admin_api.offer_schemas import HolidayBody, HolidayTermsBody
from holdfast.app import holidays
from holdfast.app.existing import existing_holiday
from holdfast.domain.errors import (
    AlreadyExists,
    Forbidden,
    NotFound,
    PreconditionRequired,
    RequestInProgress,
    StaleVersion,
)
from holdfast.domain.holiday import Holiday
from holdfast.http import catalog_views, params
from holdfast.http.api import Answer, Call
from holdfast.http.bodies import NoBody
from holdfast.http.paging import page_answer
from holdfast.http.ports import Ports

HOLIDAYS = "/v1/admin/businesses/{businessId}/holidays"
HOLIDAY = HOLIDAYS + "/{holidayId}"


def try_adding(call: Call[HolidayBody], ports: Ports) -> Answer:
    return _tried(call, ports, _added(call, ports))


def try_update(call: Call[HolidayTermsBody], ports: Ports) -> Answer:
    return _tried(call, ports, _updated(call, ports))


@api.post(
    HOLIDAYS,
    body=HolidayBody,
    answers={201: catalog_views.HolidayView, 200: catalog_views.DryRunView},
    refuses=(NotFound, Forbidden, AlreadyExists, RequestInProgress),
    dry_run=try_adding,
)
def add_holiday(call: Call[HolidayBody], ports: Ports) -> Answer:
    """Close a business, or some of its resources, on whole local days. Slots that are published stay open."""
    holiday = _added(call, ports)
    return Answer(
        status=201,
        body=catalog_views.holiday_view(holiday),
        version=holiday.version,
        location=f"/v1/admin/businesses/{holiday.business}/holidays/{holiday.id}",
    )


@api.get(
    HOLIDAYS,
    query=(params.LIMIT, params.CURSOR),
    answers={200: catalog_views.HolidaysView},
    refuses=(NotFound, Forbidden),
)
def list_holidays(call: Call[None], ports: Ports) -> Answer:
    """The own holidays of a business by id, for its staff."""
    business = business_of_staff(call, ports)
    page = ports.fresh_catalog().holidays(
        business.id, limit=call.query[params.LIMIT], cursor=call.query[params.CURSOR]
    )
    return page_answer(page, catalog_views.holiday_view)


@api.get(HOLIDAY, answers={200: catalog_views.HolidayView}, refuses=(NotFound, Forbidden))
def get_holiday(call: Call[None], ports: Ports) -> Answer:
    """An own holiday of a business, for its staff."""
    business, holiday_id = business_of_staff(call, ports), call.path["holidayId"]
    return _holiday(existing_holiday(ports.fresh_catalog(), business.id, holiday_id))


@api.put(
    HOLIDAY,
    body=HolidayTermsBody,
    answers={200: catalog_views.HolidayView | catalog_views.DryRunView},
    refuses=(NotFound, Forbidden, PreconditionRequired, StaleVersion, RequestInProgress),
    dry_run=try_update,
)
def update_holiday(call: Call[HolidayTermsBody], ports: Ports) -> Answer:
    """Replace what a holiday is."""
    return _holiday(_updated(call, ports))


@api.delete(
    HOLIDAY,
    body=NoBody,
    answers={204: None},
    refuses=(NotFound, Forbidden, StaleVersion, RequestInProgress),
)
def delete_holiday(call: Call[NoBody], ports: Ports) -> Answer:
    """Remove a holiday: its days are as all others again."""
    business_id, holiday_id = call.in_business(), call.path["holidayId"]
    holidays.remove_holiday(ports.fresh_catalog(), call.asked, business_id, holiday_id)
    return Answer(status=204, body=None)


def _added(call: Call[HolidayBody], ports: Ports) -> Holiday:
    business_id, body = call.in_business(), call.body
    catalog, catalogues = ports.fresh_catalog(), ports.catalogues()
    return holidays.add_holiday(
        catalog, catalogues, call.asked, business_id, body.holiday_id, body.settings()
    )


def _updated(call: Call[HolidayTermsBody], ports: Ports) -> Holiday:
    business_id, holiday_id = call.in_business(), call.path["holidayId"]
    catalog, catalogues = ports.fresh_catalog(), ports.catalogues()
    settings = call.body.settings()
    return holidays.update_holiday(catalog, catalogues, call.asked, business_id, holiday_id, settings)


def _tried[B](call: Call[B], ports: Ports, holiday: Holiday) -> Answer:
    return dry_run_answer(rehearsal(call, ports).holiday(holiday), zone_of(ports, holiday.business))


def _holiday(holiday: Holiday) -> Answer:
    return Answer(body=catalog_views.holiday_view(holiday), version=holiday.version)
