"""The slot's rules: what may be claimed at an instant, what a claim leaves behind, what a reader sees."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from holdfast.domain import invariants
from holdfast.domain.claim import Claim
from holdfast.domain.errors import Refusal, SlotBlocked, SlotFull, SlotHeld, SlotPast
from holdfast.domain.instants import HOUR, MINUTE, NEVER, SECOND, SWEEP_AHEAD, Instant
from holdfast.domain.slot import Slot, SlotState, SlotStatus
from tests.support.builders import NOW, a_claim, a_slot
from tests.support.strategies import claimants, claims, nows, slots

HELD = a_claim("h", expires=NOW + 60 * SECOND)
SOLD = a_claim("s", expires=NEVER)
PAST = a_claim("p", expires=NOW)


def test_a_claim_is_live_up_to_its_last_millisecond() -> None:
    assert a_claim(expires=NOW + 1).is_live(NOW)
    assert not a_claim(expires=NOW).is_live(NOW)
    assert SOLD.is_live(NOW + 1000 * HOUR)
    assert (SOLD.confirmed, HELD.confirmed) == (True, False)


def test_an_open_slot_with_room_admits_whoever_is_not_in_it() -> None:
    slot = a_slot(capacity=2, claims={"bob": HELD})
    assert slot.admits("alice", 1, NOW)
    assert not slot.admits("alice", 2, NOW)
    assert not slot.admits("bob", 1, NOW)
    assert not replace(slot, state=SlotState.BLOCKED).admits("alice", 1, NOW)
    assert slot.admits("alice", 1, slot.start - 1)
    assert not slot.admits("alice", 1, slot.start)


def test_room_under_past_claims_is_available_though_a_plain_claim_does_not_see_it() -> None:
    slot = a_slot(capacity=1, claims={"bob": PAST})
    assert slot.available(NOW) == 1
    assert not slot.admits("alice", 1, NOW)


@pytest.mark.parametrize(
    ("slot", "now", "available", "status"),
    [
        pytest.param(a_slot(capacity=3), NOW, 3, SlotStatus.AVAILABLE, id="empty"),
        pytest.param(a_slot(capacity=2, claims={"b": HELD}), NOW, 1, SlotStatus.AVAILABLE, id="room left"),
        pytest.param(a_slot(capacity=1, claims={"b": HELD}), NOW, 0, SlotStatus.RESERVED, id="held"),
        pytest.param(
            a_slot(claims={"b": HELD, "c": SOLD}), NOW, 0, SlotStatus.RESERVED, id="some of it held"
        ),
        pytest.param(a_slot(capacity=1, claims={"b": SOLD}), NOW, 0, SlotStatus.BOOKED, id="sold"),
        pytest.param(a_slot(capacity=1, claims={"b": PAST}), NOW, 1, SlotStatus.AVAILABLE, id="lapsed"),
        pytest.param(a_slot(state=SlotState.BLOCKED), NOW, 0, SlotStatus.BLOCKED, id="blocked"),
        pytest.param(a_slot(state=SlotState.DELETED), NOW, 0, SlotStatus.BLOCKED, id="deleted"),
        pytest.param(a_slot(start=NOW), NOW, 0, SlotStatus.AVAILABLE, id="begun with room"),
        pytest.param(a_slot(start=NOW), NOW + HOUR - 1, 0, SlotStatus.AVAILABLE, id="not quite over"),
        pytest.param(a_slot(start=NOW), NOW + HOUR, 0, SlotStatus.EXPIRED, id="over"),
        pytest.param(replace(a_slot(capacity=1), capacity=0), NOW, 0, SlotStatus.BOOKED, id="cut to nothing"),
    ],
)
def test_a_reader_sees_what_the_facts_are_at_that_instant(
    slot: Slot, now: Instant, available: int, status: SlotStatus
) -> None:
    assert (slot.available(now), slot.status(now)) == (available, status)


def test_an_oversold_slot_has_none_available_and_not_fewer() -> None:
    assert replace(a_slot(capacity=3, claims={"b": replace(SOLD, units=3)}), capacity=1).available(NOW) == 0


def test_an_eviction_takes_all_past_claims_and_no_live_one() -> None:
    slot = a_slot(capacity=4, claims={"a": PAST, "b": HELD, "c": replace(PAST, units=2)})
    taken = slot.claimed_over_past("new", a_claim("n", units=3), NOW)
    assert taken.claims == {"b": HELD, "new": a_claim("n", units=3)}
    assert (taken.free, taken.rev) == (0, slot.rev + 1)


def test_my_own_past_claim_is_replaced_by_my_new_one() -> None:
    slot = a_slot(capacity=1, claims={"alice": PAST})
    assert slot.claimed_over_past("alice", HELD, NOW).claims == {"alice": HELD}


@pytest.mark.parametrize(
    ("slot", "units", "refusal", "facts"),
    [
        pytest.param(a_slot(state=SlotState.BLOCKED), 1, SlotBlocked, {}, id="blocked"),
        pytest.param(a_slot(start=NOW), 1, SlotPast, {}, id="begun"),
        pytest.param(
            a_slot(capacity=1, claims={"b": SOLD}), 1, SlotFull, {"available": 0, "waiting": 0}, id="sold"
        ),
        pytest.param(
            a_slot(claims={"b": SOLD}), 2, SlotFull, {"available": 1, "waiting": 0}, id="too large a party"
        ),
        pytest.param(
            a_slot(capacity=1, claims={"b": HELD}),
            1,
            SlotHeld,
            {"available": 0, "retryAfter": 60, "waiting": 0},
            id="all of it held",
        ),
        pytest.param(
            a_slot(capacity=3, claims={"b": HELD, "c": replace(HELD, expires=NOW + 1)}),
            2,
            SlotHeld,
            {"available": 1, "retryAfter": 1, "waiting": 0},
            id="the first hold to end tells when to come again",
        ),
        pytest.param(
            a_slot(capacity=2, claims={"b": HELD, "c": SOLD}),
            2,
            SlotFull,
            {"available": 0, "waiting": 0},
            id="never enough",
        ),
        pytest.param(
            a_slot(capacity=2), 3, SlotFull, {"available": 2, "waiting": 0}, id="larger than the slot"
        ),
    ],
)
def test_a_refusal_says_why_and_whether_waiting_helps(
    slot: Slot, units: int, refusal: type[Refusal], facts: dict[str, int]
) -> None:
    with pytest.raises(refusal) as refused:
        slot.claimed_over_past("new", a_claim(units=units), NOW)
    assert type(refused.value) is refusal
    assert refused.value.facts == facts


@given(slots(), claimants, claims, nows)
def test_whatever_is_admitted_leaves_a_slot_that_adds_up(
    slot: Slot, who: str, claim: Claim, now: Instant
) -> None:
    if slot.admits(who, claim.units, now):
        claimed = slot.claimed(who, claim)
        assert list(invariants.of_slot(claimed, now)) == []
        assert claimed.rev == slot.rev + 1
        assert claimed.claims == {**slot.claims, who: claim}


@given(slots(), claimants, claims, nows)
def test_an_eviction_leaves_a_slot_that_adds_up_or_is_refused_for_want_of_room(
    slot: Slot, who: str, claim: Claim, now: Instant
) -> None:
    if slot.live_claim(who, now):
        return  # the use case answers with that one, and does not ask
    try:
        taken = slot.claimed_over_past(who, claim, now)
    except (SlotFull, SlotHeld):
        assert slot.available(now) < claim.units
    except (SlotBlocked, SlotPast):
        assert slot.available(now) == 0
    else:
        assert slot.available(now) >= claim.units
        assert list(invariants.of_slot(taken, now)) == []
        assert taken.claims == {**slot.live(now), who: claim}
        assert (taken.rev, taken.due) == (slot.rev + 1, taken.swept(now).due)


@given(slots(), claimants, claims, nows)
def test_what_a_plain_claim_admits_is_what_an_eviction_would_give(
    slot: Slot, who: str, claim: Claim, now: Instant
) -> None:
    if slot.admits(who, claim.units, now):
        evicting = slot.claimed_over_past(who, claim, now)
        assert evicting.claims[who] == slot.claimed(who, claim).claims[who]
        assert slot.available(now) >= claim.units


@given(slots(), nows)
def test_taking_a_claim_out_gives_its_units_back(slot: Slot, now: Instant) -> None:
    for who, claim in slot.claims.items():
        left = slot.without(who)
        assert (left.free, left.rev) == (slot.free + claim.units, slot.rev + 1)
        assert who not in left.claims
        assert list(invariants.of_slot(left, now)) == []
        assert slot.with_expiry(who, NEVER).claims[who] == replace(claim, expires=NEVER)
        assert slot.with_expiry(who, NEVER).free == slot.free


@given(slots(), nows)
def test_the_sweep_looks_again_within_fifteen_minutes_while_anything_is_held_or_waits(
    slot: Slot, now: Instant
) -> None:
    swept = slot.swept(now)
    ends = [claim.expires for claim in slot.claims.values() if not claim.confirmed]
    ends += [place.until for place in slot.places.values()]
    assert swept == replace(slot, rev=slot.rev + 1, due=swept.due)
    assert swept.due == (min(*ends, now + SWEEP_AHEAD) if ends else None)


def test_a_slot_with_nothing_but_sold_units_is_due_no_more() -> None:
    assert a_slot(claims={"b": SOLD}, due=NOW).swept(NOW).due is None
    far = a_claim(expires=NOW + HOUR)
    assert a_slot(claims={"b": far}, due=NOW).swept(NOW).due == NOW + 15 * MINUTE


@given(slots(), claims, nows)
def test_what_is_overbooked_adds_up_and_overtakes_nobody(slot: Slot, claim: Claim, now: Instant) -> None:
    open_now = replace(slot, state=SlotState.OPEN, start=max(slot.start, now + 1))
    if open_now.waiting(now):
        with pytest.raises(SlotFull):
            open_now.overbooked("staff", claim, now)
        return
    over = open_now.overbooked("staff", claim, now)
    assert over.claims == {**open_now.live(now), "staff": claim}
    assert (over.rev, over.capacity) == (slot.rev + 1, slot.capacity)
    assert list(invariants.of_slot(over, now, overbooked=claim.units)) == []


@pytest.mark.parametrize(
    ("slot", "refusal"),
    [
        (a_slot(state=SlotState.BLOCKED), SlotBlocked),
        (a_slot(start=NOW), SlotPast),
        (a_slot(capacity=300, claims={str(each): SOLD for each in range(300)}), SlotFull),
    ],
)
def test_what_is_closed_past_or_as_large_as_an_item_is_not_overbooked(
    slot: Slot, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        slot.overbooked("staff", a_claim(), NOW)
