"""AVAIL-4 both ways on random salons: what is listed can be had at that instant, what is not cannot; and
whatever is chosen one after the other, no resource and no pool takes more than it has.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.domain.availability import Candidate
from holdfast.domain.business import Resource
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.claim import Claim
from holdfast.domain.closures import TimeOff
from holdfast.domain.day import Day
from holdfast.domain.decision import OVERBOOK, Choice
from holdfast.domain.instants import DAY, HOUR, MINUTE, NEVER
from holdfast.domain.needs import needs_of
from holdfast.domain.offering import Offering, day_keys
from holdfast.domain.place import DayKey, pool_of
from tests.support.offers import CUT, a_cut, a_salon, at, days_of, somebody

# At three the clock falls back; the ledger's midnight is at one.
SUNDAY = at("2026-10-25 00:00")
NOW = SUNDAY - 3 * HOUR
NAMES = ("ann", "bob", "cid", "red", "blue")
HOURS = (
    (("00:00", "06:00"),),
    (("02:00", "05:00"), ("21:00", "28:00")),
    (("01:00", "02:00"), ("02:00", "03:30"), ("05:00", "08:00")),
)
NEEDS = ((), (), (("staff", 1),), (("staff", 2), ("room", 1)), (("room", 1), ("staff", 1)))


class Odd:
    """Refuses some starts to some."""

    def refuses(self, candidate: Candidate) -> str | None:
        odd = candidate.start // (30 * MINUTE) % 3 == len(candidate.resource) % 3
        return "odd" if odd else None


@st.composite
def salons(draw: st.DrawFn) -> Catalogue:
    hours = [{"from": since, "to": upto} for since, upto in draw(st.sampled_from(HOURS))]
    own = st.none() | st.just({"sun": [{"from": "01:00", "to": "06:00"}]})
    people: list[Resource] = [
        somebody(name, kind, capacity=draw(st.integers(1, 3)), hours=draw(own))
        for name, kind in zip(NAMES, ("staff", "staff", "staff", "room", "room"), strict=True)
        if draw(st.booleans())
    ]
    counts = draw(st.sampled_from(NEEDS))
    told: dict[str, Any] = {
        "durationMinutes": draw(st.sampled_from((20, 45, 60))),
        "maxDurationMinutes": 90,
        "maxSimultaneous": draw(st.sampled_from((None, None, 1, 3))),
        "requires": [{"kind": kind, "count": count} for kind, count in counts],
        "resourceIds": draw(st.sampled_from((None, None, ["bob", "red"], ["ann", "bob", "cid"]))),
        "grid": {
            "stepMinutes": draw(st.sampled_from((None, 15, 30))),
            "bufferBeforeMinutes": draw(st.sampled_from((0, 0, 10))),
            "bufferAfterMinutes": draw(st.sampled_from((0, 0, 15))),
        },
    }
    minutes = st.integers(-60, 400).map(lambda minute: SUNDAY + minute * MINUTE)
    away = draw(st.lists(st.tuples(st.sampled_from(NAMES), minutes), max_size=2))
    return a_salon(
        *people,
        service=a_cut(**told),
        settings={
            "hours": {"sat": hours, "sun": hours},
            "policies": {"minimumNoticeMinutes": draw(st.sampled_from((0, 0, 240)))},
        },
        time_off={
            name: [TimeOff(SUNDAY + since * MINUTE, SUNDAY + since * MINUTE + HOUR)] for name, since in away
        },
        custom=draw(st.sampled_from(((), (), (Odd(),)))),
    )


@st.composite
def stands(draw: st.DrawFn) -> list[Day]:
    """What is taken around that night: held, lapsed, for good."""
    some = st.tuples(
        st.sampled_from((*NAMES, pool_of(CUT))),
        st.integers(-60, 400),
        st.integers(1, 120),
        st.integers(1, 2),
        st.sampled_from((NOW, NOW + MINUTE, NEVER, NEVER)),
    )
    takings = []
    for number, (name, since, length, many, ends) in enumerate(draw(st.lists(some, max_size=10))):
        start = SUNDAY + since * MINUTE
        takings.append((name, start, start + length * MINUTE, Claim(str(number), many, ends, "print")))
    return days_of(*takings)


units = st.sampled_from((1, 1, 2))
asked = st.none() | st.sampled_from(NAMES)


@settings(max_examples=100)
@given(of=salons(), days=stands(), units=units, name=asked, more=st.sampled_from((None, None, 30, 90, 91)))
def test_exactly_what_is_listed_can_be_had(
    of: Catalogue, days: list[Day], units: int, name: str | None, more: int | None
) -> None:
    service = of.services[CUT]
    offering = Offering(of, service, days, NOW)
    if name is not None and not serves(offering, name):
        return
    since, until = SUNDAY - HOUR, SUNDAY + 7 * HOUR
    offers = offering.between(since, until, minutes=more, units=units, resource=name)
    listed = {minute * MINUTE for minute in offers.starts}
    assert listed <= {minute * MINUTE for minute in offers.grid}
    for start in range(since, until, 5 * MINUTE):
        end = None if more is None else start + more * MINUTE
        # As one who asks for this start alone sees it, with no more than its own days.
        keys = day_keys(of, service, start, end, resource=name)
        alone = Offering(of, service, [day for day in days if day.key in keys], NOW)
        decision = alone.decide(start, end, units=units, resource=name)
        assert isinstance(decision, Choice) == (start in listed), decision
        assert offers.decide(start) == decision
        assert bool(decision.reasons) == (start not in listed)
        if isinstance(decision, Choice):
            assert decision.available >= units
            assert name is None or name in decision.appointment.resources
            assert set(decision.appointment.windows) <= set(keys)


@settings(max_examples=60)
@given(of=salons(), days=stands(), units=units, steps=st.lists(st.integers(0, 80), min_size=10, max_size=30))
def test_no_capacity_is_exceeded_whatever_is_had_in_a_row(
    of: Catalogue, days: list[Day], units: int, steps: list[int]
) -> None:
    service = of.services[CUT]
    there = {day.key: day for day in days}
    before = overfull(of, there.values())
    for number, step in enumerate(steps):
        start = SUNDAY + step * 5 * MINUTE
        decision = Offering(of, service, there.values(), NOW).decide(start, units=units)
        if isinstance(decision, Choice):
            claim = Claim(f"new {number}", units, NEVER, "print")
            for key, window in decision.appointment.windows.items():
                day = there.get(key, Day(key))
                there[key] = day.claimed(claim.booking, replace(claim, window=window), NOW)
    assert overfull(of, there.values()) <= before


@settings(max_examples=60)
@given(of=salons(), days=stands(), start=st.integers(0, 80))
def test_whoever_passes_over_the_reasons_told_has_it_and_nobody_else(
    of: Catalogue, days: list[Day], start: int
) -> None:
    offering, instant = Offering(of, of.services[CUT], days, NOW), SUNDAY + start * 5 * MINUTE
    decision = offering.decide(instant)
    fixed = {"past", "no_resource"} & set(decision.reasons)
    of_room = {"taken", "service_full", "too_many_units"} & set(decision.reasons)
    codes = set(decision.reasons) - of_room | ({OVERBOOK} if of_room else set())
    overridden = offering.decide(instant, ignoring=codes)
    assert isinstance(overridden, Choice) == (not fixed)
    if sum(need.many for need in needs_of(of, of.services[CUT])) > 1:
        return  # each is chosen for few reasons of its own: others might do with fewer in all
    for code in codes:
        fewer = offering.decide(instant, ignoring=codes - {code})
        assert not isinstance(fewer, Choice)


def serves(offering: Offering, name: str) -> bool:
    everybody = offering.between(SUNDAY, SUNDAY + DAY)
    return name in everybody.ledgers


def overfull(of: Catalogue, days: Any) -> set[tuple[DayKey, int]]:
    """The minutes of days in which more is taken than there is."""
    found: set[tuple[DayKey, int]] = set()
    for day in days:
        resource = of.resources.get(day.key.resource)
        most = resource.capacity if resource else of.services[CUT].most_at_once
        load: Counter[int] = Counter()
        for claim in day.live(NOW).values():
            assert claim.window is not None
            for minute in range(claim.window.start, claim.window.end):
                load[minute] += claim.units
        if most is not None:
            found |= {(day.key, minute) for minute, taken in load.items() if taken > most}
    return found
