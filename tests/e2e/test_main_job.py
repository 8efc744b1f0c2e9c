"""Reserve, confirm, cancel and what lies between, over HTTP with real tokens."""

from __future__ import annotations

from tests.e2e.door import Door
from tests.support.waiting import eventually


def test_a_booking_goes_from_hold_to_number_to_refund(door: Door) -> None:
    alice = door.caller("alice")
    slot = door.new_slot(price="80.00")

    held = alice.post("/v1/bookings/reserve", {"slotId": slot, "notes": "window seat"})
    assert held.status_code == 201, held.text
    booking = held.json()
    assert booking["status"] == "RESERVED"
    assert booking["expiresAt"] > booking["serverTime"]
    assert held.headers["etag"] == '"1"'

    path = f"/v1/bookings/{booking['bookingId']}"
    confirmed = alice.post(f"{path}/confirm", {"contact": {"email": "alice@holdfast.example"}})
    assert confirmed.status_code == 200, confirmed.text
    assert confirmed.json()["bookingNumber"].startswith("BOK-")
    assert confirmed.json()["expiresAt"] is None

    cancelled = alice.post(f"{path}/cancel", {"reason": "rain"})
    assert cancelled.json()["refund"] == {
        "percentage": 100,
        "amount": {"amount": "80.00", "currency": "EUR"},
    }
    history = alice.get(f"{path}/history").json()["items"]
    assert [(line["from"], line["to"]) for line in history] == [
        ("PENDING", "RESERVED"),
        ("RESERVED", "CONFIRMED"),
        ("CONFIRMED", "CANCELLED"),
    ]
    assert door.http.get(f"/v1/slots/{slot}").json()["available"] == 1


def test_asking_again_for_what_one_has_is_answered_with_it(door: Door) -> None:
    alice = door.caller("alice")
    slot = door.new_slot(capacity=3)
    first = alice.post("/v1/bookings/reserve", {"slotId": slot})

    again = alice.post("/v1/bookings/reserve", {"slotId": slot})
    more = alice.post("/v1/bookings/reserve", {"slotId": slot, "units": 2})

    assert (again.status_code, again.json()["bookingId"]) == (200, first.json()["bookingId"])
    assert (more.status_code, more.json()["code"]) == (409, "already_held")
    assert door.http.get(f"/v1/slots/{slot}").json()["available"] == 2


def test_a_full_slot_says_whether_it_may_come_back(door: Door) -> None:
    alice, bob = door.caller("alice"), door.caller("bob")
    slot = door.new_slot()
    held = alice.post("/v1/bookings/reserve", {"slotId": slot}).json()

    while_held = bob.post("/v1/bookings/reserve", {"slotId": slot})
    assert (while_held.status_code, while_held.json()["code"]) == (409, "slot_held")
    assert 1 <= int(while_held.headers["retry-after"]) <= 120

    alice.post(f"/v1/bookings/{held['bookingId']}/confirm")
    once_sold = bob.post("/v1/bookings/reserve", {"slotId": slot})
    assert (once_sold.status_code, once_sold.json()["code"]) == (409, "slot_full")
    assert once_sold.headers["content-type"] == "application/problem+json"


def test_a_hold_is_extended_and_given_back(door: Door) -> None:
    alice = door.caller("alice")
    slot = door.new_slot()
    held = alice.post("/v1/bookings/reserve", {"slotId": slot, "holdSeconds": 60}).json()
    path = f"/v1/bookings/{held['bookingId']}"

    extended = alice.post(f"{path}/extend", {"seconds": 600})
    assert extended.json()["expiresAt"] > held["expiresAt"]

    released = alice.post(f"{path}/release")
    assert released.json()["status"] == "EXPIRED"
    late = alice.post(f"{path}/confirm")
    assert (late.status_code, late.json()["code"]) == (410, "hold_expired")


def test_nobody_sees_or_touches_the_booking_of_another(door: Door) -> None:
    alice, bob = door.caller("alice"), door.caller("bob")
    held = alice.post("/v1/bookings/reserve", {"slotId": door.new_slot()}).json()
    path = f"/v1/bookings/{held['bookingId']}"

    assert bob.get(path).status_code == 404
    for deed in ("confirm", "cancel", "release"):
        answer = bob.post(f"{path}/{deed}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert alice.get(path).json()["version"] == 1
    assert door.caller("staff").get(path).status_code == 200


def test_an_amendment_needs_the_version_it_was_read_at(door: Door) -> None:
    alice = door.caller("alice")
    held = alice.post("/v1/bookings/reserve", {"slotId": door.new_slot()}).json()
    path = f"/v1/bookings/{held['bookingId']}"

    assert alice.patch(path, {"notes": "a"}).status_code == 428
    assert alice.patch(path, {"notes": "b"}, If_Match='"1"').json()["notes"] == "b"
    stale = alice.patch(path, {"notes": "c"}, If_Match='"1"')
    assert (stale.status_code, stale.json()["currentVersion"]) == (412, 2)


def test_my_bookings_are_listed_page_by_page(door: Door) -> None:
    carol = door.stranger("carol")
    made = {
        carol.post("/v1/bookings/reserve", {"slotId": door.new_slot()}).json()["bookingId"] for _ in range(3)
    }
    first = carol.get("/v1/bookings/my", {"limit": "2"}).json()
    second = carol.get("/v1/bookings/my", {"limit": "2", "cursor": first["nextCursor"]}).json()

    assert {each["bookingId"] for each in first["items"] + second["items"]} == made
    assert second["nextCursor"] is None


def test_calls_without_a_token_are_refused_at_the_gateway(door: Door) -> None:
    assert door.http.post("/v1/bookings/reserve", json={"slotId": "x"}).status_code == 401
    assert door.http.post("/v1/admin/businesses", json={}).status_code == 401
    assert door.http.get("/v1/health").json()["status"] == "healthy"


def test_only_admins_of_a_business_publish_its_slots(door: Door) -> None:
    path = f"/v1/admin/businesses/{door.stack.business_id}/slots"
    slot = {
        "resourceId": "bench",
        "start": "2030-01-01T10:00:00Z",
        "end": "2030-01-01T11:00:00Z",
        "capacity": 1,
    }

    for user in ("alice", "staff"):
        answer = door.caller(user).post(path, slot)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert door.caller("admin").post(path, slot).status_code == 201
    overlapping = slot | {"start": "2030-01-01T10:30:00Z", "end": "2030-01-01T11:30:00Z"}
    answer = door.caller("admin").post(path, overlapping)
    assert (answer.status_code, answer.json()["code"]) == (409, "overlap")


def test_units_change_while_there_is_room_and_a_refusal_names_what_is_free_nearby(door: Door) -> None:
    alice, bob = door.caller("alice"), door.caller("bob")
    slot, nearby = door.new_slot(capacity=2), door.new_slot(capacity=2)
    held = alice.post("/v1/bookings/reserve", {"slotId": slot}).json()
    path = f"/v1/bookings/{held['bookingId']}"

    both = alice.patch(path, {"units": 2}, If_Match='"1"')
    assert (both.status_code, both.json()["price"]["total"]["amount"]) == (200, "40.00"), both.text

    def offers_what_is_nearby() -> bool:
        refused = bob.post("/v1/bookings/reserve", {"slotId": slot})
        assert refused.status_code == 409
        return nearby in [each["slotId"] for each in refused.json()["alternatives"]]

    eventually(offers_what_is_nearby, within=15, every=1)  # offers are up to 5 s old

    assert alice.patch(path, {"units": 1}, If_Match='"2"').json()["units"] == 1
    assert bob.post("/v1/bookings/reserve", {"slotId": slot}).status_code == 201


def test_staff_say_what_became_of_a_booking(door: Door) -> None:
    alice, staff = door.caller("alice"), door.caller("staff")
    held = alice.post("/v1/bookings/reserve", {"slotId": door.new_slot()}).json()
    alice.post(f"/v1/bookings/{held['bookingId']}/confirm")
    path = f"/v1/admin/bookings/{held['bookingId']}"

    assert alice.post(f"{path}/complete").status_code in (403, 404)
    assert staff.post(f"{path}/start").json()["status"] == "IN_PROGRESS"
    assert staff.post(f"{path}/complete").json()["status"] == "COMPLETED"
    assert staff.post(f"{path}/no-show", {"reason": "mixed up"}).json()["status"] == "NO_SHOW"
    over = staff.post(f"{path}/cancel", {"reason": "late"})
    assert (over.status_code, over.json()["code"]) == (409, "invalid_transition")
