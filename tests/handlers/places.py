"""Two businesses that mirror each other, made through the handlers, and a caller of every role.

`HERE` is bikes, where Alice is the customer; `THERE` is boats, where Bob is. Whoever belongs to one of them
is a stranger in the other.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from functions.admin_api.handler import api as admin_api
from functions.booking_api.handler import api as booking_api
from functions.guest_api.handler import api as guest_api
from functions.public_api.handler import api as public_api
from holdfast.domain.caller import PLATFORM_ADMIN, Caller
from holdfast.domain.instants import DAY, HOUR, to_datetime
from holdfast.http.api import Api
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, Reply
from tests.support.builders import NOW
from tests.support.memory import Memory

APIS: tuple[Api, ...] = (public_api, booking_api, guest_api, admin_api)
ROOT = Caller("root", frozenset({PLATFORM_ADMIN}))
CALLERS: Mapping[str, Caller | None] = {
    "nobody": None,
    "owner": Caller("alice"),
    "other customer": Caller("bob"),
    "staff": Caller("stan", frozenset({"bikes:staff"})),
    "staff elsewhere": Caller("sue", frozenset({"boats:staff"})),
    "admin": Caller("ada", frozenset({"bikes:admin"})),
    "admin elsewhere": Caller("adam", frozenset({"boats:admin"})),
    "platform admin": ROOT,
}
"""Each role as seen from HERE."""

MIRRORED = {
    "owner": "other customer",
    "other customer": "owner",
    "staff": "staff elsewhere",
    "staff elsewhere": "staff",
    "admin": "admin elsewhere",
    "admin elsewhere": "admin",
}
"""What these are as seen from THERE; nobody and platform admins are the same everywhere."""

KEPT = (
    *("slots", "days", "bookings", "entries", "numbers", "jobs", "series"),
    *("businesses", "resources", "services", "holidays", "absences", "members"),
)
SECRET = "knows-the-back-door"
"""Stands in the personal data of every booking: no refusal may tell it."""
A_GUEST = {"email": f"{SECRET}@example.org", "phone": "+49 30 1234567"}


@dataclass(frozen=True, slots=True)
class Place:
    """A business with one resource and nine slots: empty, held, sold, held while it is being deleted, sold to
    somebody else while the customer waits, sold if the business approves, held as a series of one, and a
    guest's two, held and sold."""

    business: str
    resource: str
    customer: str

    @property
    def group(self) -> Caller:
        return Caller(f"founder-of-{self.business}", frozenset({f"{self.business}:admin"}))


HERE, THERE = Place("bikes", "stand-1", "alice"), Place("boats", "berth-1", "bob")
MEMBERS = {HERE: {"ada": "admin", "stan": "staff"}, THERE: {"adam": "admin", "sue": "staff"}}
HOURS = {"empty": 48, "held": 50, "sold": 52, "doomed": 54, "busy": 56, "asking": 58}
HOURS |= {"guestHeld": 60, "guestSold": 62, "weekly": 64}


@dataclass
class World:
    """Everything in memory, behind all the API functions at once."""

    ports: MemoryPorts
    ids: Mapping[Place, Mapping[str, str]]
    """Of each place: `businessId`, `resourceId`, `spareResource` (without slots), `serviceId`, `holidayId`,
    `timeOffId` (of the resource, after all slots), `userId` of its staff, `jobId`, the `entryId` and
    `seriesId` of its customer, and of HOURS `<name>Slot` and `<name>Booking`; of its guest's two
    `<name>Token` as well."""

    def ask(
        self,
        method: str,
        path: str,
        body: object,
        caller: Caller | None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        (api,) = {id(each): each for each in APIS if each.find(method, path)}.values() or (public_api,)
        door = Door(lambda clock: entry(api, self.ports, clock=clock), "reserve")
        return door.ask(method, path, body, caller=caller, query=query, headers=headers)

    @property
    def kept(self) -> list[object]:
        """All that a refused call must leave as it is."""
        return copy.deepcopy([vars(self.ports.memory)[name] for name in KEPT])

    def kept_of(self, place: Place) -> dict[str, object]:
        """What of it is this place's: all that names its business or one of its bookings."""
        names = (place.business, *(self.ids[place][f"{name}Booking"] for name in HOURS if name != "empty"))
        return {
            f"{table} {key}": copy.deepcopy(value)
            for table in KEPT
            for key, value in vars(self.ports.memory)[table].items()
            if any(name in f"{key} {value}" for name in names)
        }


def world() -> World:
    memory, ids = _made()
    return World(MemoryPorts(copy.deepcopy(memory)), ids)


@cache
def _made() -> tuple[Memory, Mapping[Place, Mapping[str, str]]]:
    made = World(MemoryPorts(), {})
    ids = {place: _open(made, place) for place in (HERE, THERE)}
    return made.ports.memory, ids


def _open(made: World, place: Place) -> Mapping[str, str]:
    base, customer = f"/v1/admin/businesses/{place.business}", Caller(place.customer)

    def post(path: str, body: Mapping[str, Any], caller: Caller) -> Any:
        reply = made.ask("POST", path, body, caller)
        assert reply.status in (200, 201), reply.body
        return reply.body

    whole = {"businessId": place.business, "name": place.business.title(), "timeZone": "Europe/Berlin"}
    post("/v1/admin/businesses", whole, ROOT)
    resource = {"resourceId": place.resource, "name": "The one", "kind": "stand"}
    post(f"{base}/resources", resource, place.group)
    post(f"{base}/resources", resource | {"resourceId": f"spare-{place.business}"}, place.group)
    for user, role in ({place.group.id: "admin"} | MEMBERS[place]).items():
        post(f"{base}/members", {"userId": user, "role": role}, place.group)
    ids = {"businessId": place.business, "resourceId": place.resource, "userId": list(MEMBERS[place])[-1]}
    ids["spareResource"] = f"spare-{place.business}"
    ids |= {f"{part}Id": f"{part.lower()}-{place.business}" for part in ("service", "holiday", "timeOff")}
    post(f"{base}/services", {"serviceId": ids["serviceId"], "name": "Repair"}, place.group)
    holiday = {"holidayId": ids["holidayId"], "date": "2026-12-24", "name": "Eve", "kind": "public"}
    post(f"{base}/holidays", holiday, place.group)
    away = a_time_off_body(100) | {"timeOffId": ids["timeOffId"], "reason": "Winter"}
    post(f"{base}/resources/{place.resource}/time-off", away, place.group)
    for name, hours in HOURS.items():
        slot = a_slot_body(place.resource, hours)
        ids[f"{name}Slot"] = post(f"{base}/slots", slot, place.group)["slotId"]
    for name in ("held", "sold", "doomed", "asking"):
        wish = {"slotId": ids[f"{name}Slot"], "notes": SECRET, "contact": {"email": f"{SECRET}@example.org"}}
        ids[f"{name}Booking"] = post("/v1/bookings/reserve", wish, customer)["bookingId"]
    post(f"/v1/bookings/{ids['soldBooking']}/confirm", {}, customer)
    settings = {name: whole[name] for name in ("name", "timeZone")}
    for version, policies in ((1, {"approvalRequired": True}), (2, {"guestBooking": True})):
        changed, headers = settings | {"policies": policies}, {"if-match": f'"{version}"'}
        assert made.ask("PUT", base, changed, place.group, headers=headers).status == 200
        if version == 1:
            post(f"/v1/bookings/{ids['askingBooking']}/confirm", {}, customer)
    plan = {"slotIds": [ids["weeklySlot"]], "notes": SECRET}
    series = post("/v1/bookings/series", plan, customer)
    ids |= {"seriesId": series["seriesId"], "weeklyBooking": series["items"][0]["bookingId"]}
    ids["busyBooking"] = post("/v1/bookings/reserve", {"slotId": ids["busySlot"]}, place.group)["bookingId"]
    post(f"/v1/bookings/{ids['busyBooking']}/confirm", {}, place.group)
    for name in ("guestHeld", "guestSold"):
        wish = {"slotId": ids[f"{name}Slot"], "notes": SECRET, "contact": A_GUEST}
        held = post(f"/v1/businesses/{place.business}/guest-bookings", wish, customer)
        ids |= {f"{name}Booking": held["bookingId"], f"{name}Token": held["manageToken"]}
    post(f"/v1/manage/{ids['guestSoldToken']}/confirm", {}, customer)
    wish = {"notes": SECRET, "contact": {"email": f"{SECRET}@example.org"}}
    ids["entryId"] = post(f"/v1/slots/{ids['busySlot']}/queue", wish, customer)["entryId"]
    doomed = f"/v1/admin/slots/{ids['doomedSlot']}"
    reply = made.ask("DELETE", doomed, None, place.group, query={"cascade": "cancel"})
    assert reply.status == 202, reply.body
    return ids | {"jobId": reply.body["jobId"]}


def a_time_off_body(days: int) -> dict[str, Any]:
    """Of a day, so many days from NOW."""
    start = NOW + days * DAY
    return {"start": to_datetime(start).isoformat(), "end": to_datetime(start + DAY).isoformat()}


def a_slot_body(resource: str, hours: int) -> dict[str, Any]:
    """A slot of an hour, so many hours from NOW."""
    start = NOW + hours * HOUR
    return {
        "resourceId": resource,
        "start": to_datetime(start).isoformat(),
        "end": to_datetime(start + HOUR).isoformat(),
        "capacity": 1,
    }
