"""The public reads' one door; each module beside this registers its own on it."""

from __future__ import annotations

from holdfast.app.existing import existing_business
from holdfast.domain.business import Business
from holdfast.domain.instants import DAY
from holdfast.http.api import Api, Call
from holdfast.http.ports import Ports

LONGEST_STRETCH = 62 * DAY
USUAL_STRETCH = 31 * DAY

api = Api()


def business_of(call: Call[None], ports: Ports) -> Business:
    return existing_business(ports.catalog(), call.in_business())
