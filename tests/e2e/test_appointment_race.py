"""Two hundred at once on one resource's day, on the deployed stack (SLOT-5): nothing overlaps, nobody is put
off, and who is refused was refused for somebody who has it."""

from __future__ import annotations

import itertools
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

from holdfast import clock
from tests.e2e.door import Door
from tests.support.ledger_state import read_ledger

BUSINESS = "one-day"
STARTS = 90
LENGTH, BUFFER = timedelta(minutes=30), timedelta(minutes=10)


def test_two_hundred_appointments_at_overlapping_starts_never_overlap(door: Door) -> None:
    platform, base = door.caller("platform"), f"/v1/admin/businesses/{BUSINESS}"
    weekdays = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    business = {
        "businessId": BUSINESS,
        "name": "One day",
        "timeZone": "Etc/UTC",
        "hours": {day: [{"from": "08:00", "to": "16:00"}] for day in weekdays},
        "grid": {"stepMinutes": 5, "bufferAfterMinutes": 10},
        "hold": {"defaultSeconds": 900},
    }
    resource = {"resourceId": "doctor", "name": "The doctor", "kind": "doctor"}
    service = {"serviceId": "visit", "name": "Visit", "durationMinutes": 30}
    for path, body in (
        ("/v1/admin/businesses", business),
        (f"{base}/resources", resource),
        (f"{base}/services", service),
    ):
        assert platform.post(path, body).status_code == 201
    opens = datetime.combine(date.today() + timedelta(days=20), datetime.min.time(), UTC).replace(hour=8)
    with ThreadPoolExecutor(8) as few:
        users = list(few.map(lambda number: door.stranger(f"racer{number}"), range(200)))
    wanted = [opens + number * 7 % STARTS * timedelta(minutes=5) for number in range(200)]

    with ThreadPoolExecutor(200) as all_at_once:
        wish = {"businessId": BUSINESS, "serviceId": "visit"}
        answers = list(
            all_at_once.map(
                lambda user, start: user.post("/v1/bookings/reserve", wish | {"start": start.isoformat()}),
                users,
                wanted,
            )
        )

    outcomes = Counter((answer.status_code, answer.json().get("code")) for answer in answers)
    assert {*outcomes} == {(201, None), (409, "not_offered")}, outcomes
    kept = sorted(at for at, answer in zip(wanted, answers, strict=True) if answer.status_code == 201)
    apart = LENGTH + BUFFER
    assert all(later - earlier >= apart for earlier, later in itertools.pairwise(kept))
    for at, answer in zip(wanted, answers, strict=True):
        if answer.status_code == 409:
            assert answer.json()["reasons"] == ["taken"]
            assert any(abs(at - other) < apart for other in kept), at
    state = read_ledger(door.stack.client("dynamodb"), door.stack.tables["ledger"])
    assert state.violations(clock.now()) == []
