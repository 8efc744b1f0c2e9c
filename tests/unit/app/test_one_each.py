"""One hold or booking of a service at a start for each owner and subject, with whomever (HOLD-5), and a cap
on how many that makes (HOLD-8)."""

from __future__ import annotations

from copy import replace

import pytest

from holdfast.domain.errors import AlreadyHeld, PolicyViolation
from holdfast.domain.instants import SECOND
from tests.support.builders import NOW, SETTINGS, a_resource, asked
from tests.unit.app.salon import SAM, Salon, a_service, at

NINE = at(9)


@pytest.fixture
def salon() -> Salon:
    return Salon()


def test_who_asks_for_another_chair_is_answered_with_what_they_hold(salon: Salon) -> None:
    first = salon.book(asked(), NINE, resource="chair-1").booking
    again = salon.book(asked(), NINE, resource="chair-2")
    assert (again.created, again.booking) == (False, first)
    with pytest.raises(AlreadyHeld):
        salon.book(asked(), NINE, resource="chair-2", units=2)
    assert len(salon.memory.bookings) == 1


def test_another_subject_may_have_another_chair(salon: Salon) -> None:
    salon.book(asked(), NINE, resource="chair-1")
    other = salon.book(asked(), NINE, resource="chair-2", subject={"id": "tom"})
    assert other.created


def test_by_hand_a_customer_has_it_once_as_well(salon: Salon) -> None:
    salon.by_hand(asked(SAM), salon.start(NINE, resource="chair-1"), customer="alice")
    with pytest.raises(AlreadyHeld):
        salon.by_hand(asked(SAM), salon.start(NINE, resource="chair-2"), customer="alice")


def test_nobody_moves_to_a_start_that_they_have(salon: Salon) -> None:
    salon.booked(asked(), NINE, resource="chair-1")
    moving = salon.booked(asked(), at(10), resource="chair-1")
    with pytest.raises(AlreadyHeld):
        salon.move(asked(expects=moving.version), moving, salon.start(NINE, resource="chair-2"))


def test_each_subject_counts_for_the_cap(salon: Salon) -> None:
    salon.add(replace(a_resource("room-1"), capacity=10))
    salon.offer(a_service(resourceIds=["room-1"]))
    salon.settle(hold=SETTINGS["hold"] | {"maxPerUser": 2})
    for child in ("tom", "ann"):
        salon.book(asked(), NINE, subject={"id": child})
    with pytest.raises(PolicyViolation) as refused:
        salon.book(asked(), NINE, subject={"id": "kim"})
    assert refused.value.facts == {"rule": "max_holds"}
    assert not salon.book(asked(), NINE, subject={"id": "ann"}).created


def test_a_hold_for_another_subject_does_not_cut_the_cool_down_short(salon: Salon) -> None:
    salon.settle(hold=SETTINGS["hold"] | {"cooldownSeconds": 600})
    given_up = salon.book(asked(), NINE, subject={"id": "tom"}).booking
    salon.release(asked(now=NOW + SECOND), given_up)
    for child in ("tom", "ann"):
        with pytest.raises(PolicyViolation) as refused:
            salon.book(asked(now=NOW + 2 * SECOND), NINE, subject={"id": child})
        assert refused.value.facts["rule"] == "hold_cooldown"
