"""`DELETE …?cascade=cancel`: the door, the queue, the function behind it, and the job's status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from functions.admin_api.handler import api
from functions.slot_remover.handler import run_all
from holdfast.domain.booking import BookingStatus
from holdfast.domain.caller import Caller
from holdfast.domain.errors import Unavailable
from holdfast.domain.identity import claimant
from holdfast.domain.instants import SECOND
from holdfast.domain.slot import SlotState
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, stocked
from tests.support.builders import ALICE, NOW, a_booking, a_claim, a_slot

ADA = Caller("ada", frozenset({"bikes:admin"}))
STAN = Caller("stan", frozenset({"bikes:staff"}))
SLOT = "/v1/admin/slots/bikes.stand-1.202606141000"
CASCADE = {"cascade": "cancel"}
SAMPLES = Path(__file__).resolve().parents[2] / "events" / "samples"


@pytest.fixture
def ports() -> MemoryPorts:
    """A slot that Alice holds."""
    ports = stocked()
    claim = a_claim()
    slot = a_slot(claims={claimant(ALICE.id, None): claim})
    ports.memory.slots[slot.key] = slot
    ports.memory.bookings[claim.booking] = a_booking(slot=slot, claim=claim)
    return ports


@pytest.fixture
def door(ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(api, ports, clock=clock), "create_slot")


def messages(ports: MemoryPorts) -> list[Any]:
    """What is in the queue, as AWS delivers it."""
    (recorded,) = json.loads((SAMPLES / "sqs" / "job.json").read_text())["Records"]
    return [recorded | {"body": json.dumps({"jobId": job_id})} for job_id, _ in ports.queue.sent]


def test_a_removal_is_taken_on_run_and_told_of(door: Door, ports: MemoryPorts) -> None:
    asked_for = door.ask("DELETE", SLOT, caller=ADA, query=CASCADE, if_match='"1"')
    assert (asked_for.status, asked_for.body["status"]) == (202, "running")
    assert asked_for.headers["Location"] == f"/v1/admin/jobs/{asked_for.body['jobId']}"
    (slot,) = ports.memory.slots.values()
    assert slot.state is SlotState.BLOCKED

    answer = run_all(ports.ledger(), ports.jobs(), messages(ports), NOW + SECOND)

    assert answer == {"batchItemFailures": []}
    told = door.ask("GET", asked_for.headers["Location"], caller=STAN)
    assert told.body == {
        "jobId": asked_for.body["jobId"],
        "businessId": "bikes",
        "slotId": slot.key.slot_id,
        "status": "done",
        "endedBookings": 1,
        "startedAt": "2026-06-12T11:00:00.000+02:00",
        "finishedAt": "2026-06-12T11:00:01.000+02:00",
        "timeZone": "Europe/Berlin",
    }
    (booking,) = ports.memory.bookings.values()
    assert booking.status is BookingStatus.EXPIRED


def test_a_job_that_has_to_wait_sends_itself_anew(door: Door, ports: MemoryPorts) -> None:
    ports.memory.bookings.clear()
    door.ask("DELETE", SLOT, caller=ADA, query=CASCADE)
    answer = run_all(ports.ledger(), ports.jobs(), messages(ports), NOW)
    assert answer == {"batchItemFailures": []}
    (first, _), (again, delay) = ports.queue.sent
    assert (again, delay) == (first, 15)


def test_a_job_that_fails_comes_again_and_the_others_are_run(door: Door, ports: MemoryPorts) -> None:
    door.ask("DELETE", SLOT, caller=ADA, query=CASCADE)
    (good,) = messages(ports)
    poison = [good | {"messageId": body, "body": body} for body in ("{}", "[]", "x")]
    answer = run_all(ports.ledger(), ports.jobs(), [*poison, good], NOW)
    assert [each["itemIdentifier"] for each in answer["batchItemFailures"]] == ["{}", "[]", "x"]
    (slot,) = ports.memory.slots.values()
    assert slot.state is SlotState.DELETED

    def down(where: str) -> None:
        raise Unavailable(where)

    ports.memory.pause = down
    answer = run_all(ports.ledger(), ports.jobs(), [good], NOW)
    assert answer == {"batchItemFailures": [{"itemIdentifier": good["messageId"]}]}


def test_who_may_not_change_the_slot_starts_nothing(door: Door, ports: MemoryPorts) -> None:
    for caller in (STAN, ALICE):
        assert door.ask("DELETE", SLOT, caller=caller, query=CASCADE).code == "forbidden"
    for query in ({"cascade": "everything"}, {"cascade": ""}, {"force": "1"}):
        assert door.ask("DELETE", SLOT, caller=ADA, query=query).status == 422
    assert (ports.memory.jobs, ports.queue.sent) == ({}, [])


def test_a_job_is_shown_to_the_businesss_people_only(door: Door) -> None:
    job_id = door.ask("DELETE", SLOT, caller=ADA, query=CASCADE).body["jobId"]
    for caller in (ALICE, Caller("eve", frozenset({"boats:admin"}))):
        assert door.ask("GET", f"/v1/admin/jobs/{job_id}", caller=caller).code == "not_found"
    assert door.ask("GET", f"/v1/admin/jobs/{'j' * 20}", caller=ADA).code == "not_found"
