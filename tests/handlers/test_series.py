"""Series over HTTP: what is asked for, what came of each occurrence, deeds on several bookings (API.md)."""

from __future__ import annotations

from typing import Any

import pytest

from functions.booking_api.handler import api
from holdfast.domain.caller import Caller
from holdfast.domain.instants import DAY, HOUR
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, a_whole_business, stocked
from tests.support.builders import BOB, BUSINESS, NOW, a_slot
from tests.unit.app.salon import a_service

SERIES = "/v1/bookings/series"
MONDAYS = [f"2026-06-{day}T09:00:00+02:00" for day in (15, 22, 29)]
PLAN: dict[str, Any] = {"businessId": "bikes", "serviceId": "repair", "starts": MONDAYS}
RULE: dict[str, Any] = {
    "businessId": "bikes",
    "serviceId": "repair",
    "start": MONDAYS[0],
    "rrule": "FREQ=WEEKLY;COUNT=3",
}


@pytest.fixture
def ports() -> MemoryPorts:
    ports = stocked()
    price = {"amount": "30.00", "currency": "EUR"}
    ports.memory.services[BUSINESS, "repair"] = a_service("repair", price=price, resourceIds=["stand-1"])
    return ports


@pytest.fixture
def door(ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(api, ports, clock=clock), "reserve")


def seen(start: str) -> str:
    return start.replace("+02:00", ".000+02:00")


@pytest.mark.parametrize("plan", [PLAN, RULE], ids=["starts", "rule"])
@pytest.mark.parametrize("mode", ["all_or_nothing", "skip_conflicts"])
def test_a_series_is_answered_with_what_came_of_each(door: Door, plan: dict[str, Any], mode: str) -> None:
    made = door.ask("POST", SERIES, plan | {"mode": mode, "notes": "squeaks"}, idempotency_key="my-series")
    assert (made.status, made.body["mode"]) == (201, mode)
    assert made.headers["Location"] == f"{SERIES}/{made.body['seriesId']}"
    assert made.body["expiresAt"] == "2026-06-12T11:02:00.000+02:00"
    assert made.body["serverTime"] == "2026-06-12T11:00:00.000+02:00"
    items = made.body["items"]
    assert [each["start"] for each in items] == [seen(start) for start in MONDAYS]
    assert [(each["status"], each["reasons"]) for each in items] == [("reserved", [])] * 3
    again = door.ask("POST", SERIES, plan | {"mode": mode, "notes": "squeaks"}, idempotency_key="my-series")
    assert (again.status, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.body == made.body
    whole = door.ask("GET", made.headers["Location"])
    assert [each["bookingId"] for each in whole.body["items"]] == [each["bookingId"] for each in items]
    assert {(each["seriesId"], each["notes"]) for each in whole.body["items"]} == {
        (made.body["seriesId"], "squeaks")
    }


def test_what_is_had_whole_or_not_at_all_tells_what_is_in_the_way(door: Door) -> None:
    door.ask("POST", SERIES, PLAN | {"starts": MONDAYS[1:2]}, caller=BOB)
    refused = door.ask("POST", SERIES, PLAN | {"starts": [*MONDAYS, "2026-06-15T08:00:00Z"]})
    assert (refused.status, refused.code) == (409, "not_offered")
    assert refused.body["reasons"] == ["taken"]
    assert refused.body["occurrences"] == [{"start": seen(MONDAYS[1]), "reasons": ["taken"]}]


def test_what_is_skipped_tells_why(door: Door) -> None:
    door.ask("POST", SERIES, PLAN | {"starts": MONDAYS[1:2]}, caller=BOB)
    made = door.ask("POST", SERIES, PLAN | {"mode": "skip_conflicts"})
    assert [each["status"] for each in made.body["items"]] == ["reserved", "skipped", "reserved"]
    skipped = made.body["items"][1]
    assert (skipped["bookingId"], skipped["end"], skipped["reasons"]) == (None, None, ["taken"])


def test_a_preview_is_no_series(door: Door, ports: MemoryPorts) -> None:
    door.ask("POST", SERIES, PLAN | {"starts": MONDAYS[1:2]}, caller=BOB)
    looked = door.ask("POST", SERIES, PLAN | {"mode": "preview"})
    assert (looked.status, looked.body["seriesId"], looked.body["expiresAt"]) == (200, None, None)
    assert "Location" not in looked.headers
    assert [(each["status"], each["bookingId"]) for each in looked.body["items"]] == [
        *(("offered", None), ("skipped", None), ("offered", None))
    ]
    assert len(ports.memory.bookings) == 1


def test_a_package_of_slots(door: Door, ports: MemoryPorts) -> None:
    slots = [a_slot(start=NOW + hours * HOUR) for hours in (48, 50)]
    for slot in slots:
        ports.memory.put_slot(slot)
    made = door.ask("POST", SERIES, {"slotIds": [slot.key.slot_id for slot in slots], "units": 2})
    assert made.status == 201
    whole = door.ask("GET", f"{SERIES}/{made.body['seriesId']}").body
    assert [(each["slotId"], each["units"]) for each in whole["items"]] == [
        (slot.key.slot_id, 2) for slot in slots
    ]
    strange = door.ask("POST", SERIES, {"slotIds": [slots[0].key.slot_id, "boats.stand-1.202606141000"]})
    assert (strange.status, strange.pointers) == (422, ["/slotIds"])
    assert door.ask("POST", SERIES, {"slotIds": ["no slot"]}).status == 404


def test_holds_are_confirmed_each_by_itself(door: Door) -> None:
    made = door.ask("POST", SERIES, PLAN).body
    first = made["items"][0]["bookingId"]
    door.ask("POST", f"/v1/bookings/{first}/release")
    confirmed = door.ask("POST", f"{SERIES}/{made['seriesId']}/confirm", {"notes": "by bike"})
    assert confirmed.status == 200
    told = [(each["status"], each["done"], each["reasons"]) for each in confirmed.body["items"]]
    assert told == [("EXPIRED", False, ["hold_expired"]), *[("CONFIRMED", True, [])] * 2]
    assert confirmed.body["items"][1]["version"] == 2


@pytest.mark.parametrize(("scope", "many"), [("following", 2), ("all", 3)])
def test_several_are_cancelled_with_the_refund_of_each(door: Door, scope: str, many: int) -> None:
    made = door.ask("POST", SERIES, PLAN).body
    door.ask("POST", f"{SERIES}/{made['seriesId']}/confirm")
    second = f"/v1/bookings/{made['items'][1]['bookingId']}"
    cancelled = door.ask("POST", f"{second}/cancel", {"scope": scope})
    assert cancelled.status == 200
    refund = {"percentage": 100, "amount": {"amount": "30.00", "currency": "EUR"}}
    assert [(each["status"], each["refund"]) for each in cancelled.body["items"]] == [
        ("CANCELLED", refund)
    ] * many
    assert cancelled.body["timeZone"] == "Europe/Berlin"


def test_this_alone_is_answered_as_ever(door: Door) -> None:
    made = door.ask("POST", SERIES, PLAN).body
    door.ask("POST", f"{SERIES}/{made['seriesId']}/confirm")
    booking = f"/v1/bookings/{made['items'][0]['bookingId']}"
    moved = door.ask(
        "POST",
        f"{booking}/reschedule",
        {"businessId": "bikes", "serviceId": "repair", "start": "2026-06-15T11:00:00+02:00", "scope": "this"},
        if_match='"2"',
    )
    assert (moved.status, moved.headers["ETag"]) == (200, '"3"')
    cancelled = door.ask("POST", f"{booking}/cancel", {"scope": "this"})
    assert (cancelled.body["status"], cancelled.body["seriesId"]) == ("CANCELLED", made["seriesId"])


def test_several_move_by_as_much(door: Door) -> None:
    made = door.ask("POST", SERIES, PLAN).body
    door.ask("POST", f"{SERIES}/{made['seriesId']}/confirm")
    second = f"/v1/bookings/{made['items'][1]['bookingId']}"
    to = {"businessId": "bikes", "serviceId": "repair", "start": "2026-06-23T10:00:00+02:00"}
    assert door.ask("POST", f"{second}/reschedule", to | {"scope": "following"}).status == 428
    moved = door.ask("POST", f"{second}/reschedule", to | {"scope": "following"}, if_match='"2"')
    assert [each["start"] for each in moved.body["items"]] == [
        *("2026-06-23T10:00:00.000+02:00", "2026-06-30T10:00:00.000+02:00")
    ]
    stale = door.ask("POST", f"{second}/reschedule", to | {"scope": "all"}, if_match='"2"')
    assert (stale.status, stale.code) == (412, "stale_version")


def test_who_may_read_a_series(door: Door) -> None:
    made = door.ask("POST", SERIES, PLAN).headers["Location"]
    staff = Caller("stan", frozenset({"bikes:staff"}))
    assert door.ask("GET", made, caller=staff).status == 200
    assert door.ask("GET", made, caller=BOB).status == 404
    assert door.ask("POST", f"{made}/confirm", caller=BOB).status == 404


def test_a_business_that_wants_a_key_gets_one_or_nothing(door: Door, ports: MemoryPorts) -> None:
    ports.memory.businesses[BUSINESS] = a_whole_business(policies={"idempotencyKeyRequired": True})
    assert door.ask("POST", SERIES, PLAN).code == "malformed_request"
    assert door.ask("POST", SERIES, PLAN, idempotency_key="my-series").status == 201


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/slotIds"]),
        ({"slotIds": []}, ["/slotIds"]),
        ({"slotIds": ["x"] * 53}, ["/slotIds"]),
        ({"slotIds": ["x"], "serviceId": "repair"}, ["/serviceId"]),
        ({"slotIds": ["x"], "rrule": "FREQ=DAILY;COUNT=2"}, ["/rrule"]),
        ({"starts": MONDAYS}, ["/businessId", "/serviceId"]),
        ({"businessId": "bikes", "serviceId": "repair"}, ["/starts"]),
        (PLAN | {"starts": []}, ["/starts"]),
        (PLAN | {"starts": ["2026-06-15T09:00:00"]}, ["/starts/0"]),
        (PLAN | {"starts": [MONDAYS[0], "2026-06-15T07:00:00Z"]}, ["/starts/1"]),
        (PLAN | {"start": MONDAYS[0]}, ["/start"]),
        (PLAN | {"durationMinutes": 0}, ["/durationMinutes"]),
        (PLAN | {"mode": "best_effort"}, ["/mode"]),
        (PLAN | {"mode": None}, ["/mode"]),
        (PLAN | {"joinQueueIfFull": True}, ["/joinQueueIfFull"]),
        (PLAN | {"holdSeconds": 5}, ["/holdSeconds"]),
        (RULE | {"rrule": "FREQ=HOURLY;COUNT=3"}, ["/rrule"]),
        (RULE | {"rrule": "FREQ=WEEKLY"}, ["/rrule"]),
        (RULE | {"rrule": "FREQ=WEEKLY;COUNT=21"}, ["/rrule"]),
        (RULE | {"rrule": "FREQ=WEEKLY;COUNT=53", "mode": "preview"}, ["/rrule"]),
        (RULE | {"rrule": "FREQ=WEEKLY;BYDAY=TU;COUNT=3"}, ["/rrule"]),
        (RULE | {"rrule": "x" * 257}, ["/rrule"]),
        ({name: each for name, each in RULE.items() if name != "start"}, ["/start"]),
        ({name: each for name, each in RULE.items() if name != "rrule"}, ["/rrule"]),
    ],
    ids=lambda each: ascii(each)[:60],
)
def test_a_series_is_named_in_one_way(door: Door, body: dict[str, Any], pointers: list[str]) -> None:
    reply = door.ask("POST", SERIES, body)
    assert (reply.status, sorted(reply.pointers)) == (422, pointers)


@pytest.mark.parametrize("deed", ["cancel", "reschedule"])
def test_a_scope_is_one_of_three(door: Door, deed: str) -> None:
    to = {"slotId": "bikes.stand-1.202606141000"} if deed == "reschedule" else {}
    reply = door.ask("POST", f"/v1/bookings/{'b' * 20}/{deed}", to | {"scope": "none"}, if_match='"1"')
    assert (reply.status, reply.pointers) == (422, ["/scope"])


@pytest.mark.parametrize("missing", ["businessId", "serviceId", "resourceId"])
@pytest.mark.parametrize("mode", ["all_or_nothing", "skip_conflicts", "preview"])
def test_what_is_not_there_is_not_found(door: Door, missing: str, mode: str) -> None:
    reply = door.ask("POST", SERIES, PLAN | {missing: "nowhere", "mode": mode})
    assert (reply.status, reply.code) == (404, "not_found")


def test_a_hold_that_is_over_is_seen_so_in_its_series(door: Door) -> None:
    made = door.ask("POST", SERIES, PLAN).headers["Location"]
    door.now = NOW + DAY
    assert {each["status"] for each in door.ask("GET", made).body["items"]} == {"EXPIRED"}
