"""Every request the adapters make, judged by dynalite: it refuses what AWS refuses and emulators let through.

A condition that does not hold is fine; an expression that is none is a mistake of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

import pytest

from holdfast.adapters.national_holidays import NationalHolidays
from holdfast.app.amend import Amendment, amend
from holdfast.app.asked import Asked
from holdfast.app.cancel import cancel
from holdfast.app.catalog import create_business, create_resource
from holdfast.app.change_catalog import add_member, remove_member, update_member
from holdfast.app.change_slot import Terms, update_slot
from holdfast.app.confirm import confirm
from holdfast.app.create_slot import NewSlot, create_slot
from holdfast.app.expire import expire, restore
from holdfast.app.extend import extend
from holdfast.app.generate_slots import Schedule, generate_slots
from holdfast.app.join_queue import Joined, join_queue
from holdfast.app.leave_queue import leave_queue
from holdfast.app.ports import Asking, Timer
from holdfast.app.promote import promote
from holdfast.app.queue_position import my_queues, queue_position
from holdfast.app.release import release
from holdfast.app.remove_slot import run_removal, start_removal
from holdfast.app.reserve import reserve
from holdfast.app.reserve_series import reserve_series
from holdfast.app.series_deeds import cancel_members, confirm_members, visible_series
from holdfast.app.series_wish import SeriesWish
from holdfast.app.staff_queue import MOVE_TO_FRONT, REMOVE, change_place
from holdfast.app.sweep import sweep
from holdfast.app.wish import Wish
from holdfast.domain.booking import Booking, Contact
from holdfast.domain.caller import Caller
from holdfast.domain.errors import Refusal
from holdfast.domain.instants import DAY, HOUR, MINUTE, SECOND, Instant
from holdfast.domain.member import Role
from holdfast.domain.place import SlotKey
from holdfast.domain.series import Mode, Scope
from holdfast.domain.slot import Slot
from holdfast.observability import following
from tests.contract.moving import Moving
from tests.support import dynalite
from tests.support.builders import (
    ALICE,
    BOB,
    BUSINESS,
    CAROL,
    DAN,
    EVE,
    NOW,
    PLATFORM,
    RESOURCE,
    SETTINGS,
    a_booking,
    a_claim,
    a_holiday,
    a_service,
    a_slot,
    an_absence,
    asked,
    at_once,
)
from tests.support.clouds import Ports, connected, on_dynamodb
from tests.support.dynalite import Request
from tests.support.memory import Memory
from tests.support.memory_queues import MemoryJobs

DEEDS = {
    *("CreateTable", "GetItem", "PutItem", "UpdateItem"),
    *("DeleteItem", "Query", "BatchGetItem", "TransactWriteItems"),
}


@dataclass(frozen=True)
class Day:
    """A day in the life of the business, in which everything happens that can."""

    ports: Ports

    def live(self) -> None:
        self._open()
        first, second, third = (self._publish(hour) for hour in (26, 28, 30))
        self._book_and_change_it(first)
        lapsed = self._let_lapse(second)
        self._evict(second, lapsed.expires + 1)
        self._refusals(second)
        self._queue(third)
        self._series([self._publish(hour) for hour in (32, 34, 36)])
        self._offers()
        Moving(self.ports).live()
        self._lists()
        self._remove(second)
        self._many_keys()

    def _open(self) -> None:
        create_business(self.ports.catalog, NationalHolidays(), asked(PLATFORM), BUSINESS, SETTINGS)
        for resource in (RESOURCE, "stand-2"):
            create_resource(
                self.ports.catalog,
                asked(PLATFORM),
                BUSINESS,
                resource,
                name="Stand",
                kind="stand",
                capacity=1,
                slots_may_overlap=False,
                metadata={},
            )
        add_member(self.ports.catalog, asked(PLATFORM), BUSINESS, "ada", Role.ADMIN)
        update_member(self.ports.catalog, asked(PLATFORM, expects=1), BUSINESS, "ada", Role.STAFF)
        remove_member(self.ports.catalog, asked(PLATFORM), BUSINESS, "ada")
        with suppress(Refusal):
            create_business(self.ports.catalog, NationalHolidays(), asked(PLATFORM), BUSINESS, SETTINGS)

    def _offers(self) -> None:
        catalog = self.ports.catalog
        for part in (a_service(), a_holiday(), an_absence()):
            catalog.add(part)
            catalog.save(replace(part, version=2, changed_by="op-2"))
        self.ports.source.catalogue(BUSINESS, self.ports.source.revision(BUSINESS))
        for limit in (1, 50):
            catalog.services(BUSINESS, limit=limit, cursor=None)
            catalog.holidays(BUSINESS, limit=limit, cursor=None)
            catalog.absences(BUSINESS, RESOURCE, limit=limit, cursor=None)
        catalog.remove(replace(an_absence(), version=2))
        self.ports.days.between(BUSINESS, RESOURCE, NOW, NOW + 40 * DAY, 60)

    def _publish(self, hour: int, *, at: Instant = NOW) -> SlotKey:
        start = at + hour * HOUR
        new = NewSlot(resource=RESOURCE, start=start, end=start + HOUR, capacity=2, metadata={})
        made = create_slot(self.ports.ledger, self.ports.catalog, asked(PLATFORM), BUSINESS, new)
        with suppress(Refusal):  # overlaps
            create_slot(self.ports.ledger, self.ports.catalog, asked(PLATFORM), BUSINESS, new)
        return made.key

    def _reserve(self, by: Asked, slot: SlotKey, *, units: int = 1) -> Booking:
        wish = Wish(spot=slot, units=units, notes="n", contact=Contact("Al"), metadata={"wheels": 2})
        ports = self.ports
        return at_once(
            reserve(ports.ledger, ports.callers, ports.catalog, ports.catalogues, ports.bookings, by, wish)
        ).booking

    def _book_and_change_it(self, slot: SlotKey) -> None:
        ports = self.ports
        keyed = asked(ALICE, key="first")
        made = self._reserve(keyed, slot)
        self._reserve(keyed, slot)  # a repeat
        self._reserve(asked(ALICE), slot)  # has it already
        extend(ports.ledger, ports.callers, ports.catalog, asked(key="ext"), made.id, seconds=300)
        confirm(ports.ledger, ports.callers, ports.catalog, ports.catalogues, asked(key="con"), made.id)
        amend_to = Amendment(notes="new", contact=Contact(email="e"), units=2, subject={"id": "child"})
        amend(
            ports.ledger, ports.callers, ports.catalog, ports.catalogues, asked(expects=3), made.id, amend_to
        )
        cancel(ports.ledger, ports.callers, ports.catalog, ports.catalogues, asked(), made.id, reason="rain")
        held = self._reserve(asked(BOB), slot)
        release(ports.ledger, ports.callers, asked(BOB), held.id)

    def _let_lapse(self, slot: SlotKey) -> Booking:
        held = self._reserve(asked(ALICE), slot)
        timer = Timer(slot, held.who, held.id, held.expires)
        expire(self.ports.ledger, timer, NOW)  # early
        expire(self.ports.ledger, timer, held.expires + 2 * SECOND)
        expire(self.ports.ledger, timer, held.expires + 2 * SECOND)  # again
        return self._reserve(asked(ALICE), slot, units=2)

    def _evict(self, slot: SlotKey, now: Instant) -> None:
        held = self._reserve(asked(BOB, now=now), slot, units=2)
        sweep(self.ports.ledger, self.ports.catalog, MemoryJobs(Memory()), held.expires + HOUR)
        restore(self.ports.ledger, a_booking(claim=a_claim("gone")), NOW + HOUR)

    def _refusals(self, slot: SlotKey) -> None:
        self._reserve(asked(ALICE), slot, units=2)
        for by in (asked(BOB), asked(BOB, now=NOW + 400 * DAY)):
            with suppress(Refusal):
                self._reserve(by, slot)
        with suppress(Refusal):
            self._reserve(asked(BOB), SlotKey(BUSINESS, RESOURCE, "2027-01-01", "0000"))

    def _queue(self, slot: SlotKey) -> None:
        """Two hold it; a party, Carol, Dan and Eve wait; and everything happens that can."""
        ports = self.ports
        booked = [self._reserve(asked(who), slot) for who in (ALICE, BOB)]
        party = self._join(asked(Caller("party"), key="join"), slot, units=2)
        self._join(asked(Caller("party"), key="join"), slot, units=2)  # a repeat
        carol, dan, _ = (self._join(asked(who), slot) for who in (CAROL, DAN, EVE))
        self._join(asked(EVE), slot)  # waits already
        for by, units in ((asked(ALICE), 1), (asked(Caller("crowd")), 299)):
            with suppress(Refusal):  # has it; larger than what the queue leaves of the item
                self._join(by, slot, units=units)
        with suppress(Refusal):  # others wait for it
            self._reserve(asked(Caller("newcomer")), slot)
        with suppress(Refusal):  # more units, or for somebody who waits
            change = Amendment(units=2, subject={"id": "child"})
            amend(
                ports.ledger,
                ports.callers,
                ports.catalog,
                ports.catalogues,
                asked(expects=1),
                booked[0].id,
                change,
            )
        queue_position(ports.ledger, ports.callers, ports.catalog, asked(EVE), slot)
        admin = (ports.ledger, ports.catalog, asked(PLATFORM), BUSINESS, slot)
        change_place(*admin, dan.entry.id, MOVE_TO_FRONT, reason="r")
        change_place(*admin, carol.entry.id, REMOVE, reason="r")
        release(ports.ledger, ports.callers, asked(ALICE), booked[0].id)
        promote(ports.ledger, ports.catalog, slot, NOW)
        release(ports.ledger, ports.callers, asked(DAN), dan.entry.id)  # declines his turn
        promote(ports.ledger, ports.catalog, slot, NOW)  # the party is passed over
        assert {each.passed for each in self._slot(slot).places.values()} == {1}
        leave_queue(ports.ledger, ports.callers, asked(Caller("party"), key="leave"), slot)
        late = asked(Caller("late"), now=NOW + 2 * MINUTE + 2 * SECOND)
        served = self._join(late, slot, units=2)  # a turn at once
        confirm(ports.ledger, ports.callers, ports.catalog, ports.catalogues, late, served.entry.id)
        self._join(asked(Caller("last")), slot)
        sweep(ports.ledger, ports.catalog, MemoryJobs(Memory()), NOW + 25 * HOUR)  # ends what is left
        assert (party.created, self._slot(slot).places) == (True, {})

    def _series(self, slots: Sequence[SlotKey]) -> None:
        ports, (first, *others) = self.ports, slots
        mia = Caller("mia")
        for mode in Mode:
            plan = SeriesWish(
                wish=Wish(spot=first, metadata={}), others=others if mode is Mode.PREVIEW else [], mode=mode
            )
            for by in (
                asked(mia, key=f"series {mode}"),
                asked(mia, key=f"series {mode}"),
                asked(Caller("noah")),
            ):
                made = reserve_series(
                    *(ports.ledger, ports.callers, ports.catalog, ports.catalogues, ports.bookings), by, plan
                ).series
        plan = SeriesWish(wish=Wish(spot=others[0], metadata={}), others=others[1:])
        made = reserve_series(
            *(ports.ledger, ports.callers, ports.catalog, ports.catalogues, ports.bookings), asked(EVE), plan
        ).series
        deeds = (ports.ledger, ports.callers, ports.catalog, ports.catalogues, asked(EVE))
        _, confirmed = confirm_members(*deeds, made.id)
        assert visible_series(ports.ledger, asked(EVE), made.id)[1] == [each.booking for each in confirmed]
        cancel_members(*deeds, confirmed[0].booking.id, Scope.ALL)

    def _join(self, by: Asked, slot: SlotKey, *, units: int = 1) -> Joined:
        wish = Wish(spot=slot, units=units, notes="n", contact=Contact("Al"), metadata={"wheels": 2})
        return join_queue(self.ports.ledger, self.ports.callers, self.ports.catalog, by, slot, wish)

    def _slot(self, key: SlotKey) -> Slot:
        slot = self.ports.ledger.slot(key)
        assert slot is not None
        return slot

    def _remove(self, slot: SlotKey) -> None:
        ports = self.ports
        by, hours = asked(PLATFORM), {"sat": [{"from": "09:00", "to": "12:00"}]}
        schedule = Schedule(
            resource="stand-2",
            first=date(2026, 6, 12),
            last=date(2026, 6, 14),
            capacity=1,
            duration_minutes=60,
            hours=hours,
            metadata={},
        )
        generate_slots(ports.ledger, ports.catalog, by, BUSINESS, schedule, dry_run=False)
        update_slot(ports.ledger, ports.catalog, asked(PLATFORM, expects=1), slot, Terms(capacity=9))
        job = start_removal(ports.ledger, MemoryJobs(Memory()), ports.catalog, by, slot)
        run_removal(ports.ledger, job.id, NOW)

    def _lists(self) -> None:
        ports = self.ports
        for limit in (1, 50):
            cursor: str | None = None
            for _ in range(9):
                owned = self.ports.bookings.of_owner("alice", NOW, NOW + DAY * 9, limit=limit, cursor=cursor)
                cursor = owned.cursor
                if cursor is None:
                    break
            waited = my_queues(ports.ledger, ports.entries, asked(EVE), limit=limit, cursor=None)
            ports.entries.of_owner("eve", limit=limit, cursor=waited.cursor)
            page = self.ports.slots.published(
                BUSINESS, [RESOURCE, "stand-2"], NOW, NOW + 40 * DAY, limit=limit, cursor=None
            )
            self.ports.slots.published(
                BUSINESS, [RESOURCE, "stand-2"], NOW, NOW + 40 * DAY, limit=limit, cursor=page.cursor
            )
            theirs = self.ports.bookings.of_business(BUSINESS, NOW, NOW + 9 * DAY, limit=limit, cursor=None)
            self.ports.bookings.of_business(BUSINESS, NOW, NOW + 9 * DAY, limit=limit, cursor=theirs.cursor)
            self.ports.ledger.numbered("BOK-20260612-ABCDEF")
            resources = self.ports.catalog.resources(BUSINESS, limit=limit, cursor=None)
            self.ports.catalog.resources(BUSINESS, limit=limit, cursor=resources.cursor)

    def _many_keys(self) -> None:
        for number in range(50):
            self._note(f"key{number}", NOW + number * MINUTE)
        self._note("key49", NOW + 3 * DAY)
        self.ports.callers.replace_asking("carol", Asking(a_slot().key.slot_id, "a" * 20, NOW))
        self.ports.callers.lately("carol", NOW)

    def _note(self, key: str, now: Instant) -> None:
        slot = SlotKey(BUSINESS, RESOURCE, "2026-06-14", f"{now // MINUTE % 24:02d}00")
        asking = Asking(slot.slot_id, "a" * 20, now)
        self.ports.callers.note("carol", now, key=key, fingerprint="p", deed="reserve", asking=asking)


@pytest.fixture(scope="module")
def judge() -> Iterator[str]:
    with dynalite.running() as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def recorded(emulated_dynamodb: str) -> Iterator[list[Request]]:
    with pytest.MonkeyPatch.context() as patch, dynalite.recording(emulated_dynamodb) as (endpoint, passed):
        patch.setenv("AWS_ENDPOINT_URL", endpoint)
        # What functions write is marked with the request it goes back to (ADR 0031).
        with connected() as (client, tables), following("a-request"):
            Day(on_dynamodb(client, tables)).live()
        yield passed


def test_everything_the_adapters_can_ask_was_asked(recorded: list[Request]) -> None:
    assert {operation for operation, _ in recorded} == DEEDS
    transactions = {
        tuple(next(iter(member)) for member in body["TransactItems"])
        for operation, body in recorded
        if operation == "TransactWriteItems"
    }
    of_puts = {each for each in transactions if set(each) == {"Put"}}
    assert of_puts
    assert transactions - of_puts == {
        ("Update", "Put"),
        ("Update", "Put", "Put"),
        # A queue's: leave; end, move, remove; a turn; and who is passed over; its release; its confirmation.
        ("Update", "Update"),
        ("Put", "Update"),
        ("Delete", "Update"),  # a part of the catalog, whose revision is raised
        ("Put", "Put", "Update"),
        ("Put", "Put", "Update", "Update"),
        ("Update", "Put", "Update"),
        ("Update", "Put", "Put", "Update"),
        # An appointment's on four days, then on two: confirmed, approved, rejected.
        ("Update",) * 4 + ("Put", "Put"),
        ("Update",) * 4 + ("Put",),
        ("Update",) * 2 + ("Put", "Put"),
        ("Update",) * 2 + ("Put",),
        # Its moves: from four days to two others, to a slot (as it is confirmed on two), and back to four.
        ("Update",) * 2 + ("Put",) * 3,
        ("Update",) + ("Put",) * 5,
    }
    updates = {
        body["UpdateExpression"].split()[0] for _, body in _members(recorded) if "UpdateExpression" in body
    }
    assert updates == {"SET", "REMOVE", "ADD"}


def _members(recorded: list[Request]) -> list[Request]:
    return [single for request in recorded for single in dynalite.singles(request)]


def test_dynalite_refuses_no_expression_of_ours(recorded: list[Request], judge: str) -> None:
    judged = 0
    for request in _members(recorded):
        status, answer = dynalite.ask(judge, request)
        if status != 200:
            assert answer["__type"].endswith("#ConditionalCheckFailedException"), (request, answer)
        judged += 1
    assert judged > 150


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"ConditionExpression": "#free - :units >= :zero"}, "Syntax error"),
        ({"ConditionExpression": "free >= :units AND capacity > :zero"}, "reserved keyword"),
        ({"ConditionExpression": "#free >= :units"}, "unused in expressions"),
    ],
)
def test_dynalite_does_refuse_what_aws_refuses(
    recorded: list[Request], judge: str, change: dict[str, object], complaint: str
) -> None:
    """The control: else the test before would prove nothing."""
    table = next(str(body["TableName"]) for operation, body in recorded if operation == "CreateTable")
    dynalite.ask(judge, recorded[0])
    request = {
        "TableName": table,
        "Key": {"PK": {"S": "a"}, "SK": {"S": "a"}},
        "UpdateExpression": "SET #free = #free - :units",
        "ExpressionAttributeNames": {"#free": "free"},
        "ExpressionAttributeValues": {":units": {"N": "1"}, ":zero": {"N": "0"}},
        **change,
    }
    status, answer = dynalite.ask(judge, ("UpdateItem", request))
    assert (status, answer["__type"].partition("#")[2]) == (400, "ValidationException")
    assert complaint in answer["message"]
