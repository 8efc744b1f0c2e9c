"""What admins do to slots, on the deployed stack: change, close, generate, and delete with all bookings."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from holdfast import clock
from holdfast.domain.instants import to_datetime
from tests.e2e.door import Door
from tests.support.ledger_state import read_ledger
from tests.support.waiting import eventually

BOOKED = 20


def _done(door: Door, job: str) -> Any:
    told = door.caller("admin").get(job).json()
    return told if told["status"] == "done" else None


def test_a_slot_with_twenty_bookings_is_deleted_and_every_booking_ends_once(door: Door) -> None:
    slot, admin = door.new_slot(capacity=BOOKED, price="30.00"), door.caller("admin")
    with ThreadPoolExecutor(8) as few:
        users = list(few.map(lambda number: door.stranger(f"guest{number}"), range(BOOKED)))
        held = list(few.map(lambda user: user.post("/v1/bookings/reserve", {"slotId": slot}).json(), users))
        paths = [f"/v1/bookings/{booking['bookingId']}" for booking in held]
        for user, path in zip(users[:10], paths[:10], strict=True):
            assert user.post(f"{path}/confirm").status_code == 200
    path = f"/v1/admin/slots/{slot}"
    refused = admin.delete(path)
    assert (refused.status_code, refused.json()["code"]) == (409, "slot_in_use")
    assert refused.json()["liveBookings"] == BOOKED
    assert door.caller("staff").delete(path).status_code == 403

    started = admin.delete(f"{path}?cascade=cancel", key="remove-the-bench")

    assert started.status_code == 202, started.text
    assert started.headers["location"] == f"/v1/admin/jobs/{started.json()['jobId']}"
    again = admin.delete(f"{path}?cascade=cancel", key="remove-the-bench")
    assert (again.json()["jobId"], again.headers["idempotency-replayed"]) == (
        *(started.json()["jobId"], "true"),
    )
    done = eventually(lambda: _done(door, started.headers["location"]), within=60)
    assert done["endedBookings"] == BOOKED
    for number, (user, path) in enumerate(zip(users, paths, strict=True)):
        history = user.get(f"{path}/history").json()["items"]
        after = "CANCELLED" if number < 10 else "EXPIRED"
        assert [line["to"] for line in history].count(after) == 1
        assert (history[-1]["to"], history[-1]["reason"]) == (after, "slot_removed")
        refund = user.get(path).json()["refund"]
        paid = {"percentage": 100, "amount": {"amount": "30.00", "currency": "EUR"}}
        assert refund == (paid if number < 10 else None)
    assert door.http.get(f"/v1/slots/{slot}").status_code == 404
    _publish_again(door, slot)
    assert (
        read_ledger(door.stack.client("dynamodb"), door.stack.tables["ledger"]).violations(clock.now()) == []
    )


def _publish_again(door: Door, slot: str) -> None:
    """The very same stretch of time is free."""
    state = read_ledger(door.stack.client("dynamodb"), door.stack.tables["ledger"])
    (tombstone,) = (each for each in state.slots if each.key.slot_id == slot)
    body = {
        "resourceId": tombstone.key.resource,
        "start": to_datetime(tombstone.start).isoformat(),
        "end": to_datetime(tombstone.end).isoformat(),
        "capacity": 1,
    }
    answer = door.caller("admin").post(f"/v1/admin/businesses/{door.stack.business_id}/slots", body)
    assert (answer.status_code, answer.json()["slotId"]) == (201, slot), answer.text


def test_a_slot_is_changed_closed_and_opened_again(door: Door) -> None:
    slot, admin, alice = door.new_slot(), door.caller("admin"), door.caller("alice")
    path = f"/v1/admin/slots/{slot}"

    assert admin.put(path, {"capacity": 3}).status_code == 428
    changed = admin.put(path, {"capacity": 3}, If_Match='"1"')
    assert (changed.json()["capacity"], changed.headers["etag"]) == (3, '"2"')
    assert admin.put(path, {"capacity": 4}, If_Match='"1"').status_code == 412

    assert admin.post(f"{path}/block").json()["status"] == "BLOCKED"
    closed = alice.post("/v1/bookings/reserve", {"slotId": slot})
    assert (closed.status_code, closed.json()["code"]) == (409, "slot_blocked")
    assert admin.post(f"{path}/unblock").json()["available"] == 3
    assert admin.delete(path).status_code == 204


def test_a_schedule_is_tried_and_then_published(door: Door) -> None:
    admin = door.caller("admin")
    path = f"/v1/admin/businesses/{door.stack.business_id}/slots/generate"
    schedule = {
        "resourceId": "bench",
        "from": "2032-03-01",
        "to": "2032-03-31",
        "capacity": 1,
        "durationMinutes": 45,
        "gapMinutes": 15,
        "hours": {"mon": [{"from": "09:00", "to": "12:00"}]},
    }
    dry = admin.post(path, schedule | {"dryRun": True})
    assert (dry.status_code, len(dry.json()["created"])) == (200, 15), dry.text
    made = admin.post(path, schedule).json()
    assert made == dry.json() | {"dryRun": False}
    assert door.http.get(f"/v1/slots/{made['created'][0]['slotId']}").json()["available"] == 1
    again = admin.post(path, schedule).json()
    assert (again["created"], {each["reason"] for each in again["skipped"]}) == ([], {"exists"})


def test_settings_resources_and_members_are_kept_by_their_versions(door: Door) -> None:
    admin, platform = door.caller("admin"), door.caller("platform")
    business = f"/v1/admin/businesses/{door.stack.business_id}"
    told = admin.get(business)
    kept = {"name": told.json()["name"], "timeZone": told.json()["timeZone"], "preset": told.json()["preset"]}

    stale = admin.put(business, kept, If_Match='"999"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")

    shed = f"{business}/resources/shed"
    made = admin.post(f"{business}/resources", {"resourceId": "shed", "name": "Shed", "kind": "shed"})
    changed = admin.put(shed, {"name": "Big shed", "kind": "shed"}, If_Match=made.headers["etag"])
    assert (changed.json()["name"], admin.get(shed).json()["version"]) == ("Big shed", 2)
    door.new_slot(resource="shed")
    refused = admin.delete(shed)
    assert (refused.status_code, refused.json()["code"]) == (409, "resource_in_use")
    for slot_id in refused.json()["slotIds"]:
        assert admin.delete(f"/v1/admin/slots/{slot_id}").status_code == 204
    assert admin.delete(shed).status_code == 204

    members = f"{business}/members"
    assert platform.post(members, {"userId": "somebody-else", "role": "admin"}).status_code == 201
    shut_out = admin.post(f"{business}/resources", {"resourceId": "shed", "name": "Shed", "kind": "shed"})
    assert (shut_out.status_code, shut_out.json()["code"]) == (403, "forbidden")
    assert platform.delete(f"{members}/somebody-else").status_code == 204
    assert admin.get(members).json()["items"] == []


def test_staff_find_bookings_by_time_user_and_number(door: Door) -> None:
    dora, staff = door.stranger("dora"), door.caller("staff")
    held = dora.post("/v1/bookings/reserve", {"slotId": door.new_slot()}).json()
    sold = dora.post(f"/v1/bookings/{held['bookingId']}/confirm").json()
    path = f"/v1/admin/businesses/{door.stack.business_id}/bookings"

    def found(**query: str) -> list[str]:
        answer = staff.get(path, query)
        assert answer.status_code == 200, answer.text
        return [each["bookingId"] for each in answer.json()["items"]]

    def listed_by_both() -> bool:
        by_time = found(**{"from": sold["start"], "to": sold["end"], "resourceId": "bench", "limit": "100"})
        return sold["bookingId"] in by_time and found(userId=sold["userId"]) == [sold["bookingId"]]

    eventually(listed_by_both, within=10)  # indexes lag
    assert found(number=sold["bookingNumber"]) == [sold["bookingId"]]
    assert found(number=sold["bookingNumber"], status="CANCELLED") == []
    assert staff.get(f"/v1/admin/bookings/{sold['bookingId']}").json()["userId"] == sold["userId"]
    assert dora.get(path).status_code == 403
