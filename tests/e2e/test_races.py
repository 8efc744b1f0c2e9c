"""Many at once on the deployed stack; the table is read whole afterwards and judged."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from holdfast import clock
from tests.e2e.door import Door
from tests.support.ledger_state import read_ledger


def _violations(door: Door) -> list[str]:
    return read_ledger(door.stack.client("dynamodb"), door.stack.tables["ledger"]).violations(clock.now())


def test_two_hundred_users_race_for_seven_units_and_seven_have_one(door: Door) -> None:
    slot = door.new_slot(capacity=7)
    with ThreadPoolExecutor(8) as few:
        users = list(few.map(lambda number: door.stranger(f"racer{number}"), range(200)))
    assert door.caller("alice").get("/v1/bookings/my").status_code == 200  # warm

    with ThreadPoolExecutor(200) as all_at_once:
        answers = list(
            all_at_once.map(lambda user: user.post("/v1/bookings/reserve", {"slotId": slot}), users)
        )

    outcomes = Counter((answer.status_code, answer.json().get("code")) for answer in answers)
    assert outcomes[201, None] == 7, outcomes
    refused = [answer for answer in answers if answer.status_code != 201]
    assert {answer.status_code for answer in refused} == {409}, outcomes
    assert {answer.headers["content-type"] for answer in refused} == {"application/problem+json"}
    assert door.http.get(f"/v1/slots/{slot}").json()["available"] == 0
    assert _violations(door) == []


def test_fifty_requests_with_one_key_make_one_booking(door: Door) -> None:
    alice = door.caller("alice")
    slot, other = door.new_slot(capacity=5), door.new_slot()
    body, key = {"slotId": slot, "holdSeconds": 30}, f"fifty-times-{time.time_ns()}"

    with ThreadPoolExecutor(50) as all_at_once:
        answers = list(
            all_at_once.map(lambda _: alice.post("/v1/bookings/reserve", body, key=key), range(50))
        )

    made = Counter(answer.json().get("bookingId") for answer in answers if answer.status_code in (200, 201))
    assert len(made) == 1
    assert made.total() >= 49, Counter(answer.status_code for answer in answers)
    (booking_id,) = made
    state = read_ledger(door.stack.client("dynamodb"), door.stack.tables["ledger"])
    (ledger,) = (each for each in state.slots if each.key.slot_id == slot)
    assert [(claim.booking, claim.units) for claim in ledger.claims.values()] == [(booking_id, 1)]

    elsewhere = alice.post("/v1/bookings/reserve", {"slotId": other}, key=key)
    with_another_body = alice.post("/v1/bookings/reserve", body | {"units": 2}, key=key)
    for answer in (elsewhere, with_another_body):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")

    assert alice.post(f"/v1/bookings/{booking_id}/confirm").status_code == 200
    assert alice.post(f"/v1/bookings/{booking_id}/cancel").status_code == 200
    replay = alice.post("/v1/bookings/reserve", body, key=key)
    assert (replay.json()["bookingId"], replay.json()["status"]) == (booking_id, "CANCELLED")
    assert replay.headers["idempotency-replayed"] == "true"
    assert door.http.get(f"/v1/slots/{slot}").json()["available"] == 5
    assert _violations(door) == []


def test_two_admins_publish_overlapping_slots_at_once_and_one_is_refused(door: Door) -> None:
    admin = door.caller("admin")
    path = f"/v1/admin/businesses/{door.stack.business_id}/slots"
    slots = [
        {
            "resourceId": "bench",
            "start": f"2031-03-01T10:{minute:02d}:00Z",
            "end": f"2031-03-01T11:{minute:02d}:00Z",
            "capacity": 1,
        }
        for minute in range(0, 50, 10)
    ]
    with ThreadPoolExecutor(len(slots)) as all_at_once:
        answers = list(all_at_once.map(lambda slot: admin.post(path, slot), slots))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    assert _violations(door) == []
