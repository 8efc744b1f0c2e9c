"""Ids and instants: the same from the same, different from what differs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.domain.caller import Caller
from holdfast.domain.identity import (
    NUMBER_ALPHABET,
    booking_number,
    claimant,
    derived_id,
    digest,
    short_hash,
)
from holdfast.domain.instants import (
    MINUTE,
    NEVER,
    SECOND,
    from_datetime,
    seconds_until,
    to_datetime,
)
from tests.support.builders import NOW

instants = st.integers(0, NEVER)


def test_ids_stay_what_they_are_from_one_release_to_the_next() -> None:
    """They stand in the tables: another hash would forget every key and every claimant."""
    assert derived_id("op", "alice", "key") == "c3rhiwvyycfyxqeuaql7"
    assert short_hash("body", "") == "eYmatocNcI1"
    assert claimant("alice", None) == "Jhqf_GFa4Ud"
    assert booking_number("2026-06-12", "b" * 20, 0) == "BOK-20260612-FF7B43"


@given(st.lists(st.text(), min_size=1, max_size=3), st.lists(st.text(), min_size=1, max_size=3))
def test_different_parts_have_different_hashes(parts: list[str], others: list[str]) -> None:
    if parts != others:
        assert digest(*parts) != digest(*others)
        assert derived_id(*parts) != derived_id(*others)
        assert short_hash(*parts) != short_hash(*others)
    else:
        assert digest(*parts) == digest(*others)


def test_text_does_not_move_from_one_part_to_the_next() -> None:
    assert digest("ab", "c") != digest("a", "bc") != digest("abc")


@given(st.lists(st.text(), min_size=1, max_size=3))
def test_ids_are_of_one_form(parts: list[str]) -> None:
    assert re.fullmatch(r"[a-z2-7]{20}", derived_id(*parts))
    assert re.fullmatch(r"[A-Za-z0-9_-]{11}", short_hash(*parts))


def test_a_claimant_is_an_owner_or_an_owner_with_a_subject() -> None:
    all_different = {claimant("alice", None), claimant("alice", "child-1"), claimant("alice", "child-2")}
    assert len(all_different | {claimant("bob", None), claimant("bob", "child-1")}) == 5
    assert claimant("alice", "") == claimant("alice", None)


@given(st.dates(), st.text(min_size=1), st.integers(0, 9))
def test_a_booking_number_has_its_date_and_six_letters_nobody_misreads(
    date: object, booking: str, attempt: int
) -> None:
    number = booking_number(str(date), booking, attempt)
    assert re.fullmatch(rf"BOK-[0-9]{{8}}-[{NUMBER_ALPHABET}]{{6}}", number)
    assert not set("01ILO") & set(number[13:])
    assert (
        number
        == booking_number(str(date), booking, attempt)
        != booking_number(str(date), booking, attempt + 1)
    )


def test_booking_numbers_spread_over_all_letters() -> None:
    letters = {
        letter for number in range(200) for letter in booking_number("2026-06-12", str(number), 0)[13:]
    }
    assert letters == set(NUMBER_ALPHABET)


@given(instants)
def test_an_instant_survives_being_a_wall_clock_anywhere(instant: int) -> None:
    for zone in (UTC, timezone(timedelta(minutes=345))):
        if instant < NEVER - 24 * 60 * MINUTE:
            assert from_datetime(to_datetime(instant, zone)) == instant


@given(st.integers(0, from_datetime(datetime(2100, 1, 1, tzinfo=UTC))))
def test_an_instant_survives_a_zone_with_dst(instant: int) -> None:
    assert from_datetime(to_datetime(instant, ZoneInfo("Europe/Berlin"))) == instant


def test_the_two_half_past_twos_of_a_changeover_are_an_hour_apart() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first, second = (
        from_datetime(datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=berlin)) for fold in (0, 1)
    )
    assert second - first == 60 * MINUTE


def test_an_instant_is_the_millisecond_below() -> None:
    assert from_datetime(datetime(2026, 6, 12, 9, 0, 0, 1_999, tzinfo=UTC)) == NOW + 1
    assert to_datetime(NOW + 1).microsecond == 1_000
    assert to_datetime(NEVER) == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(("ahead", "seconds"), [(0, 0), (-1, 0), (1, 1), (1000, 1), (1001, 2), (60_000, 60)])
def test_seconds_until_then_are_rounded_up(ahead: int, seconds: int) -> None:
    assert seconds_until(NOW + ahead, NOW) == seconds
    assert seconds_until(NOW + ahead, NOW) * SECOND >= ahead


def test_roles_hold_for_their_business_and_the_platform_for_all() -> None:
    admin, staff = Caller("a", frozenset({"bikes:admin"})), Caller("s", frozenset({"bikes:staff"}))
    root, nobody = Caller("r", frozenset({"platform-admin"})), Caller("n", frozenset({"bikes", "admin"}))
    assert [each.administers("bikes") for each in (admin, staff, root, nobody)] == [True, False, True, False]
    assert [each.works_at("bikes") for each in (admin, staff, root, nobody)] == [True, True, True, False]
    assert [each.works_at("boats") for each in (admin, staff, root)] == [False, False, True]
