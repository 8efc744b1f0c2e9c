"""Time off of a resource: it closes free starts by itself, and published slots when it is saved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pytest

from functions.admin_api.handler import api
from holdfast.app import time_off
from holdfast.app.ports import Catalog, CatalogPart, Ledger
from holdfast.app.writes import Write
from holdfast.domain.absence import Absence
from holdfast.domain.caller import Caller
from holdfast.domain.closures import TimeOff
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import DAY, HOUR, MINUTE, NEVER, Instant, to_datetime
from holdfast.domain.slot import Slot, SlotState
from holdfast.http.entry import entry
from tests.handlers.door import Door, MemoryPorts, stocked
from tests.support.builders import ALICE, BUSINESS, NOW, RESOURCE, a_claim, a_place, a_slot, asked
from tests.support.memory import MemoryLedger
from tests.support.memory_readers import MemoryCatalog

ADA = Caller("ada", frozenset({"bikes:admin"}))
STAN = Caller("stan", frozenset({"bikes:staff"}))
TIMES_OFF = "/v1/admin/businesses/bikes/resources/stand-1/time-off"
SINCE, UNTIL = NOW + 10 * HOUR, NOW + 20 * HOUR


def _body(since: Instant = SINCE, until: Instant = UNTIL, **members: Any) -> dict[str, Any]:
    return {"start": to_datetime(since).isoformat(), "end": to_datetime(until).isoformat(), **members}


@pytest.fixture
def ports() -> MemoryPorts:
    return stocked()


@pytest.fixture
def door(ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(api, ports, clock=clock), "create_slot")


def _publish(ports: MemoryPorts, *slots: Slot) -> None:
    for slot in slots:
        ports.memory.put_slot(slot)


def _blocked(ports: MemoryPorts) -> list[float]:
    """The starts of the slots that are, in hours from NOW."""
    found = [slot for slot in ports.memory.slots.values() if slot.state is SlotState.BLOCKED]
    return sorted((slot.start - NOW) / HOUR for slot in found)


def test_time_off_is_told_in_the_businesss_zone(door: Door) -> None:
    made = door.ask("POST", TIMES_OFF, _body(timeOffId="away", reason="Fishing"), caller=ADA)
    assert (made.status, made.headers["ETag"], made.headers["Location"]) == (201, '"1"', f"{TIMES_OFF}/away")
    assert made.body == {
        "businessId": "bikes",
        "resourceId": "stand-1",
        "timeOffId": "away",
        "start": "2026-06-12T21:00:00.000+02:00",
        "end": "2026-06-13T07:00:00.000+02:00",
        "reason": "Fishing",
        "timeZone": "Europe/Berlin",
        "version": 1,
    }
    assert door.ask("GET", f"{TIMES_OFF}/away", caller=STAN).body == made.body
    assert door.ask("GET", TIMES_OFF, caller=STAN).body == {"items": [made.body], "nextCursor": None}
    assert door.ask("GET", TIMES_OFF, caller=ALICE).code == "forbidden"


def test_a_resource_that_is_not_there_has_none(door: Door) -> None:
    elsewhere = TIMES_OFF.replace("stand-1", "stand-9")
    assert door.ask("POST", elsewhere, _body(), caller=ADA).code == "not_found"
    assert door.ask("GET", elsewhere, caller=STAN).code == "not_found"
    assert door.ask("GET", f"{elsewhere}/away", caller=STAN).code == "not_found"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (_body(SINCE, SINCE), "/end"),
        (_body(UNTIL, SINCE), "/end"),
        (_body() | {"start": "2026-06-12T21:00:00"}, "/start"),
        (_body(reason="a\nb"), "/reason"),
        (_body(timeOffId="a"), "/timeOffId"),
        (_body(kind="holiday"), "/kind"),
    ],
)
def test_time_off_that_is_none_is_refused(
    door: Door, ports: MemoryPorts, body: dict[str, Any], pointer: str
) -> None:
    _publish(ports, a_slot(start=SINCE))
    reply = door.ask("POST", TIMES_OFF, body, caller=ADA)
    assert (reply.status, reply.pointers) == (422, [pointer])
    assert (ports.memory.absences, _blocked(ports)) == ({}, [])


def test_slots_that_lie_inside_it_even_partly_are_blocked(door: Door, ports: MemoryPorts) -> None:
    hours = (8, 9, 9.5, 10, 15, 19.5, 20, 21)
    _publish(ports, *(a_slot(start=NOW + int(hour * HOUR)) for hour in hours))
    _publish(ports, a_slot(start=SINCE, resource="stand-2"), a_slot(start=NOW + HOUR, end=SINCE + MINUTE))
    assert door.ask("POST", TIMES_OFF, _body(), caller=ADA).status == 201
    assert _blocked(ports) == [1, 9.5, 10, 15, 19.5]


def test_who_has_a_slot_or_waits_for_it_keeps_that(door: Door, ports: MemoryPorts) -> None:
    full = a_slot(
        start=SINCE, capacity=1, claims={"alice": a_claim(expires=NEVER)}, places={"bob": a_place()}
    )
    _publish(ports, full)
    door.ask("POST", TIMES_OFF, _body(), caller=ADA)
    blocked = ports.memory.slots[full.key]
    assert (blocked.state, blocked.claims) == (SlotState.BLOCKED, full.claims)
    assert blocked.places.keys() == full.places.keys()
    assert blocked.terms == full.terms + 1


def test_what_is_over_or_deleted_is_left_alone(door: Door, ports: MemoryPorts) -> None:
    running, over = a_slot(start=NOW - 30 * MINUTE), a_slot(start=NOW - HOUR)
    deleted = replace(a_slot(start=SINCE), state=SlotState.DELETED)
    _publish(ports, running, over, deleted)
    assert door.ask("POST", TIMES_OFF, _body(NOW - DAY, UNTIL), caller=ADA).status == 201
    assert _blocked(ports) == [-0.5]
    assert door.ask("POST", TIMES_OFF, _body(NOW - 9 * DAY, NOW - DAY), caller=ADA).status == 201


def test_a_moved_time_off_blocks_where_it_is_now_and_opens_nothing(door: Door, ports: MemoryPorts) -> None:
    _publish(ports, a_slot(start=SINCE), a_slot(start=SINCE + DAY))
    door.ask("POST", TIMES_OFF, _body(timeOffId="away"), caller=ADA)
    assert _blocked(ports) == [10]
    moved = _body(SINCE + DAY, UNTIL + DAY)
    assert door.ask("PUT", f"{TIMES_OFF}/away", moved, caller=ADA, if_match='"7"').code == "stale_version"
    assert _blocked(ports) == [10]
    changed = door.ask("PUT", f"{TIMES_OFF}/away", moved, caller=ADA, if_match='"1"')
    assert (changed.status, changed.headers["ETag"]) == (200, '"2"')
    assert _blocked(ports) == [10, 34]
    assert door.ask("DELETE", f"{TIMES_OFF}/away", caller=ADA).status == 204
    assert (_blocked(ports), ports.memory.absences) == ([10, 34], {})


def test_it_blocks_so_many_at_most(door: Door, ports: MemoryPorts) -> None:
    slots = [
        a_slot(start=SINCE + number * MINUTE, end=SINCE + (number + 1) * MINUTE) for number in range(501)
    ]
    _publish(ports, *slots)
    until = SINCE + 501 * MINUTE
    reply = door.ask("POST", TIMES_OFF, _body(SINCE, until), caller=ADA)
    assert (reply.status, reply.pointers) == (422, ["/end"])
    assert (ports.memory.absences, _blocked(ports)) == ({}, [])
    assert door.ask("POST", TIMES_OFF, _body(SINCE, until - MINUTE), caller=ADA).status == 201
    assert len(_blocked(ports)) == time_off.MOST_SLOTS
    assert door.ask("POST", TIMES_OFF, _body(SINCE, until), caller=ADA).status == 201


@dataclass(frozen=True)
class Dying(MemoryLedger):
    """It takes so many commits, then none."""

    commits: list[int]

    def commit(self, *writes: Write) -> None:
        if not self.commits:
            raise Unavailable("injected")
        self.commits.pop()
        super().commit(*writes)


def _add(ports: MemoryPorts, ledger: Ledger) -> None:
    time_off.add_time_off(
        ledger,
        ports.slots(),
        ports.fresh_catalog(),
        asked(ADA, key="key"),
        BUSINESS,
        RESOURCE,
        None,
        TimeOff(SINCE, UNTIL),
    )


def test_a_repeat_goes_on_where_it_broke_off(ports: MemoryPorts) -> None:
    slots = [a_slot(start=SINCE + number * MINUTE) for number in range(120)]
    _publish(ports, *slots)
    for commits, blocked in ((0, 0), (1, 50), (1, 100)):
        with pytest.raises(Unavailable):
            _add(ports, Dying(ports.memory, [1] * commits))
        assert (len(_blocked(ports)), len(ports.memory.absences)) == (blocked, 1)
    _add(ports, ports.ledger())
    assert len(_blocked(ports)) == 120
    _add(ports, Dying(ports.memory, []))


def test_a_claim_that_comes_in_between_makes_each_be_closed_by_itself(ports: MemoryPorts) -> None:
    slots = [a_slot(start=SINCE + number * HOUR) for number in range(3)]
    _publish(ports, *slots)
    came = [False]

    def claim(where: str) -> None:
        if where.startswith("commit") and not came[0]:
            came[0] = True
            ports.memory.put_slot(slots[1].claimed("alice", a_claim()))
            ports.memory.put_slot(replace(slots[2], state=SlotState.DELETED, rev=slots[2].rev + 1))

    ports.memory.pause = claim
    _add(ports, ports.ledger())
    assert _blocked(ports) == [10, 11]
    assert ports.memory.slots[slots[1].key].claims == {"alice": a_claim()}
    assert ports.memory.slots[slots[2].key].state is SlotState.DELETED


class BrokenOff(MemoryCatalog):
    """Of a resource that is gone, no times off can be removed at first."""

    fails = True

    def remove(self, record: CatalogPart) -> None:
        if isinstance(record, Absence) and self.fails:
            self.fails = False
            raise Unavailable("throttled")
        super().remove(record)


class BrokenPorts(MemoryPorts):
    @cached_property
    def broken(self) -> BrokenOff:
        return BrokenOff(self.memory)

    def fresh_catalog(self) -> Catalog:
        return self.broken


def test_a_removal_that_was_broken_off_is_ended_by_its_repeat() -> None:
    ports = BrokenPorts(stocked().memory)
    door = Door(lambda clock: entry(api, ports, clock=clock), "create_slot")
    resource = TIMES_OFF.removesuffix("/time-off")
    ports.memory.slots.clear()
    for name in ("away", "again"):
        assert door.ask("POST", TIMES_OFF, _body(timeOffId=name), caller=ADA).status == 201
    statuses = [door.ask("DELETE", resource, caller=ADA, if_match='"1"').status for _ in range(3)]
    assert statuses == [503, 204, 404]
    assert ports.memory.absences == {}
