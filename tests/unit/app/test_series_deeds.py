"""What is done to the members of a series: each by itself, each with its result, a repeat does the rest."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from holdfast.app.series_deeds import Result, visible_series
from holdfast.domain.booking import BookingStatus
from holdfast.domain.caller import Caller
from holdfast.domain.errors import KeyReused, NotFound, RateLimited, StaleVersion, Unavailable
from holdfast.domain.instants import DAY, HOUR, SECOND
from holdfast.domain.series import Mode, Scope, Series
from tests.support.builders import BOB, BUSINESS, NOW, SETTINGS, asked
from tests.unit.app.clinic import Clinic, weekly

STAN = Caller("stan", frozenset({f"{BUSINESS}:staff"}))
CONFIRMED, CANCELLED, EXPIRED = BookingStatus.CONFIRMED, BookingStatus.CANCELLED, BookingStatus.EXPIRED


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


def held(clinic: Clinic, many: int = 4) -> Series:
    return clinic.book_series(asked(key="series"), weekly(many)).series


def booked(clinic: Clinic, many: int = 4) -> Series:
    series = held(clinic, many)
    clinic.confirm_series(asked(), series)
    return series


def statuses(clinic: Clinic, series: Series) -> list[BookingStatus]:
    return [each.status for each in clinic.members(series)]


def told(results: Sequence[Result]) -> list[tuple[BookingStatus, tuple[str, ...]]]:
    return [(each.booking.status, each.reasons) for each in results]


def crash() -> None:
    raise Unavailable("gone")


def test_a_series_and_its_members_are_for_its_owner_and_its_businesss_staff(clinic: Clinic) -> None:
    series = held(clinic)
    for who in (asked(), asked(STAN)):
        assert visible_series(clinic.ledger, who, series.id) == (series, clinic.members(series))
    for who in (asked(BOB), asked(Caller("sue", frozenset({"boats:staff"})))):
        with pytest.raises(NotFound):
            visible_series(clinic.ledger, who, series.id)
    with pytest.raises(NotFound):
        visible_series(clinic.ledger, asked(), "x" * 20)


def test_what_was_the_owners_before_is_no_member(clinic: Clinic) -> None:
    mine = clinic.book(asked(), weekly(2)[0], service="treatment").booking
    series = clinic.book_series(asked(), weekly(2)).series
    _, members = visible_series(clinic.ledger, asked(), series.id)
    assert [each.start for each in members] == [weekly(2)[1]]
    assert mine.id not in {each.id for each in members}


def test_every_hold_of_a_series_is_confirmed_with_a_number_of_its_own(clinic: Clinic) -> None:
    series = held(clinic)
    results = clinic.confirm_series(asked(), series)
    assert told(results) == [(CONFIRMED, ())] * 4
    assert [each.booking for each in results] == clinic.members(series)
    assert len({each.number for each in clinic.members(series)}) == len(clinic.memory.numbers) == 4


def test_a_hold_that_is_over_does_not_keep_the_others_from_being_confirmed(clinic: Clinic) -> None:
    series = held(clinic)
    second, third = clinic.members(series)[1:3]
    clinic.release(asked(), second)
    clinic.extend(asked(), third, 600)
    late = asked(now=NOW + 130 * SECOND)
    expected = [("hold_expired",), ("hold_expired",), (), ("hold_expired",)]
    assert [each.reasons for each in clinic.confirm_series(late, series)] == expected


def test_a_confirm_that_crashed_is_finished_by_its_repeat(clinic: Clinic) -> None:
    series = held(clinic)
    writes = "+".join(["SetClaimExpiry"] * 2 + ["SaveBooking", "TakeNumber"])
    clinic.pauses[f"commit {writes}"] = lambda: clinic.pauses.update({f"commit {writes}": crash})
    with pytest.raises(Unavailable):
        clinic.confirm_series(asked(key="key"), series)
    assert statuses(clinic, series) == [CONFIRMED, *[BookingStatus.RESERVED] * 3]
    assert told(clinic.confirm_series(asked(key="key"), series)) == [(CONFIRMED, ())] * 4
    assert {each.version for each in clinic.members(series)} == {2}
    assert told(clinic.confirm_series(asked(), series)) == [(CONFIRMED, ("invalid_transition",))] * 4
    with pytest.raises(KeyReused):
        clinic.confirm_series(asked(key="key", body="other"), series)


def test_only_its_owner_confirms_a_series(clinic: Clinic) -> None:
    series = held(clinic)
    for who in (BOB, STAN):
        with pytest.raises(NotFound):
            clinic.confirm_series(asked(who), series)


@pytest.mark.parametrize(
    ("scope", "left"), [(Scope.THIS, [0, 2, 3]), (Scope.FOLLOWING, [0]), (Scope.ALL, list[int]())]
)
def test_a_scope_says_which_members_are_cancelled(clinic: Clinic, scope: Scope, left: list[int]) -> None:
    series = booked(clinic)
    members = clinic.members(series)
    results = clinic.cancel_members(asked(), members[1], scope)
    assert [number for number, each in enumerate(clinic.members(series)) if each.status is CONFIRMED] == left
    assert told(results) == [(CANCELLED, ())] * (4 - len(left))
    assert len(clinic.taken) == 2 * len(left)
    for each in results:
        assert each.booking.refund is not None
        assert (each.booking.refund.percentage, each.booking.history[-1].deed.reason) == (100, "it rains")


def test_what_is_only_held_is_released(clinic: Clinic) -> None:
    series = held(clinic)
    first = clinic.members(series)[0]
    clinic.confirm(asked(), first)
    assert told(clinic.cancel_members(asked(), first, Scope.ALL)) == [(CANCELLED, ()), *[(EXPIRED, ())] * 3]
    assert clinic.taken == {}


def test_what_is_over_is_left_out_and_what_a_policy_forbids_is_told(clinic: Clinic) -> None:
    series = booked(clinic)
    members = clinic.members(series)
    clinic.cancel(asked(), members[2])
    clinic.settle(policies={"cancellationDeadlineMinutes": 4 * 24 * 60})
    results = clinic.cancel_members(asked(), members[0], Scope.ALL)
    assert [each.booking.id for each in results] == [members[number].id for number in (0, 1, 3)]
    assert told(results) == [(CONFIRMED, ("cancellation_deadline",)), *[(CANCELLED, ())] * 2]
    assert told(clinic.cancel_members(asked(), members[2], Scope.FOLLOWING)) == [
        (CANCELLED, ("invalid_transition",))
    ]


def test_a_cancel_that_crashed_is_finished_by_its_repeat_which_tells_all(clinic: Clinic) -> None:
    series = booked(clinic)
    second = clinic.members(series)[1]
    clinic.pauses["committed"] = crash
    with pytest.raises(Unavailable):
        clinic.cancel_members(asked(key="key"), second, Scope.FOLLOWING)
    again = clinic.cancel_members(asked(key="key"), second, Scope.FOLLOWING)
    repeat = clinic.cancel_members(asked(key="key", now=NOW + HOUR), second, Scope.FOLLOWING)
    assert told(again) == told(repeat) == [(CANCELLED, ())] * 3
    assert {each.version for each in clinic.members(series)[1:]} == {3}
    with pytest.raises(KeyReused):
        clinic.cancel_members(asked(key="key", body="other"), second, Scope.ALL)


def test_if_match_is_about_the_booking_that_is_named(clinic: Clinic) -> None:
    series = booked(clinic)
    second = clinic.members(series)[1]
    with pytest.raises(StaleVersion):
        clinic.cancel_members(asked(expects=1), second, Scope.ALL)
    assert statuses(clinic, series) == [CONFIRMED] * 4
    by = asked(expects=2, key="key")
    assert told(clinic.cancel_members(by, second, Scope.ALL)) == [(CANCELLED, ())] * 4
    assert told(clinic.cancel_members(by, second, Scope.ALL)) == [(CANCELLED, ())] * 4


def test_a_booking_of_no_series_is_alone(clinic: Clinic) -> None:
    single = clinic.confirm(asked(), clinic.book(asked(), weekly(1)[0], service="treatment").booking)
    booked(clinic, 2)
    assert [each.booking.id for each in clinic.cancel_members(asked(), single, Scope.ALL)] == [single.id]


def test_of_a_series_that_is_long_gone_the_booking_is_left(clinic: Clinic) -> None:
    series = booked(clinic)
    clinic.memory.series.clear()
    first = clinic.members(series)[0]
    assert [each.booking.id for each in clinic.cancel_members(asked(), first, Scope.ALL)] == [first.id]


def test_many_members_are_one_cancellation_and_only_their_owners(clinic: Clinic) -> None:
    clinic.settle(rateLimits=SETTINGS["rateLimits"] | {"cancelPerMinute": 1})
    series = booked(clinic)
    first = clinic.members(series)[0]
    for who in (BOB, STAN):
        with pytest.raises(NotFound):
            clinic.cancel_members(asked(who), first, Scope.ALL)
    clinic.cancel_members(asked(), first, Scope.ALL)
    with pytest.raises(RateLimited):
        clinic.cancel_members(asked(), first, Scope.ALL)
    assert statuses(clinic, series) == [CANCELLED] * 4


def test_members_that_were_skipped_are_none(clinic: Clinic) -> None:
    clinic.book_series(asked(BOB), weekly(1), resource="dr-ann")
    series = clinic.book_series(asked(), weekly(3), Mode.SKIP_CONFLICTS, resource="dr-ann").series
    assert [each.start for each in visible_series(clinic.ledger, asked(), series.id)[1]] == weekly(3)[1:]
    assert clinic.confirm_series(asked(), series)[0].booking.start == weekly(1)[0] + 7 * DAY
