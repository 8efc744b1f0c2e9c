"""Whose turn it is: first come, first served, three pass-overs at most; and what ends a place (QUEUE-2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.domain import invariants
from holdfast.domain.claim import Claim
from holdfast.domain.entry import EntryEnding
from holdfast.domain.instants import HOUR, JANITOR_SKEW, NEVER, SECOND, Instant
from holdfast.domain.promotion import MOST_LOOKED_PAST, End, Serve, next_step
from holdfast.domain.queue import MOST_PASSED
from holdfast.domain.slot import MOST_SERVED, Slot, SlotState
from tests.support.builders import NOW, a_claim, a_place, a_slot
from tests.support.strategies import nows, slots

SOLD = a_claim("s", expires=NEVER)
HOLD = 60 * SECOND


def turns(slot: Slot, now: Instant) -> Iterator[tuple[Slot, Serve | End, Slot]]:
    """Every step there is, with the slot before and after it."""
    while step := next_step(slot, now):
        if isinstance(step, End):
            after = slot.without_place(step.who, now)
        else:
            claim = Claim(step.place.entry, step.place.units, now + HOLD, "print")
            after = slot.promoted(step.who, claim, step.passed.keys(), now)
        yield slot, step, after
        slot = after


def settled(slot: Slot, now: Instant) -> Slot:
    """The slot when no step is left."""
    for _, _, after in turns(slot, now):
        slot = after
    return slot


def served(slot: Slot, now: Instant) -> list[str]:
    return [step.who for _, step, _ in turns(slot, now) if isinstance(step, Serve)]


def a_line(*units: int, capacity: int = 4, taken: int = 0, **members: Instant) -> Slot:
    """Parties of these units wait, `p0` the head; of the capacity so much is sold."""
    queue = {f"p{number}": a_place(f"p{number}", units=each) for number, each in enumerate(units)}
    claims = {"sold": replace(SOLD, units=taken)} if taken else {}
    return a_slot(capacity=capacity, claims=claims, places=queue, **members)


def test_the_head_is_served_first_and_then_the_next_while_there_is_room() -> None:
    assert served(a_line(1, 1, 1, 1, taken=1), NOW) == ["p0", "p1", "p2"]
    assert next_step(a_line(1, taken=4), NOW) is None
    assert next_step(a_line(taken=1), NOW) is None


def test_a_turn_makes_a_claim_of_the_place_and_is_remembered() -> None:
    slot = a_line(2, 1, capacity=2)
    ((_, step, after),) = turns(slot, NOW)
    assert step == Serve("p0", slot.places["p0"], {}, 2)
    assert after.claims == {"p0": Claim("p0", 2, NOW + HOLD, "print")}
    assert (after.free, after.rev, after.terms, after.served) == (0, slot.rev + 1, slot.terms, (NOW,))
    assert after.places == {"p1": slot.places["p1"]}
    assert after.due == NOW + HOLD


def test_of_the_turns_only_the_latest_are_remembered() -> None:
    slot = settled(a_line(*[1] * 9, capacity=9), NOW)
    assert slot.served == (NOW,) * MOST_SERVED
    again = slot.joined("late", a_place("late"), NOW).without("p0")
    assert settled(again, NOW + SECOND).served == (*(NOW,) * (MOST_SERVED - 1), NOW + SECOND)


def test_a_party_that_does_not_fit_lets_the_next_that_does_go_first_and_keeps_its_place() -> None:
    slot = a_line(3, 1, taken=2)
    (_, step, after) = next(turns(slot, NOW))
    assert step == Serve("p1", slot.places["p1"], {"p0": slot.places["p0"]}, 2)
    assert after.places == {"p0": slot.places["p0"].passed_over()}


def test_who_stands_behind_the_one_served_is_not_passed_over() -> None:
    (_, step, after) = next(turns(a_line(3, 1, 4, taken=2), NOW))
    assert isinstance(step, Serve)
    assert list(step.passed) == ["p0"]
    assert {who: place.passed for who, place in after.places.items()} == {"p0": 1, "p2": 0}


def test_after_three_pass_overs_units_are_kept_for_the_head() -> None:
    slot = a_line(4, 1, 1, 1, 1, capacity=5, taken=1)
    assert served(slot, NOW) == ["p0"]
    slot = slot.claimed("bob", a_claim("bob"))
    assert served(slot, NOW) == ["p1", "p2", "p3"]
    kept = settled(slot, NOW)
    assert kept.places["p0"].strict
    assert next_step(kept, NOW) is None
    assert served(kept.without("p1").without("p2").without("p3"), NOW) == []
    assert served(kept.without("p1").without("p2").without("p3").without("bob"), NOW) == ["p0"]


def test_nobody_goes_before_a_strict_party_wherever_it_stands() -> None:
    slot = a_line(3, 3, 1, taken=2)
    strict = replace(slot.places["p1"], passed=MOST_PASSED)
    assert next_step(replace(slot, places={**slot.places, "p1": strict}), NOW) is None
    assert served(slot, NOW) == ["p2"]


def test_no_more_are_looked_past_than_can_be_told_of_it_in_one_transaction() -> None:
    most = a_line(*[2] * MOST_LOOKED_PAST, 1, capacity=100, taken=99)
    (_, step, _) = next(turns(most, NOW))
    assert isinstance(step, Serve)
    assert len(step.passed) == MOST_LOOKED_PAST
    assert next_step(a_line(*[2] * (MOST_LOOKED_PAST + 1), 1, capacity=100, taken=99), NOW) is None


def test_units_of_a_past_claim_are_free_for_the_queue_once_clocks_agree_on_it() -> None:
    slot = a_slot(capacity=1, claims={"bob": a_claim(expires=NOW)}, places={"dan": a_place("d")})
    assert next_step(slot, NOW + JANITOR_SKEW - 1) is None
    (_, step, after) = next(turns(slot, NOW + JANITOR_SKEW))
    assert isinstance(step, Serve)
    assert set(after.claims) == {"dan"}
    assert after.free == 0


def test_a_turn_leaves_the_claim_that_clocks_do_not_agree_on_and_takes_out_the_one_they_do() -> None:
    claims = {"bob": a_claim("b", expires=NOW), "carol": a_claim("c", expires=NOW - JANITOR_SKEW)}
    slot = a_slot(capacity=3, claims=claims, places={"dan": a_place("d", units=2)})
    ((_, step, after),) = turns(slot, NOW)
    assert isinstance(step, Serve)
    assert (set(after.claims), after.free) == ({"bob", "dan"}, 0)


@pytest.mark.parametrize(
    ("slot", "ends_at", "ending"),
    [
        pytest.param(
            a_line(1, taken=4, start=NOW), NOW + JANITOR_SKEW, EntryEnding.SLOT_PAST, id="slot begun"
        ),
        pytest.param(
            a_slot(capacity=1, claims={"s": SOLD}, places={"p0": a_place("p0", until=NOW)}),
            NOW + JANITOR_SKEW,
            EntryEnding.TIMED_OUT,
            id="timed out",
        ),
    ],
)
def test_a_place_whose_time_is_over_is_ended_once_clocks_agree_on_it(
    slot: Slot, ends_at: Instant, ending: EntryEnding
) -> None:
    assert next_step(slot, ends_at - 1) is None
    assert next_step(slot, ends_at) == End("p0", slot.places["p0"], ending)
    roomy = replace(slot, claims={}, free=slot.capacity)
    assert next_step(roomy, ends_at - 1) is None  # nor is it served in between
    assert next_step(roomy, ends_at) == End("p0", slot.places["p0"], ending)


def test_places_in_a_deleted_slot_end_and_places_in_a_blocked_one_wait() -> None:
    slot = replace(a_line(1, 1), state=SlotState.DELETED)
    assert next_step(slot, NOW) == End("p0", slot.places["p0"], EntryEnding.SLOT_REMOVED)
    assert settled(slot, NOW).vacant
    blocked = replace(slot, state=SlotState.BLOCKED)
    assert next_step(blocked, NOW) is None
    late = NOW + 24 * HOUR + JANITOR_SKEW
    step = next_step(blocked, late)
    assert isinstance(step, End)
    assert step.ending is EntryEnding.TIMED_OUT


def test_a_party_that_a_lowered_capacity_leaves_too_large_is_ended() -> None:
    slot = a_line(3, 1, capacity=3).amended("op", NOW, capacity=2)
    step = next_step(slot, NOW)
    assert step == End("p0", slot.places["p0"], EntryEnding.TOO_LARGE)
    assert served(slot, NOW) == ["p1"]


def test_places_are_ended_before_anyone_is_served_wherever_they_stand() -> None:
    slot = a_slot(
        capacity=1,
        places={"dan": a_place("d"), "eve": a_place("e", until=NOW - JANITOR_SKEW), "fay": a_place("f")},
    )
    assert [step.who for _, step, _ in turns(slot, NOW)] == ["eve", "dan"]


def test_one_who_has_units_by_another_clock_is_not_served_again() -> None:
    slot = a_slot(capacity=3, claims={"dan": a_claim("x")}, places={"dan": a_place("d"), "eve": a_place("e")})
    assert served(slot, NOW) == ["eve"]
    (_, step, _) = next(turns(slot, NOW))
    assert isinstance(step, Serve)
    assert step.passed == {}


def test_the_one_moved_to_the_front_is_served_next() -> None:
    slot = a_line(1, 1, 1, taken=3).moved_to_front("p2", NOW)
    assert served(slot, NOW) == ["p2"]


@given(slots(), nows)
def test_serving_ends_with_nobody_waiting_whose_turn_it_is_and_never_oversells(
    slot: Slot, now: Instant
) -> None:
    for before, step, after in turns(slot, now):
        assert (after.rev, set(before.places) - set(after.places)) == (before.rev + 1, {step.who})
        assert list(invariants.of_slot(after, now, JANITOR_SKEW)) == []
        if isinstance(step, End):
            assert after.claims == before.claims
            continue
        assert step.place.is_live(now)
        assert step.place.units <= step.room
        held = before.live(now - JANITOR_SKEW)
        assert after.claims == {**held, step.who: after.claims[step.who]}
        front = {who: place for who, place in before.waiting(now).items() if place.seq < step.place.seq}
        assert step.passed == {who: place for who, place in front.items() if who not in held}
        assert all(step.room < each.units for each in step.passed.values())
        assert not any(each.strict for each in step.passed.values())
        assert not list(invariants.of_turns(before, after, now))
        slot = after
    assert_nobody_could_be_served(slot, now)


def assert_nobody_could_be_served(slot: Slot, now: Instant) -> None:
    if slot.state is not SlotState.OPEN or slot.start <= now:
        return
    held = slot.live(now - JANITOR_SKEW)
    room = slot.capacity - sum(each.units for each in held.values())
    for who, place in slot.waiting(now).items():
        if who in held:
            continue
        assert place.units > room
        if place.strict:
            return


@dataclass
class Line:
    """The rule of QUEUE-2 written down anew, without claims, clocks or limits of a transaction."""

    room: int
    waiting: list[list[int]] = field(default_factory=list)
    """Party, units, and how often it was passed over."""

    def serve(self) -> list[int]:
        turn: list[int] = []
        while (chosen := self._chosen()) is not None:
            for other in self.waiting[:chosen]:
                other[2] += 1
            party, units, _ = self.waiting.pop(chosen)
            self.room -= units
            turn.append(party)
        return turn

    def _chosen(self) -> int | None:
        for number, (_, units, passed) in enumerate(self.waiting):
            if units <= self.room:
                return number
            if passed == 3:
                return None
        return None


events = st.lists(
    st.one_of(
        st.tuples(st.just("joins"), st.integers(1, 4)), st.tuples(st.just("releases"), st.integers(0, 20))
    ),
    max_size=60,
)


@given(st.integers(4, 7), events)
def test_parties_are_served_as_a_line_of_people_would_be_nobody_starves(
    capacity: int, happening: list[tuple[str, int]]
) -> None:
    slot, line = a_slot(capacity=capacity), Line(capacity)
    units: list[int] = []
    turn: list[int] = []
    ends = [("releases", 0)] * len(happening)
    for what, number in [*happening, *ends]:
        if what == "joins":
            party = str(len(units))
            line.waiting.append([len(units), number, 0])
            units.append(number)
            slot = slot.joined(party, a_place(party, units=number), NOW)
        elif slot.claims:
            who = sorted(slot.claims)[number % len(slot.claims)]
            line.room += slot.claims[who].units
            slot = slot.without(who)
        now_served = [int(who) for who in served(slot, NOW)]
        assert now_served == line.serve()
        turn += now_served
        slot = settled(slot, NOW)
        assert [[int(who), place.units, place.passed] for who, place in slot.waiting(NOW).items()] == (
            line.waiting
        )
    assert sorted(turn) == list(range(len(units)))
    for number in range(len(units)):
        overtaken_by = [other for other in turn[: turn.index(number)] if other > number]
        assert len(overtaken_by) <= MOST_PASSED


def test_small_parties_that_keep_coming_go_before_a_large_one_three_times_and_no_more() -> None:
    assert _times_a_small_one_goes_first(forgetful=False) == MOST_PASSED
    assert _times_a_small_one_goes_first(forgetful=True) == 50  # the control: it would starve


def _times_a_small_one_goes_first(*, forgetful: bool) -> int:
    slot = a_line(4, taken=3)
    for number in range(50):
        small = f"small{number}"
        slot = slot.joined(small, a_place(small), NOW)
        if served(slot, NOW) != [small]:
            return number
        slot = settled(slot, NOW).without(small)
        if forgetful:
            slot = replace(slot, places={"p0": replace(slot.places["p0"], passed=0)})
    return 50
