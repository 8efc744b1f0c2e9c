"""Policies of the `salon` preset: each is told by its own name, in the list and by the deed it forbids."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from holdfast.app.availability import Wanted, free_starts
from holdfast.app.presets import resolve
from holdfast.app.staff_deeds import approve
from holdfast.domain.booking import AfterEnd, BookingStatus
from holdfast.domain.errors import Malformed, NotOffered, PolicyViolation
from holdfast.domain.instants import DAY, HOUR, MINUTE, Instant
from tests.support.builders import BOB, BUSINESS, CAROL, NOW, a_business, asked
from tests.support.memory_readers import MemoryDays
from tests.unit.app.salon import SAM, Behind, Salon, a_service, at

NINE, QUARTER_TO_TEN, NOON = at(9), at(9, 45), at(12)
LATER = NINE + 14 * DAY


@pytest.fixture
def salon() -> Salon:
    return as_preset(idempotencyKeyRequired=False)


def as_preset(**policies: object) -> Salon:
    salon = Salon()
    given = {"name": "Salon", "timeZone": "Europe/Berlin", "policies": policies}
    salon.memory.businesses[BUSINESS] = a_business(**resolve("salon", given))
    return salon


def listed(salon: Salon, start: Instant, now: Instant = NOW) -> Sequence[str]:
    """What the list says against that start with the first chair."""
    catalogue = salon.catalogues.current(BUSINESS)
    assert catalogue is not None
    wanted = Wanted(resource="chair-1", since=start, until=start + MINUTE, explain=True)
    days, service = MemoryDays(salon.memory), catalogue.services["cut"]
    page = free_starts(days, catalogue, service, wanted, now, limit=9, cursor=None)
    (offer,) = page.items
    return offer.reasons


@pytest.mark.parametrize(
    ("start", "now", "reasons"),
    [
        pytest.param(NINE, NINE - 2 * HOUR, [], id="two hours of notice"),
        pytest.param(NINE, NINE - 2 * HOUR + 1, ["minimum_notice"], id="a millisecond less"),
        pytest.param(at(17, 15) + 25 * DAY, NOW, [], id="within thirty days"),
        pytest.param(NINE + 28 * DAY, NOW, ["maximum_advance"], id="beyond them"),
    ],
)
def test_what_the_list_says_a_reserve_a_move_and_staff_say(
    salon: Salon, start: Instant, now: Instant, reasons: list[str]
) -> None:
    booking = salon.booked(asked(BOB), LATER, resource="chair-1")
    to = salon.start(start, resource="chair-1")
    assert list(listed(salon, start, now)) == reasons
    if reasons:
        for deed in (
            lambda: salon.book(asked(now=now), start, resource="chair-1"),
            lambda: salon.move(asked(BOB, now=now, expects=2), booking, to),
            lambda: salon.move_for(asked(SAM, now=now), booking, to),
            lambda: salon.by_hand(asked(SAM, now=now), to),
        ):
            with pytest.raises(NotOffered) as refused:
                deed()
            assert list(refused.value.reasons) == reasons
        assert salon.by_hand(asked(SAM, now=now), to, *reasons).booking.start == start
    else:
        salon.move(asked(BOB, now=now, expects=2), booking, to)


def test_fifteen_minutes_lie_between_two(salon: Salon) -> None:
    salon.booked(asked(), NINE, resource="chair-1")
    assert list(listed(salon, QUARTER_TO_TEN)) == []
    grid = {"stepMinutes": 5, "bufferBeforeMinutes": 0, "bufferAfterMinutes": 15}
    settings = salon.memory.businesses[BUSINESS].settings
    salon.memory.businesses[BUSINESS] = a_business(**{**settings, "grid": grid})
    ten_minutes_after = at(9, 40)
    assert list(listed(salon, ten_minutes_after)) == ["taken"]
    with pytest.raises(NotOffered) as refused:
        salon.book(asked(BOB), ten_minutes_after, resource="chair-1")
    assert refused.value.reasons == ("taken",)


def test_a_day_ahead_a_booking_is_cancelled_and_no_later(salon: Salon) -> None:
    booking = salon.booked(asked(), NINE)
    with pytest.raises(PolicyViolation) as refused:
        salon.cancel(asked(now=NINE - DAY + 1), booking)
    assert refused.value.rule == "cancellation_deadline"
    assert salon.cancel(asked(now=NINE - DAY), booking).cancelled_at == NINE - DAY


def test_two_hours_ahead_it_is_moved_and_no_later(salon: Salon) -> None:
    booking = salon.booked(asked(), NINE)
    with pytest.raises(PolicyViolation) as refused:
        salon.move(asked(now=NINE - 2 * HOUR + 1, expects=2), booking, salon.start(LATER))
    assert refused.value.rule == "reschedule_deadline"
    moved = salon.move(asked(now=NINE - 2 * HOUR, expects=2), booking, salon.start(LATER))
    assert moved.booking.start == LATER


def test_three_times_it_is_moved_and_no_more(salon: Salon) -> None:
    booking = salon.booked(asked(), NINE)
    for number, start in enumerate((QUARTER_TO_TEN, NOON, NINE)):
        booking = salon.move(asked(expects=2 + number), booking, salon.start(start)).booking
    with pytest.raises(PolicyViolation) as refused:
        salon.move(asked(expects=5), booking, salon.start(NOON))
    assert refused.value.rule == "max_reschedules"
    assert salon.move_for(asked(SAM), booking, salon.start(NOON), "max_reschedules").start == NOON


def test_nothing_is_booked_twice_whatever_staff_name_but_overbooking(salon: Salon) -> None:
    """What the preset calls strict validation is no setting here: it is always on."""
    for who in (BOB, CAROL):
        salon.booked(asked(who), NINE)
    with pytest.raises(NotOffered):
        salon.by_hand(asked(SAM), salon.start(NINE), "minimum_notice", "off_grid", "outside_hours")


def test_a_request_has_a_key(salon: Salon) -> None:
    with pytest.raises(Malformed):
        as_preset().book(asked(), NINE)
    assert as_preset().book(asked(key="one"), NINE).created


def test_a_service_may_require_a_key_of_its_own(salon: Salon) -> None:
    salon.offer(a_service(policies={"idempotencyKeyRequired": True}))
    for unkeyed in (
        lambda: salon.book(asked(), NINE),
        lambda: salon.by_hand(asked(SAM), salon.start(NINE), customer="alice"),
    ):
        with pytest.raises(Malformed):
            unkeyed()
    assert salon.book(asked(key="a-key-of-mine"), NINE).created


@pytest.mark.parametrize("approved", [False, True])
def test_what_becomes_of_a_booking_after_its_end_is_its_services_to_say(salon: Salon, approved: bool) -> None:
    salon.offer(a_service(policies={"afterEnd": "no_show", "approvalRequired": approved}))
    booking = salon.booked(asked(), NINE)
    if approved:
        ports = (salon.ledger, salon.callers, salon.catalog, salon.catalogues)
        booking = approve(*ports, asked(SAM), booking.id).booking
    assert booking.after_end is AfterEnd.NO_SHOW
    by_hand = salon.by_hand(asked(SAM), salon.start(NOON), customer="bob").booking
    assert by_hand.after_end is AfterEnd.NO_SHOW


def test_a_process_that_has_not_seen_a_change_confirms_by_it(salon: Salon) -> None:
    stale = salon.catalogues.known(BUSINESS)
    salon.offer(a_service(policies={"approvalRequired": True}))
    held = salon.book(asked(), NINE).booking
    salon.catalogues = Behind(salon.memory, stale)
    assert salon.confirm(asked(), held).status is BookingStatus.PENDING_APPROVAL
