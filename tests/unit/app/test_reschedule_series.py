"""Members of a series move by as much on the wall clock, each by itself (BOOK-13)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from holdfast.app.series_deeds import Result
from holdfast.domain.booking import Booking
from holdfast.domain.errors import KeyReused, NotFound, PreconditionRequired, StaleVersion, Unavailable
from holdfast.domain.instants import DAY, HOUR, MINUTE, NEVER
from holdfast.domain.series import Mode, Scope, Series
from tests.support.builders import BOB, NOW, asked
from tests.unit.app.clinic import NINE, Clinic, shown, weekly
from tests.unit.app.salon import at


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


def booked(clinic: Clinic, starts: Sequence[int], resource: str | None = "dr-ann") -> Series:
    made = clinic.book_series(asked(), starts, Mode.SKIP_CONFLICTS, resource=resource)
    clinic.confirm_series(asked(), made.series)
    return made.series


def starts(clinic: Clinic, series: Series) -> list[int]:
    return [each.start for each in clinic.members(series)]


def holds_together(clinic: Clinic, members: Sequence[Booking]) -> None:
    for each in members:
        assert clinic.standing(each) == each.claims
    assert sum(map(len, clinic.taken.values())) == sum(len(each.claims) for each in members)


def reasons(results: Sequence[Result]) -> list[tuple[str, ...]]:
    return [each.reasons for each in results]


@pytest.mark.parametrize(
    ("scope", "moved"), [(Scope.THIS, [1]), (Scope.FOLLOWING, [1, 2, 3]), (Scope.ALL, [0, 1, 2, 3])]
)
def test_a_scope_says_which_members_move(clinic: Clinic, scope: Scope, moved: list[int]) -> None:
    series = booked(clinic, weekly(4))
    second = clinic.members(series)[1]
    results = clinic.move_members(asked(expects=2), second, second.start + DAY + HOUR, scope)
    expected = [start + (DAY + HOUR if number in moved else 0) for number, start in enumerate(weekly(4))]
    assert starts(clinic, series) == expected
    assert [each.booking.start for each in results] == [expected[number] for number in moved]
    assert {each.booking.claim.expires for each in results} == {NEVER}
    holds_together(clinic, clinic.members(series))


def test_over_a_change_of_the_clock_they_keep_to_its_time_of_the_day(clinic: Clinic) -> None:
    clinic.settle(policies={"maximumAdvanceDays": 365})
    first = NINE + 18 * 7 * DAY
    series = clinic.book_series(asked(), [first], rule="FREQ=WEEKLY;COUNT=3").series
    clinic.confirm_series(asked(), series)
    clinic.move_members(asked(expects=2), clinic.members(series)[0], first + 90 * MINUTE, Scope.ALL)
    assert shown(starts(clinic, series)) == ["19.10. 10:30", "26.10. 10:30", "02.11. 10:30"]


@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_neighbours_move_one_after_the_other_into_the_place_that_came_free(clinic: Clinic, by: int) -> None:
    hours = [at(hour) for hour in (10, 11, 12, 13)]
    series = booked(clinic, hours)
    first = clinic.members(series)[0]
    results = clinic.move_members(asked(expects=2), first, first.start + by, Scope.ALL)
    assert reasons(results) == [()] * 4
    assert starts(clinic, series) == [each + by for each in hours]
    holds_together(clinic, clinic.members(series))


def test_who_cannot_move_stays_and_is_told_why(clinic: Clinic) -> None:
    series = booked(clinic, weekly(3))
    clinic.book(asked(BOB), weekly(3)[1] + HOUR, service="treatment", resource="dr-ann")
    first = clinic.members(series)[0]
    results = clinic.move_members(asked(expects=2), first, NINE + HOUR, Scope.ALL, resource="dr-ann")
    assert reasons(results) == [(), ("taken",), ()]
    assert starts(clinic, series) == [weekly(3)[0] + HOUR, weekly(3)[1], weekly(3)[2] + HOUR]
    clinic.settle(policies={"maxReschedules": 1})
    again = clinic.move_members(asked(expects=3), first, NINE, Scope.ALL)
    assert reasons(again) == [("max_reschedules",), ("outside_hours",), ("max_reschedules",)]


def test_members_of_a_package_move_to_the_slots_that_are_published_there(clinic: Clinic) -> None:
    old, new = clinic.publish(*weekly(3)), clinic.publish(*weekly(2, NINE + DAY))
    series = clinic.book_package(asked(), old).series
    clinic.confirm_series(asked(), series)
    results = clinic.move_members(asked(expects=2), clinic.members(series)[0], new[0], Scope.FOLLOWING)
    assert reasons(results) == [(), (), ("not_found",)]
    assert [each.spot for each in clinic.members(series)] == [new[0].key, new[1].key, old[2].key]


def test_a_move_that_crashed_is_finished_by_its_repeat(clinic: Clinic) -> None:
    series = booked(clinic, weekly(3))
    second = clinic.members(series)[1]

    def crash() -> None:
        raise Unavailable("gone")

    clinic.pauses["committed"] = crash
    deed = (asked(expects=2, key="key"), second, second.start - DAY - HOUR, Scope.FOLLOWING)
    clinic.settle(hours={day: [{"from": "06:00", "to": "18:00"}] for day in ("mon", "sun")})
    with pytest.raises(Unavailable):
        clinic.move_members(*deed)
    assert starts(clinic, series) == [weekly(3)[0], weekly(3)[1] - DAY - HOUR, weekly(3)[2]]
    for _ in range(2):
        assert reasons(clinic.move_members(*deed)) == [(), ()]
    assert starts(clinic, series) == [weekly(3)[0], *(each - DAY - HOUR for each in weekly(3)[1:])]
    assert {each.version for each in clinic.members(series)[1:]} == {3}
    with pytest.raises(KeyReused):
        clinic.move_members(asked(expects=2, key="key", body="other"), *deed[1:])


def test_only_its_owner_moves_it_and_only_on_the_version_that_was_read(clinic: Clinic) -> None:
    series = booked(clinic, weekly(2))
    first = clinic.members(series)[0]
    with pytest.raises(PreconditionRequired):
        clinic.move_members(asked(), first, NINE + HOUR, Scope.ALL)
    with pytest.raises(StaleVersion):
        clinic.move_members(asked(expects=1), first, NINE + HOUR, Scope.ALL)
    with pytest.raises(NotFound):
        clinic.move_members(asked(BOB, expects=2), first, NINE + HOUR, Scope.ALL)
    assert starts(clinic, series) == weekly(2)
    assert all(each.reserved_at == NOW for each in clinic.members(series))
