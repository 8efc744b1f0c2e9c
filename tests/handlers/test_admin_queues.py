"""The queues of a business, for its staff: who waits, remove a place, move one to the front."""

from __future__ import annotations

import pytest

from functions.admin_api.handler import api as admin_api
from functions.booking_api.handler import api as booking_api
from holdfast.app.promote import promote
from holdfast.domain.caller import Caller
from holdfast.domain.instants import DAY, NEVER
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, Reply, stocked
from tests.support.builders import ALICE, BOB, a_claim, a_slot

STAFF = Caller("stan", frozenset({"bikes:staff"}))
ADMIN = Caller("ada", frozenset({"bikes:admin"}))
CAROL = Caller("carol")
CLAIMS = {"first": a_claim("f" * 20, expires=NEVER), "second": a_claim("s" * 20, expires=NEVER)}
FULL = a_slot(capacity=2, claims=CLAIMS)
QUEUE = f"/v1/admin/businesses/bikes/queues/{FULL.key.slot_id}"
REASON = {"reason": "They asked at the desk."}


@pytest.fixture
def ports() -> MemoryPorts:
    ports = stocked()
    ports.memory.put_slot(FULL)
    return ports


@pytest.fixture
def customers(ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(booking_api, ports, clock=clock), "reserve")


@pytest.fixture
def door(ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(admin_api, ports, clock=clock), "reserve")


def join(customers: Door, caller: Caller, **members: object) -> str:
    reply = customers.ask("POST", f"/v1/slots/{FULL.key.slot_id}/queue", members, caller=caller)
    assert reply.status == 201
    entry_id: str = reply.body["entryId"]
    return entry_id


def who(reply: Reply) -> list[str]:
    return [each["userId"] for each in reply.body["items"]]


def test_staff_see_who_waits_in_order_and_for_what(door: Door, customers: Door) -> None:
    first = join(customers, ALICE, units=2, notes="Near the door.", contact={"email": "alice@example.org"})
    join(customers, BOB, subject={"id": "tom"})
    reply = door.ask("GET", QUEUE, caller=STAFF)
    assert (reply.status, reply.body["totalInQueue"], who(reply)) == (200, 2, ["alice", "bob"])
    assert reply.body["slotDetails"]["available"] == 0
    assert reply.body["items"][0] == {
        "entryId": first,
        "userId": "alice",
        "status": "WAITING",
        "units": 2,
        "position": 1,
        "passed": 0,
        "joinedAt": "2026-06-12T11:00:00.000+02:00",
        "endsAt": "2026-06-13T11:00:00.000+02:00",
        "notes": "Near the door.",
        "contact": {"name": None, "email": "alice@example.org", "phone": None},
        "subject": None,
        "metadata": {},
        "history": [
            {
                "from": "WAITING",
                "to": "WAITING",
                "trigger": "join",
                "actor": "customer:alice",
                "at": "2026-06-12T11:00:00.000+02:00",
                "reason": None,
            }
        ],
    }
    assert reply.body["items"][1]["subject"] == {"id": "tom"}


def test_staff_see_why_somebody_was_passed_over(door: Door, customers: Door, ports: MemoryPorts) -> None:
    join(customers, ALICE, units=2)
    join(customers, BOB)
    ports.memory.put_slot(ports.memory.slots[FULL.key].without("first"))
    promote(ports.ledger(), ports.catalog(), FULL.key, door.now)
    reply = door.ask("GET", QUEUE, caller=STAFF)
    assert (who(reply), reply.body["items"][0]["passed"]) == (["alice"], 1)
    told = reply.body["items"][0]["history"][-1]
    assert (told["trigger"], told["reason"]) == ("passed_over", "2 units do not fit into 1; pass 1")


def test_an_admin_removes_a_place_and_the_customer_reads_why(door: Door, customers: Door) -> None:
    entry_id = join(customers, ALICE)
    join(customers, BOB)
    reply = door.ask("POST", f"{QUEUE}/entries/{entry_id}/remove", REASON, caller=ADMIN)
    assert (reply.status, who(reply)) == (200, ["bob"])
    (mine,) = customers.ask("GET", "/v1/queues/my").body["items"]
    assert (mine["status"], mine["history"][-1]["reason"]) == ("EXPIRED", "They asked at the desk.")
    assert mine["history"][-1]["actor"] == "admin", "a customer sees only the role"


def test_an_admin_moves_a_place_to_the_front(door: Door, customers: Door, ports: MemoryPorts) -> None:
    join(customers, ALICE)
    join(customers, BOB)
    entry_id = join(customers, CAROL)
    reply = door.ask("POST", f"{QUEUE}/entries/{entry_id}/move-to-front", REASON, caller=ADMIN)
    assert (reply.status, who(reply)) == (200, ["carol", "alice", "bob"])
    assert reply.body["items"][0]["history"][-1]["actor"] == "admin:ada"
    ports.memory.put_slot(ports.memory.slots[FULL.key].without("first"))
    promote(ports.ledger(), ports.catalog(), FULL.key, door.now)
    assert entry_id in ports.memory.bookings


@pytest.mark.parametrize("deed", ["remove", "move-to-front"])
def test_a_repeat_does_nothing_more_and_is_marked(door: Door, customers: Door, deed: str) -> None:
    join(customers, ALICE)
    path = f"{QUEUE}/entries/{join(customers, BOB)}/{deed}"
    first = door.ask("POST", path, REASON, caller=ADMIN, idempotency_key="key-0001")
    again = door.ask("POST", path, REASON, caller=ADMIN, idempotency_key="key-0001")
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (again.status, again.body) == (200, first.body)


@pytest.mark.parametrize("deed", ["remove", "move-to-front"])
def test_a_place_that_is_over_stays_so(door: Door, customers: Door, deed: str) -> None:
    entry_id = join(customers, ALICE)
    assert customers.ask("DELETE", f"/v1/slots/{FULL.key.slot_id}/queue").status == 204
    reply = door.ask("POST", f"{QUEUE}/entries/{entry_id}/{deed}", REASON, caller=ADMIN)
    assert (reply.status, reply.code, reply.body["from"]) == (409, "invalid_transition", "LEFT")


@pytest.mark.parametrize("deed", ["remove", "move-to-front"])
def test_an_entry_is_reached_through_its_own_slot_only(
    door: Door, customers: Door, ports: MemoryPorts, deed: str
) -> None:
    entry_id = join(customers, ALICE)
    other = a_slot(start=FULL.start + DAY, capacity=3)
    ports.memory.put_slot(other)
    for path in (
        f"{QUEUE}/entries/{'a' * 20}/{deed}",
        f"{QUEUE.replace(FULL.key.slot_id, other.key.slot_id)}/entries/{entry_id}/{deed}",
        f"{QUEUE}/entries/{entry_id.upper()}/{deed}",
    ):
        assert door.ask("POST", path, REASON, caller=ADMIN).code == "not_found"


def test_an_empty_queue_is_one(door: Door) -> None:
    reply = door.ask("GET", QUEUE, caller=STAFF)
    assert (reply.body["items"], reply.body["totalInQueue"], reply.body["nextCursor"]) == ([], 0, None)
