"""Businesses: create, read, change their settings."""

from __future__ import annotations

from functions.admin_api.door import api, business_of, business_of_staff, dry_run_answer, rehearsal
from functions.admin_api.schemas import BusinessBody, SettingsBody
from holdfast.app import change_catalog, presets
from holdfast.app.catalog import create_business
from holdfast.domain.business import Business
from holdfast.domain.errors import (
    AlreadyExists,
    Forbidden,
    NotFound,
    PreconditionRequired,
    RequestInProgress,
    StaleVersion,
)
from holdfast.http import catalog_views, views
from holdfast.http.api import Answer, Call
from holdfast.http.ports import Ports


@api.post(
    "/v1/admin/businesses",
    body=BusinessBody,
    answers={201: views.BusinessSettingsView},
    refuses=(Forbidden, AlreadyExists, RequestInProgress),
)
def add_business(call: Call[BusinessBody], ports: Ports) -> Answer:
    """Create a business from a preset and what differs from it. Only for platform admins."""
    settings = presets.resolve(call.body.preset, call.body.settings())
    business = create_business(
        ports.fresh_catalog(), ports.calendars(), call.asked, call.body.business_id, settings
    )
    return Answer(
        status=201,
        body=views.business_settings_view(business),
        version=business.version,
        location=f"/v1/businesses/{business.id}",
    )


@api.get(
    "/v1/admin/businesses/{businessId}",
    answers={200: views.BusinessSettingsView, 304: None},
    refuses=(NotFound, Forbidden),
)
def get_business_as_staff(call: Call[None], ports: Ports) -> Answer:
    """A business with all its settings as they are at this instant, for its staff."""
    return _business(business_of_staff(call, ports))


def try_update(call: Call[SettingsBody], ports: Ports) -> Answer:
    business = _updated(call, ports)
    found = rehearsal(call, ports).business(business, ports.calendars())
    return dry_run_answer(found, business.zone)


@api.put(
    "/v1/admin/businesses/{businessId}",
    body=SettingsBody,
    answers={200: views.BusinessSettingsView | catalog_views.DryRunView},
    refuses=(NotFound, Forbidden, PreconditionRequired, StaleVersion, RequestInProgress),
    dry_run=try_update,
)
def update_business(call: Call[SettingsBody], ports: Ports) -> Answer:
    """Replace the settings of a business. What is left out comes from the preset, and that from before.

    Settings that leave no room for one of its services are refused. The calendar its slots are kept by stays
    as it was created, also in another time zone.
    """
    return _business(_updated(call, ports))


def _updated(call: Call[SettingsBody], ports: Ports) -> Business:
    body, business = call.body, business_of(call, ports)
    preset = body.preset if "preset" in body.model_fields_set else business.settings["preset"]
    settings = presets.resolve(preset, body.settings())
    catalog, catalogues, calendars = ports.fresh_catalog(), ports.catalogues(), ports.calendars()
    return change_catalog.update_business(catalog, catalogues, calendars, call.asked, business.id, settings)


def _business(business: Business) -> Answer:
    return Answer(body=views.business_settings_view(business), version=business.version)
