"""The admin operations' one door; each module beside this registers its own on it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from holdfast.app.existing import existing_business
from holdfast.domain.business import Business
from holdfast.domain.errors import Forbidden
from holdfast.http.api import Api, Call
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


def zone_of(ports: Ports, business_id: str) -> ZoneInfo:
    """The zone to answer in."""
    return existing_business(ports.fresh_catalog(), business_id).zone
