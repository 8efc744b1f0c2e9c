"""When a resource is away: add, list, read, change, remove."""

from __future__ import annotations

from functions.admin_api.door import api, business_of_staff, dry_run_answer, rehearsal, zone_of
from functions.admin_api.offer_schemas import TimeOffBody, TimeOffTermsBody
from holdfast.app import time_off
from holdfast.app.existing import existing_absence, existing_resource
from holdfast.domain.absence import Absence
from holdfast.domain.errors import (
    AlreadyExists,
    Forbidden,
    NotFound,
    PreconditionRequired,
    RequestInProgress,
    StaleVersion,
)
from holdfast.http import catalog_views, params
from holdfast.http.api import Answer, Call
from holdfast.http.bodies import NoBody
from holdfast.http.paging import page_answer
from holdfast.http.ports import Ports

TIMES_OFF = "/v1/admin/businesses/{businessId}/resources/{resourceId}/time-off"
TIME_OFF = TIMES_OFF + "/{timeOffId}"


def try_adding(call: Call[TimeOffBody], ports: Ports) -> Answer:
    return _tried(call, ports, _added(call, ports))


def try_update(call: Call[TimeOffTermsBody], ports: Ports) -> Answer:
    return _tried(call, ports, _updated(call, ports))


@api.post(
    TIMES_OFF,
    body=TimeOffBody,
    answers={201: catalog_views.TimeOffView, 200: catalog_views.DryRunView},
    refuses=(NotFound, Forbidden, AlreadyExists, RequestInProgress),
    dry_run=try_adding,
)
def add_time_off(call: Call[TimeOffBody], ports: Ports) -> Answer:
    """Give a resource time off: nothing is offered of it then, and its published slots inside are blocked.

    Slots that lie only partly inside are blocked, too; at most 500 a call. Who has one keeps it. A repeat
    under the same key goes on where the first broke off.
    """
    absence = _added(call, ports)
    resource = f"/v1/admin/businesses/{absence.business}/resources/{absence.resource}"
    return Answer(
        status=201,
        body=catalog_views.time_off_view(absence, zone_of(ports, absence.business)),
        version=absence.version,
        location=f"{resource}/time-off/{absence.id}",
    )


@api.get(
    TIMES_OFF,
    query=(params.LIMIT, params.CURSOR),
    answers={200: catalog_views.TimesOffView},
    refuses=(NotFound, Forbidden),
)
def list_times_off(call: Call[None], ports: Ports) -> Answer:
    """The times off of a resource by id, for the business's staff."""
    business, catalog = business_of_staff(call, ports), ports.fresh_catalog()
    resource = existing_resource(catalog, business.id, call.path["resourceId"])
    page = catalog.absences(
        business.id, resource.id, limit=call.query[params.LIMIT], cursor=call.query[params.CURSOR]
    )
    return page_answer(page, lambda absence: catalog_views.time_off_view(absence, business.zone))


@api.get(TIME_OFF, answers={200: catalog_views.TimeOffView}, refuses=(NotFound, Forbidden))
def get_time_off(call: Call[None], ports: Ports) -> Answer:
    """A time off of a resource, for the business's staff."""
    business, path = business_of_staff(call, ports), call.path
    absence = existing_absence(ports.fresh_catalog(), business.id, path["resourceId"], path["timeOffId"])
    return _time_off(call, ports, absence)


@api.put(
    TIME_OFF,
    body=TimeOffTermsBody,
    answers={200: catalog_views.TimeOffView | catalog_views.DryRunView},
    refuses=(NotFound, Forbidden, PreconditionRequired, StaleVersion, RequestInProgress),
    dry_run=try_update,
)
def update_time_off(call: Call[TimeOffTermsBody], ports: Ports) -> Answer:
    """Move a time off. The slots inside are blocked as with a new one; those it leaves stay blocked."""
    return _time_off(call, ports, _updated(call, ports))


@api.delete(
    TIME_OFF,
    body=NoBody,
    answers={204: None},
    refuses=(NotFound, Forbidden, StaleVersion, RequestInProgress),
)
def delete_time_off(call: Call[NoBody], ports: Ports) -> Answer:
    """Take a time off back: what is free then is offered again. Slots that it blocked stay blocked.

    Why a slot is blocked is not kept, so each is unblocked by an admin who knows.
    """
    business_id, path = call.in_business(), call.path
    time_off.remove_time_off(
        ports.fresh_catalog(), call.asked, business_id, path["resourceId"], path["timeOffId"]
    )
    return Answer(status=204, body=None)


def _added(call: Call[TimeOffBody], ports: Ports) -> Absence:
    return time_off.add_time_off(
        ports.ledger(),
        ports.slots(),
        ports.fresh_catalog(),
        call.asked,
        call.in_business(),
        call.path["resourceId"],
        call.body.time_off_id,
        call.body.time_off(),
    )


def _updated(call: Call[TimeOffTermsBody], ports: Ports) -> Absence:
    return time_off.update_time_off(
        ports.ledger(),
        ports.slots(),
        ports.fresh_catalog(),
        call.asked,
        call.in_business(),
        call.path["resourceId"],
        call.path["timeOffId"],
        call.body.time_off(),
    )


def _tried[B](call: Call[B], ports: Ports, absence: Absence) -> Answer:
    return dry_run_answer(rehearsal(call, ports).time_off(absence), zone_of(ports, absence.business))


def _time_off[B](call: Call[B], ports: Ports, absence: Absence) -> Answer:
    zone = zone_of(ports, call.path["businessId"])
    return Answer(body=catalog_views.time_off_view(absence, zone), version=absence.version)
