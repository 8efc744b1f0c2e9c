"""Several resources in one booking: all of them in one step, or none (BOOK-13)."""

from __future__ import annotations

from collections import Counter
from copy import replace

import pytest

from holdfast.app.expire import expire
from holdfast.app.ports import Timer
from holdfast.domain.booking import BookingStatus
from holdfast.domain.caller import Caller
from holdfast.domain.errors import NotOffered, Unavailable
from holdfast.domain.instants import JANITOR_SKEW, MINUTE, NEVER
from holdfast.domain.place import pool_of
from tests.support.builders import ALICE, BOB, BUSINESS, CAROL, DAN, asked
from tests.unit.app.clinic import CHECKUP, DOCTORS, NURSES, ROOMS, TREATMENT, Clinic
from tests.unit.app.salon import a_service, at

NINE = at(9)
PATIENTS = [Caller(f"patient-{number:02d}") for number in range(40)]


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


def test_a_treatment_takes_a_doctor_and_a_room(clinic: Clinic) -> None:
    held = clinic.book(asked(), NINE, service="treatment").booking
    assert held.resources == ("dr-ann", "room-1")
    assert held.spot.resource == "dr-ann"
    assert {key.resource for key in held.claims} == {"dr-ann", "room-1"}
    assert clinic.day("dr-ann").claims == clinic.day("room-1").claims
    assert clinic.booking(held) == held


def test_a_checkup_takes_any_two_nurses_and_a_room(clinic: Clinic) -> None:
    assert clinic.book(asked(), NINE, service="checkup").booking.resources == (*NURSES[:2], "room-1")
    with pytest.raises(NotOffered) as refused:  # a room is free, but one nurse only
        clinic.book(asked(BOB), NINE, service="checkup")
    assert refused.value.reasons == ("taken",)
    assert "nurse-eve" not in {name.split(".")[1] for name in clinic.taken}


def test_who_is_asked_for_takes_part(clinic: Clinic) -> None:
    held = clinic.book(asked(), NINE, service="treatment", resource="dr-bob").booking
    assert held.resources == ("dr-bob", "room-1")
    held = clinic.book(asked(BOB), NINE, service="treatment", resource="room-2").booking
    assert held.resources == ("dr-ann", "room-2")


def test_one_resource_that_is_taken_is_enough_to_refuse(clinic: Clinic) -> None:
    for who in (ALICE, BOB):
        clinic.book(asked(who), NINE, service="treatment")
    before = clinic.taken
    with pytest.raises(NotOffered):
        clinic.book(asked(CAROL), at(9, 30), service="checkup")  # all three nurses are free, no room is
    assert clinic.taken == before


def test_over_a_whole_week_the_work_is_shared_out_evenly(clinic: Clinic) -> None:
    worked: Counter[str] = Counter()
    for day in range(5):
        for number in range(8):
            start = at(9 + number + 24 * day)
            worked.update(clinic.book(asked(PATIENTS[number]), start, service="treatment").booking.resources)
    assert {worked[name] for name in DOCTORS} == {worked[name] for name in ROOMS} == {20}


def test_the_same_day_is_filled_in_the_same_way_each_time() -> None:
    def filled() -> list[tuple[str, ...]]:
        clinic = Clinic()
        starts = [at(9 + number % 8, 15 * (number % 3)) for number in range(24)]
        chosen = []
        for patient, start in zip(PATIENTS, starts, strict=False):
            try:
                chosen.append(clinic.book(asked(patient), start, service="checkup").booking.resources)
            except NotOffered:
                chosen.append(())
        return chosen

    first = filled()
    assert first == filled()
    assert len(set(first)) > 3


def test_over_a_ledger_midnight_every_resource_is_taken_on_both_days(clinic: Clinic) -> None:
    clinic.settle(hours={"mon": [{"from": "22:00", "to": "26:00"}]})
    clinic.offer(a_service("treatment", durationMinutes=60, requires=TREATMENT, maxSimultaneous=1))
    held = clinic.book(asked(), at(24, 30), service="treatment").booking
    assert len(held.claims) == 6
    assert set(clinic.taken) == {key.name for key in held.claims}
    confirmed = clinic.confirm(asked(), held)
    assert {claim.expires for claim in clinic.standing(held).values()} == {NEVER}
    clinic.cancel(asked(), confirmed)
    assert clinic.taken == {}


def test_a_cap_over_all_resources_is_taken_in_the_same_step(clinic: Clinic) -> None:
    clinic.offer(a_service("treatment", durationMinutes=60, requires=TREATMENT, maxSimultaneous=1))
    held = clinic.book(asked(), NINE, service="treatment").booking
    assert {key.resource for key in held.claims} == {"dr-ann", "room-1", pool_of("treatment")}
    with pytest.raises(NotOffered) as refused:
        clinic.book(asked(BOB), at(9, 45), service="treatment")
    assert refused.value.reasons == ("service_full",)
    assert clinic.book(asked(BOB), at(10), service="treatment").created


@pytest.mark.parametrize("end", ["release", "cancel", "lapse"])
def test_however_it_ends_every_ledger_is_free_again(clinic: Clinic, end: str) -> None:
    clinic.offer(a_service("checkup", durationMinutes=60, requires=CHECKUP, maxSimultaneous=1))
    held = clinic.book(asked(), NINE, service="checkup").booking
    assert len(clinic.taken) == 4
    match end:
        case "release":
            clinic.release(asked(), held)
        case "cancel":
            clinic.cancel(asked(), clinic.confirm(asked(), held))
        case _:
            late = held.expires + JANITOR_SKEW
            timers = [Timer(key, held.who, held.id, held.expires) for key in held.claims]
            for timer in (timers[-1], *timers):
                assert expire(clinic.ledger, timer, late) is None
    assert clinic.taken == {}
    assert clinic.booking(held).status in (BookingStatus.EXPIRED, BookingStatus.CANCELLED)
    assert clinic.book(asked(BOB), NINE, service="checkup").created


def test_who_is_overtaken_in_one_ledger_has_taken_none(clinic: Clinic) -> None:
    def rivals() -> None:
        for who in (BOB, CAROL):
            clinic.book(asked(who), NINE, service="checkup" if who is BOB else "treatment")

    clinic.pauses["commit SaveDay+SaveDay"] = rivals
    with pytest.raises(NotOffered) as refused:
        clinic.book(asked(), at(9, 30), service="treatment")
    assert refused.value.reasons == ("taken",)
    assert set(clinic.memory.bookings) == {each for some in clinic.taken.values() for each in some}
    assert {name.split(".")[1] for name in clinic.taken} == {*NURSES[:2], "dr-ann", *ROOMS}


def test_who_is_overtaken_is_served_by_who_is_still_free(clinic: Clinic) -> None:
    clinic.pauses["commit SaveDay+SaveDay"] = lambda: clinic.book(asked(DAN), NINE, service="treatment")
    assert clinic.book(asked(), NINE, service="treatment").booking.resources == ("dr-bob", "room-2")


@pytest.mark.parametrize("where", ["commit SaveDay+SaveDay", "committed", "record", "recorded"])
def test_a_crash_at_any_step_is_finished_by_the_repeat(clinic: Clinic, where: str) -> None:
    def crash() -> None:
        raise Unavailable("gone")

    clinic.pauses[where] = crash
    with pytest.raises(Unavailable):
        clinic.book(asked(key="key"), NINE, service="treatment")
    again = clinic.book(asked(key="key", now=asked().now + MINUTE), NINE, service="treatment").booking
    assert clinic.taken == {key.name: {again.id} for key in again.claims}
    assert clinic.booking(again).claims == clinic.standing(again)


def test_more_units_are_taken_of_every_resource_or_of_none(clinic: Clinic) -> None:
    for name in (*DOCTORS, *ROOMS):
        clinic.add(replace(clinic.memory.resources[BUSINESS, name], capacity=3))
    held = clinic.book(asked(), NINE, service="treatment").booking
    clinic.amend(asked(expects=1), held, units=3)
    assert {day.claims[held.who].units for day in (clinic.day("dr-ann"), clinic.day("room-1"))} == {3}
