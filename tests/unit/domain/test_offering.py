"""Whether a start can be had and with whom: one decision for listing, holding, moving and booking by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from holdfast.domain.availability import Candidate, Reason
from holdfast.domain.claim import Claim
from holdfast.domain.closures import TimeOff
from holdfast.domain.decision import NO_RESOURCE, OVERBOOK, Choice
from holdfast.domain.errors import NotFound, NotOffered
from holdfast.domain.instants import HOUR, MINUTE, SECOND, Instant
from holdfast.domain.offering import day_keys
from holdfast.domain.place import pool_of
from holdfast.domain.slot import SlotStatus
from tests.support.offers import (
    CUT,
    NOW,
    a_cut,
    a_salon,
    a_slots_window,
    at,
    days_of,
    shown,
    somebody,
    taken,
)
from tests.unit.domain.decisions import TEN, chosen, decided, offering, reasons, refused

POOL = pool_of(CUT)
SPA = a_cut(requires=[{"kind": "staff", "count": 2}, {"kind": "room", "count": 1}])
SPA_PEOPLE = ("ann", "bob", "cid", somebody("blue", "room"), somebody("red", "room"))


def test_a_choice_is_ready_to_be_claimed() -> None:
    salon = a_salon(
        "ann", service=a_cut(maxSimultaneous=3, grid={"bufferBeforeMinutes": 5, "bufferAfterMinutes": 10})
    )
    choice = decided(salon)
    assert isinstance(choice, Choice)
    told = choice.appointment
    assert (told.business, told.service, told.resources, told.pooled) == ("salon", CUT, ("ann",), True)
    assert (told.start, told.begins, told.ends) == (TEN, TEN - 5 * MINUTE, TEN + 70 * MINUTE)
    assert (choice.end, choice.available, choice.capacity, choice.overridden) == (TEN + HOUR, 1, 1, ())
    assert (choice.status, choice.reasons, choice.resource) == (SlotStatus.AVAILABLE, (), "ann")
    assert set(told.windows) == set(day_keys(salon, salon.services[CUT], TEN))


def test_whoever_has_least_to_do_that_day_is_chosen() -> None:
    salon = a_salon("ann", "bob", "cid")
    busy = days_of(
        taken("ann", "11:00", "12:00"), taken("bob", "11:00", "11:30"), taken("cid", "11:30", "12:00")
    )
    assert chosen(salon, busy) == ("bob",)
    assert chosen(salon, [*busy, a_slots_window("bob", "10:00", "10:30")][::-1], start=at("09:00")) == (
        "bob",
    )


def test_units_and_minutes_count_alike_and_what_has_lapsed_does_not() -> None:
    salon = a_salon(*(somebody(name, capacity=4) for name in ("ann", "bob")))
    busy = days_of(taken("ann", "11:00", "11:20", units=4), taken("bob", "11:00", "12:00"))
    assert chosen(salon, busy) == ("bob",)
    lapsed = days_of(taken("ann", "11:00", "12:00", expires=NOW), taken("bob", "11:00", "11:10"))
    assert chosen(salon, lapsed) == ("ann",)


def test_other_days_do_not_count() -> None:
    busy = days_of(taken("ann", "2026-06-16 09:00", "2026-06-16 12:00"), taken("bob", "11:00", "11:10"))
    assert chosen(a_salon("ann", "bob"), busy) == ("ann",)


def test_equal_loads_go_by_id_however_the_days_come() -> None:
    salon = a_salon("bob", "ann")
    busy = days_of(taken("ann", "11:00", "12:00"), taken("bob", "09:00", "10:00"))
    assert chosen(salon, busy) == chosen(salon, reversed(busy)) == ("ann",)


def test_a_day_fills_evenly() -> None:
    salon = a_salon("ann", "bob", "cid")
    takings: list[tuple[str, Instant, Instant, Claim]] = []
    for start in ("09:00", "10:00", "11:00"):
        for _ in range(3):
            (one,) = chosen(salon, days_of(*takings), start=at(start))
            takings.append(taken(one, start, f"{int(start[:2]) + 1}:00"))
        assert reasons(salon, days_of(*takings), start=at(start)) == (Reason.TAKEN,)
    assert sorted(ledger for ledger, *_ in takings) == ["ann"] * 3 + ["bob"] * 3 + ["cid"] * 3


def test_who_is_asked_for_is_taken_or_their_reasons_told() -> None:
    salon = a_salon("ann", "bob")
    busy = days_of(taken("ann", "10:30", "11:30"))
    assert chosen(salon, days_of(taken("bob", "11:00", "12:00")), resource="bob") == ("bob",)
    told = refused(salon, busy, resource="ann")
    assert (told.reasons, told.resource) == ((Reason.TAKEN,), "ann")
    with pytest.raises(NotFound):
        decided(salon, resource="cid")


def test_of_all_who_cannot_the_one_with_fewest_reasons_is_told() -> None:
    salon = a_salon("ann", "bob", time_off={"ann": [TimeOff(at("09:00"), at("12:00"))]})
    busy = days_of(taken("ann", "10:00", "11:00"), taken("bob", "10:00", "11:00"))
    told = refused(salon, busy)
    assert (told.reasons, told.resource) == ((Reason.TAKEN,), "bob")
    assert reasons(salon, busy, start=at("08:00"))[:1] == (Reason.OUTSIDE_HOURS,)


def test_where_several_are_required_each_need_is_met_or_nothing_is() -> None:
    salon = a_salon(*SPA_PEOPLE, service=SPA)
    assert chosen(salon) == ("ann", "blue", "bob")
    busy = days_of(taken("ann", "10:00", "11:00"), taken("blue", "11:00", "12:00"))
    assert chosen(salon, busy) == ("bob", "cid", "red")
    both = [*busy, *days_of(taken("cid", "09:30", "10:30"))]
    told = refused(salon, both)
    assert (told.reasons, told.resource, told.available) == ((Reason.TAKEN,), "bob", 0)
    assert reasons(salon, days_of(taken("blue", "10:00", "11:00"), taken("red", "10:00", "11:00"))) == (
        "taken",
    )


def test_who_is_asked_for_is_part_of_the_set() -> None:
    salon = a_salon(*SPA_PEOPLE, service=SPA)
    assert chosen(salon, resource="cid") == ("cid", "ann", "blue")
    assert chosen(salon, resource="red") == ("ann", "bob", "red")
    busy = days_of(taken("red", "10:00", "11:00"))
    assert reasons(salon, busy, resource="red") == (Reason.TAKEN,)
    assert chosen(salon, busy, resource="ann") == ("ann", "blue", "bob")


def test_the_reasons_of_all_who_would_take_part_are_told_once() -> None:
    salon = a_salon(*SPA_PEOPLE, service=SPA, time_off={"red": [TimeOff(TEN, TEN + HOUR)]})
    busy = days_of(*(taken(name, "10:00", "11:00") for name in ("ann", "bob", "cid")))
    assert reasons(salon, busy) == (Reason.TAKEN,)
    assert reasons(salon, busy, resource="red") == (Reason.TAKEN, Reason.TIME_OFF)


def test_fewer_than_are_required_is_a_reason_of_its_own() -> None:
    short = a_salon("ann", somebody("red", "room"), service=SPA)
    assert reasons(short) == (NO_RESOURCE,)
    assert reasons(short, ignoring={NO_RESOURCE, OVERBOOK}) == (NO_RESOURCE,)
    nobody = refused(a_salon())
    assert (nobody.reasons, nobody.resource, nobody.capacity) == ((NO_RESOURCE,), "", 0)
    assert nobody.status is SlotStatus.BLOCKED


def test_a_pool_bounds_all_resources_together() -> None:
    salon = a_salon("ann", "bob", "cid", service=a_cut(maxSimultaneous=2))
    once = days_of(taken("ann", "10:00", "11:00"), taken(POOL, "10:00", "11:00"))
    assert chosen(salon, once) == ("bob",)
    twice = days_of(
        taken("ann", "10:00", "11:00"),
        taken(POOL, "10:00", "11:00", by="one"),
        taken(POOL, "10:30", "11:30", by="two"),
    )
    assert reasons(salon, twice) == (Reason.SERVICE_FULL,)


def test_units_left_are_the_least_of_all_that_take_part() -> None:
    people = (somebody("ann", capacity=5), somebody("red", "room", capacity=4))
    service = a_cut(requires=[{"kind": "staff", "count": 1}, {"kind": "room", "count": 1}], maxSimultaneous=9)
    salon = a_salon(*people, service=service)
    busy = days_of(taken("ann", "10:00", "10:30", units=3), taken("red", "10:30", "11:00", units=1))
    choice = decided(salon, busy, units=2)
    assert isinstance(choice, Choice)
    assert (choice.available, choice.capacity) == (2, 4)
    told = refused(salon, busy, units=3)
    assert (told.reasons, told.available, told.capacity) == ((Reason.TAKEN,), 2, 4)
    assert reasons(salon, busy, units=5) == (Reason.TAKEN, Reason.TOO_MANY_UNITS)


def test_nothing_is_left_where_it_is_not_for_lack_of_room() -> None:
    told = refused(a_salon("ann"), start=at("08:00"))
    assert (told.reasons, told.available, told.capacity) == ((Reason.OUTSIDE_HOURS,), 0, 1)


def test_an_end_of_ones_own_counts_where_the_service_allows_it() -> None:
    salon = a_salon("ann", service=a_cut(maxDurationMinutes=90))
    longer = decided(salon, end=TEN + 90 * MINUTE)
    assert isinstance(longer, Choice)
    assert longer.end == longer.appointment.ends == TEN + 90 * MINUTE
    assert reasons(salon, end=TEN + 91 * MINUTE) == (Reason.DURATION,)


def test_who_moves_has_nothing_in_their_own_way_nor_on_their_account() -> None:
    salon = a_salon("ann", "bob")
    days = days_of(taken("ann", "10:00", "11:00", by="mine"), taken("bob", "11:00", "12:00"))
    moved = offering(salon, days, without="mine").decide(at("10:30"))
    assert isinstance(moved, Choice)
    assert moved.resource == "ann"


def test_held_and_gone_are_told_apart() -> None:
    salon = a_salon("ann", "bob")
    held = taken("ann", "10:30", "11:30", expires=NOW + 90 * SECOND)
    later = taken("ann", "09:30", "10:30", expires=NOW + 300 * SECOND)
    gone = taken("bob", "10:00", "11:00")
    told = refused(salon, days_of(held, later, gone))
    assert (told.lapses, told.status) == (NOW + 90 * SECOND, SlotStatus.RESERVED)
    refusal = told.refusal(NOW)
    assert isinstance(refusal, NotOffered)
    assert refusal.facts == {"reasons": ["taken"], "available": 0, "retryAfter": 90}
    told = refused(salon, days_of(gone, taken("ann", "10:30", "11:00"), later))
    assert (told.lapses, told.status) == (None, SlotStatus.BOOKED)
    assert "retryAfter" not in told.refusal(NOW).facts


def test_a_hold_is_not_what_stands_in_the_way_where_something_else_does() -> None:
    salon = a_salon("ann", time_off={"ann": [TimeOff(TEN, TEN + HOUR)]})
    told = refused(salon, days_of(taken("ann", "10:00", "11:00", expires=NOW + SECOND)))
    assert told.reasons == (Reason.TIME_OFF, Reason.TAKEN)
    assert (told.lapses, told.status) == (None, SlotStatus.BLOCKED)


def test_a_published_slot_takes_its_resource_whole() -> None:
    salon = a_salon(somebody("ann", capacity=9), "bob")
    assert reasons(salon, [a_slots_window("ann", "10:30", "11:30")], resource="ann") == (Reason.TAKEN,)
    assert chosen(salon, [a_slots_window("ann", "10:30", "11:30")]) == ("bob",)


class NoThirds:
    """Whoever works here does not take parties of three."""

    def refuses(self, candidate: Candidate) -> str | None:
        return "thirds" if candidate.units == 3 and candidate.resource == "ann" else None


def test_custom_rules_are_asked_in_lists_and_decisions_alike() -> None:
    people = [somebody(name, capacity=4) for name in ("ann", "bob")]
    salon = a_salon(*people, custom=[NoThirds()])
    assert chosen(salon, units=3) == ("bob",)
    assert reasons(salon, units=3, resource="ann") == ("thirds",)
    assert chosen(salon, units=3, resource="ann", ignoring={"thirds"}) == ("ann",)
    offers = offering(salon).between(at("09:00"), at("12:00"), units=3, resource="ann")
    assert (list(offers.starts), len(offers.grid)) == ([], 5)
    assert offers.decide(TEN).reasons == ("thirds",)


def test_lists_tell_the_starts_at_which_enough_are_free() -> None:
    salon = a_salon(*SPA_PEOPLE, service=SPA)
    busy = days_of(
        taken("ann", "09:00", "10:00"), taken("bob", "11:00", "12:00"), taken("cid", "10:00", "10:30")
    )
    offers = offering(salon, busy).between(at("09:00"), at("12:00"))
    listed = [shown(minute * MINUTE) for minute in offers.starts]
    assert listed == ["09:00", "10:00", "10:30", "11:00"]
    assert [shown(minute * MINUTE) for minute in offers.grid] == ["09:00", "09:30", "10:00", "10:30", "11:00"]
    asked = offering(salon, busy).between(at("09:00"), at("12:00"), resource="bob")
    assert [shown(minute * MINUTE) for minute in asked.starts] == ["09:00", "10:00"]


def test_rules_are_worked_out_once_a_catalogue() -> None:
    salon = a_salon("ann")
    assert offering(salon).snapshot("ann").rules is offering(salon).snapshot("ann").rules
    other = replace(salon, revision=2)
    assert offering(other).snapshot("ann").rules is not offering(salon).snapshot("ann").rules
