"""Units, subjects and fields may change; staff say what became of a booking (BOOK-7, BOOK-11, BOOK-14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from holdfast.app.amend import Amendment, amend
from holdfast.app.asked import Asked
from holdfast.app.confirm import confirm
from holdfast.app.custom_fields import require_schema
from holdfast.app.reserve import reserve
from holdfast.app.staff_deeds import Mark, cancel_for, mark
from holdfast.app.sweep import sweep
from holdfast.domain import invariants
from holdfast.domain.booking import AFTER_END_GRACE, Booking, BookingStatus
from holdfast.domain.caller import Caller
from holdfast.domain.errors import (
    AlreadyHeld,
    Invalid,
    InvalidTransition,
    NotFound,
    SlotFull,
    SlotHeld,
    SlotPast,
)
from holdfast.domain.identity import claimant
from holdfast.domain.instants import HOUR, SECOND, Instant
from holdfast.domain.money import Money
from tests.support.builders import (
    ALICE,
    BOB,
    BUSINESS,
    NOW,
    SETTINGS,
    a_business,
    a_slot,
    a_wish,
    asked,
    at_once,
)
from tests.support.memory import Memory, MemoryLedger
from tests.support.memory_queues import MemoryJobs
from tests.support.memory_readers import MemoryBookings, MemoryCallers, MemoryCatalog, MemoryCatalogues

STAFF = Caller("sam", frozenset({f"{BUSINESS}:staff"}))


@dataclass
class Desk:
    """A slot of three, tomorrow."""

    settings: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        self.memory = Memory()
        self.memory.businesses[BUSINESS] = a_business(**(self.settings or {}))
        self.key = a_slot(capacity=3).key
        self.memory.slots[self.key] = a_slot(capacity=3)
        self.ledger, self.callers = MemoryLedger(self.memory), MemoryCallers(self.memory)
        self.catalog, self.catalogues = MemoryCatalog(self.memory), MemoryCatalogues(self.memory)
        self.jobs = MemoryJobs(self.memory)

    def hold(self, by: Asked, **wish: Any) -> Booking:
        bookings = MemoryBookings(self.memory)
        wanted = a_wish(self.key, **wish)
        ports = (self.ledger, self.callers, self.catalog, self.catalogues)
        return at_once(reserve(*ports, bookings, by, wanted)).booking

    def book(self, by: Asked, **wish: Any) -> Booking:
        held = self.hold(by, **wish)
        return confirm(
            self.ledger, self.callers, self.catalog, self.catalogues, asked(by.caller), held.id
        ).booking

    def amend(self, booking: Booking, *, now: Instant = NOW, **change: Any) -> Booking:
        by = asked(Caller(booking.owner), now=now, expects=booking.version)
        return amend(
            self.ledger, self.callers, self.catalog, self.catalogues, by, booking.id, Amendment(**change)
        ).booking

    def mark(self, booking: Booking, became: Mark, by: Caller = STAFF) -> Booking:
        return mark(self.ledger, self.callers, asked(by), booking.id, became, reason="seen").booking

    @property
    def free(self) -> int:
        (slot,) = self.memory.slots.values()
        assert list(invariants.of_slot(slot, NOW)) == []
        assert list(invariants.of_records(slot, self.memory.bookings.values(), NOW, 0)) == []
        return slot.free


def test_more_units_are_a_newcomers_claim_and_fewer_are_free_at_once() -> None:
    desk = Desk()
    booking = desk.book(asked(ALICE))
    more = desk.amend(booking, units=3)
    assert (more.units, more.price, desk.free) == (3, Money(7500, "EUR"), 0)
    with pytest.raises(SlotFull):
        desk.hold(asked(BOB))
    fewer = desk.amend(more, units=1)
    assert (fewer.units, desk.free) == (1, 2)


def test_units_beyond_the_room_are_refused_and_nothing_changes() -> None:
    desk = Desk()
    booking = desk.book(asked(ALICE))
    desk.hold(asked(BOB), units=2)
    with pytest.raises(SlotHeld):
        desk.amend(booking, units=2)
    assert (desk.memory.bookings[booking.id], desk.free) == (booking, 0)


def test_units_take_the_room_of_holds_that_are_past() -> None:
    desk = Desk()
    booking = desk.book(asked(ALICE))
    lapsed = desk.hold(asked(BOB), units=2)
    assert desk.amend(booking, now=lapsed.expires, units=3).units == 3
    (slot,) = desk.memory.slots.values()
    assert list(slot.claims) == [booking.who]


@pytest.mark.parametrize("units", [1, 3])
def test_units_do_not_change_once_the_slot_has_begun(units: int) -> None:
    desk = Desk()
    booking = desk.book(asked(ALICE), units=2)
    with pytest.raises(SlotPast):
        desk.amend(booking, now=booking.start, units=units)
    assert desk.amend(booking, now=booking.start, notes="late").notes == "late"


def test_another_subject_is_another_claimant_of_the_same_booking() -> None:
    desk = Desk()
    booking = desk.book(asked(ALICE), subject={"id": "tom"})
    changed = desk.amend(booking, subject={"id": "ann"})
    assert changed.who == claimant(ALICE.id, "ann")
    (slot,) = desk.memory.slots.values()
    assert (list(slot.claims), desk.free) == ([changed.who], 2)
    assert desk.hold(asked(ALICE), subject={"id": "tom"}).id != booking.id


def test_a_subject_who_has_the_slot_already_is_refused() -> None:
    desk = Desk()
    booking = desk.book(asked(ALICE), subject={"id": "tom"})
    desk.hold(asked(ALICE), subject={"id": "ann"})
    with pytest.raises(AlreadyHeld):
        desk.amend(booking, subject={"id": "ann"})


FIELDS = {
    "domain": {
        "customFields": {
            "type": "object",
            "properties": {"frame": {"type": "string"}, "wheels": {"type": "integer", "minimum": 1}},
            "required": ["frame"],
        }
    }
}


def test_metadata_is_judged_by_the_businesss_own_schema() -> None:
    desk = Desk(FIELDS)
    with pytest.raises(Invalid) as missing:
        desk.hold(asked(ALICE))
    assert missing.value.facts["errors"] == [
        {"pointer": "/metadata", "detail": "'frame' is a required property"}
    ]
    held = desk.hold(asked(ALICE), metadata={"frame": "steel"})
    with pytest.raises(Invalid) as wrong:
        desk.amend(held, metadata={"frame": "steel", "wheels": 0})
    assert wrong.value.facts["errors"][0]["pointer"] == "/metadata/wheels"  # type: ignore[index]
    assert desk.amend(held, metadata={"frame": "alu", "wheels": 2}).metadata == {"frame": "alu", "wheels": 2}


def test_custom_fields_that_are_a_schema_are_taken() -> None:
    require_schema({})
    require_schema(FIELDS["domain"]["customFields"])


def test_staff_start_complete_and_correct() -> None:
    desk = Desk()
    booking = desk.book(asked(ALICE))
    path = [Mark.STARTED, Mark.COMPLETED, Mark.NO_SHOW, Mark.COMPLETED]
    for step in path:
        booking = desk.mark(booking, step)
    assert [change.after for change in booking.history[2:]] == [step.value for step in path]
    assert booking.history[-1].deed.actor == "staff:sam"
    with pytest.raises(InvalidTransition):
        desk.mark(booking, Mark.STARTED)


def test_only_staff_of_the_business_say_what_became_of_a_booking() -> None:
    desk = Desk()
    booking = desk.book(asked(ALICE))
    for other in (ALICE, Caller("eve", frozenset({"another:staff"}))):
        with pytest.raises(NotFound):
            desk.mark(booking, Mark.COMPLETED, by=other)


def test_staff_cancel_after_the_start_with_a_refund_of_choice() -> None:
    desk = Desk({"policies": SETTINGS["policies"] | {"cancellationDeadlineMinutes": 1440}})
    booking = desk.book(asked(ALICE))
    late = asked(STAFF, now=booking.start + HOUR)
    cancelled = cancel_for(
        desk.ledger,
        desk.callers,
        desk.catalog,
        desk.catalogues,
        late,
        booking.id,
        reason="flood",
        percentage=100,
    ).booking
    assert cancelled.refund is not None
    assert (cancelled.refund.percentage, cancelled.refund.amount) == (100, Money(2500, "EUR"))
    assert (cancelled.history[-1].deed.reason, desk.free) == ("flood", 3)


@pytest.mark.parametrize(
    ("policy", "becomes"),
    [
        ("complete", BookingStatus.COMPLETED),
        ("no_show", BookingStatus.NO_SHOW),
        ("nothing", BookingStatus.CONFIRMED),
    ],
)
def test_after_its_end_a_booking_finishes_by_policy(policy: str, becomes: BookingStatus) -> None:
    desk = Desk({"policies": SETTINGS["policies"] | {"afterEnd": policy}})
    booking = desk.book(asked(ALICE))
    due = booking.end + AFTER_END_GRACE
    sweep(desk.ledger, desk.catalog, desk.jobs, due)
    assert desk.memory.bookings[booking.id].status is BookingStatus.CONFIRMED
    for _ in range(2):
        sweep(desk.ledger, desk.catalog, desk.jobs, due + 2 * SECOND)
    finished = desk.memory.bookings[booking.id]
    assert (finished.status, len(finished.history)) == (becomes, 2 if policy == "nothing" else 3)


def test_who_is_being_served_is_completed_and_never_a_no_show() -> None:
    desk = Desk({"policies": SETTINGS["policies"] | {"afterEnd": "no_show"}})
    booking = desk.mark(desk.book(asked(ALICE)), Mark.STARTED)
    sweep(desk.ledger, desk.catalog, desk.jobs, booking.end + AFTER_END_GRACE + 2 * SECOND)
    assert desk.memory.bookings[booking.id].status is BookingStatus.COMPLETED


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"type": "wheel"}, "/type"),
        ({"properties": 3}, "/properties"),
        ({"properties": {"frame": {"pattern": "("}}}, "/properties/frame/pattern"),
        ({"properties": {"frame": {"$ref": "#/$defs/none"}}}, "/properties/frame/$ref"),
        ({"allOf": [{"$ref": "#"}]}, "/allOf/0/$ref"),
        ({"$dynamicRef": "https://example.org/frame"}, "/$dynamicRef"),
    ],
)
def test_custom_fields_that_could_judge_nothing_are_told_where_they_are_wrong(
    schema: dict[str, object], pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        require_schema(schema)
    errors: Any = refused.value.facts["errors"]
    assert errors[0]["pointer"] == f"/domain/customFields{pointer}"
