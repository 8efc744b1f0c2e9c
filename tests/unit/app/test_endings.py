"""What ends holds by itself: timer, sweep and TTL; each early, late, twice, or overtaken (HOLD-4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from holdfast.app.expire import expire, restore
from holdfast.app.ports import Timer
from holdfast.app.sweep import Swept, sweep
from holdfast.app.timers import ring, timers_for
from holdfast.domain.booking import BookingStatus
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import HOUR, JANITOR_SKEW, MINUTE, NEVER, SECOND
from tests.support.builders import BOB, NOW, a_claim, a_slot, asked
from tests.support.memory_queues import MemoryTimers
from tests.unit.app.shop import Shop, timer_of


def test_a_lapsed_hold_gives_its_units_back_and_says_why(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    late = held.expires + JANITOR_SKEW
    assert shop.expire(held, late) is None
    assert (shop.slot.free, shop.slot.claims) == (2, {})
    lapsed = shop.booking(held)
    assert (lapsed.status, lapsed.version) == (BookingStatus.EXPIRED, 2)
    deed = lapsed.history[-1].deed
    assert (deed.reason, deed.actor, deed.at) == ("lapsed", "system:expirer", late)
    assert shop.violations(late) == []


@pytest.mark.parametrize("early", [1, 1000, 1999, 2000, 100_000])
def test_a_message_that_comes_early_changes_nothing_and_is_to_come_again(shop: Shop, early: int) -> None:
    """Two seconds of clock skew are allowed for: a second early is as early as an hour."""
    held = shop.reserve(asked()).booking
    before = shop.slot
    assert shop.expire(held, held.expires + JANITOR_SKEW - early) == held.expires
    assert (shop.slot, shop.booking(held)) == (before, held)


def test_an_early_message_is_sent_anew_and_a_late_one_is_not(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    timers = MemoryTimers(shop.memory)
    ring(shop.ledger, timers, timer_of(held), held.expires)
    assert timers.sent == [(held.expires, timer_of(held))]
    ring(shop.ledger, timers, timer_of(held), held.expires + JANITOR_SKEW)
    assert len(timers.sent) == 1
    assert shop.booking(held).status is BookingStatus.EXPIRED


def test_a_message_that_cannot_be_sent_anew_is_a_failure(shop: Shop) -> None:
    class Broken(MemoryTimers):
        def schedule(self, timers: object, now: int) -> list[Timer]:
            return [timer_of(held)]

    held = shop.reserve(asked()).booking
    with pytest.raises(Unavailable):
        ring(shop.ledger, Broken(shop.memory), timer_of(held), NOW)


def test_a_message_twice_ends_a_hold_once(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    for later in range(3):
        assert shop.expire(held, held.expires + JANITOR_SKEW + later) is None
    assert shop.booking(held).version == 2
    assert shop.slot.free == 2


def test_a_message_of_a_hold_that_was_extended_is_dropped_since_the_new_end_has_its_own(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    longer = shop.extend(asked(), held, seconds=600).booking
    assert shop.expire(held, held.expires + JANITOR_SKEW) is None
    assert shop.booking(held) == longer
    assert shop.expire(longer, longer.expires + JANITOR_SKEW) is None
    assert shop.booking(held).status is BookingStatus.EXPIRED


def test_what_was_confirmed_is_left_alone(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    confirmed = shop.confirm(asked(), held).booking
    assert shop.expire(held, held.expires + HOUR) is None
    assert shop.booking(held) == confirmed
    assert shop.slot.claims[held.who].expires == NEVER


def test_what_somebody_else_holds_by_now_is_left_alone(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    again = shop.reserve(asked(now=held.expires, key="again"))
    assert again.created
    assert shop.expire(held, held.expires + JANITOR_SKEW) is None
    assert shop.slot.claims == {held.who: again.booking.claim}
    assert shop.booking(held).status is BookingStatus.EXPIRED
    assert shop.booking(again.booking) == again.booking


def test_a_claim_without_a_record_is_taken_out(shop: Shop) -> None:
    shop.memory.put_slot(shop.slot.claimed("who", a_claim("crashed")))
    timer = Timer(shop.slot.key, "who", "crashed", a_claim().expires)
    assert expire(shop.ledger, timer, a_claim().expires + JANITOR_SKEW) is None
    assert (shop.slot.claims, shop.memory.bookings) == ({}, {})


def test_a_record_without_a_claim_ends_by_its_own_end(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    shop.memory.put_slot(shop.slot.without(held.who))
    assert shop.expire(held, held.expires + JANITOR_SKEW - 1) == held.expires
    assert shop.booking(held) == held
    assert shop.expire(held, held.expires + JANITOR_SKEW) is None
    assert shop.booking(held).status is BookingStatus.EXPIRED


def test_of_nothing_at_all_nothing_is_ended(shop: Shop) -> None:
    nowhere = Timer(replace(shop.first.key, time="0000"), "who", "none", NOW)
    assert expire(shop.ledger, nowhere, NOW + HOUR) is None
    assert shop.slot == shop.first


def test_an_expiry_overtaken_by_a_confirm_decides_again_and_leaves_it(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    behind = asked(now=held.expires - 1)  # a clock two seconds behind the janitor's
    shop.pauses["commit RemoveClaim+SaveBooking"] = lambda: shop.confirm(behind, held)
    assert shop.expire(held, held.expires + JANITOR_SKEW) is None
    assert shop.booking(held).status is BookingStatus.CONFIRMED
    assert shop.slot.claims[held.who].expires == NEVER


def test_a_record_the_ttl_deleted_is_put_back_as_expired_once(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    shop.memory.reap(held.expires + HOUR)
    assert shop.memory.bookings == {}
    for later in (0, SECOND):
        restore(shop.ledger, held, held.expires + HOUR + later)
    assert shop.booking(held).status is BookingStatus.EXPIRED
    assert shop.booking(held).version == 2
    assert shop.slot.claims == {}


def test_a_record_the_ttl_deleted_does_not_overwrite_one_that_is_there(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    confirmed = shop.confirm(asked(), held).booking
    restore(shop.ledger, held, held.expires + HOUR)
    assert shop.booking(held) == confirmed


def test_an_ended_record_that_goes_after_its_retention_stays_gone(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    released = shop.release(asked(), held).booking
    del shop.memory.bookings[held.id]
    restore(shop.ledger, released, NOW + 100 * 24 * HOUR)
    assert shop.memory.bookings == {}


def test_the_sweep_ends_what_its_timer_forgot(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    assert sweep(shop.ledger, shop.catalog, shop.jobs, held.expires - 1) == Swept(0, 0, 0)
    assert sweep(shop.ledger, shop.catalog, shop.jobs, held.expires + 5 * MINUTE) == Swept(2, 0, 0)
    assert shop.booking(held).status is BookingStatus.EXPIRED
    assert (shop.slot.claims, shop.slot.due) == ({}, None)
    assert sweep(shop.ledger, shop.catalog, shop.jobs, held.expires + HOUR) == Swept(0, 0, 0)


def test_the_sweep_ends_the_record_whose_claim_a_newcomer_evicted() -> None:
    shop = Shop(a_slot(capacity=1))
    held = shop.reserve(asked()).booking
    taken = shop.reserve(asked(BOB, now=held.expires)).booking
    shop.confirm(asked(BOB, now=held.expires), taken)
    sweep(shop.ledger, shop.catalog, shop.jobs, held.expires + 5 * MINUTE)
    assert shop.booking(held).status is BookingStatus.EXPIRED
    assert shop.booking(taken).status is BookingStatus.CONFIRMED
    assert shop.slot.due is None


def test_the_sweep_leaves_live_holds_and_looks_again_when_they_end() -> None:
    shop = Shop(a_slot(capacity=2))
    first = shop.reserve(asked()).booking
    second = shop.reserve(asked(BOB), hold_seconds=300).booking
    sweep(shop.ledger, shop.catalog, shop.jobs, first.expires + JANITOR_SKEW)
    assert set(shop.slot.claims) == {second.who}
    assert shop.slot.due == second.expires


def test_the_sweep_waits_out_the_skew_of_clocks(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    sweep(shop.ledger, shop.catalog, shop.jobs, held.expires + JANITOR_SKEW - 1)
    assert shop.slot.claims == {held.who: held.claim}


def test_what_the_sweep_cannot_settle_is_counted_and_stays_due() -> None:
    shop = Shop(a_slot(capacity=1))
    held = shop.reserve(asked()).booking

    def out_of_order(where: str) -> None:
        if where.startswith("commit "):
            raise Unavailable("injected")

    shop.memory.pause = out_of_order
    now = held.expires + 5 * MINUTE
    assert sweep(shop.ledger, shop.catalog, shop.jobs, now) == Swept(2, 2, 0)
    shop.memory.pause = lambda _: None
    assert sweep(shop.ledger, shop.catalog, shop.jobs, now) == Swept(2, 0, 0)
    assert shop.violations(now) == []


def test_a_timer_is_set_for_each_hold_seen_with_a_new_end() -> None:
    held, sold = a_claim("held"), a_claim("sold", expires=NEVER)
    slot = a_slot(capacity=5, claims={"a": held, "b": sold})
    assert timers_for(None, slot) == [Timer(slot.key, "a", "held", held.expires)]
    assert timers_for(slot, slot) == []
    longer = slot.with_expiry("a", held.expires + 1)
    assert timers_for(slot, longer) == [Timer(slot.key, "a", "held", held.expires + 1)]
    assert timers_for(slot, slot.with_expiry("a", NEVER)) == []
    assert timers_for(slot, slot.without("a")) == []
    taken = slot.without("a").claimed("a", replace(held, booking="other"))
    assert timers_for(slot, taken) == [Timer(slot.key, "a", "other", held.expires)]
    assert timers_for(slot, slot.claimed("c", held)) == [Timer(slot.key, "c", "held", held.expires)]
