"""The queue of a slot over HTTP, for those who wait: join, see where one stands, leave, be served."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from functions.booking_api.handler import api
from holdfast.app.promote import promote
from holdfast.domain.caller import Caller
from holdfast.domain.instants import HOUR, NEVER, SECOND
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, Reply, a_whole_business, stocked
from tests.support.builders import ALICE, BOB, a_claim, a_slot

CAROL = Caller("carol")
FULL = a_slot(capacity=2, claims={"somebody": a_claim("s" * 20, units=2, expires=NEVER)})
SLOT_ID = FULL.key.slot_id
QUEUE, POSITION = f"/v1/slots/{SLOT_ID}/queue", f"/v1/slots/{SLOT_ID}/queue/position"


@pytest.fixture
def ports() -> MemoryPorts:
    ports = stocked()
    ports.memory.put_slot(FULL)
    return ports


@pytest.fixture
def door(ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(api, ports, clock=clock), "reserve")


def joined(door: Door, caller: Caller = ALICE, **members: object) -> Reply:
    reply = door.ask("POST", QUEUE, members, caller=caller)
    assert reply.status == 201, reply.body
    return reply


def reserve(door: Door, caller: Caller = ALICE, **members: object) -> Reply:
    return door.ask("POST", "/v1/bookings/reserve", {"slotId": SLOT_ID, **members}, caller=caller)


def free_up(ports: MemoryPorts, door: Door) -> None:
    """Everything that was sold is back, and the promoter has seen it."""
    slot = ports.memory.slots[FULL.key]
    ports.memory.put_slot(slot.without("somebody"))
    promote(ports.ledger(), ports.catalog(), FULL.key, door.now)


def test_who_joins_is_told_the_whole_place(door: Door) -> None:
    reply = joined(door)
    assert reply.headers["Location"] == POSITION
    assert "ETag" not in reply.headers
    entry_id = reply.body["entryId"]
    assert reply.body == {
        "entryId": entry_id,
        "slotId": "bikes.stand-1.202606141000",
        "status": "WAITING",
        "units": 1,
        "position": 1,
        "totalInQueue": 1,
        "estimatedWaitTime": reply.body["estimatedWaitTime"],
        "joinedAt": "2026-06-12T11:00:00.000+02:00",
        "bookingId": None,
        "slotDetails": {
            "slotId": "bikes.stand-1.202606141000",
            "businessId": "bikes",
            "resourceId": "stand-1",
            "start": "2026-06-14T11:00:00.000+02:00",
            "end": "2026-06-14T12:00:00.000+02:00",
            "capacity": 2,
            "available": 0,
            "status": "BOOKED",
            "price": {"amount": "25.00", "currency": "EUR"},
            "metadata": {},
            "timeZone": "Europe/Berlin",
        },
        "timeZone": "Europe/Berlin",
        "serverTime": "2026-06-12T11:00:00.000+02:00",
    }
    assert reply.body["estimatedWaitTime"].endswith("minutes")


def test_places_are_in_the_order_of_joining(door: Door) -> None:
    for position, caller in enumerate((ALICE, BOB, CAROL), start=1):
        assert joined(door, caller).body["position"] == position
    told = [door.ask("GET", POSITION, caller=caller).body for caller in (ALICE, BOB, CAROL)]
    assert [(each["position"], each["totalInQueue"]) for each in told] == [(1, 3), (2, 3), (3, 3)]


def test_joining_again_gives_the_place_there_is(door: Door) -> None:
    first = joined(door)
    again = door.ask("POST", QUEUE, {})
    assert (again.status, again.body) == (200, first.body)
    assert "Location" not in again.headers
    assert "Idempotency-Replayed" not in again.headers


def test_a_repeat_of_a_join_is_marked_and_takes_no_second_place(door: Door) -> None:
    first = door.ask("POST", QUEUE, {}, idempotency_key="key-0001")
    repeat = door.ask("POST", QUEUE, {}, idempotency_key="key-0001")
    assert (repeat.status, repeat.body) == (201, first.body)
    assert repeat.headers["Idempotency-Replayed"] == "true"
    other = door.ask("POST", QUEUE, {"units": 2}, idempotency_key="key-0001")
    assert (other.status, other.code) == (422, "idempotency_key_reused")


def test_a_late_repeat_of_a_join_tells_what_became_of_it(door: Door, ports: MemoryPorts) -> None:
    entry_id = door.ask("POST", QUEUE, {}, idempotency_key="key-0001").body["entryId"]
    free_up(ports, door)
    repeat = door.ask("POST", QUEUE, {}, idempotency_key="key-0001")
    assert (repeat.status, repeat.body["status"], repeat.body["position"]) == (201, "NOTIFIED", None)
    assert (repeat.body["bookingId"], repeat.body["estimatedWaitTime"]) == (entry_id, None)
    assert door.ask("GET", repeat.headers["Location"]).body["status"] == "RESERVED"


def test_whose_turn_comes_finds_an_ordinary_hold_and_confirms_it(door: Door, ports: MemoryPorts) -> None:
    joined(door, units=2, notes="By the window.", contact={"email": "alice@example.org"})
    joined(door, BOB)
    free_up(ports, door)
    (held,) = door.ask("GET", "/v1/bookings/my").body["items"]
    assert (held["status"], held["units"], held["notes"]) == ("RESERVED", 2, "By the window.")
    assert held["contact"]["email"] == "alice@example.org"
    assert held["expiresAt"] == "2026-06-12T11:10:00.000+02:00", "the business's claimSeconds"
    assert door.ask("GET", POSITION).code == "not_found"
    assert door.ask("GET", POSITION, caller=BOB).body["position"] == 1
    confirmed = door.ask("POST", f"/v1/bookings/{held['bookingId']}/confirm", {})
    assert (confirmed.status, confirmed.body["status"]) == (200, "CONFIRMED")
    (place,) = door.ask("GET", "/v1/queues/my").body["items"]
    assert (place["status"], place["bookingId"]) == ("CONVERTED", held["bookingId"])


def test_releasing_a_promoted_hold_declines_it(door: Door, ports: MemoryPorts) -> None:
    booking_id = joined(door).body["entryId"]
    free_up(ports, door)
    assert door.ask("POST", f"/v1/bookings/{booking_id}/release").status == 200
    (place,) = door.ask("GET", "/v1/queues/my").body["items"]
    assert (place["status"], place["history"][-1]["from"]) == ("LEFT", "NOTIFIED")


def test_nobody_overtakes_who_waits(door: Door, ports: MemoryPorts) -> None:
    joined(door, units=2)
    ports.memory.put_slot(ports.memory.slots[FULL.key].without("somebody"))
    reply = reserve(door, BOB)
    assert (reply.status, reply.code, reply.body["waiting"]) == (409, "slot_full", 1)


def test_who_leaves_has_no_place_and_may_leave_again(door: Door) -> None:
    joined(door)
    joined(door, BOB)
    for _ in range(2):
        left = door.ask("DELETE", QUEUE, idempotency_key="key-0001")
        assert (left.status, left.body) == (204, "")
    assert door.ask("GET", POSITION).code == "not_found"
    assert door.ask("GET", POSITION, caller=BOB).body["position"] == 1
    (place,) = door.ask("GET", "/v1/queues/my").body["items"]
    assert (place["status"], place["position"]) == ("LEFT", None)
    assert [each["trigger"] for each in place["history"]] == ["join", "leave"]


def test_a_parent_waits_for_each_child(door: Door) -> None:
    tom = joined(door, subject={"id": "tom & co"})
    joined(door, subject={"id": "ann"})
    assert tom.headers["Location"] == f"{POSITION}?subjectId=tom+%26+co"
    assert door.ask("GET", POSITION, query={"subjectId": "ann"}).body["position"] == 2
    assert door.ask("GET", POSITION).code == "not_found"
    assert door.ask("DELETE", QUEUE, query={"subjectId": "tom & co"}).status == 204
    assert door.ask("GET", POSITION, query={"subjectId": "ann"}).body["position"] == 1


def test_other_peoples_places_are_not_to_be_seen(door: Door) -> None:
    joined(door)
    seen = joined(door, BOB).body
    assert ALICE.id not in str(seen)
    (mine,) = door.ask("GET", "/v1/queues/my", caller=BOB).body["items"]
    assert mine["entryId"] == seen["entryId"]
    for somebody in (CAROL, Caller("stan", frozenset({"bikes:staff"}))):
        assert door.ask("GET", POSITION, caller=somebody).code == "not_found"
        assert door.ask("GET", "/v1/queues/my", caller=somebody).body["items"] == []


def test_my_queues_come_in_pages_the_latest_slot_first(door: Door, ports: MemoryPorts) -> None:
    starts = [FULL.start + hours * HOUR for hours in (2, 4)]
    for start in starts:
        slot = a_slot(start=start, capacity=2, claims=FULL.claims)
        ports.memory.put_slot(slot)
        assert door.ask("POST", f"/v1/slots/{slot.key.slot_id}/queue", {}).status == 201
    page = door.ask("GET", "/v1/queues/my", query={"limit": "1", "timeZone": "Asia/Tokyo"})
    assert [each["start"] for each in page.body["items"]] == ["2026-06-14T22:00:00.000+09:00"]
    rest = door.ask("GET", "/v1/queues/my", query={"cursor": page.body["nextCursor"]})
    assert [(each["start"], each["position"]) for each in rest.body["items"]] == [
        ("2026-06-14T13:00:00.000+02:00", 1)
    ]
    assert rest.body["nextCursor"] is None


def test_a_slot_with_room_is_reserved_not_waited_for(door: Door, ports: MemoryPorts) -> None:
    ports.memory.put_slot(a_slot(capacity=2))
    reply = door.ask("POST", QUEUE, {})
    assert (reply.status, reply.code, reply.body["available"]) == (409, "slot_not_full", 2)


def test_only_so_many_may_wait(door: Door, ports: MemoryPorts) -> None:
    ports.memory.businesses["bikes"] = a_whole_business(queue={"maxSize": 1})
    joined(door)
    refused = door.ask("POST", QUEUE, {}, caller=BOB)
    assert (refused.status, refused.code, refused.body["maxSize"]) == (409, "queue_full", 1)
    reserving = reserve(door, BOB, joinQueueIfFull=True)
    assert (reserving.code, reserving.body["alternatives"]) == ("queue_full", [])


def test_who_has_the_slot_does_not_wait_for_it(door: Door, ports: MemoryPorts) -> None:
    ports.memory.put_slot(a_slot(capacity=2))
    booking_id = reserve(door, units=2).body["bookingId"]
    reply = door.ask("POST", QUEUE, {})
    assert (reply.status, reply.code, reply.body["bookingId"]) == (409, "already_in_queue", booking_id)


def test_who_waits_for_other_units_is_told_their_place(door: Door) -> None:
    entry_id = joined(door).body["entryId"]
    reply = door.ask("POST", QUEUE, {"units": 2})
    assert (reply.code, reply.body["entryId"], reply.body["waitingUnits"]) == (
        "already_in_queue",
        entry_id,
        1,
    )


def test_a_business_can_have_no_queues(door: Door, ports: MemoryPorts) -> None:
    ports.memory.businesses["bikes"] = a_whole_business(queue={"enabled": False})
    refused = door.ask("POST", QUEUE, {})
    assert (refused.status, refused.code, refused.body["rule"]) == (422, "policy_violation", "queue_disabled")
    assert reserve(door, joinQueueIfFull=True).code == "slot_full"


@pytest.mark.parametrize("usual", [True, False])
@pytest.mark.parametrize("asked", [True, False, None])
def test_a_full_slot_is_waited_for_where_that_is_asked_or_usual(
    door: Door, ports: MemoryPorts, usual: bool, asked: bool | None
) -> None:
    ports.memory.businesses["bikes"] = a_whole_business(queue={"joinIfFull": usual})
    wish = {"slotId": SLOT_ID} if asked is None else {"slotId": SLOT_ID, "joinQueueIfFull": asked}
    reply = door.ask("POST", "/v1/bookings/reserve", wish)
    if usual if asked is None else asked:
        assert (reply.status, reply.headers["Location"]) == (202, POSITION)
        assert reply.body == {"queue": door.ask("GET", POSITION).body}
    else:
        assert (reply.status, reply.code) == (409, "slot_full")
        assert ports.memory.entries == {}


def test_a_reserve_that_had_to_wait_answers_its_repeat_with_what_came_of_it(
    door: Door, ports: MemoryPorts
) -> None:
    body = {"slotId": SLOT_ID, "joinQueueIfFull": True}

    def ask() -> Reply:
        return door.ask("POST", "/v1/bookings/reserve", body, idempotency_key="key-0001")

    waits, again = ask(), ask()
    assert (again.status, again.body) == (202, waits.body)
    assert again.headers["Idempotency-Replayed"] == "true"
    free_up(ports, door)
    served = ask()
    assert (served.status, served.body["bookingId"]) == (201, waits.body["queue"]["entryId"])
    assert served.headers["Location"] == f"/v1/bookings/{served.body['bookingId']}"


def limits_of(reply: Reply) -> Iterator[str]:
    return (reply.headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining"))


def test_joins_and_looks_at_the_position_are_limited_each(door: Door, ports: MemoryPorts) -> None:
    limits = {"queuePerMinute": 2, "positionPerMinute": 1}
    ports.memory.businesses["bikes"] = a_whole_business(rateLimits=limits)
    assert tuple(limits_of(joined(door))) == ("2", "1")
    assert tuple(limits_of(door.ask("POST", QUEUE, {}))) == ("2", "0")
    assert tuple(limits_of(door.ask("GET", POSITION))) == ("1", "0")
    for refused in (door.ask("POST", QUEUE, {}), door.ask("GET", POSITION)):
        assert (refused.status, refused.code) == (429, "rate_limited")
        assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"]
    assert door.ask("GET", POSITION, caller=BOB).code == "not_found"
    door.now += 60 * SECOND
    assert door.ask("GET", POSITION).status == 200


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_queue_needs_a_slot_and_a_token(door: Door, method: str) -> None:
    path = POSITION if method == "GET" else QUEUE
    assert door.ask(method, path, caller=None).code == "unauthenticated"
    for missing in ("bikes.stand-1.203001010000", "boats.berth-1.202606141000", "bikes.stand-1.202602301000"):
        assert door.ask(method, path.replace(SLOT_ID, missing)).code == "not_found"
