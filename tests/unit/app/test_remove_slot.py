"""Deleting a slot with its bookings: killed anywhere, each ends once and the time is free (SLOT-3)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import count

import pytest

from holdfast.app.asked import Asked
from holdfast.app.change_slot import delete_slot, unblock_slot
from holdfast.app.create_slot import NewSlot, create_slot
from holdfast.app.ports import Lost
from holdfast.app.remove_slot import LOOK_AGAIN, run_removal, start_removal
from holdfast.app.sweep import sweep
from holdfast.app.writes import RemoveClaim, SaveBooking
from holdfast.domain import invariants
from holdfast.domain.booking import Booking, BookingStatus, Deed
from holdfast.domain.caller import Caller
from holdfast.domain.errors import Forbidden, NotFound, Overlap, SlotPast, StaleVersion, Unavailable
from holdfast.domain.identity import claimant
from holdfast.domain.instants import DAY, HOUR, MINUTE, SECOND
from holdfast.domain.job import SEND_AGAIN_AFTER, Job, JobStatus
from holdfast.domain.money import Money
from holdfast.domain.prices import Prices, Tariff
from holdfast.domain.slot import Slot, SlotState
from tests.support.builders import BUSINESS, NOW, RESOURCE, a_claim, asked
from tests.support.memory_queues import MemoryJobs
from tests.unit.app.shop import Shop

ADA = Caller("ada", frozenset({f"{BUSINESS}:admin"}))
START = NOW + 2 * DAY
BOOKED = 20
LATER = NOW + 90 * SECOND


class Killed(BaseException):
    """The function died here."""


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """With a slot of 30 units that has its window, and its queue of jobs."""
    shop.memory.slots.clear()
    shop.first = publish(shop)
    return shop


def publish(shop: Shop) -> Slot:
    new = NewSlot(
        resource=RESOURCE,
        start=START,
        end=START + HOUR,
        capacity=30,
        tariff=Tariff(Prices(base=Money(2500, "EUR"))),
        metadata={},
    )
    return create_slot(shop.ledger, shop.catalog, asked(ADA), BUSINESS, new)


def fill(shop: Shop) -> list[Booking]:
    """Twenty live bookings: twelve confirmed, eight held."""
    booked = []
    for number in range(BOOKED):
        caller = Caller(f"user{number}")
        booking = shop.reserve(asked(caller), hold_seconds=600).booking
        booked.append(shop.confirm(asked(caller), booking).booking if number % 5 < 3 else booking)
    return booked


def unavailable() -> None:
    raise Unavailable("the queue cannot be reached")


def start(shop: Shop, by: Asked | None = None) -> Job:
    return start_removal(shop.ledger, MemoryJobs(shop.memory), shop.catalog, by or asked(ADA), shop.first.key)


def run(shop: Shop, job: Job) -> int | None:
    return run_removal(shop.ledger, job.id, LATER)


def assert_gone(shop: Shop, job: Job, booked: list[Booking]) -> None:
    """Each booking ended once, with its history; slot, windows and job say so."""
    for before in booked:
        after = shop.booking(before)
        assert after.version == before.version + 1
        held = before.status is BookingStatus.RESERVED
        assert after.status is (BookingStatus.EXPIRED if held else BookingStatus.CANCELLED)
        last = after.history[-1]
        assert (last.before, last.deed.actor, last.deed.reason) == (
            before.status,
            "admin:ada",
            "slot_removed",
        )
        assert (after.refund is None) == held
        if after.refund:
            assert (after.refund.percentage, after.refund.amount) == (100, after.price)
    assert (shop.slot.state, shop.slot.claims, shop.slot.free) == (SlotState.DELETED, {}, 30)
    assert all(not day.windows for day in shop.memory.days.values())
    done = shop.memory.jobs[job.id]
    assert (done.status, done.ended, done.finished_at) == (JobStatus.DONE, len(booked), LATER)
    memory = shop.memory
    assert shop.violations(LATER) == []
    assert list(invariants.of_resource(memory.slots.values(), memory.days.values())) == []
    assert publish(shop).rev == shop.slot.rev


def test_every_booking_ends_once_and_the_time_is_free(shop: Shop) -> None:
    booked = fill(shop)
    job = start(shop)
    assert (shop.slot.state, job.status) == (SlotState.BLOCKED, JobStatus.RUNNING)
    assert run(shop, job) is None
    assert_gone(shop, job, booked)


def steps_of_a_run() -> int:
    shop = Shop()
    shop.memory.slots.clear()
    shop.first = publish(shop)
    fill(shop)
    job, steps = start(shop), count()

    def pause(_: str) -> None:
        next(steps)

    shop.memory.pause = pause
    run(shop, job)
    return next(steps)


STEPS = steps_of_a_run()


@pytest.mark.parametrize("first", range(0, STEPS, 5))
def test_killed_twice_anywhere_every_booking_still_ends_once(shop: Shop, first: int) -> None:
    booked, job, steps = fill(shop), start(shop), count()
    kills = {first, first + 1 + (first * 7) % 20}
    killed = Counter[str]()

    def pause(where: str) -> None:
        if next(steps) in kills:
            killed[where] += 1
            raise Killed

    shop.memory.pause = pause
    while True:  # as the queue delivers the message again
        try:
            assert run(shop, job) is None
        except Killed:
            continue
        break
    run(shop, job)  # and once more, after it was done
    used = next(steps)
    assert killed.total() == sum(kill < used for kill in kills) >= 1
    shop.memory.pause = lambda _: None
    assert_gone(shop, job, booked)


@pytest.mark.parametrize("step", range(12))
def test_killed_while_it_is_asked_for_the_same_key_goes_on(shop: Shop, step: int) -> None:
    booked, by, steps = fill(shop), asked(ADA, key="remove", expects=1), count()

    def pause(_: str) -> None:
        if next(steps) == step:
            raise Killed

    shop.memory.pause = pause
    try:
        job = start(shop, by)
    except Killed:
        job = start(shop, by)
    shop.memory.pause = lambda _: None
    queue = MemoryJobs(shop.memory)
    again = start_removal(shop.ledger, queue, shop.catalog, by, shop.first.key)
    assert (again, queue.sent) == (job, [(job.id, 0)])
    assert len(shop.memory.jobs) == 1
    run(shop, job)
    assert_gone(shop, job, booked)
    assert start(shop, by).status is JobStatus.DONE


def test_a_job_whose_message_was_lost_is_sent_again_by_the_sweep_and_done(shop: Shop) -> None:
    booked = fill(shop)
    shop.pauses["send job"] = unavailable
    with pytest.raises(Unavailable):
        start(shop)
    (job,) = shop.memory.jobs.values()

    sweep(shop.ledger, shop.catalog, shop.jobs, NOW + SEND_AGAIN_AFTER - 1)
    assert shop.jobs.sent == []
    sweep(shop.ledger, shop.catalog, shop.jobs, NOW + SEND_AGAIN_AFTER)
    assert shop.jobs.sent == [(job.id, 0)]
    run(shop, job)
    # The holds among them were over by then, and the sweep ended those itself.
    assert_gone(shop, job, [each for each in booked if each.status is BookingStatus.CONFIRMED])


def test_a_job_that_goes_on_is_sent_once_a_quarter_of_an_hour_and_no_more_when_done(shop: Shop) -> None:
    job = start(shop)
    for minutes in (14, 15, 20, 29, 30):
        sweep(shop.ledger, shop.catalog, shop.jobs, NOW + minutes * MINUTE)
    assert shop.jobs.sent == [(job.id, 0)] * 2
    run(shop, job)
    sweep(shop.ledger, shop.catalog, shop.jobs, NOW + DAY)
    assert shop.jobs.sent == [(job.id, 0)] * 2


def test_a_job_that_cannot_be_sent_again_stays_due(shop: Shop) -> None:
    job = start(shop)
    shop.pauses["send job"] = unavailable
    assert sweep(shop.ledger, shop.catalog, shop.jobs, NOW + SEND_AGAIN_AFTER).failed == 1
    sweep(shop.ledger, shop.catalog, shop.jobs, NOW + SEND_AGAIN_AFTER)
    assert shop.jobs.sent == [(job.id, 0)]


def test_two_runs_at_once_end_each_booking_once(shop: Shop) -> None:
    booked, job = fill(shop), start(shop)
    shop.pauses["commit RemoveClaim+SaveBooking+SaveJob"] = lambda: run(shop, job)
    run(shop, job)
    assert_gone(shop, job, booked)


def test_two_removals_of_one_slot_end_each_booking_once(shop: Shop) -> None:
    booked, one, other = fill(shop), start(shop), start(shop)
    run(shop, one)
    run(shop, other)
    assert shop.memory.jobs[other.id].ended == 0
    assert_gone(shop, one, booked)


def test_a_slot_published_there_anew_is_not_the_jobs(shop: Shop) -> None:
    job = start(shop)
    delete_slot(shop.ledger, shop.catalog, asked(ADA), shop.first.key)
    again = publish(shop)
    run(shop, job)
    assert (shop.slot, shop.memory.jobs[job.id].status) == (again, JobStatus.DONE)


def test_who_comes_in_between_is_ended_too(shop: Shop) -> None:
    booked, job = fill(shop), start(shop)
    late: list[Booking] = []

    def reopen() -> None:
        unblock_slot(shop.ledger, shop.catalog, asked(ADA), shop.first.key)
        late.append(shop.reserve(asked(Caller("late"), now=LATER)).booking)

    shop.pauses["commit SaveSlot+SaveDay+SaveJob"] = reopen
    run(shop, job)
    assert_gone(shop, job, [*booked, *late])


def test_what_a_customer_ends_first_is_not_ended_again(shop: Shop) -> None:
    booked, job = fill(shop), start(shop)
    caller = Caller("user0")
    shop.pauses["commit RemoveClaim+SaveBooking+SaveJob"] = lambda: shop.cancel(asked(caller), booked[0])
    run(shop, job)
    assert [line.deed.reason for line in shop.booking(booked[0]).history[2:]] == [None]
    assert_gone(shop, job, booked[1:])


def test_a_claim_whose_record_is_on_its_way_is_waited_for(shop: Shop) -> None:
    booked, job = fill(shop), start(shop)
    claim = a_claim("c" * 20, expires=NOW + 300 * SECOND)
    shop.memory.put_slot(shop.slot.claimed(claimant("carol", None), claim))
    assert run(shop, job) == LATER + LOOK_AGAIN
    assert {shop.booking(each).status for each in booked} == {BookingStatus.CANCELLED, BookingStatus.EXPIRED}
    assert run(shop, job) == LATER + LOOK_AGAIN
    assert shop.memory.jobs[job.id].ended == BOOKED
    assert run_removal(shop.ledger, job.id, claim.expires) is None
    assert (shop.slot.state, shop.slot.claims) == (SlotState.DELETED, {})


def test_a_claim_that_its_ended_record_left_goes_alone(shop: Shop) -> None:
    booked = fill(shop)
    stray = shop.reserve(asked(Caller("stray"))).booking
    lapsed = stray.moved(BookingStatus.EXPIRED, Deed("x", "system:expirer", NOW, "expiry"))
    shop.memory.put_booking(lapsed)
    job = start(shop)
    run(shop, job)
    assert shop.booking(stray) == lapsed
    assert_gone(shop, job, booked)


def test_a_claim_whose_record_names_another_place_goes_alone(shop: Shop) -> None:
    booked = fill(shop)
    stray = shop.reserve(asked(Caller("stray"))).booking
    elsewhere = replace(stray, spot=replace(shop.slot.key, time="2300"))
    shop.memory.put_booking(elsewhere)
    job = start(shop)
    run(shop, job)
    assert shop.booking(stray) == elsewhere
    assert_gone(shop, job, booked)


def test_what_has_taken_place_stays_as_history_and_nothing_is_published_over_it(shop: Shop) -> None:
    fill(shop)
    caller = Caller("early")
    early = shop.confirm(asked(caller), shop.reserve(asked(caller)).booking).booking
    completed = early.completed(Deed("done", "staff:stan", NOW, "complete"))
    shop.ledger.commit(SaveBooking(completed))
    job = start(shop)
    assert run(shop, job) is None
    assert shop.booking(early) == completed
    assert (shop.slot.state, list(shop.slot.claims)) == (SlotState.DELETED, [early.who])
    assert shop.memory.jobs[job.id].ended == BOOKED
    assert shop.violations(LATER) == []
    with pytest.raises(Overlap):
        publish(shop)


def test_a_slot_that_never_holds_still_makes_the_job_come_again(shop: Shop) -> None:
    fill(shop)
    job = start(shop)

    def restless(where: str) -> None:
        if where.startswith("commit"):
            raise Lost

    shop.memory.pause = restless
    with pytest.raises(Unavailable):
        run(shop, job)


def test_a_job_nobody_recorded_is_nobodys(shop: Shop) -> None:
    assert run_removal(shop.ledger, "j" * 20, LATER) is None


def test_an_empty_slot_is_removed_as_well(shop: Shop) -> None:
    job = start(shop)
    run(shop, job)
    assert_gone(shop, job, [])


def test_only_admins_start_it_on_the_version_they_read_before_the_slot_is_over(shop: Shop) -> None:
    for caller in (Caller("stan", frozenset({f"{BUSINESS}:staff"})), Caller("eve")):
        with pytest.raises(Forbidden):
            start(shop, asked(caller))
    with pytest.raises(StaleVersion):
        start(shop, asked(ADA, expects=2))
    with pytest.raises(SlotPast):
        start(shop, asked(ADA, now=START + HOUR))
    assert shop.slot.state is SlotState.OPEN
    delete_slot(shop.ledger, shop.catalog, asked(ADA), shop.first.key)
    with pytest.raises(NotFound):
        start(shop)


def test_without_exact_conditions_a_second_run_would_show(shop: Shop) -> None:
    """The control: the same booking ended by a second, stale look is refused by its version."""
    fill(shop)
    job = start(shop)
    (who, claim), *_ = shop.slot.live(NOW).items()
    booking = shop.memory.bookings[claim.booking]
    run(shop, job)
    deed = Deed(f"remove:{job.id}", "admin:ada", LATER, "slot_removal")
    again = booking.moved(BookingStatus.CANCELLED, deed)
    with pytest.raises(Lost):
        shop.ledger.commit(SaveBooking(again))
    with pytest.raises(Lost):
        shop.ledger.commit(RemoveClaim(shop.first.key, who, claim))
