"""The admin operations' one door; each module beside this registers its own on it."""

from __future__ import annotations

from datetime import tzinfo
from zoneinfo import ZoneInfo

from holdfast.app.dry_run import DryRun, Rehearsal
from holdfast.app.existing import existing_business
from holdfast.domain.business import Business
from holdfast.domain.errors import Forbidden
from holdfast.http import catalog_views
from holdfast.http.api import Answer, Api, Call
from holdfast.http.ports import Ports

api = Api()


def business_of[B](call: Call[B], ports: Ports) -> Business:
    """The business in the path as it is at this instant."""
    return existing_business(ports.fresh_catalog(), call.in_business())


def business_of_staff[B](call: Call[B], ports: Ports) -> Business:
    """The same, for those who work there."""
    business = business_of(call, ports)
    if not call.caller.works_at(business.id):
        raise Forbidden("Only its staff may see this.")
    return business


def rehearsal[B](call: Call[B], ports: Ports) -> Rehearsal:
    """What the change of a dry run would do."""
    return Rehearsal(ports.ledger(), ports.days(), ports.catalogues(), call.now)


def dry_run_answer(found: DryRun, zone: tzinfo) -> Answer:
    return Answer(body=catalog_views.dry_run_view(found, zone))


def zone_of(ports: Ports, business_id: str) -> ZoneInfo:
    """The zone to answer in."""
    return existing_business(ports.fresh_catalog(), business_id).zone
