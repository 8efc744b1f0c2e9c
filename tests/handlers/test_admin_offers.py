"""Services and own holidays under the admins' door: add, list, read, change, remove, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from functions.admin_api.handler import api
from functions.public_api.handler import api as public_api
from holdfast.domain.appointment import Appointment
from holdfast.domain.caller import Caller
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.instants import DAY, HOUR, NEVER, Instant
from holdfast.domain.place import windows
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, Reply, a_whole_business, stocked
from tests.support.builders import (
    ALICE,
    BUSINESS,
    NOW,
    RESOURCE,
    a_confirmed_booking,
    a_resource,
    a_service,
    an_absence,
)

ADA = Caller("ada", frozenset({"bikes:admin"}))
STAN = Caller("stan", frozenset({"bikes:staff"}))
BIKES = "/v1/admin/businesses/bikes"
SERVICES, HOLIDAYS = f"{BIKES}/services", f"{BIKES}/holidays"
REPAIR: dict[str, Any] = {"name": "Repair"}
OUTING: dict[str, Any] = {"date": "2026-07-01", "name": "Works outing", "kind": "blackout"}
EUROS = {"amount": "25.00", "currency": "EUR"}
WHOLE: dict[str, Any] = {
    "name": "Big repair",
    "durationMinutes": 90,
    "minDurationMinutes": 60,
    "maxDurationMinutes": 120,
    "grid": {"stepMinutes": 30, "bufferAfterMinutes": 10},
    "maxSimultaneous": 2,
    "resourceIds": ["stand-1"],
    "requires": [{"kind": "stand", "count": 1}],
    "price": EUROS,
    "prices": {"weekend": EUROS, "premium": EUROS},
    "policies": {"minimumNoticeMinutes": 30, "afterEnd": "no_show"},
    "refundTiers": [{"beforeMinutes": 60, "percentage": 80}],
}


@pytest.fixture
def ports() -> MemoryPorts:
    return stocked()


@pytest.fixture
def door(ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(api, ports, clock=clock), "create_slot")


def _refused(reply: Reply) -> list[str]:
    assert (reply.status, reply.code) == (422, "validation_failed"), reply.body
    return reply.pointers


def test_a_service_comes_with_its_presets_length_and_overrides_nothing(
    door: Door, ports: MemoryPorts
) -> None:
    made = door.ask("POST", SERVICES, REPAIR | {"serviceId": "repair"}, caller=ADA)
    assert (made.status, made.headers["ETag"]) == (201, '"1"')
    assert made.headers["Location"] == f"{SERVICES}/repair"
    assert made.body == {
        "businessId": "bikes",
        "serviceId": "repair",
        "name": "Repair",
        "durationMinutes": 60,
        **dict.fromkeys(("minDurationMinutes", "maxDurationMinutes", "grid", "maxSimultaneous")),
        **dict.fromkeys(("resourceIds", "price", "prices", "policies", "refundTiers")),
        "requires": [],
        "version": 1,
    }
    assert ports.memory.revisions == {"bikes": 1}
    assert door.ask("GET", made.headers["Location"], caller=STAN).body == made.body


def test_a_service_is_told_as_it_was_given_and_may_be_sent_back(door: Door) -> None:
    made = door.ask("POST", SERVICES, WHOLE | {"serviceId": "repair"}, caller=ADA)
    told = door.ask("GET", f"{SERVICES}/repair", caller=STAN)
    assert told.body == made.body == WHOLE | {"businessId": "bikes", "serviceId": "repair", "version": 1}
    back = {
        name: value for name, value in told.body.items() if name not in ("businessId", "serviceId", "version")
    }
    again = door.ask("PUT", f"{SERVICES}/repair", back, caller=ADA, if_match='"1"')
    assert (again.status, again.body) == (200, told.body | {"version": 2})
    plain = door.ask("PUT", f"{SERVICES}/repair", REPAIR | {"price": None}, caller=ADA, if_match='"2"')
    assert (plain.body["durationMinutes"], plain.body["price"], plain.body["grid"]) == (60, None, None)


def test_a_grid_may_take_the_businesss_step_away(door: Door, ports: MemoryPorts) -> None:
    door.ask("POST", SERVICES, REPAIR | {"serviceId": "repair", "grid": {"stepMinutes": None}}, caller=ADA)
    assert ports.memory.services["bikes", "repair"].settings["grid"] == {"stepMinutes": None}


def test_services_are_listed_to_anybody_and_as_they_are_to_staff(door: Door, ports: MemoryPorts) -> None:
    for name in ("wash", "repair", "check"):
        door.ask("POST", SERVICES, REPAIR | {"serviceId": name}, caller=ADA)
    first = door.ask("GET", SERVICES, caller=STAN, query={"limit": "2"})
    rest = door.ask("GET", SERVICES, caller=STAN, query={"cursor": first.body["nextCursor"]})
    listed = [each["serviceId"] for reply in (first, rest) for each in reply.body["items"]]
    assert (listed, rest.body["nextCursor"]) == (["check", "repair", "wash"], None)
    anybody = Door(lambda clock: entry(public_api, ports, clock=clock), "list_slots")
    told = anybody.ask("GET", "/v1/businesses/bikes/services", caller=None)
    assert told.body["items"] == first.body["items"] + rest.body["items"]
    assert anybody.ask("GET", "/v1/businesses/cars/services", caller=None).code == "not_found"


@pytest.mark.parametrize(
    ("collection", "part", "body"),
    [
        (SERVICES, {"serviceId": "one"}, REPAIR),
        (HOLIDAYS, {"holidayId": "one"}, OUTING),
        (f"{BIKES}/resources/stand-1/time-off", {"timeOffId": "one"}, None),
    ],
)
def test_each_goes_on_from_its_version_and_is_known_again(
    door: Door, collection: str, part: dict[str, str], body: dict[str, Any] | None
) -> None:
    body = body or {"start": "2026-07-01T09:00:00+02:00", "end": "2026-07-02T09:00:00+02:00"}
    for _ in range(2):  # no answer is kept here: the record itself knows
        made = door.ask("POST", collection, body | part, caller=ADA, idempotency_key="key-00001")
        assert (made.status, made.headers["ETag"]) == (201, '"1"')
    other = door.ask("POST", collection, body | part, caller=ADA, idempotency_key="key-00002")
    assert (other.status, other.code) == (409, "already_exists")
    one = f"{collection}/one"
    assert door.ask("PUT", one, body, caller=ADA).code == "precondition_required"
    for _ in range(2):
        changed = door.ask("PUT", one, body, caller=ADA, if_match='"1"', idempotency_key="key-00003")
        assert (changed.status, changed.headers["ETag"]) == (200, '"2"')
    stale = door.ask("PUT", one, body, caller=ADA, if_match='"1"')
    assert (stale.status, stale.code, stale.body["currentVersion"]) == (412, "stale_version", 2)
    assert door.ask("DELETE", one, caller=ADA, if_match='"1"').code == "stale_version"
    for caller in (STAN, ALICE):
        for method in ("PUT", "DELETE"):
            sent = body if method == "PUT" else None
            assert door.ask(method, one, sent, caller=caller, if_match='"2"').code == "forbidden"
    assert door.ask("DELETE", one, caller=ADA, if_match='"2"').status == 204
    for method, sent in (("GET", None), ("DELETE", None), ("PUT", body)):
        assert door.ask(method, one, sent, caller=ADA, if_match='"2"').code == "not_found"


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"serviceId": "a"}, "/serviceId"),
        ({"name": None}, "/name"),
        ({"durationMinutes": 0}, "/durationMinutes"),
        ({"durationMinutes": None}, "/durationMinutes"),
        ({"duration": 60}, "/duration"),
        ({"price": {"amount": "-1", "currency": "EUR"}}, "/price/amount"),
        ({"prices": {"monday": EUROS}}, "/prices/monday"),
        ({"resourceIds": []}, "/resourceIds"),
        ({"requires": [{"kind": "stand", "count": 0}]}, "/requires/0/count"),
        ({"policies": {"minimumNotice": 5}}, "/policies/minimumNotice"),
        ({"refundTiers": [{"beforeMinutes": 1, "percentage": 101}]}, "/refundTiers/0/percentage"),
        ({"refundTiers": [{"beforeMinutes": 1, "percentage": 1}] * 2}, "/refundTiers"),
        # what contradicts the rest
        ({"durationMinutes": 541}, "/durationMinutes"),
        ({"minDurationMinutes": 90}, "/minDurationMinutes"),
        ({"resourceIds": ["stand-1", "stand-9"]}, "/resourceIds/1"),
        ({"requires": [{"kind": "stand", "count": 2}]}, "/requires/0/count"),
        ({"price": {"amount": "1", "currency": "USD"}}, "/price/currency"),
        ({"prices": {"holiday": {"amount": "1.001", "currency": "EUR"}}}, "/prices/holiday/amount"),
        (
            {"policies": {"maximumAdvanceDays": 1, "minimumNoticeMinutes": 2880}},
            "/policies/minimumNoticeMinutes",
        ),
        ({"grid": {"stepMinutes": 60, "bufferAfterMinutes": 61}}, "/grid/bufferAfterMinutes"),
    ],
)
def test_a_service_that_is_none_is_refused(
    door: Door, ports: MemoryPorts, members: dict[str, Any], pointer: str
) -> None:
    assert _refused(door.ask("POST", SERVICES, REPAIR | {"serviceId": "one"} | members, caller=ADA)) == [
        pointer
    ]
    assert ports.memory.services == {}
    if "serviceId" not in members:
        door.ask("POST", SERVICES, REPAIR | {"serviceId": "one"}, caller=ADA)
        reply = door.ask("PUT", f"{SERVICES}/one", REPAIR | members, caller=ADA, if_match='"1"')
        assert _refused(reply) == [pointer]
        assert ports.memory.services["bikes", "one"].version == 1


def test_what_leaves_no_room_for_a_service_is_refused(door: Door, ports: MemoryPorts) -> None:
    needs = {"requires": [{"kind": "stand", "count": 1}], "durationMinutes": 120}
    door.ask("POST", SERVICES, REPAIR | {"serviceId": "repair"} | needs, caller=ADA)
    short = {"mon": [{"from": "09:00", "to": "10:00"}]}
    settings = {"name": "Bikes", "timeZone": "Europe/Berlin"}
    assert _refused(door.ask("PUT", BIKES, settings | {"hours": short}, caller=ADA, if_match='"1"')) == [
        "/hours"
    ]
    stand = f"{BIKES}/resources/stand-1"
    for change, pointer in (({"hours": short}, "/hours"), ({"kind": "hall"}, "/kind")):
        body = {"name": "Stand", "kind": "stand"} | change
        assert _refused(door.ask("PUT", stand, body, caller=ADA, if_match='"1"')) == [pointer]
    gone = door.ask("DELETE", stand, caller=ADA)
    assert (gone.status, gone.code, gone.body["serviceIds"]) == (409, "resource_in_use", ["repair"])
    assert ports.memory.businesses["bikes"].version == ports.memory.resources["bikes", "stand-1"].version == 1
    door.ask("DELETE", f"{SERVICES}/repair", caller=ADA)
    assert door.ask("PUT", BIKES, settings | {"hours": short}, caller=ADA, if_match='"1"').status == 200


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"breaks": [{"weekdays": ["sun"], "from": "12:00", "to": "13:00"}]}, "/breaks/0"),
        ({"policies": {"minimumNoticeMinutes": 200_000}}, "/policies/minimumNoticeMinutes"),
        ({"holidays": {"country": "XX"}}, "/holidays/country"),
        ({"holidays": {"country": "DE", "subdivision": "ZZ"}}, "/holidays/subdivision"),
    ],
)
def test_a_business_that_contradicts_itself_is_refused(
    door: Door, members: dict[str, Any], pointer: str
) -> None:
    body = {"name": "Bikes", "timeZone": "Europe/Berlin"} | members
    assert _refused(door.ask("PUT", BIKES, body, caller=ADA, if_match='"1"')) == [pointer]
    root = Caller("root", frozenset({"platform-admin"}))
    new = body | {"businessId": "boats"}
    assert _refused(door.ask("POST", "/v1/admin/businesses", new, caller=root)) == [pointer]


def test_a_calendar_that_is_known_is_taken(door: Door) -> None:
    body = {"name": "Bikes", "timeZone": "Europe/Berlin", "holidays": {"country": "DE", "subdivision": "BY"}}
    reply = door.ask("PUT", BIKES, body, caller=ADA, if_match='"1"')
    assert (reply.status, reply.body["holidays"]) == (200, {"country": "DE", "subdivision": "BY"})


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_breaks_of_a_resource_are_of_its_own_hours(door: Door, method: str) -> None:
    pause = {"weekdays": ["mon"], "from": "12:00", "to": "13:00"}
    path = f"{BIKES}/resources" + ("/stand-1" if method == "PUT" else "")
    body = {"name": "Stand", "kind": "stand"} | ({"resourceId": "stand-2"} if method == "POST" else {})

    def refused(**members: Any) -> list[str]:
        return _refused(door.ask(method, path, body | members, caller=ADA, if_match='"1"'))

    assert refused(breaks=[pause]) == ["/breaks"]
    tuesday = {"tue": [{"from": "09:00", "to": "18:00"}]}
    assert refused(hours=tuesday, breaks=[pause]) == ["/breaks/0"]


def test_holidays_come_and_go(door: Door, ports: MemoryPorts) -> None:
    made = door.ask("POST", HOLIDAYS, OUTING, caller=ADA)
    name = made.body["holidayId"]
    assert (made.status, made.headers["Location"]) == (201, f"{HOLIDAYS}/{name}")
    assert made.body == OUTING | {
        "businessId": "bikes",
        "holidayId": name,
        "endDate": None,
        "yearly": False,
        "resourceIds": None,
        "version": 1,
    }
    catalogue = ports.catalogues().current("bikes")
    assert catalogue
    assert [each.name for each in catalogue.closures] == ["Works outing"]
    longer = OUTING | {"endDate": "2026-07-03", "yearly": True, "resourceIds": ["stand-1"], "kind": "public"}
    changed = door.ask("PUT", f"{HOLIDAYS}/{name}", longer, caller=ADA, if_match='"1"')
    assert changed.body == made.body | longer | {"version": 2}
    assert door.ask("GET", f"{HOLIDAYS}/{name}", caller=STAN).body == changed.body
    door.ask("POST", HOLIDAYS, OUTING | {"holidayId": "000"}, caller=ADA)
    page = door.ask("GET", HOLIDAYS, caller=STAN, query={"limit": "1"})
    assert [each["holidayId"] for each in page.body["items"]] == ["000"]
    more = door.ask("GET", HOLIDAYS, caller=STAN, query={"cursor": page.body["nextCursor"]})
    assert more.body == {"items": [changed.body], "nextCursor": None}


def test_a_holiday_of_no_resources_closes_nothing(door: Door, ports: MemoryPorts) -> None:
    made = door.ask("POST", HOLIDAYS, OUTING | {"kind": "public", "resourceIds": []}, caller=ADA)
    assert (made.status, made.body["resourceIds"]) == (201, [])
    catalogue = ports.catalogues().current("bikes")
    assert catalogue
    assert not any(each.closes(RESOURCE) for each in catalogue.closures)


def test_without_an_id_a_repeat_is_the_same_holiday(door: Door, ports: MemoryPorts) -> None:
    names = {
        door.ask("POST", HOLIDAYS, OUTING, caller=ADA, idempotency_key=key).body["holidayId"]
        for key in ("key-00001", "key-00001", "key-00002")
    }
    assert len(names) == len(ports.memory.holidays) == 2


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"holidayId": "a"}, "/holidayId"),
        ({"holidayId": None}, "/holidayId"),
        ({"date": "2026-02-30"}, "/date"),
        ({"date": "2026-07-01T00:00:00Z"}, "/date"),
        ({"date": 20260701}, "/date"),
        ({"endDate": "2026-06-30"}, "/endDate"),
        ({"endDate": "2027-07-01", "yearly": True}, "/endDate"),
        ({"kind": "private"}, "/kind"),
        ({"yearly": "no"}, "/yearly"),
        ({"resourceIds": ["stand-9"]}, "/resourceIds/0"),
        ({"reason": "fun"}, "/reason"),
    ],
)
def test_a_holiday_that_is_none_is_refused(
    door: Door, ports: MemoryPorts, members: dict[str, Any], pointer: str
) -> None:
    assert _refused(door.ask("POST", HOLIDAYS, OUTING | members, caller=ADA)) == [pointer]
    assert ports.memory.holidays == {}


def _booked(ports: MemoryPorts, start: Instant, *, service: str = "repair", resource: str = RESOURCE) -> str:
    """An appointment of two hours, with its claim and its record."""
    spot = Appointment(
        business=BUSINESS,
        service=service,
        resources=(resource,),
        start=start,
        begins=start,
        ends=start + 2 * HOUR,
        pooled=False,
        ledger_offset=60,
    )
    booking = replace(a_confirmed_booking(), id=f"{service}-{resource}", spot=spot, start=start)
    ports.memory.put_booking(booking)
    for key, window in windows(BUSINESS, resource, start, start + 2 * HOUR, 60).items():
        ports.memory.put_day(Day(key, 1, {}, {"who": Claim(booking.id, 1, NEVER, "print", window)}))
    return booking.id


@pytest.mark.parametrize("start", [NOW - HOUR, NOW + 80 * DAY])
def test_what_has_appointments_to_come_stays(door: Door, ports: MemoryPorts, start: Instant) -> None:
    for service in ("repair", "check"):
        ports.memory.services[BUSINESS, service] = a_service(service)
    ports.memory.resources[BUSINESS, "stand-2"] = a_resource("stand-2")
    booking = _booked(ports, start)
    _booked(ports, NOW - 3 * HOUR, service="check", resource="stand-2")
    refused = door.ask("DELETE", f"{SERVICES}/repair", caller=ADA)
    assert (refused.status, refused.code, refused.body["bookingIds"]) == (409, "service_in_use", [booking])
    assert door.ask("DELETE", f"{SERVICES}/check", caller=ADA).status == 204
    refused = door.ask("DELETE", f"{BIKES}/resources/stand-1", caller=ADA)
    assert (refused.status, refused.code, refused.body["bookingIds"]) == (409, "resource_in_use", [booking])
    assert door.ask("DELETE", f"{BIKES}/resources/stand-2", caller=ADA).status == 204
    door.now = start + 2 * HOUR
    assert door.ask("DELETE", f"{SERVICES}/repair", caller=ADA).status == 204
    assert door.ask("DELETE", f"{BIKES}/resources/stand-1", caller=ADA).status == 204


def test_a_resource_goes_with_its_times_off(door: Door, ports: MemoryPorts) -> None:
    for absence in (an_absence(), an_absence("away-2"), an_absence(resource="stand-2")):
        ports.memory.absences[BUSINESS, absence.resource, absence.id] = absence
    assert door.ask("DELETE", f"{BIKES}/resources/stand-1", caller=ADA).status == 204
    assert list(ports.memory.absences) == [(BUSINESS, "stand-2", "away")]


def test_a_business_may_offer_services_before_it_has_hours_or_resources(
    door: Door, ports: MemoryPorts
) -> None:
    ports.memory.resources.clear()
    assert door.ask("POST", SERVICES, REPAIR | {"serviceId": "one"}, caller=ADA).status == 201
    ports.memory.resources[BUSINESS, RESOURCE] = a_resource()
    ports.memory.businesses[BUSINESS] = a_whole_business(hours={})
    assert door.ask("POST", SERVICES, REPAIR | {"serviceId": "two"}, caller=ADA).status == 201
