"""What the simulation found once, kept as cases of its own: seeds change their meaning when the plan does."""

from __future__ import annotations

from dataclasses import replace

from holdfast.app.expire import expire, restore
from holdfast.app.ports import Timer
from holdfast.domain.booking import BookingStatus
from holdfast.domain.identity import claimant
from holdfast.domain.instants import HOUR, SECOND
from tests.support.builders import ALICE, NOW, a_booking, a_claim, a_slot
from tests.support.memory import Memory, MemoryLedger

WHO = claimant(ALICE.id, None)
CLAIM = a_claim("mfzwizlmnrxw45dsmuqg", expires=NOW + 60 * SECOND)
TIMER = Timer(a_slot().key, WHO, CLAIM.booking, CLAIM.expires)


def test_a_timer_that_meets_an_evicted_claim_before_the_records_own_end_comes_again() -> None:
    """A newcomer whose clock is two seconds ahead took the unit; the record's end is still to come."""
    slot = a_slot()
    memory = Memory(slots={slot.key: slot}, bookings={CLAIM.booking: a_booking(slot=slot, claim=CLAIM)})
    ledger = MemoryLedger(memory)

    assert expire(ledger, TIMER, CLAIM.expires - SECOND) == CLAIM.expires
    assert expire(ledger, TIMER, CLAIM.expires + 2 * SECOND) is None

    assert memory.bookings[CLAIM.booking].status is BookingStatus.EXPIRED


def test_a_record_deleted_by_ttl_is_put_back_while_a_late_twin_holds_a_claim_of_its_name() -> None:
    """A twin of the reserve that stalled for an hour has claimed anew and not yet given back."""
    late = replace(CLAIM, expires=NOW + 2 * HOUR)
    slot = a_slot(claims={WHO: late})
    memory = Memory(slots={slot.key: slot})
    removed = a_booking(slot=slot, claim=CLAIM)

    restore(MemoryLedger(memory), removed, NOW + HOUR + 60 * SECOND)

    assert memory.bookings[removed.id].status is BookingStatus.EXPIRED
    assert memory.slots[slot.key].claims == {WHO: late}
