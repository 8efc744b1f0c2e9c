"""The invariants of days find what they are there to find: each violation is told, and nothing else is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from holdfast.domain.booking import Booking, BookingStatus, Deed, Ending
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.instants import MINUTE, NEVER, SECOND
from holdfast.domain.invariants_days import of_appointments, of_day, of_ending
from holdfast.domain.place import DayKey, Window
from tests.support.appointments import MIDNIGHT, an_appointment, an_appointment_booked, days_of
from tests.support.builders import BOB, BUSINESS, NOW, RESOURCE, a_booking, a_claim

SKEW = 2 * SECOND
KEY = DayKey(BUSINESS, RESOURCE, "2026-06-14")
OVER_MIDNIGHT = an_appointment(
    start=MIDNIGHT - 30 * MINUTE, resources=(RESOURCE, "room-1"), pooled=True, before=5, after=10
)
HELD = an_appointment_booked(OVER_MIDNIGHT)
CONFIRMED = HELD.confirmed(
    "BOK-20260612-ABCDEF", Deed("confirm-op", "customer:alice", NOW, "confirm"), contact=None, notes=None
)


def _taking(start: int, end: int, *, units: int = 1, booking: str = "b" * 20) -> Claim:
    return replace(a_claim(booking, units=units), window=Window(start, end))


def _told(days: Mapping[DayKey, Day], *records: Booking) -> list[str]:
    return list(of_appointments(days.values(), records, NOW, SKEW))


def _without(booking: Booking, key: DayKey) -> dict[DayKey, Day]:
    days = days_of(booking)
    return {**days, key: replace(days[key], claims={})}


def test_neighbours_share_no_minute_and_past_claims_take_none() -> None:
    claims = {
        "a": _taking(60, 90),
        "b": _taking(90, 120),
        "c": _taking(30, 60, units=2),
        "past": replace(_taking(0, 1440, units=9), expires=NOW),
    }
    assert list(of_day(Day(KEY, 1, {"slot": Window(120, 150)}, claims), 2, NOW)) == []


def test_what_overlaps_within_the_capacity_is_not_told() -> None:
    claims = {"a": _taking(0, 60), "b": _taking(30, 90), "c": _taking(60, 120), "d": _taking(90, 150)}
    assert list(of_day(Day(KEY, 1, {}, claims), 2, NOW)) == []


def test_a_minute_over_capacity_is_told_where_it_begins() -> None:
    claims = {"a": _taking(0, 60), "b": _taking(59, 90, units=2)}
    assert list(of_day(Day(KEY, 1, {}, claims), 2, NOW)) == [
        f"{KEY.name}: 3 units live at 00:59 on a capacity of 2"
    ]


def test_a_live_claim_in_the_window_of_a_slot_is_told() -> None:
    day = Day(KEY, 1, {"slot": Window(89, 120)}, {"a": _taking(60, 90, booking="b")})
    assert list(of_day(day, 5, NOW)) == [f"{KEY.name}: the claim of b lies in the window of slot"]


def test_a_claim_that_takes_no_window_is_told() -> None:
    (sentence,) = of_day(Day(KEY, 1, {}, {"a": a_claim()}), 5, NOW)
    assert "the claim of a says not" in sentence


@pytest.mark.parametrize("booking", [HELD, CONFIRMED], ids=["held", "confirmed"])
def test_claims_in_all_ledgers_of_a_record_are_sound(booking: Booking) -> None:
    assert len(days_of(booking)) == 6
    assert _told(days_of(booking), booking) == []


@pytest.mark.parametrize("key", HELD.claims, ids=str)
@pytest.mark.parametrize("booking", [HELD, CONFIRMED], ids=["held", "confirmed"])
def test_a_record_that_stands_in_all_its_ledgers_but_one_is_told(booking: Booking, key: DayKey) -> None:
    assert _told(_without(booking, key), booking) == [
        f"booking {booking.id}: {booking.status} without its claim in {key.name}"
    ]


def test_a_hold_that_is_nearly_over_may_have_been_evicted_in_some_of_its_ledgers() -> None:
    days = _without(HELD, next(iter(days_of(HELD))))
    for now, told in ((HELD.expires - SKEW - 1, 1), (HELD.expires - SKEW, 0)):
        assert len(list(of_appointments(days.values(), [HELD], now, SKEW))) == told


@pytest.mark.parametrize(
    "other",
    [
        {"units": 2},
        {"expires": NEVER},
        {"expires": HELD.expires + 1},
        {"fingerprint": "other"},
        {"window": Window(0, 1)},
    ],
    ids=lambda members: next(iter(members)),
)
def test_a_claim_that_differs_from_its_record_is_told(other: Mapping[str, object]) -> None:
    days = days_of(HELD)
    key, day = next(iter(days.items()))
    changed = replace(day.claims[HELD.who], **other)  # type: ignore[arg-type]
    sentences = _told({**days, key: replace(day, claims={HELD.who: changed})}, HELD)
    assert [sentence for sentence in sentences if "and its record" in sentence]


def test_a_hold_without_a_record_is_a_crash_and_no_violation() -> None:
    assert _told(days_of(HELD)) == []


def test_a_confirmed_claim_without_a_record_or_of_one_that_ended_is_told() -> None:
    days = days_of(CONFIRMED)
    cancelled = replace(CONFIRMED, status=BookingStatus.CANCELLED)
    assert all("without a record" in sentence for sentence in _told(days))
    assert all("is CANCELLED elsewhere" in sentence for sentence in _told(days, cancelled))
    assert len(_told(days)) == len(_told(days, cancelled)) == 6


def test_a_late_twins_claim_elsewhere_is_no_violation_until_it_is_confirmed() -> None:
    other = an_appointment(start=MIDNIGHT - 90 * MINUTE)
    for expires, told in ((NOW + SECOND, 0), (NEVER, 1)):
        claim = replace(a_claim(HELD.id, expires=expires), window=Window(1350, 1410))
        twin = Day(DayKey(BUSINESS, RESOURCE, "2026-06-12"), 1, {}, {other.claimant(HELD.owner, None): claim})
        days = days_of(HELD)
        days[twin.key] = replace(days[twin.key], claims={**days[twin.key].claims, **twin.claims})
        assert len(_told(days, HELD)) == told


def test_having_the_same_start_twice_is_told_save_for_other_subjects_owners_and_businesses() -> None:
    twice = replace(HELD, id="c" * 20)
    assert f"{HELD.who} has the same start 2 times" in _told(days_of(HELD), HELD, twice)
    another = a_claim("c" * 20)
    for other in (
        an_appointment_booked(OVER_MIDNIGHT, claim=another, subject={"id": "rex"}),
        an_appointment_booked(OVER_MIDNIGHT, claim=another, owner=BOB.id),
        an_appointment_booked(replace(OVER_MIDNIGHT, service="wash"), claim=another),
        an_appointment_booked(replace(OVER_MIDNIGHT, business="boats"), claim=another),
    ):
        assert _told(days_of(HELD, other), HELD, other) == []


def test_an_end_takes_the_claims_of_all_ledgers_out() -> None:
    lapse = Deed("lapse", "system:expirer", NOW, "expiry", Ending.LAPSED)
    lapsed = HELD.moved(BookingStatus.EXPIRED, lapse)
    days = days_of(HELD)
    assert len(list(of_ending(lapsed, days))) == 6
    assert list(of_ending(lapsed, {key: replace(day, claims={}) for key, day in days.items()})) == []
    later = replace(HELD, expires=HELD.expires + 1)
    assert list(of_ending(lapsed, days_of(later))) == []  # a late twin's: it lapses by itself
    (sentence,) = of_ending(lapsed, dict(list(days.items())[:1]))
    assert sentence.endswith("is left")


def test_slots_have_no_part_in_it() -> None:
    assert (
        _told({}, a_booking())
        == list(of_ending(replace(a_booking(), status=BookingStatus.EXPIRED), {}))
        == []
    )
