"""Series and packages: all or none in one step, each that can be had, or only a look (BOOK-13)."""

from __future__ import annotations

from collections import Counter
from copy import replace

import pytest

from holdfast.domain.booking import BookingStatus
from holdfast.domain.caller import Caller
from holdfast.domain.claim import Claim
from holdfast.domain.errors import (
    Invalid,
    Malformed,
    NotFound,
    PolicyViolation,
    RateLimited,
    SeriesNotOffered,
)
from holdfast.domain.instants import DAY, HOUR, MINUTE, NEVER, SECOND
from holdfast.domain.series import Mode, Outcome
from holdfast.domain.slot import SlotState
from tests.support.builders import ALICE, BOB, BUSINESS, NOW, SETTINGS, a_place, asked
from tests.unit.app.clinic import CHECKUP, NINE, TREATMENT, Clinic, shown, weekly
from tests.unit.app.salon import a_service, at

BOTH = pytest.mark.parametrize("mode", [Mode.ALL_OR_NOTHING, Mode.SKIP_CONFLICTS])
RESERVED, THERE, SKIPPED, OFFERED = Outcome.RESERVED, Outcome.THERE, Outcome.SKIPPED, Outcome.OFFERED


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


@BOTH
def test_every_start_of_a_series_is_held_and_recorded(clinic: Clinic, mode: Mode) -> None:
    by = asked(key="key")
    made = clinic.book_series(by, weekly(4), mode, notes="knee")
    series, members = made.series, clinic.members(made.series)
    assert (made.replayed, series.id, series.settled) == (False, by.op, True)
    assert [each.outcome for each in series.occurrences] == [RESERVED] * 4
    assert [(each.start, each.end) for each in members] == [(start, start + HOUR) for start in weekly(4)]
    assert {(each.series, each.notes, each.status) for each in members} == {
        (series.id, "knee", BookingStatus.RESERVED)
    }
    assert series.expires == NOW + 120 * SECOND == members[0].expires
    assert clinic.memory.series == {series.id: series}
    assert sorted(len(bookings) for bookings in clinic.taken.values()) == [1] * 8
    for member in members:
        assert clinic.standing(member) == member.claims


def test_all_or_nothing_is_one_transaction(clinic: Clinic) -> None:
    steps: Counter[str] = Counter()
    clinic.memory.pause = lambda where: steps.update([where.partition(" ")[0]])
    clinic.book_series(asked(key="key"), weekly(4))
    assert (steps["commit"], steps["committed"]) == (1, 1)
    assert steps.total() - steps["commit"] - steps["committed"] == 3  # the caller's item in two, the days


@BOTH
def test_two_occurrences_in_one_day_share_its_one_write(clinic: Clinic, mode: Mode) -> None:
    made = clinic.book_series(asked(), [at(9), at(10), at(11)], mode, resource="dr-ann")
    day = clinic.day("dr-ann")
    assert {claim.booking for claim in day.claims.values()} == {
        each.id for each in clinic.members(made.series)
    }
    assert day.rev == (1 if mode is Mode.ALL_OR_NOTHING else 3)


@BOTH
def test_a_later_occurrence_finds_what_the_earlier_took(clinic: Clinic, mode: Mode) -> None:
    starts = [at(9), at(9, 30), at(10)]
    if mode is Mode.SKIP_CONFLICTS:
        found = clinic.book_series(asked(), starts, mode, resource="dr-ann").series.occurrences
        assert [each.outcome for each in found] == [RESERVED, SKIPPED, RESERVED]
        assert found[1].reasons == ("taken",)
    else:
        with pytest.raises(SeriesNotOffered) as refused:
            clinic.book_series(asked(), starts, mode, resource="dr-ann")
        assert list(refused.value.refused) == [(at(9, 30), ("taken",))]
        made = clinic.book_series(asked(), starts, mode)  # the other doctor takes the one in the middle
        assert [each.resources[0] for each in clinic.members(made.series)] == ["dr-ann", "dr-bob", "dr-ann"]


def test_where_one_cannot_be_had_none_is(clinic: Clinic) -> None:
    clinic.sell_out(weekly(3)[1])
    before, days, records = clinic.taken, dict(clinic.memory.days), dict(clinic.memory.bookings)
    with pytest.raises(SeriesNotOffered) as refused:
        clinic.book_series(asked(), [*weekly(3), at(20)])
    assert list(refused.value.refused) == [(weekly(3)[1], ("taken",)), (at(20), ("outside_hours",))]
    assert refused.value.facts == {"reasons": ["outside_hours", "taken"]}
    assert (clinic.taken, clinic.memory.days, clinic.memory.bookings) == (before, days, records)
    assert clinic.memory.series == {}


def test_what_cannot_be_had_is_skipped_with_its_reasons(clinic: Clinic) -> None:
    clinic.sell_out(weekly(3)[1])
    made = clinic.book_series(asked(), [*weekly(3), at(20)], Mode.SKIP_CONFLICTS)
    assert [each.outcome for each in made.series.occurrences] == [RESERVED, SKIPPED, RESERVED, SKIPPED]
    assert [each.reasons for each in made.series.occurrences] == [(), ("taken",), (), ("outside_hours",)]
    assert len(clinic.members(made.series)) == 2


def test_a_preview_tells_the_same_and_writes_nothing(clinic: Clinic) -> None:
    clinic.sell_out(weekly(3)[1])
    clinic.book(asked(), weekly(3)[2], service="treatment")
    before = clinic.memory.days | clinic.memory.bookings
    asks, stream = dict(clinic.memory.asked_for), len(clinic.memory.stream)
    made = clinic.book_series(asked(), [*weekly(3), at(9, 30)], Mode.PREVIEW, resource=None)
    assert [each.outcome for each in made.series.occurrences] == [OFFERED, SKIPPED, THERE, OFFERED]
    assert made.series.occurrences[1].reasons == ("taken",)
    assert clinic.memory.days | clinic.memory.bookings == before
    assert (clinic.memory.series, clinic.memory.asked_for) == ({}, asks)
    assert len(clinic.memory.stream) == stream


def test_a_preview_judges_the_later_with_the_earlier_in(clinic: Clinic) -> None:
    starts = [at(9), at(9, 30), at(10)]
    found = clinic.book_series(asked(), starts, Mode.PREVIEW, resource="dr-ann").series.occurrences
    assert [each.outcome for each in found] == [OFFERED, SKIPPED, OFFERED]


@BOTH
@pytest.mark.parametrize("many", [1, 20])
def test_twenty_weeks_keep_their_time_of_the_day_over_the_changes_of_the_clock(
    clinic: Clinic, mode: Mode, many: int
) -> None:
    clinic.settle(policies={"maximumAdvanceDays": 365})
    rule = f"FREQ=WEEKLY;COUNT={many}"
    made = clinic.book_series(asked(), [at(9) + 84 * DAY], mode, rule=rule)
    starts = [each.start for each in clinic.members(made.series)]
    told = shown(starts)
    assert len(told) == many
    assert {each[-5:] for each in told} == {"09:00"}
    if many > 1:
        assert (told[0], told[7], told[8]) == ("07.09. 09:00", "26.10. 09:00", "02.11. 09:00")
        assert starts[7] - starts[6] == 7 * DAY + HOUR  # the clock went back on 25 October


def test_more_than_twenty_at_once_are_refused_and_one_by_one_more_than_a_year_of_weeks(
    clinic: Clinic,
) -> None:
    clinic.settle(policies={"maximumAdvanceDays": 3650})
    for mode, most in ((Mode.ALL_OR_NOTHING, 20), (Mode.SKIP_CONFLICTS, 52), (Mode.PREVIEW, 52)):
        with pytest.raises(Invalid) as refused:
            clinic.book_series(asked(), weekly(most + 1), mode)
        assert refused.value.facts["errors"][0]["pointer"] == "/starts"  # type: ignore[index]
        with pytest.raises(Invalid) as refused:
            clinic.book_series(asked(), [NINE], mode, rule=f"FREQ=WEEKLY;COUNT={most + 1}")
        assert refused.value.facts["errors"][0]["pointer"] == "/rrule"  # type: ignore[index]
        clinic.book_series(asked(Caller(str(mode))), [NINE], mode, rule=f"FREQ=WEEKLY;COUNT={most}")
    assert clinic.memory.bookings


def test_what_needs_more_writes_than_a_transaction_has_is_refused_before_anything_is_taken(
    clinic: Clinic,
) -> None:
    clinic.offer(a_service("checkup", durationMinutes=60, requires=CHECKUP, maxSimultaneous=1))
    clinic.settle(policies={"maximumAdvanceDays": 365})
    with pytest.raises(Invalid, match="not valid") as refused:
        clinic.book_series(asked(), weekly(20, at(10)), service="checkup")
    assert refused.value.facts["errors"] == [
        {"pointer": "/mode", "detail": "takes 101 writes at once, of 100 at most"}
    ]
    assert clinic.taken == {}
    assert len(clinic.members(clinic.book_series(asked(), weekly(19), service="checkup").series)) == 19


def test_the_same_start_twice_is_no_series(clinic: Clinic) -> None:
    with pytest.raises(Invalid) as refused:
        clinic.book_series(asked(), [NINE, at(10), NINE])
    assert refused.value.facts["errors"] == [{"pointer": "/starts/2", "detail": "is there twice"}]


@BOTH
def test_a_package_of_slots_is_had_like_a_series(clinic: Clinic, mode: Mode) -> None:
    slots = clinic.publish(*weekly(3), capacity=2)
    made = clinic.book_package(asked(), slots, mode, units=2)
    members = clinic.members(made.series)
    assert [each.spot for each in members] == [slot.key for slot in slots]
    for slot, member in zip(slots, members, strict=True):
        there = clinic.slot(slot)
        assert (there.free, there.claims) == (0, {member.who: member.claim})
        assert member.unit_price == slot.price


def test_a_package_tells_of_each_slot_why_it_cannot_be_had(clinic: Clinic) -> None:
    full, held, closed, unknown, free = clinic.publish(*weekly(5))
    clinic.memory.put_slot(full.claimed("bob", Claim("b" * 20, 1, NEVER, "f")))
    clinic.memory.put_slot(held.claimed("bob", Claim("b" * 20, 1, NOW + MINUTE, "f")))
    clinic.memory.put_slot(closed.in_state(SlotState.BLOCKED, "admin", NOW))
    del clinic.memory.slots[unknown.key]
    slots = [full, held, closed, unknown, free]
    told = [("slot_full",), ("slot_held",), ("slot_blocked",), ("not_found",)]
    with pytest.raises(SeriesNotOffered) as refused:
        clinic.book_package(asked(), slots)
    assert [reasons for _, reasons in refused.value.refused] == told
    looked = clinic.book_package(asked(), slots, Mode.PREVIEW).series.occurrences
    made = clinic.book_package(asked(), slots, Mode.SKIP_CONFLICTS).series.occurrences
    assert [each.reasons for each in looked] == [each.reasons for each in made] == [*told, ()]
    assert (looked[-1].outcome, made[-1].outcome) == (OFFERED, RESERVED)


def test_a_series_does_not_overtake_who_waits(clinic: Clinic) -> None:
    (slot,) = clinic.publish(NINE, capacity=2)
    clinic.memory.put_slot(replace(slot, places={"bob": a_place(units=2)}))
    with pytest.raises(SeriesNotOffered):
        clinic.book_package(asked(), [slot])


@BOTH
def test_what_one_has_already_counts_as_had(clinic: Clinic, mode: Mode) -> None:
    mine = clinic.book(asked(), weekly(3)[1], service="treatment").booking
    made = clinic.book_series(asked(), weekly(3), mode)
    assert [each.outcome for each in made.series.occurrences] == [RESERVED, THERE, RESERVED]
    assert made.series.occurrences[1].booking == mine.id
    assert clinic.booking(mine) == mine  # and it is not of the series
    with pytest.raises(SeriesNotOffered) as refused:
        clinic.book_series(asked(), weekly(3), units=2)
    assert [reasons for _, reasons in refused.value.refused] == [("already_held",)] * 3


@BOTH
def test_asking_again_under_another_key_answers_what_is_there(clinic: Clinic, mode: Mode) -> None:
    first = clinic.book_series(asked(key="one"), weekly(3), mode).series
    days = dict(clinic.memory.days)
    again = clinic.book_series(asked(key="two"), weekly(3), mode).series
    assert [each.outcome for each in again.occurrences] == [THERE] * 3
    assert [each.booking for each in again.occurrences] == [each.booking for each in first.occurrences]
    assert (clinic.memory.days, again.expires) == (days, None)


@BOTH
def test_a_series_is_one_hold_and_one_request(clinic: Clinic, mode: Mode) -> None:
    hold = SETTINGS["hold"] | {"maxPerUser": 2}
    clinic.settle(hold=hold, rateLimits=SETTINGS["rateLimits"] | {"reservePerMinute": 4})
    clinic.book_series(asked(), weekly(4), mode)
    clinic.book(asked(), at(12), service="treatment")
    for again in (weekly(4), [at(14), at(15)]):
        if again == weekly(4):
            clinic.book_series(asked(), again, mode)  # what one has anyway is not refused
            continue
        with pytest.raises(PolicyViolation) as refused:
            clinic.book_series(asked(), again, mode)
        assert refused.value.facts["rule"] == "max_holds"
    with pytest.raises(RateLimited):
        clinic.book_series(asked(), [at(16)], mode)


@BOTH
def test_a_series_is_not_held_again_right_after_it_was_given_back(clinic: Clinic, mode: Mode) -> None:
    clinic.settle(hold=SETTINGS["hold"] | {"cooldownSeconds": 60})
    made = clinic.book_series(asked(), weekly(2), mode)
    for booking in clinic.members(made.series):
        clinic.release(asked(), booking)
    with pytest.raises(PolicyViolation) as refused:
        clinic.book_series(asked(now=NOW + SECOND), weekly(3), mode)
    assert refused.value.facts["rule"] == "hold_cooldown"
    clinic.book_series(asked(now=NOW + SECOND), weekly(3), Mode.PREVIEW)


def test_previews_count_against_the_limit_a_minute(clinic: Clinic) -> None:
    clinic.settle(rateLimits=SETTINGS["rateLimits"] | {"reservePerMinute": 1})
    clinic.book_series(asked(), [NINE], Mode.PREVIEW)
    with pytest.raises(RateLimited):
        clinic.book_series(asked(), [NINE], Mode.PREVIEW)


@pytest.mark.parametrize("mode", Mode)
def test_what_a_single_reserve_asks_for_a_series_is_asked_for_as_well(clinic: Clinic, mode: Mode) -> None:
    schema = {"type": "object", "required": ["insurance"]}
    clinic.settle(policies={"idempotencyKeyRequired": True}, domain={"customFields": schema})
    with pytest.raises(Malformed):
        clinic.book_series(asked(), weekly(2), mode)
    with pytest.raises(Invalid) as refused:
        clinic.book_series(asked(key="key"), weekly(2), mode)
    assert refused.value.facts["errors"][0]["pointer"].startswith("/metadata")  # type: ignore[index]
    assert clinic.memory.series == {}
    clinic.book_series(asked(key="other"), weekly(2), mode, metadata={"insurance": "yes"})


@BOTH
def test_the_terms_of_a_package_are_its_businesss(clinic: Clinic, mode: Mode) -> None:
    clinic.settle(policies={"minimumNoticeMinutes": 4 * 24 * 60, "maximumAdvanceDays": 12})
    slots = clinic.publish(*weekly(3))
    told = [("minimum_notice",), (), ("maximum_advance",)]
    looked = clinic.book_package(asked(), slots, Mode.PREVIEW).series.occurrences
    assert [each.reasons for each in looked] == told
    if mode is Mode.SKIP_CONFLICTS:
        made = clinic.book_package(asked(), slots, mode).series.occurrences
        assert [each.reasons for each in made] == told
    else:
        with pytest.raises(SeriesNotOffered) as refused:
            clinic.book_package(asked(), slots, mode)
        assert [reasons for _, reasons in refused.value.refused] == [told[0], told[2]]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    ("wanted", "what"), [({"service": "dye"}, "service"), ({"resource": "chair-1"}, "resource")]
)
def test_what_is_not_there_at_all_is_not_found(
    clinic: Clinic, mode: Mode, wanted: dict[str, str], what: str
) -> None:
    with pytest.raises(NotFound) as refused:
        clinic.book_series(asked(), weekly(2), mode, **wanted)  # type: ignore[arg-type]
    assert what in refused.value.detail
    assert clinic.memory.series == {}


@BOTH
def test_occurrences_last_as_long_as_asked(clinic: Clinic, mode: Mode) -> None:
    clinic.offer(a_service("treatment", durationMinutes=60, maxDurationMinutes=120, requires=TREATMENT))
    made = clinic.book_series(asked(), weekly(2), mode, lasts=90)
    assert {each.end - each.start for each in clinic.members(made.series)} == {90 * MINUTE}
    ruled = clinic.book_series(asked(BOB), [NINE], mode, lasts=90, rule="FREQ=WEEKLY;COUNT=2")
    assert {each.end - each.start for each in clinic.members(ruled.series)} == {90 * MINUTE}


def test_for_two_children_the_same_series_is_had_twice(clinic: Clinic) -> None:
    for child in ("ida", "bo"):
        made = clinic.book_series(asked(), weekly(2), subject={"id": child})
        assert [each.outcome for each in made.series.occurrences] == [RESERVED] * 2
    assert len(clinic.memory.bookings) == 4


def test_the_business_is_where_the_series_is(clinic: Clinic) -> None:
    made = clinic.book_series(asked(), weekly(1)).series
    assert (made.business, made.owner) == (BUSINESS, ALICE.id)
