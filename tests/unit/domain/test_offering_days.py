"""Appointments over ledger midnights and changes of the clock."""

from __future__ import annotations

from holdfast.domain.availability import Reason
from holdfast.domain.decision import Choice
from holdfast.domain.instants import MINUTE
from holdfast.domain.offering import day_keys
from tests.support.offers import (
    CUT,
    a_cut,
    a_salon,
    at,
    days_of,
    shown,
    taken,
)
from tests.unit.domain.decisions import chosen, decided, offering, reasons


def test_an_appointment_over_a_ledger_midnight_needs_both_days() -> None:
    night = {"hours": {day: [{"from": "22:00", "to": "27:00"}] for day in ("sun", "mon", "tue")}}
    salon = a_salon("ann", settings=night, offset=60)
    # Summer time: the ledger's midnight is one o'clock on the clock.
    start = at("2026-06-16 00:30")
    keys = day_keys(salon, salon.services[CUT], start)
    assert [key.day for key in keys] == ["2026-06-15", "2026-06-16"]
    for since, upto in (("2026-06-16 00:00", "2026-06-16 01:00"), ("2026-06-16 01:00", "2026-06-16 02:00")):
        assert reasons(salon, days_of(taken("ann", since, upto)), start=start) == (Reason.TAKEN,)
    free = days_of(
        taken("ann", "2026-06-15 23:30", "2026-06-16 00:30"),
        taken("ann", "2026-06-16 01:30", "2026-06-16 02:30"),
    )
    choice = decided(salon, free, start=start)
    assert isinstance(choice, Choice)
    assert set(choice.appointment.windows) == set(keys)


def test_buffers_reach_into_the_day_before() -> None:
    salon = a_salon(
        "ann",
        service=a_cut(grid={"bufferBeforeMinutes": 30}),
        settings={"hours": {"mon": [{"from": "01:00", "to": "06:00"}]}},
    )
    start = at("01:00")
    assert [key.day for key in day_keys(salon, salon.services[CUT], start)] == ["2026-06-14", "2026-06-15"]
    assert reasons(salon, days_of(taken("ann", "00:00", "00:31")), start=start) == (Reason.TAKEN,)
    assert chosen(salon, days_of(taken("ann", "00:00", "00:30")), start=start) == ("ann",)


def test_the_hour_that_is_shown_twice_is_two_starts() -> None:
    night = {"hours": {"sun": [{"from": "01:00", "to": "05:00"}]}, "grid": {"stepMinutes": 60}}
    salon = a_salon("ann", settings=night | {"policies": {"maximumAdvanceDays": 365}})
    first, second = at("2026-10-25T02:00+02:00"), at("2026-10-25T02:00+01:00")
    offers = offering(salon).between(at("2026-10-25 00:00"), at("2026-10-25 06:00"))
    assert [shown(minute * MINUTE) for minute in offers.starts] == [
        "01:00",
        "02:00",
        "02:00",
        "03:00",
        "04:00",
    ]
    busy = days_of(taken("ann", "2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"))
    assert reasons(salon, busy, start=first) == (Reason.TAKEN,)
    assert chosen(salon, busy, start=second) == ("ann",)


def test_the_hour_that_spring_leaves_out_is_not_there() -> None:
    night = {"hours": {"sun": [{"from": "01:00", "to": "05:00"}]}, "grid": {"stepMinutes": 60}}
    salon = a_salon("ann", settings=night)
    now = at("2026-03-20 09:00")
    offers = offering(salon, now=now).between(at("2026-03-29 00:00"), at("2026-03-29 06:00"))
    assert [shown(minute * MINUTE) for minute in offers.starts] == ["01:00", "03:00", "04:00"]
