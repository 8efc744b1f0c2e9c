"""The asynchronous functions, driven by events as AWS sends them, on the in-memory ports."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from functions.hold_expirer.handler import ring_all
from functions.queue_promoter.handler import move_on
from functions.stream_relay.handler import relay
from holdfast.adapters.sqs import timer_of
from holdfast.app.ports import Timer
from holdfast.domain.booking import BookingStatus
from holdfast.domain.identity import claimant
from holdfast.domain.instants import HOUR, SECOND, Instant
from tests.support.builders import ALICE, NOW, a_booking, a_claim, a_slot
from tests.support.memory import Memory, MemoryLedger
from tests.support.memory_readers import MemoryCatalog
from tests.support.memory_realtime import MemoryPushes

SAMPLES = Path(__file__).resolve().parents[2] / "events" / "samples"
WHO = claimant(ALICE.id, None)
CLAIM = a_claim("mfzwizlmnrxw45dsmuqg")


@dataclass
class Outbox:
    """A queue that takes everything, or nothing."""

    refuses: bool = False
    sent: list[Timer] = field(default_factory=list)

    def schedule(self, timers: Sequence[Timer], now: Instant) -> Sequence[Timer]:
        if self.refuses:
            return timers
        self.sent.extend(timers)
        return []


def sample(name: str) -> list[Any]:
    records: list[Any] = json.loads((SAMPLES / name).read_text())["Records"]
    return records


def promote_and_time(outbox: Outbox, records: list[Any], now: Instant) -> dict[str, Any]:
    """The promoter on ports where nobody waits."""
    memory = Memory()
    return move_on(MemoryLedger(memory), MemoryCatalog(memory), outbox, records, now)


def held_in_memory(*, recorded: bool = True) -> Memory:
    """A slot with Alice's claim on it, and its record."""
    memory = Memory()
    slot = a_slot(claims={WHO: CLAIM})
    memory.slots[slot.key] = slot
    if recorded:
        memory.bookings[CLAIM.booking] = a_booking(slot=slot, claim=CLAIM)
    return memory


def test_a_claim_gets_its_timer_from_the_ledgers_record_alone() -> None:
    outbox = Outbox()
    assert promote_and_time(outbox, sample("dynamodb/claim_made.json"), NOW) == {"batchItemFailures": []}
    assert outbox.sent == [Timer(a_slot().key, WHO, CLAIM.booking, CLAIM.expires)]


def test_a_record_without_a_new_end_asks_for_no_timer() -> None:
    outbox = Outbox()
    promote_and_time(outbox, sample("dynamodb/slot_published.json"), NOW)
    assert outbox.sent == []


def test_a_record_whose_timer_could_not_be_sent_comes_again() -> None:
    records = sample("dynamodb/slot_published.json") + sample("dynamodb/claim_made.json")
    answer = promote_and_time(Outbox(refuses=True), records, NOW)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "170000000000000004001"}]}


def test_a_hold_that_the_ttl_deleted_is_put_back_as_expired_and_its_unit_freed() -> None:
    memory = held_in_memory()
    del memory.bookings[CLAIM.booking]
    for _ in range(2):  # the stream may deliver it twice
        assert relay(
            MemoryLedger(memory), MemoryPushes(), sample("dynamodb/hold_deleted_by_ttl.json"), NOW + HOUR
        ) == {"batchItemFailures": []}
    back = memory.bookings[CLAIM.booking]
    assert (back.status, back.version) == (BookingStatus.EXPIRED, 2)
    (slot,) = memory.slots.values()
    assert (slot.claims, slot.free) == ({}, slot.capacity)


def test_a_removal_by_anyone_else_puts_nothing_back() -> None:
    memory = Memory()
    (record,) = sample("dynamodb/hold_deleted_by_ttl.json")
    del record["userIdentity"]
    relay(MemoryLedger(memory), MemoryPushes(), [record], NOW + HOUR)
    assert memory.bookings == {}


def test_a_timer_ends_its_hold_once_its_time_is_over() -> None:
    memory, outbox = held_in_memory(), Outbox()
    answer = ring_all(MemoryLedger(memory), outbox, sample("sqs/timer.json"), CLAIM.expires + 2 * SECOND)
    assert answer == {"batchItemFailures": []}
    assert memory.bookings[CLAIM.booking].status is BookingStatus.EXPIRED
    assert outbox.sent == []


def test_a_timer_that_comes_early_is_no_failure_and_is_sent_anew() -> None:
    memory, outbox = held_in_memory(), Outbox()
    answer = ring_all(MemoryLedger(memory), outbox, sample("sqs/timer.json"), CLAIM.expires - SECOND)
    assert answer == {"batchItemFailures": []}
    assert memory.bookings[CLAIM.booking].status is BookingStatus.RESERVED
    assert outbox.sent == [timer_of(sample("sqs/timer.json")[0]["body"])]


def test_a_claim_that_never_got_its_record_is_freed_all_the_same() -> None:
    memory = held_in_memory(recorded=False)
    ring_all(MemoryLedger(memory), Outbox(), sample("sqs/timer.json"), CLAIM.expires + 2 * SECOND)
    (slot,) = memory.slots.values()
    assert (slot.claims, memory.bookings) == ({}, {})


@pytest.mark.parametrize("body", ["{}", "[]", "not JSON", '{"slotId": 7, "who": "x"}', "null"])
def test_a_message_that_is_not_ours_fails_alone(body: str) -> None:
    memory = held_in_memory()
    records = sample("sqs/timer.json")
    poison = records[0] | {"messageId": "poison", "body": body}
    answer = ring_all(MemoryLedger(memory), Outbox(), [poison, *records], CLAIM.expires + 2 * SECOND)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "poison"}]}
    assert memory.bookings[CLAIM.booking].status is BookingStatus.EXPIRED
