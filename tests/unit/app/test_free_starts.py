"""Appointments at free starts: what is offered can be held, once; a conflict is decided again (SLOT-5)."""

from __future__ import annotations

from copy import replace

import pytest

from holdfast.app.expire import expire, restore
from holdfast.app.ports import Throttled, Timer
from holdfast.app.sweep import sweep
from holdfast.app.timers import timers_for
from holdfast.domain.booking import BookingStatus
from holdfast.domain.caller import Caller
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.errors import (
    AlreadyHeld,
    HoldExpired,
    Invalid,
    KeyReused,
    NotFound,
    NotOffered,
    PolicyViolation,
    Unavailable,
)
from holdfast.domain.instants import DAY, HOUR, JANITOR_SKEW, MINUTE, NEVER, SECOND
from holdfast.domain.money import Money
from holdfast.domain.place import DayKey, Window
from tests.support.builders import ALICE, BOB, BUSINESS, CAROL, NOW, SETTINGS, a_resource, asked
from tests.support.memory_queues import MemoryJobs
from tests.unit.app.salon import CHAIRS, GRID, MONDAY, Behind, Salon, a_service, at

NINE = at(9)


@pytest.fixture
def salon() -> Salon:
    return Salon()


def reasons(refused: pytest.ExceptionInfo[NotOffered]) -> object:
    return refused.value.facts["reasons"]


def test_a_free_start_is_held_and_recorded(salon: Salon) -> None:
    held = salon.book(asked(), NINE)
    booking = held.booking
    assert (held.created, held.replayed) == (True, False)
    assert (booking.start, booking.end, booking.service) == (NINE, NINE + 30 * MINUTE, "cut")
    assert (booking.resources, booking.slot) == (("chair-1",), None)
    assert salon.booking(booking) == booking
    # The ledger day is at a fixed offset of one hour, so that nine in summer is eight there.
    assert salon.day().claims == {booking.who: replace(booking.claim, window=Window(480, 510))}
    assert booking.claims == {salon.day().key: salon.day().claims[booking.who]}


def test_two_chairs_serve_two_and_no_third(salon: Salon) -> None:
    first, second = (salon.book(asked(who), NINE).booking for who in (ALICE, BOB))
    assert (first.resources, second.resources) == (("chair-1",), ("chair-2",))
    with pytest.raises(NotOffered) as refused:
        salon.book(asked(CAROL), NINE)
    assert reasons(refused) == ["taken"]
    assert refused.value.facts["retryAfter"] == 120  # somebody may not confirm


def test_what_is_confirmed_does_not_come_back_by_itself(salon: Salon) -> None:
    for who in (ALICE, BOB):
        salon.confirm(asked(who), salon.book(asked(who), NINE).booking)
    with pytest.raises(NotOffered) as refused:
        salon.book(asked(CAROL), NINE)
    assert "retryAfter" not in refused.value.facts


def test_the_chair_asked_for_is_the_one_that_serves(salon: Salon) -> None:
    assert salon.book(asked(), NINE, resource="chair-2").booking.resources == ("chair-2",)
    with pytest.raises(NotOffered):
        salon.book(asked(BOB), NINE, resource="chair-2")


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (at(8, 30), "outside_hours"),
        (at(17, 45), "outside_hours"),
        (at(9, 5), "off_grid"),
        (NOW - HOUR, "past"),
        (NINE + 90 * DAY, "maximum_advance"),
    ],
)
def test_what_is_not_offered_cannot_be_held(salon: Salon, start: int, reason: str) -> None:
    with pytest.raises(NotOffered) as refused:
        salon.book(asked(), start)
    assert reason in refused.value.reasons
    assert salon.memory.bookings == {}


def test_what_begins_where_another_ends_fits(salon: Salon) -> None:
    salon.book(asked(), at(9), resource="chair-1")
    salon.book(asked(BOB), at(9, 30), resource="chair-1")
    with pytest.raises(NotOffered):
        salon.book(asked(CAROL), at(9, 15), resource="chair-1")
    assert len(salon.day().claims) == 2


def test_between_neighbours_lie_the_firsts_after_and_the_seconds_before(salon: Salon) -> None:
    grid = GRID | {"stepMinutes": 5, "bufferBeforeMinutes": 10, "bufferAfterMinutes": 15}
    salon.settle(grid=grid)
    salon.book(asked(), at(9), resource="chair-1")
    with pytest.raises(NotOffered):
        salon.book(asked(BOB), at(9, 50), resource="chair-1")
    salon.book(asked(BOB), at(9, 55), resource="chair-1")


def test_an_expired_hold_blocks_nobody_and_is_evicted_by_who_comes(salon: Salon) -> None:
    first = salon.book(asked(), NINE, resource="chair-1").booking
    late = asked(BOB, now=first.expires)
    second = salon.book(late, NINE, resource="chair-1").booking
    assert set(salon.day().claims) == {second.who}
    with pytest.raises(HoldExpired):
        salon.confirm(asked(now=first.expires), first)


def test_asking_again_answers_what_one_has_whatever_chair_it_is(salon: Salon) -> None:
    salon.book(asked(BOB), NINE, resource="chair-1")
    held = salon.book(asked(), NINE).booking
    again = salon.book(asked(), NINE)
    assert (again.created, again.booking) == (False, held)
    confirmed = salon.confirm(asked(), held)
    assert salon.book(asked(), NINE).booking == confirmed
    with pytest.raises(AlreadyHeld):
        salon.book(asked(), NINE, units=2)


def test_a_parent_books_two_children(salon: Salon) -> None:
    ben, ida = (salon.book(asked(), NINE, subject={"id": name}).booking for name in ("ben", "ida"))
    assert ben.who != ida.who
    assert salon.book(asked(), NINE, subject={"id": "ida"}).booking == ida


def test_a_repeat_of_a_key_takes_nothing_and_another_body_is_refused(salon: Salon) -> None:
    held = salon.book(asked(key="one"), NINE).booking
    again = salon.book(asked(key="one"), NINE)
    assert (again.booking, again.replayed) == (held, True)
    with pytest.raises(KeyReused):
        salon.book(asked(key="one", body="other"), NINE)
    assert len(salon.memory.bookings) == 1


def test_a_crash_after_the_claim_is_finished_by_the_repeat(salon: Salon) -> None:
    class Crash(Exception):
        pass

    def crash() -> None:
        raise Crash

    salon.pauses["record"] = crash
    with pytest.raises(Crash):
        salon.book(asked(key="one"), NINE)
    assert (len(salon.day().claims), salon.memory.bookings) == (1, {})
    again = salon.book(asked(key="one"), NINE)
    assert (again.created, again.replayed) == (True, True)
    assert salon.day().claims == {again.booking.who: again.booking.claims[salon.day().key]}


def test_who_is_beaten_on_a_day_decides_again_from_what_stands_there(salon: Salon) -> None:
    salon.pauses["replace day"] = lambda: salon.book(asked(BOB), NINE, resource="chair-1")
    held = salon.book(asked(), NINE).booking
    assert held.resources == ("chair-2",)
    salon.pauses["replace day"] = lambda: salon.book(asked(BOB), at(10), resource="chair-1")
    with pytest.raises(NotOffered):
        salon.book(asked(), at(10), resource="chair-1")


def test_a_twin_on_another_chair_gives_back_what_it_took(salon: Salon) -> None:
    """Between two tries of one request the other chair got less to do: one booking comes of both."""
    other = salon.book(asked(BOB), at(14), resource="chair-1").booking

    def twin() -> None:
        salon.release(asked(BOB), other)
        salon.book(asked(BOB), at(11), resource="chair-2")
        first = salon.book(asked(key="one"), NINE).booking
        assert first.resources == ("chair-1",)

    salon.pauses["replace day"] = twin
    answer = salon.book(asked(key="one"), NINE)
    assert (answer.booking.resources, answer.replayed) == (("chair-1",), True)
    mine = [each for chair in CHAIRS for each in salon.day(chair).claims.values()]
    assert [each.booking for each in mine].count(answer.booking.id) == 1


def test_a_change_of_hours_counts_from_the_next_look_on(salon: Salon) -> None:
    known = salon.catalogues.known(BUSINESS)
    salon.settle(hours={"mon": [{"from": "12:00", "to": "18:00"}]})
    salon.catalogues = Behind(salon.memory, known)
    with pytest.raises(NotOffered) as refused:
        salon.book(asked(), NINE)
    assert reasons(refused) == ["outside_hours"]
    salon.book(asked(), at(12))


@pytest.mark.parametrize(
    ("wanted", "what"),
    [({"service": "dye"}, "service"), ({"resource": "chair-9"}, "resource")],
)
def test_what_is_not_there_is_not_found(salon: Salon, wanted: dict[str, str], what: str) -> None:
    with pytest.raises(NotFound) as refused:
        salon.book(asked(), NINE, **wanted)  # type: ignore[arg-type]
    assert what in refused.value.detail


def test_a_start_has_no_queue(salon: Salon) -> None:
    with pytest.raises(Invalid):
        salon.book(asked(), NINE, join_if_full=True)


def test_a_throttled_day_is_not_written_again_blindly(salon: Salon) -> None:
    def throttle() -> None:
        raise Throttled

    salon.pauses["replace day"] = throttle
    with pytest.raises(Unavailable):
        salon.book(asked(), NINE)
    for who in (ALICE, BOB):
        salon.book(asked(who), NINE)
    salon.pauses["replace day"] = throttle
    with pytest.raises(NotOffered):
        salon.book(asked(CAROL), NINE)


def test_the_price_is_the_services(salon: Salon) -> None:
    salon.offer(a_service(price={"amount": "45.00", "currency": "EUR"}))
    assert salon.book(asked(), NINE, resource="chair-1").booking.unit_price == Money(4500, "EUR")


def test_a_service_of_a_range_lasts_as_long_as_asked(salon: Salon) -> None:
    salon.offer(a_service(minDurationMinutes=30, maxDurationMinutes=120))
    held = salon.book(asked(), NINE, end=NINE + 90 * MINUTE, resource="chair-1").booking
    assert held.end == NINE + 90 * MINUTE
    with pytest.raises(NotOffered) as refused:
        salon.book(asked(BOB), NINE, end=NINE + 150 * MINUTE)
    assert reasons(refused) == ["duration"]


def test_a_cap_over_all_chairs_is_a_ledger_of_its_own(salon: Salon) -> None:
    salon.offer(a_service(maxSimultaneous=1))
    held = salon.book(asked(), NINE).booking
    assert set(held.claims) == {salon.day().key, salon.pool().key}
    assert salon.pool().claims == salon.day().claims
    with pytest.raises(NotOffered) as refused:
        salon.book(asked(BOB), NINE)
    assert reasons(refused) == ["service_full"]
    salon.release(asked(), held)
    assert (salon.day().claims, salon.pool().claims) == ({}, {})
    salon.book(asked(BOB), NINE)


def test_over_a_ledger_midnight_both_days_are_taken_in_one_transaction(salon: Salon) -> None:
    salon.settle(hours={"mon": [{"from": "22:00", "to": "26:00"}]})
    start = at(24, 45)  # a quarter to midnight on the ledger's clock, in summer
    held = salon.confirm(asked(), salon.book(asked(), start, resource="chair-1").booking)
    before, after = salon.day(day="2026-06-15"), salon.day(day="2026-06-16")
    assert (before.claims[held.who].window, after.claims[held.who].window) == (
        Window(1425, 1440),
        Window(0, 15),
    )
    assert all(day.claims[held.who].expires == NEVER for day in (before, after))
    salon.cancel(asked(), held)
    assert (salon.day(day="2026-06-15").claims, salon.day(day="2026-06-16").claims) == ({}, {})


def test_a_published_slot_takes_its_resource_whole(salon: Salon) -> None:
    key = DayKey(BUSINESS, "chair-1", "2026-06-15")
    salon.memory.days[key] = Day(key, 1, {"slot": Window(480, 540)})
    with pytest.raises(NotOffered):
        salon.book(asked(), at(9, 30), resource="chair-1")
    salon.book(asked(), at(10), resource="chair-1")


def test_units_take_of_the_capacity_at_its_fullest_moment(salon: Salon) -> None:
    salon.add(replace(a_resource("room-1"), capacity=3))
    salon.offer(a_service(resourceIds=["room-1"]))
    salon.book(asked(), at(9), units=2)
    salon.book(asked(BOB), at(9, 30), units=3)
    with pytest.raises(NotOffered):
        salon.book(asked(CAROL), at(9, 15))
    one = salon.book(asked(CAROL), at(9)).booking
    with pytest.raises(NotOffered):
        salon.amend(asked(CAROL, expects=1), one, units=2)
    assert salon.amend(asked(CAROL, expects=1), one, notes="with a dog").notes == "with a dog"


def test_units_are_changed_while_room_allows(salon: Salon) -> None:
    salon.add(replace(a_resource("room-1"), capacity=3))
    salon.offer(a_service(resourceIds=["room-1"], maxSimultaneous=2))
    held = salon.book(asked(), NINE).booking
    more = salon.amend(asked(expects=1), held, units=2)
    assert {day.claims[held.who].units for day in (salon.day("room-1"), salon.pool())} == {2}
    with pytest.raises(NotOffered):
        salon.amend(asked(expects=2), more, units=3)
    salon.amend(asked(expects=2), more, units=1, subject={"id": "ida"})
    (claim,) = salon.day("room-1").claims.values()
    assert claim.units == 1
    assert salon.booking(held).who in salon.day("room-1").claims


def test_a_hold_is_extended_and_ended_by_its_timer(salon: Salon) -> None:
    held = salon.book(asked(), NINE).booking
    longer = salon.extend(asked(), held)
    (timer,) = timers_for(None, salon.day())
    assert timer == Timer.of(longer)
    assert expire(salon.ledger, timer, longer.expires) == longer.expires
    assert expire(salon.ledger, timer, longer.expires + JANITOR_SKEW) is None
    assert salon.booking(held).status is BookingStatus.EXPIRED
    assert salon.day().claims == {}


def test_a_confirmed_claim_makes_no_timer(salon: Salon) -> None:
    held = salon.book(asked(), NINE).booking
    before = salon.day()
    salon.confirm(asked(), held)
    assert list(timers_for(before, salon.day())) == []


def test_all_the_days_of_a_lapsed_hold_are_freed_whichever_timer_came(salon: Salon) -> None:
    salon.offer(a_service(maxSimultaneous=1))
    held = salon.book(asked(), NINE).booking
    for key in held.claims:
        expire(salon.ledger, Timer(key, held.who, held.id, held.expires), held.expires + JANITOR_SKEW)
    assert (salon.day().claims, salon.pool().claims) == ({}, {})
    assert salon.booking(held).status is BookingStatus.EXPIRED


def test_what_was_evicted_on_one_day_still_ends_on_the_others(salon: Salon) -> None:
    salon.offer(a_service(maxSimultaneous=2))
    held = salon.book(asked(), NINE, resource="chair-1").booking
    salon.offer(a_service("shave"))
    salon.book(asked(BOB, now=held.expires), NINE, service="shave", resource="chair-1")
    assert held.who not in salon.day().claims
    assert held.who in salon.pool().claims
    expire(salon.ledger, Timer.of(held), held.expires + JANITOR_SKEW)
    assert salon.pool().claims == {}
    assert salon.booking(held).status is BookingStatus.EXPIRED


def test_a_claim_without_a_record_is_swept(salon: Salon) -> None:
    stray = Claim("x" * 20, 1, NOW + 60 * SECOND, "print", Window(480, 510))
    salon.ledger.replace_day(salon.day().claimed("stray", stray, NOW))
    later = NOW + HOUR
    swept = sweep(salon.ledger, salon.catalog, MemoryJobs(salon.memory), later)
    assert (swept.looked_at, swept.failed) == (1, 0)
    assert (salon.day().claims, salon.day().due) == ({}, None)


def test_a_record_that_the_ttl_deleted_is_put_back_and_its_days_freed(salon: Salon) -> None:
    salon.offer(a_service(maxSimultaneous=1))
    held = salon.book(asked(), NINE).booking
    salon.memory.reap(held.expires + HOUR)
    assert salon.memory.bookings == {}
    restore(salon.ledger, held, held.expires + HOUR)
    assert salon.booking(held).status is BookingStatus.EXPIRED
    assert (salon.day().claims, salon.pool().claims) == ({}, {})


def test_where_it_has_to_be_approved_it_is_held_until_then(salon: Salon) -> None:
    salon.settle(policies={"approvalRequired": True, "approvalHours": 2})
    held = salon.book(asked(), NINE).booking
    asks = salon.confirm(asked(now=NOW + SECOND), held)
    assert (asks.status, asks.number is not None) == (BookingStatus.PENDING_APPROVAL, True)
    assert asks.expires == NOW + SECOND + 2 * HOUR
    assert salon.day().claims == {held.who: asks.claims[salon.day().key]}
    (timer,) = timers_for(None, salon.day())
    expire(salon.ledger, timer, asks.expires + JANITOR_SKEW)
    assert salon.booking(held).status is BookingStatus.EXPIRED
    assert salon.day().claims == {}


def test_a_services_own_policies_go_before_its_businesss(salon: Salon) -> None:
    policies = {"cancellationDeadlineMinutes": 2 * 24 * 60, "minimumNoticeMinutes": 4 * 24 * 60}
    salon.offer(a_service(policies=policies))
    with pytest.raises(NotOffered) as refused:
        salon.book(asked(), NINE)
    assert reasons(refused) == ["minimum_notice"]
    tuesday = NINE + DAY + 3 * HOUR
    held = salon.confirm(asked(), salon.book(asked(), tuesday).booking)
    with pytest.raises(PolicyViolation) as late:
        salon.cancel(asked(now=tuesday - 2 * DAY + 1), held)
    assert late.value.facts["rule"] == "cancellation_deadline"
    refund = salon.cancel(asked(now=tuesday - 2 * DAY), held).refund
    assert refund is not None
    assert refund.percentage == 100


def test_who_sits_on_starts_is_capped_and_cooled_down(salon: Salon) -> None:
    salon.settle(hold=SETTINGS["hold"] | {"maxPerUser": 1, "cooldownSeconds": 60})
    held = salon.book(asked(), NINE).booking
    assert salon.book(asked(), NINE).booking == held
    with pytest.raises(PolicyViolation) as refused:
        salon.book(asked(), at(10))
    assert refused.value.facts["rule"] == "max_holds"
    salon.release(asked(), held)
    with pytest.raises(PolicyViolation) as cooling:
        salon.book(asked(), NINE)
    assert cooling.value.facts["rule"] == "hold_cooldown"


def test_a_corrected_zone_moves_no_ledger_key(salon: Salon) -> None:
    held = salon.book(asked(), NINE, resource="chair-1").booking
    salon.settle(timeZone="Europe/London")
    with pytest.raises(NotOffered) as refused:
        salon.book(asked(BOB), NINE, resource="chair-1")
    assert "taken" in refused.value.reasons
    assert salon.confirm(asked(), held).start == NINE
    other = salon.book(asked(Caller("zoe")), at(10), resource="chair-1").booking
    assert set(other.claims) == set(held.claims)


def test_monday_is_as_told() -> None:
    assert MONDAY + 2 * HOUR == NINE
