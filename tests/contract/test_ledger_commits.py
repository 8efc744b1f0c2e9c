"""`Ledger.commit`: each kind of write on its own condition, and all or nothing together."""

from __future__ import annotations

from collections.abc import Sequence
from copy import replace

import pytest

from holdfast.app.ports import Lost
from holdfast.app.writes import (
    RemoveClaim,
    SaveBooking,
    SaveDay,
    SaveSlot,
    SetClaimExpiry,
    TakeNumber,
    Write,
)
from holdfast.domain.booking import BookingStatus, Deed
from holdfast.domain.day import Day
from holdfast.domain.instants import HOUR, NEVER, SECOND
from holdfast.domain.place import DayKey, Window
from holdfast.domain.slot import SlotState
from tests.support.builders import BUSINESS, NOW, RESOURCE, a_booking, a_claim, a_slot
from tests.support.clouds import Ports

KEY = a_slot().key
DAY = DayKey(BUSINESS, RESOURCE, "2026-06-14")
HELD = a_claim("a", expires=NOW + 60 * SECOND)
EXTEND = SetClaimExpiry(KEY, "alice", "a", NOW + HOUR, NOW, open_only=False)


def test_a_live_claim_gets_another_end(ports: Ports) -> None:
    slot = ports.put(a_slot(claims={"alice": HELD, "bob": a_claim()}))
    ports.ledger.commit(EXTEND)
    assert ports.ledger.slot(KEY) == slot.with_expiry("alice", NOW + HOUR)


def test_a_live_claim_is_confirmed_for_ever(ports: Ports) -> None:
    slot = ports.put(a_slot(claims={"alice": HELD}))
    ports.ledger.commit(replace(EXTEND, expires=NEVER, open_only=True))
    confirmed = ports.ledger.slot(KEY)
    assert confirmed == slot.with_expiry("alice", NEVER)
    assert confirmed.claims["alice"].confirmed


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(replace(EXTEND, booking="another"), id="of another booking"),
        pytest.param(replace(EXTEND, who="nobody"), id="that is not there"),
        pytest.param(replace(EXTEND, now=HELD.expires), id="that ends this millisecond"),
        pytest.param(replace(EXTEND, now=HELD.expires + 1), id="that is past"),
        pytest.param(replace(EXTEND, ledger=replace(KEY, time="0000")), id="in a slot that is not there"),
    ],
)
def test_no_end_is_set_on_a_claim(ports: Ports, write: SetClaimExpiry) -> None:
    slot = ports.put(a_slot(claims={"alice": HELD}))
    with pytest.raises(Lost):
        ports.ledger.commit(write)
    assert ports.ledger.slot(KEY) == slot


@pytest.mark.parametrize("state", [SlotState.BLOCKED, SlotState.DELETED])
def test_in_a_closed_slot_a_claim_is_confirmed_only_if_that_is_no_matter(
    ports: Ports, state: SlotState
) -> None:
    slot = ports.put(a_slot(claims={"alice": HELD}, state=state))
    with pytest.raises(Lost):
        ports.ledger.commit(replace(EXTEND, open_only=True))
    assert ports.ledger.slot(KEY) == slot
    ports.ledger.commit(replace(EXTEND, open_only=False))
    assert ports.ledger.slot(KEY) == slot.with_expiry("alice", NOW + HOUR)


def test_a_claim_taken_out_gives_its_units_back(ports: Ports) -> None:
    slot = ports.put(a_slot(capacity=5, claims={"alice": replace(HELD, units=3), "bob": a_claim()}))
    ports.ledger.commit(RemoveClaim(KEY, "alice", replace(HELD, units=3)))
    left = ports.ledger.slot(KEY)
    assert left == slot.without("alice")
    assert (left.free, set(left.claims)) == (4, {"bob"})


@pytest.mark.parametrize(
    "claim",
    [
        pytest.param(replace(HELD, booking="b"), id="another booking"),
        pytest.param(replace(HELD, units=2), id="other units"),
        pytest.param(replace(HELD, expires=HELD.expires + 1), id="another end"),
        pytest.param(replace(HELD, expires=NEVER), id="confirmed"),
        pytest.param(replace(HELD, fingerprint="other"), id="another fingerprint"),
    ],
)
def test_a_claim_is_taken_out_only_while_its_whole_value_is_the_same(ports: Ports, claim: object) -> None:
    assert isinstance(claim, type(HELD))
    slot = ports.put(a_slot(claims={"alice": HELD}))
    with pytest.raises(Lost):
        ports.ledger.commit(RemoveClaim(KEY, "alice", claim))
    assert ports.ledger.slot(KEY) == slot


def test_a_claim_is_taken_out_once(ports: Ports) -> None:
    ports.put(a_slot(claims={"alice": HELD}))
    ports.ledger.commit(RemoveClaim(KEY, "alice", HELD))
    with pytest.raises(Lost):
        ports.ledger.commit(RemoveClaim(KEY, "alice", HELD))
    assert ports.ledger.slot(KEY) == replace(a_slot(), rev=2)


def test_from_a_slot_that_is_not_there_no_claim_is_taken(ports: Ports) -> None:
    with pytest.raises(Lost):
        ports.ledger.commit(RemoveClaim(KEY, "alice", HELD))
    assert ports.ledger.slot(KEY) is None


def test_a_slot_is_published_once_and_then_saved_on_its_rev_only(ports: Ports) -> None:
    slot = a_slot()
    ports.ledger.commit(SaveSlot(slot))
    for stale in (slot, replace(slot, rev=3)):
        with pytest.raises(Lost):
            ports.ledger.commit(SaveSlot(stale))
    assert ports.ledger.slot(KEY) == slot
    ports.ledger.commit(SaveSlot(replace(slot, rev=2, state=SlotState.DELETED)))
    assert ports.ledger.slot(KEY) == replace(slot, rev=2, state=SlotState.DELETED)


def test_a_day_is_saved_on_its_rev_only(ports: Ports) -> None:
    empty = Day(DAY)
    day = empty.with_window("a-slot", Window(60, 90), NOW, may_overlap=False)
    ports.ledger.commit(SaveDay(day))
    late = empty.with_window("other", Window(0, 30), NOW, may_overlap=False)
    for stale in (late, replace(late, rev=3)):
        with pytest.raises(Lost):
            ports.ledger.commit(SaveDay(stale))
    second = day.with_window("other", Window(0, 30), NOW, may_overlap=False)
    ports.ledger.commit(SaveDay(second))
    assert ports.ledger.slot_and_days(KEY, [DAY]) == (None, [second])


def test_a_record_is_saved_on_its_version_only(ports: Ports) -> None:
    booking = a_booking()
    ports.ledger.record(booking)
    changed = booking.changed(Deed("op-2", "customer:alice", NOW, "amend"))
    for stale in (replace(booking, notes="no"), replace(changed, version=3), replace(changed, version=9)):
        with pytest.raises(Lost):
            ports.ledger.commit(SaveBooking(stale))
    assert ports.ledger.booking(booking.id) == booking
    ports.ledger.commit(SaveBooking(changed))
    assert ports.ledger.booking(booking.id) == changed


def test_a_record_that_is_gone_is_not_saved_on_a_version(ports: Ports) -> None:
    with pytest.raises(Lost):
        ports.ledger.commit(SaveBooking(replace(a_booking(), version=2)))
    assert ports.ledger.booking(a_booking().id) is None


def test_a_record_is_put_back_only_while_it_is_gone(ports: Ports) -> None:
    lapsed = a_booking().moved(BookingStatus.EXPIRED, Deed("lapse", "system:expirer", NOW, "expiry"))
    ports.ledger.commit(SaveBooking(lapsed, absent=True))
    assert ports.ledger.booking(lapsed.id) == lapsed
    with pytest.raises(Lost):
        ports.ledger.commit(SaveBooking(replace(lapsed, notes="again"), absent=True))
    assert ports.ledger.booking(lapsed.id) == lapsed


def test_a_number_is_taken_by_one_booking_and_again_only_by_the_same(ports: Ports) -> None:
    ports.ledger.commit(TakeNumber("BOK-20260612-ABCDEF", "a"))
    ports.ledger.commit(TakeNumber("BOK-20260612-ABCDEF", "a"))
    with pytest.raises(Lost):
        ports.ledger.commit(TakeNumber("BOK-20260612-ABCDEF", "b"))


RECORD = a_booking(claim=HELD)
AMENDED = RECORD.changed(Deed("op-2", "customer:alice", NOW, "amend"))
FITTING: dict[str, Write] = {
    "claim": EXTEND,
    "day": SaveDay(Day(DAY, 1, {"a-slot": Window(0, 30)})),
    "record": SaveBooking(AMENDED),
    "number": TakeNumber("BOK-20260612-FREE22", "a"),
}
FAILING: dict[str, Sequence[Write]] = {
    "claim": [
        replace(EXTEND, booking="another"),
        RemoveClaim(KEY, "alice", replace(HELD, expires=NEVER)),
        SaveSlot(a_slot(rev=5)),
    ],
    "day": [SaveDay(Day(DAY, 2, {"a-slot": Window(0, 30)}))],
    "record": [SaveBooking(replace(AMENDED, version=7)), SaveBooking(AMENDED, absent=True)],
    "number": [TakeNumber("BOK-20260612-TAKEN2", "a")],
}


def _seed(ports: Ports) -> None:
    ports.put(a_slot(claims={"alice": HELD}))
    ports.ledger.record(RECORD)
    ports.ledger.commit(TakeNumber("BOK-20260612-TAKEN2", "another"))


@pytest.mark.parametrize(
    ("at", "failing"),
    [
        pytest.param(at, failing, id=f"{at}: {type(failing).__name__} {number}")
        for at, all_failing in FAILING.items()
        for number, failing in enumerate(all_failing)
    ],
)
def test_a_transaction_with_one_failing_member_writes_nothing(ports: Ports, at: str, failing: Write) -> None:
    _seed(ports)
    before = ports.ledger.slot_and_days(KEY, [DAY]), ports.ledger.booking(RECORD.id)
    with pytest.raises(Lost):
        ports.ledger.commit(*{**FITTING, at: failing}.values())
    assert (ports.ledger.slot_and_days(KEY, [DAY]), ports.ledger.booking(RECORD.id)) == before
    ports.ledger.commit(TakeNumber("BOK-20260612-FREE22", "somebody else"))  # it was not taken either


def test_a_transaction_whose_members_all_hold_writes_them_all(ports: Ports) -> None:
    _seed(ports)
    ports.ledger.commit(*FITTING.values())
    slot, days = ports.ledger.slot_and_days(KEY, [DAY])
    assert slot == a_slot(claims={"alice": HELD}).with_expiry("alice", NOW + HOUR)
    assert days == [Day(DAY, 1, {"a-slot": Window(0, 30)})]
    assert ports.ledger.booking(RECORD.id) == AMENDED
    with pytest.raises(Lost):
        ports.ledger.commit(TakeNumber("BOK-20260612-FREE22", "somebody else"))
