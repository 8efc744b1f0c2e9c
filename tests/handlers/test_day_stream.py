"""The promoter on the stream's records of days: each hold there gets its timer as one in a slot does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from functions.queue_promoter.handler import move_on
from holdfast.adapters.dynamodb.days import day_item
from holdfast.app.ports import Timer
from holdfast.domain.day import Day
from holdfast.domain.instants import NEVER, SECOND, Instant
from tests.support.appointments import MIDNIGHT, an_appointment, an_appointment_booked, days_of
from tests.support.builders import NOW
from tests.support.memory import Memory, MemoryLedger
from tests.support.memory_readers import MemoryCatalog

HELD = an_appointment_booked(an_appointment(start=MIDNIGHT - 30 * 60 * SECOND, pooled=True))


@dataclass
class Outbox:
    sent: list[Timer] = field(default_factory=list)

    def schedule(self, timers: Sequence[Timer], now: Instant) -> Sequence[Timer]:
        self.sent.extend(timers)
        return []


def changed(before: Day | None, after: Day) -> dict[str, Any]:
    images = {"NewImage": day_item(after)} | ({"OldImage": day_item(before)} if before else {})
    return {"dynamodb": {"SequenceNumber": "1", **images}}


def sent_for(*records: dict[str, Any]) -> list[Timer]:
    outbox, memory = Outbox(), Memory()
    answer = move_on(MemoryLedger(memory), MemoryCatalog(memory), outbox, list(records), NOW)
    assert answer == {"batchItemFailures": []}
    return outbox.sent


def test_a_hold_gets_a_timer_from_each_of_its_days() -> None:
    days = days_of(HELD)
    assert sent_for(*(changed(None, day) for day in days.values())) == [
        Timer(key, HELD.who, HELD.id, HELD.expires) for key in days
    ]


def test_only_another_end_asks_for_another_timer() -> None:
    key, before = next(iter(days_of(HELD).items()))
    claim = before.claims[HELD.who]
    later = replace(before, claims={HELD.who: replace(claim, expires=claim.expires + SECOND)})
    confirmed = replace(before, claims={HELD.who: replace(claim, expires=NEVER)})
    assert sent_for(changed(before, replace(before, rev=2))) == []
    assert sent_for(changed(before, confirmed)) == []
    assert sent_for(changed(before, later)) == [Timer(key, HELD.who, HELD.id, claim.expires + SECOND)]
