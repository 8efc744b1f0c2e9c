"""Nobody sits on the inventory, and nobody asks too often (HOLD-8, SEC-2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from holdfast.app.asked import Asked
from holdfast.app.cancel import cancel
from holdfast.app.confirm import confirm
from holdfast.app.expire import expire
from holdfast.app.my_bookings import my_bookings
from holdfast.app.ports import Recollection, Timer
from holdfast.app.release import release
from holdfast.app.reserve import Reserved, reserve
from holdfast.domain.errors import PolicyViolation, RateLimited, SlotFull, Unavailable
from holdfast.domain.instants import HOUR, MINUTE, NEVER, SECOND
from holdfast.domain.slot import Slot
from tests.support.builders import (
    ALICE,
    BOB,
    BUSINESS,
    NOW,
    SETTINGS,
    a_business,
    a_slot,
    a_wish,
    asked,
    at_once,
)
from tests.support.memory import Memory, MemoryLedger
from tests.support.memory_readers import MemoryBookings, MemoryCallers, MemoryCatalog, MemoryCatalogues


@dataclass
class Court:
    """Four slots of a business with the given hold rules and limits."""

    hold: dict[str, int] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.memory = Memory()
        self.memory.businesses[BUSINESS] = a_business(
            hold=SETTINGS["hold"] | self.hold, rateLimits=SETTINGS["rateLimits"] | self.limits
        )
        self.slots = [a_slot(start=NOW + hour * HOUR, capacity=1) for hour in range(2, 6)]
        self.memory.slots |= {slot.key: slot for slot in self.slots}
        self.ledger, self.callers = MemoryLedger(self.memory), MemoryCallers(self.memory)
        self.catalog, self.bookings = MemoryCatalog(self.memory), MemoryBookings(self.memory)
        self.catalogues = MemoryCatalogues(self.memory)

    def reserve(self, by: Asked, slot: Slot | None = None, **wish: Any) -> Reserved:
        wanted = a_wish((slot or self.slots[0]).key, **wish)
        return at_once(
            reserve(self.ledger, self.callers, self.catalog, self.catalogues, self.bookings, by, wanted)
        )


def refused(rule: str, ask: Callable[[], object]) -> PolicyViolation:
    with pytest.raises(PolicyViolation) as violation:
        ask()
    assert violation.value.facts["rule"] == rule
    return violation.value


def test_a_slot_is_not_held_again_right_after_a_hold_of_it_was_released() -> None:
    court = Court(hold={"cooldownSeconds": 60})
    first = court.reserve(asked(now=NOW)).booking
    release(court.ledger, court.callers, asked(now=NOW + SECOND), first.id)

    again = refused("hold_cooldown", lambda: court.reserve(asked(now=NOW + 11 * SECOND)))

    assert again.facts["retryAfter"] == 50
    assert court.reserve(asked(BOB, now=NOW + 12 * SECOND)).created
    assert court.reserve(asked(now=NOW + 2 * SECOND), court.slots[1]).created


def test_asking_again_while_holding_does_not_spare_the_cool_down() -> None:
    court = Court(hold={"cooldownSeconds": 60})
    first = court.reserve(asked(now=NOW)).booking
    assert court.reserve(asked(now=NOW + SECOND)).booking == first
    release(court.ledger, court.callers, asked(now=NOW + 2 * SECOND), first.id)
    refused("hold_cooldown", lambda: court.reserve(asked(now=NOW + 3 * SECOND)))


def test_trying_again_during_the_cool_down_does_not_end_it() -> None:
    court = Court(hold={"cooldownSeconds": 60})
    first = court.reserve(asked(now=NOW)).booking
    release(court.ledger, court.callers, asked(now=NOW + SECOND), first.id)
    for second in (2, 3, 60):
        refused("hold_cooldown", lambda at=second: court.reserve(asked(now=NOW + at * SECOND)))  # type: ignore[misc]
    assert court.reserve(asked(now=NOW + 61 * SECOND)).created


@pytest.mark.parametrize("tidied_up", [False, True])
def test_a_lapsed_hold_cools_down_from_its_end(tidied_up: bool) -> None:
    court = Court(hold={"cooldownSeconds": 60})
    first = court.reserve(asked(now=NOW), hold_seconds=10).booking
    if tidied_up:
        expire(court.ledger, Timer.of(first), first.expires + 2 * SECOND)
    refused("hold_cooldown", lambda: court.reserve(asked(now=first.expires + 5 * SECOND)))
    assert court.reserve(asked(now=first.expires + 63 * SECOND)).created


def test_neither_a_live_hold_nor_a_known_key_meets_the_cool_down() -> None:
    court = Court(hold={"cooldownSeconds": 600, "maxPerUser": 1})
    keyed = asked(now=NOW, key="key")
    first = court.reserve(keyed).booking
    assert court.reserve(asked(now=NOW + SECOND)).booking == first
    release(court.ledger, court.callers, asked(now=NOW + 2 * SECOND), first.id)
    assert court.reserve(keyed).booking.id == first.id


def test_a_hold_that_became_a_booking_does_not_cool_down() -> None:
    court = Court(hold={"cooldownSeconds": 600})
    first = court.reserve(asked(now=NOW)).booking
    confirm(court.ledger, court.callers, court.catalog, court.catalogues, asked(now=NOW + SECOND), first.id)
    cancel(
        court.ledger, court.callers, court.catalog, court.catalogues, asked(now=NOW + 2 * SECOND), first.id
    )
    assert court.reserve(asked(now=NOW + 3 * SECOND)).created


def test_live_holds_are_capped_and_confirmed_ones_do_not_count() -> None:
    court = Court(hold={"maxPerUser": 2})
    first = court.reserve(asked(now=NOW), court.slots[0]).booking
    court.reserve(asked(now=NOW), court.slots[1])

    refused("max_holds", lambda: court.reserve(asked(now=NOW), court.slots[2]))
    assert court.reserve(asked(BOB, now=NOW), court.slots[2]).created

    confirm(court.ledger, court.callers, court.catalog, court.catalogues, asked(now=NOW + SECOND), first.id)
    assert court.reserve(asked(now=NOW + SECOND), court.slots[3]).created


def test_a_hold_older_than_what_is_remembered_still_counts() -> None:
    court = Court(hold={"maxPerUser": 1, "maxSeconds": 7200, "totalMaxSeconds": 7200})
    court.reserve(asked(now=NOW), court.slots[0], hold_seconds=3600)
    later = NOW + 20 * MINUTE
    court.reserve(asked(now=later - SECOND), court.slots[1])  # nothing else remembered: not looked for
    refused("max_holds", lambda: court.reserve(asked(now=later), court.slots[2]))


def test_of_thirty_reserves_in_a_minute_ten_are_judged_and_twenty_refused() -> None:
    court = Court(limits={"reservePerMinute": 10})
    minute = NOW - NOW % MINUTE
    outcomes: list[type] = []
    for number in range(30):
        try:
            court.reserve(asked(now=minute + number * SECOND, key=f"key {number}"))
        except (RateLimited, SlotFull) as answer:
            outcomes.append(type(answer))
        else:
            outcomes.append(Reserved)
    assert outcomes.count(RateLimited) == 20
    assert outcomes[:10] == [Reserved] * 10  # the first made it, the others are answered with it
    assert court.reserve(asked(now=minute + MINUTE)).booking


def test_a_limit_tells_when_to_come_back_and_how_much_is_left() -> None:
    court = Court(limits={"reservePerMinute": 1})
    minute = NOW - NOW % MINUTE
    first = asked(now=minute + 15 * SECOND)
    court.reserve(first)
    assert (first.meter.limit, first.meter.used, first.meter.reset) == (1, 1, 45)
    with pytest.raises(RateLimited) as limited:
        court.reserve(asked(now=minute + 20 * SECOND))
    assert limited.value.facts["retryAfter"] == 40


def test_cancels_are_counted_apart_from_reserves() -> None:
    court = Court(limits={"reservePerMinute": 2, "cancelPerMinute": 1})
    ids = [court.reserve(asked(now=NOW), slot).booking.id for slot in court.slots[:2]]
    for booking_id in ids:
        confirm(court.ledger, court.callers, court.catalog, court.catalogues, asked(now=NOW), booking_id)
    cancel(court.ledger, court.callers, court.catalog, court.catalogues, asked(now=NOW), ids[0])
    with pytest.raises(RateLimited):
        cancel(court.ledger, court.callers, court.catalog, court.catalogues, asked(now=NOW), ids[1])


class UnwritableCallers(MemoryCallers):
    def note(self, *_: Any, **__: Any) -> Recollection:
        raise Unavailable("injected")


def test_without_the_callers_item_a_keyed_request_waits_and_any_other_goes_on() -> None:
    court = Court()
    court.callers = UnwritableCallers(court.memory)
    with pytest.raises(Unavailable):
        court.reserve(asked(now=NOW, key="key"))
    unkeyed = asked(now=NOW)
    assert court.reserve(unkeyed).created
    assert unkeyed.meter.blind


class LaggingIndex(MemoryBookings):
    """Knows nothing yet, save what it is asked for by name."""

    def of_owner(self, owner: str, start: int, end: int, *, also: Any = (), **page: Any) -> Any:
        found = super().of_owner(owner, start, end, **page)
        return type(found)([each for each in found.items if each.id in also], None)


def test_my_bookings_show_the_one_made_a_moment_ago() -> None:
    court = Court()
    made = court.reserve(asked(now=NOW)).booking
    lagging = LaggingIndex(court.memory)
    mine = my_bookings(lagging, court.callers, asked(now=NOW), 0, NEVER, limit=10, cursor=None)
    assert list(mine.items) == [made]
    theirs = my_bookings(lagging, court.callers, asked(BOB, now=NOW), 0, NEVER, limit=10, cursor=None)
    assert list(theirs.items) == []
    assert made.owner == ALICE.id
