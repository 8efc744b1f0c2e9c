"""Which members a scope means, what twins of a request settle, and how far a member of a series moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from holdfast.domain.booking import BookingStatus
from holdfast.domain.instants import DAY, HOUR, Instant, from_datetime, to_datetime
from holdfast.domain.series import Mode, Occurrence, Outcome, Scope, Series, in_scope, shifted
from tests.support.builders import NOW, a_claim, a_confirmed_booking, a_slot

ZONES = {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"}


def a_series(*outcomes: Outcome) -> Series:
    return Series(
        id="s" * 20,
        business="bikes",
        owner="alice",
        mode=Mode.SKIP_CONFLICTS,
        fingerprint="print",
        made_at=NOW,
        occurrences=tuple(
            Occurrence(NOW + number * DAY, f"booking-{number}", each) for number, each in enumerate(outcomes)
        ),
    )


def test_a_series_is_settled_once_nothing_of_it_is_pending() -> None:
    assert not a_series(Outcome.RESERVED, Outcome.PENDING).settled
    assert a_series(Outcome.RESERVED, Outcome.THERE, Outcome.SKIPPED).settled


def test_of_twins_the_one_that_holds_an_occurrence_is_right() -> None:
    pending = a_series(*[Outcome.PENDING] * 3)
    mine = a_series(Outcome.RESERVED, Outcome.SKIPPED, Outcome.SKIPPED).occurrences
    twins = a_series(Outcome.SKIPPED, Outcome.RESERVED, Outcome.SKIPPED).occurrences
    settled = pending.settled_as(mine, NOW + 2).settled_as(twins, NOW + 1)
    assert [each.outcome for each in settled.occurrences] == [
        *(Outcome.RESERVED, Outcome.RESERVED, Outcome.SKIPPED)
    ]
    assert (settled.expires, settled.version) == (NOW + 1, 3)
    assert pending.settled_as(mine, None).expires is None
    assert settled.tells_all(mine)
    assert settled.tells_all(twins)
    assert not pending.settled_as(mine, None).tells_all(twins)
    assert not pending.tells_all([])


def test_a_scope_begins_with_the_one_that_is_named() -> None:
    members = [
        replace(
            a_confirmed_booking(slot=a_slot(start=NOW + (day + 1) * DAY), claim=a_claim(f"booking-{day}"))
        )
        for day in range(4)
    ]
    over = replace(members[3], status=BookingStatus.COMPLETED)
    named = members[1]
    everyone = [*members[:3], over]

    def meant(scope: Scope) -> list[str]:
        return [each.id for each in in_scope(scope, named, reversed(everyone), NOW)]

    assert meant(Scope.THIS) == ["booking-1"]
    assert meant(Scope.FOLLOWING) == ["booking-1", "booking-2"]
    assert meant(Scope.ALL) == ["booking-0", "booking-1", "booking-2"]
    with_done = in_scope(Scope.ALL, named, everyone, NOW, done=lambda each: each.id == "booking-3")
    assert [each.id for each in with_done][-1] == "booking-3"
    assert [each.id for each in in_scope(Scope.ALL, over, [], NOW)] == ["booking-3"]


def berlin(text: str) -> Instant:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")))


@pytest.mark.parametrize(
    ("start", "was", "becomes", "moved"),
    [
        ("2026-06-22 09:00", "2026-06-15 09:00", "2026-06-15 10:30", "2026-06-22 10:30"),
        ("2026-06-22 09:00", "2026-06-15 09:00", "2026-06-16 08:00", "2026-06-23 08:00"),
        ("2026-06-22 09:00", "2026-06-15 09:00", "2026-06-12 23:30", "2026-06-19 23:30"),
        ("2026-06-22 23:30", "2026-06-15 09:00", "2026-06-15 10:00", "2026-06-23 00:30"),
        ("2026-06-22 00:15", "2026-06-15 09:00", "2026-06-15 08:30", "2026-06-21 23:45"),
        ("2026-10-26 09:00", "2026-10-19 09:00", "2026-10-19 10:00", "2026-10-26 10:00"),  # another offset
        ("2026-10-24 09:00", "2026-10-17 09:00", "2026-10-18 09:00", "2026-10-25 09:00"),  # over the change
        ("2027-03-27 01:30", "2027-03-20 01:30", "2027-03-21 02:30", "2027-03-28 03:00"),  # into the gap
    ],
)
def test_a_member_moves_as_far_on_the_wall_clock(start: str, was: str, becomes: str, moved: str) -> None:
    zone = ZoneInfo("Europe/Berlin")
    assert shifted(berlin(start), berlin(was), berlin(becomes), zone) == berlin(moved)


def test_into_a_fold_a_member_moves_to_the_first_of_both() -> None:
    zone = ZoneInfo("Europe/Berlin")
    moved = shifted(berlin("2026-10-24 01:30"), berlin("2026-10-17 01:30"), berlin("2026-10-18 02:30"), zone)
    assert to_datetime(moved, zone).isoformat() == "2026-10-25T02:30:00+02:00"


@pytest.mark.parametrize("name", sorted(ZONES))
def test_the_one_that_is_moved_itself_lands_where_it_is_moved_to(name: str) -> None:
    zone = ZoneInfo(name)
    starts = [NOW + number * (7 * DAY + 5 * HOUR) for number in range(60)]
    for was, becomes in zip(starts, starts[1:] + starts[:1], strict=True):
        assert shifted(was, was, becomes, zone) == becomes
        assert shifted(was, becomes, becomes, zone) == was
