"""What admins do to slots, on the ports in memory: races, repeats, windows (SLOT-3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from holdfast.app.asked import Asked
from holdfast.app.change_slot import Terms, block_slot, delete_slot, unblock_slot, update_slot
from holdfast.app.create_slot import NewSlot, create_slot
from holdfast.domain import invariants
from holdfast.domain.caller import Caller
from holdfast.domain.errors import (
    Forbidden,
    HoldExpired,
    Invalid,
    NotFound,
    Overlap,
    PreconditionRequired,
    SlotBlocked,
    SlotInUse,
    StaleVersion,
)
from holdfast.domain.instants import DAY, HOUR, MINUTE
from holdfast.domain.money import Money
from holdfast.domain.place import SlotKey
from holdfast.domain.slot import Slot, SlotState
from tests.support.builders import BOB, BUSINESS, NOW, RESOURCE, a_resource, asked
from tests.unit.app.shop import Shop

ADA = Caller("ada", frozenset({f"{BUSINESS}:admin"}))
STAN = Caller("stan", frozenset({f"{BUSINESS}:staff"}))
START = NOW + 2 * DAY


def publish(shop: Shop, start: int, end: int, by: Asked | None = None) -> Slot:
    new = NewSlot(resource=RESOURCE, start=start, end=end, capacity=2, metadata={})
    return create_slot(shop.ledger, shop.catalog, by or asked(ADA), BUSINESS, new)


@pytest.fixture
def published(shop: Shop) -> Slot:
    """A slot with its window, in place of the shop's own, which has none."""
    shop.memory.slots.clear()
    shop.first = publish(shop, START, START + HOUR)
    return shop.first


def update(shop: Shop, by: Asked, **terms: object) -> Slot:
    return update_slot(shop.ledger, shop.catalog, by, shop.first.key, Terms(**terms))  # type: ignore[arg-type]


def delete(shop: Shop, by: Asked) -> Slot:
    return delete_slot(shop.ledger, shop.catalog, by, shop.first.key)


def violations(shop: Shop) -> list[str]:
    memory = shop.memory
    return shop.violations(NOW) + list(invariants.of_resource(memory.slots.values(), memory.days.values()))


def windows(shop: Shop) -> dict[str, list[tuple[str, int, int]]]:
    return {
        key.day: [(slot[-4:], window.start, window.end) for slot, window in day.windows.items()]
        for key, day in sorted(shop.memory.days.items())
    }


DEEDS: dict[str, Callable[[Shop, Asked], Slot]] = {
    "update": lambda shop, by: update(shop, by, capacity=3),
    "block": lambda shop, by: block_slot(shop.ledger, shop.catalog, by, shop.first.key),
    "unblock": lambda shop, by: unblock_slot(shop.ledger, shop.catalog, by, shop.first.key),
    "delete": delete,
}


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("deed", DEEDS)
def test_only_the_businesss_admins_may(shop: Shop, deed: str) -> None:
    for caller in (STAN, BOB, Caller("eve", frozenset({"boats:admin"}))):
        with pytest.raises(Forbidden):
            DEEDS[deed](shop, asked(caller, expects=1))
    assert shop.slot == shop.first


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("deed", DEEDS)
def test_a_stale_version_changes_nothing(shop: Shop, deed: str) -> None:
    with pytest.raises(StaleVersion) as refused:
        DEEDS[deed](shop, asked(ADA, expects=9))
    assert refused.value.facts == {"currentVersion": 1}
    assert shop.slot == shop.first


@pytest.mark.parametrize("deed", DEEDS)
def test_of_a_slot_that_is_not_there_nothing_is_told(shop: Shop, published: Slot, deed: str) -> None:
    delete(shop, asked(ADA))
    with pytest.raises(NotFound):
        DEEDS[deed](shop, asked(ADA, expects=2))
    shop.first = replace(published, key=SlotKey("cars", RESOURCE, "2026-06-14", "1000"))
    with pytest.raises(NotFound):
        DEEDS[deed](shop, asked(ADA, expects=1))


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("deed", ["update", "block", "delete"])
def test_a_repeat_finds_what_it_did_though_its_answer_was_lost(shop: Shop, deed: str) -> None:
    by = asked(ADA, key="again", expects=1)
    done = DEEDS[deed](shop, by)
    assert DEEDS[deed](shop, by) == done == shop.slot
    assert shop.slot.terms == 2


@pytest.mark.usefixtures("published")
def test_an_update_needs_the_version_it_was_read_at(shop: Shop) -> None:
    with pytest.raises(PreconditionRequired):
        update(shop, asked(ADA), capacity=3)
    changed = update(shop, asked(ADA, expects=1), capacity=3, price=Money(10, "EUR"), metadata={"a": 1})
    assert (changed.capacity, changed.free, changed.price.minor, changed.metadata) == (3, 3, 10, {"a": 1})


@pytest.mark.usefixtures("published")
def test_blocking_is_done_once_and_undone_once(shop: Shop) -> None:
    for _ in range(2):
        assert DEEDS["block"](shop, asked(ADA)).terms == 2
    for _ in range(2):
        assert DEEDS["unblock"](shop, asked(ADA)).terms == 3
    assert shop.slot.state is SlotState.OPEN


@pytest.mark.usefixtures("published")
def test_a_hold_outlives_a_block_and_cannot_be_confirmed_in_it(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    DEEDS["block"](shop, asked(ADA))
    with pytest.raises(SlotBlocked):
        shop.confirm(asked(), held)
    with pytest.raises(SlotBlocked):
        shop.reserve(asked(BOB))
    DEEDS["unblock"](shop, asked(ADA))
    assert shop.confirm(asked(), held).booking.number
    assert violations(shop) == []


@pytest.mark.usefixtures("published")
def test_the_capacity_stays_above_what_is_taken_in_the_very_instant(shop: Shop) -> None:
    shop.reserve(asked())
    shop.pauses["commit SaveSlot"] = lambda: shop.reserve(asked(BOB))
    with pytest.raises(SlotInUse) as refused:
        update(shop, asked(ADA, expects=1), capacity=1)
    assert refused.value.facts == {"liveBookings": 2, "takenUnits": 2, "waiting": 0}
    assert violations(shop) == []


@pytest.mark.usefixtures("published")
def test_a_claim_that_comes_in_between_is_kept(shop: Shop) -> None:
    shop.pauses["commit SaveSlot"] = lambda: shop.reserve(asked(BOB))
    update(shop, asked(ADA, expects=1), capacity=4)
    assert (len(shop.slot.claims), shop.slot.free) == (1, 3)
    assert violations(shop) == []


@pytest.mark.usefixtures("published")
def test_a_new_end_moves_the_window(shop: Shop) -> None:
    publish(shop, START + 2 * HOUR, START + 3 * HOUR)
    update(shop, asked(ADA, expects=1), end=START + 2 * HOUR)
    with pytest.raises(Overlap):
        update(shop, asked(ADA, expects=2), end=START + 2 * HOUR + MINUTE)
    assert windows(shop) == {"2026-06-14": [("1000", 600, 720), ("1200", 720, 780)]}
    update(shop, asked(ADA, expects=2), end=START + MINUTE)
    assert publish(shop, START + MINUTE, START + 2 * HOUR)
    assert violations(shop) == []


@pytest.mark.usefixtures("published")
def test_a_new_end_on_another_day_takes_that_day_too_and_gives_it_back(shop: Shop) -> None:
    update(shop, asked(ADA, expects=1), end=START + DAY)
    assert windows(shop) == {"2026-06-14": [("1000", 600, 1440)], "2026-06-15": [("1000", 0, 600)]}
    update(shop, asked(ADA, expects=2), end=START + HOUR)
    assert windows(shop) == {"2026-06-14": [("1000", 600, 660)], "2026-06-15": []}
    assert violations(shop) == []


@pytest.mark.usefixtures("published")
def test_where_slots_may_overlap_a_new_end_may_too(shop: Shop) -> None:
    publish(shop, START + HOUR, START + 2 * HOUR)
    shop.memory.resources[BUSINESS, RESOURCE] = a_resource(slots_may_overlap=True)
    assert update(shop, asked(ADA, expects=1), end=START + 2 * HOUR).end == START + 2 * HOUR


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("end", [START, START - MINUTE, START + 1, START + 7 * DAY + MINUTE])
def test_an_end_that_is_none_is_refused(shop: Shop, end: int) -> None:
    with pytest.raises(Invalid):
        update(shop, asked(ADA, expects=1), end=end)


@pytest.mark.usefixtures("published")
def test_a_price_in_another_currency_is_refused(shop: Shop) -> None:
    with pytest.raises(Invalid):
        update(shop, asked(ADA, expects=1), price=Money(1, "USD"))


@pytest.mark.usefixtures("published")
def test_a_deleted_slots_time_is_free_and_its_rev_goes_on(shop: Shop) -> None:
    delete(shop, asked(ADA))
    assert windows(shop) == {"2026-06-14": []}
    with pytest.raises(NotFound):
        shop.reserve(asked())
    again = publish(shop, START, START + 2 * HOUR)
    assert (again.rev, again.terms, again.state) == (3, 3, SlotState.OPEN)
    assert violations(shop) == []


@pytest.mark.usefixtures("published")
def test_a_hold_stands_in_the_way_of_a_deletion_until_it_is_over(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    with pytest.raises(SlotInUse) as refused:
        delete(shop, asked(ADA))
    assert refused.value.facts == {"liveBookings": 1, "takenUnits": 1, "waiting": 0}
    delete(shop, asked(ADA, now=held.expires))
    assert (shop.slot.state, shop.slot.claims) == (SlotState.DELETED, {})
    with pytest.raises(HoldExpired):
        shop.confirm(asked(), held)


@pytest.mark.usefixtures("published")
def test_a_claim_that_comes_while_the_slot_is_deleted_is_not_lost(shop: Shop) -> None:
    shop.pauses["commit SaveSlot+SaveDay"] = lambda: shop.reserve(asked(BOB))
    with pytest.raises(SlotInUse):
        delete(shop, asked(ADA))
    assert violations(shop) == []


@pytest.mark.usefixtures("published")
def test_a_create_that_is_repeated_after_its_slot_was_deleted_makes_no_second_one(shop: Shop) -> None:
    by = asked(ADA, key="create")
    made = publish(shop, START + 5 * HOUR, START + 6 * HOUR, by)
    delete_slot(shop.ledger, shop.catalog, asked(ADA), made.key)
    with pytest.raises(NotFound):
        publish(shop, START + 5 * HOUR, START + 6 * HOUR, by)
