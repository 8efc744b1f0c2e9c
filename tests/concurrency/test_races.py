"""Races on a real ledger: whatever the threads do, nothing is sold twice.

Each race has its control: the same with the guard off must break, else it proves nothing.
"""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from holdfast.app.confirm import confirm
from holdfast.app.create_slot import NewSlot, create_slot
from holdfast.app.deeds import Done
from holdfast.app.expire import expire
from holdfast.app.ports import Ledger, Timer
from holdfast.app.reserve import Reserved
from holdfast.domain import invariants
from holdfast.domain.booking import BookingStatus
from holdfast.domain.caller import Caller
from holdfast.domain.errors import Overlap, SlotFull, SlotHeld
from holdfast.domain.identity import derived_id
from holdfast.domain.instants import HOUR, JANITOR_SKEW, MINUTE, NEVER
from holdfast.domain.place import windows
from holdfast.domain.slot import Slot
from tests.concurrency.arena import Arena, all_at_once
from tests.support.builders import BUSINESS, NOW, RESOURCE, a_claim, a_slot, asked

ADMINS = frozenset({f"{BUSINESS}:admin"})
USERS = [f"user-{number:02d}" for number in range(60)]
CAPACITY = 7


def _rush(
    arena: Arena, slot: Slot, ledger: Ledger | None = None, users: list[str] = USERS
) -> tuple[list[Reserved], list[Exception]]:
    """What the winners of a rush were answered, and the others."""
    answers = all_at_once([partial(arena.reserve, user, slot.key, on=ledger) for user in users])
    won = [answer for answer in answers if isinstance(answer, Reserved)]
    return won, [answer for answer in answers if isinstance(answer, Exception)]


def test_sixty_at_once_on_seven_units_get_exactly_seven(arena: Arena) -> None:
    slot = arena.ports.put(a_slot(capacity=CAPACITY))
    won, lost = _rush(arena, slot)
    assert len(won) == CAPACITY
    assert all(answer.created for answer in won)
    assert {type(answer) for answer in lost} == {SlotHeld}
    assert arena.slot(slot.key).free == 0
    assert arena.violations(slot, NOW, [answer.booking for answer in won]) == []


def test_with_the_claims_condition_off_the_same_rush_oversells(arena: Arena) -> None:
    slot = arena.ports.put(a_slot(capacity=CAPACITY))
    won, lost = _rush(arena, slot, arena.unconditional())
    assert (len(won), lost) == (len(USERS), [])
    assert f"{len(USERS)} units live on a capacity of {CAPACITY}" in str(arena.violations(slot, NOW, []))


def test_a_rush_of_parties_of_many_sizes_takes_no_more_than_there_is(arena: Arena) -> None:
    slot = arena.ports.put(a_slot(capacity=20))
    deeds = [
        partial(arena.reserve, user, slot.key, units=1 + number % 5) for number, user in enumerate(USERS)
    ]
    won = [answer for answer in all_at_once(deeds) if isinstance(answer, Reserved)]
    left = arena.slot(slot.key).free
    assert sum(answer.booking.units for answer in won) == 20 - left
    assert left == 0
    assert arena.violations(slot, NOW, [answer.booking for answer in won]) == []


def _slot_of_past_claims() -> Slot:
    past = {f"past-{number}": a_claim(f"past-{number}", expires=NOW) for number in range(CAPACITY)}
    return a_slot(capacity=CAPACITY, claims=past)


def test_when_all_claims_lapse_at_once_the_newcomers_get_exactly_what_there_is(arena: Arena) -> None:
    """Unavailable is an answer too: nobody waits for more than six writes. They come again."""
    slot = arena.ports.put(_slot_of_past_claims())
    won: list[Reserved] = []
    for _ in range(5):
        won += [answer for answer in _rush(arena, slot)[0] if answer.created]
    assert len(won) == CAPACITY
    assert not set(arena.slot(slot.key).claims) & set(slot.claims)
    assert arena.violations(slot, NOW, [answer.booking for answer in won]) == []
    with pytest.raises(SlotHeld):
        arena.reserve("late", slot.key)


def test_with_the_evictions_rev_unchecked_the_same_rush_promises_more_than_there_is(arena: Arena) -> None:
    slot = arena.ports.put(_slot_of_past_claims())
    won, _ = _rush(arena, slot, arena.check_then_act(len(USERS)))
    assert len(won) > CAPACITY
    assert arena.violations(slot, NOW, [answer.booking for answer in won]) != []


def _publish(arena: Arena, ledger: Ledger, admin: int) -> Slot:
    """Each admin's slot begins a quarter of an hour after the one before, and they all last an hour."""
    start = NOW + 20 * HOUR + admin * 15 * MINUTE
    new = NewSlot(resource=RESOURCE, start=start, end=start + HOUR, capacity=1, metadata={})
    return create_slot(ledger, arena.catalog, asked(Caller(f"admin-{admin}", ADMINS)), BUSINESS, new)


def _overlaps(arena: Arena, made: list[Slot]) -> list[str]:
    keys = windows(BUSINESS, RESOURCE, NOW, NOW + 48 * HOUR, 60)
    _, days = arena.ledger.slot_and_days(made[0].key, keys)
    return list(invariants.of_resource([arena.slot(each.key) for each in made], days))


@pytest.mark.parametrize("admins", [2, 4])
def test_of_admins_who_publish_overlapping_slots_at_once_exactly_one_succeeds(
    arena: Arena, admins: int
) -> None:
    answers = all_at_once([partial(_publish, arena, arena.ledger, admin) for admin in range(admins)])
    made = [answer for answer in answers if isinstance(answer, Slot)]
    assert len(made) == 1
    assert [type(answer) for answer in answers if answer not in made] == [Overlap] * (admins - 1)
    assert _overlaps(arena, made) == []


def test_with_the_days_rev_unchecked_two_admins_publish_overlapping_slots(arena: Arena) -> None:
    ledger = arena.check_then_act(2)
    answers = all_at_once([partial(_publish, arena, ledger, admin) for admin in range(2)])
    made = [answer for answer in answers if isinstance(answer, Slot)]
    assert len(made) == 2
    assert any("overlap" in sentence for sentence in _overlaps(arena, made))


def _confirm_against_expiry(arena: Arena, user: str, ledger: Ledger) -> tuple[bool, list[str]]:
    """The owner's clock says that the hold is live, the janitor's that it is past; both at once.

    Whether the confirm succeeded, and what is wrong afterwards."""
    slot = arena.ports.put_apart(a_slot())
    held = arena.reserve(user, slot.key).booking
    timer = Timer.of(held)
    by = asked(Caller(user), now=held.expires - 1)
    answers = all_at_once(
        [
            lambda: confirm(ledger, arena.ports.callers, arena.catalog, arena.catalogues, by, held.id),
            lambda: expire(ledger, timer, held.expires + JANITOR_SKEW),
        ]
    )
    confirmed = isinstance(answers[0], Done)
    record = arena.ledger.booking(held.id)
    assert record is not None
    claim = arena.slot(slot.key).claims.get(held.who)
    stands = record.status is BookingStatus.CONFIRMED and claim is not None and claim.expires == NEVER
    gone = record.status is BookingStatus.EXPIRED and claim is None
    wrong = arena.violations(slot, held.expires, [held])
    if not (stands if confirmed else gone):
        wrong.append(f"confirmed: {confirmed}, but it is {record.status} with {claim}")
    return confirmed, wrong


def test_a_confirm_and_an_expiry_at_once_are_one_or_the_other(arena: Arena) -> None:
    outcomes: Counter[bool] = Counter()
    for number in range(25):
        confirmed, wrong = _confirm_against_expiry(arena, f"user-{number}", arena.ledger)
        assert wrong == []
        outcomes[confirmed] += 1
    assert outcomes.total() == 25


def test_with_nothing_checked_a_confirmed_booking_expires_or_an_expired_one_is_confirmed(
    arena: Arena,
) -> None:
    broken = [
        _confirm_against_expiry(arena, f"user-{number}", arena.check_then_act(2))[1] for number in range(15)
    ]
    assert any(broken)


def _repeat(arena: Arena, slot: Slot, ledger: Ledger) -> list[Reserved]:
    answers = all_at_once([partial(arena.reserve, "alice", slot.key, on=ledger, key="key")] * 30)
    return [answer for answer in answers if isinstance(answer, Reserved)]


def test_one_key_thirty_times_at_once_is_one_claim_and_one_record(arena: Arena) -> None:
    slot = arena.ports.put(a_slot(capacity=CAPACITY))
    answers = _repeat(arena, slot, arena.ledger)
    assert len(answers) == 30
    assert {answer.booking.id for answer in answers} == {derived_id("key", "alice", "key")}
    assert all(answer.created for answer in answers)
    assert sum(not answer.replayed for answer in answers) <= 1
    assert len(arena.slot(slot.key).claims) == 1
    assert arena.slot(slot.key).free == CAPACITY - 1
    assert arena.violations(slot, NOW, [answers[0].booking]) == []


def test_with_the_claims_condition_off_one_key_takes_units_many_times(arena: Arena) -> None:
    slot = arena.ports.put(a_slot(capacity=CAPACITY))
    _repeat(arena, slot, arena.unconditional())
    assert arena.slot(slot.key).free < CAPACITY - 1
    assert "free is" in str(arena.violations(slot, NOW, []))


def test_one_user_with_thirty_keys_at_once_has_one_hold(arena: Arena) -> None:
    slot = arena.ports.put(a_slot(capacity=CAPACITY))
    deeds = [partial(arena.reserve, "alice", slot.key, key=f"key-{number}") for number in range(30)]
    answers = [answer for answer in all_at_once(deeds) if isinstance(answer, Reserved)]
    assert len(answers) == 30
    assert len({answer.booking.id for answer in answers}) == 1
    assert sum(answer.created for answer in answers) == 1
    assert arena.slot(slot.key).free == CAPACITY - 1
    assert arena.violations(slot, NOW, [answers[0].booking]) == []


def test_of_a_sold_slot_nobody_gets_anything_however_many_come(arena: Arena) -> None:
    sold = a_slot(capacity=1, claims={"x": a_claim(expires=NEVER)})
    slot = arena.ports.put(sold)
    won, lost = _rush(arena, slot)
    assert won == []
    assert {type(answer) for answer in lost} == {SlotFull}
    assert arena.slot(slot.key) == slot
