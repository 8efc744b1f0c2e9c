"""The invariants find what they are there to find: each violation is reported, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from holdfast.domain.booking import Booking, BookingStatus, Change, Deed
from holdfast.domain.day import Day
from holdfast.domain.instants import HOUR, NEVER, SECOND
from holdfast.domain.invariants import of_booking, of_records, of_resource, of_slot
from holdfast.domain.place import DayKey, Window
from holdfast.domain.slot import Slot, SlotState
from tests.support.builders import BUSINESS, NOW, RESOURCE, a_booking, a_claim, a_confirmed_booking, a_slot

SKEW = 2 * SECOND
S = BookingStatus
HELD = a_booking()
CONFIRMED = a_confirmed_booking()


def _with(*records: Booking) -> Slot:
    return a_slot(capacity=3, claims={each.who: each.claim for each in records})


def test_a_sound_slot_is_not_reported() -> None:
    past = a_claim("p", units=2, expires=NOW)
    assert list(of_slot(a_slot(capacity=2, claims={"a": past}), NOW)) == []
    assert list(of_slot(a_slot(), NOW)) == []


def test_units_over_capacity_are_reported_only_while_they_are_live() -> None:
    slot = replace(a_slot(capacity=3, claims={"a": a_claim(units=2), "b": a_claim()}), capacity=2, free=-1)
    assert list(of_slot(slot, NOW)) == [f"{slot.key.slot_id}: 3 units live on a capacity of 2"]
    assert list(of_slot(slot, NOW + HOUR)) == []


@pytest.mark.parametrize("free", [0, 2, 3, -1])
def test_a_free_that_does_not_add_up_is_reported(free: int) -> None:
    slot = replace(a_slot(capacity=2, claims={"a": a_claim()}), free=free)
    (sentence,) = of_slot(slot, NOW)
    assert f"free is {free}" in sentence


def test_a_sound_booking_is_not_reported() -> None:
    assert list(of_booking(HELD)) == list(of_booking(CONFIRMED)) == []


@pytest.mark.parametrize(
    ("booking", "words"),
    [
        pytest.param(replace(HELD, version=2), "version 2 with 1 lines", id="a version without a line"),
        pytest.param(replace(HELD, history=()), "RESERVED, but its history ends in PENDING", id="no history"),
        pytest.param(replace(HELD, status=S.CONFIRMED), "history ends in RESERVED", id="a state of its own"),
        pytest.param(
            replace(
                CONFIRMED,
                status=S.RESERVED,
                version=3,
                history=(*CONFIRMED.history, Change(S.CONFIRMED, S.RESERVED, Deed("x", "a", NOW, "t"))),
            ),
            "CONFIRMED to RESERVED while CONFIRMED",
            id="a way there is not",
        ),
        pytest.param(
            replace(
                CONFIRMED,
                version=3,
                history=(*CONFIRMED.history, Change(S.RESERVED, S.CONFIRMED, Deed("x", "a", NOW, "t"))),
            ),
            "RESERVED to CONFIRMED while CONFIRMED",
            id="a line that does not follow",
        ),
        pytest.param(
            HELD.changed(Deed("x", "a", NOW, "t")).changed(Deed("x", "a", NOW, "t")),
            "request x had its effect 2 times",
            id="a request twice",
        ),
    ],
)
def test_a_history_that_is_no_path_is_reported(booking: Booking, words: str) -> None:
    assert any(words in sentence for sentence in of_booking(booking))


def test_claims_and_records_that_tell_the_same_are_not_reported() -> None:
    for record in (HELD, CONFIRMED):
        assert list(of_records(_with(record), [record], NOW, SKEW)) == []
    other = replace(HELD, spot=replace(a_slot().key, time="0000"))
    assert list(of_records(_with(), [other], NOW, SKEW)) == []


def test_a_hold_without_a_record_is_a_crash_and_no_violation() -> None:
    assert list(of_records(_with(HELD), [], NOW, SKEW)) == []


def test_a_confirmed_claim_without_a_record_is_reported() -> None:
    (sentence,) = of_records(_with(CONFIRMED), [], NOW, SKEW)
    assert "without a record" in sentence


def test_a_record_without_its_claim_is_reported_until_it_is_over() -> None:
    (sentence,) = of_records(_with(), [CONFIRMED], NOW, SKEW)
    assert "CONFIRMED without its claim" in sentence
    assert len(list(of_records(_with(), [HELD], HELD.expires - SKEW - 1, SKEW))) == 1
    assert list(of_records(_with(), [HELD], HELD.expires - SKEW, SKEW)) == []
    assert list(of_records(_with(), [replace(HELD, status=S.EXPIRED)], NOW, SKEW)) == []


def test_a_place_that_another_booking_has_taken_is_reported() -> None:
    slot = a_slot(claims={HELD.who: a_claim("another")})
    assert [sentence for sentence in of_records(slot, [HELD], NOW, SKEW) if "without its claim" in sentence]


@pytest.mark.parametrize(
    "claim",
    [
        replace(HELD.claim, units=2),
        replace(HELD.claim, expires=NEVER),
        replace(HELD.claim, expires=HELD.expires + 1),
        replace(HELD.claim, fingerprint="other"),
    ],
)
def test_a_claim_that_differs_from_its_record_is_reported(claim: object) -> None:
    assert isinstance(claim, type(HELD.claim))
    slot = a_slot(capacity=3, claims={HELD.who: claim})
    assert [sentence for sentence in of_records(slot, [HELD], NOW, SKEW) if "differ" in sentence]


def test_a_claim_under_another_name_is_reported() -> None:
    slot = a_slot(claims={"somebody": HELD.claim})
    assert [sentence for sentence in of_records(slot, [HELD], NOW, SKEW) if "differ" in sentence]


def test_having_a_slot_twice_is_reported() -> None:
    twice = [HELD, replace(HELD, id="c" * 20)]
    assert [sentence for sentence in of_records(_with(HELD), twice, NOW, SKEW) if "2 times" in sentence]


def _day(*slots: Slot) -> Day:
    windows = {slot.key.slot_id: Window(0, 60) for slot in slots}
    return Day(DayKey(BUSINESS, RESOURCE, "2026-06-14"), 1, windows)


def test_slots_that_touch_are_not_reported_and_slots_that_overlap_are() -> None:
    first = a_slot()
    touching, overlapping = a_slot(start=first.end), a_slot(start=first.end - 60_000)
    assert list(of_resource([touching, first], [_day(first, touching)])) == []
    (sentence,) = of_resource([overlapping, first], [_day(first, overlapping)])
    assert sentence == f"{first.key.slot_id} and {overlapping.key.slot_id} overlap"


def test_a_deleted_slot_overlaps_with_nothing_and_needs_no_window() -> None:
    gone = a_slot(state=SlotState.DELETED)
    assert list(of_resource([gone, a_slot()], [_day(a_slot())])) == []
    assert list(of_resource([gone], [])) == []


def test_a_slot_without_its_window_is_reported() -> None:
    (sentence,) = of_resource([a_slot()], [])
    assert "has no window" in sentence
