"""One write attempt for each definitive answer, and never a unit too many (SPEC 10), in a real race."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tests.bench import rivals
from tests.bench.contention import Served, at_once, lapsed_slot, published, reserve, ring, sold_by_slot

pytestmark = pytest.mark.usefixtures("on_emulator")


@pytest.mark.parametrize(("slots", "capacity"), [(1, 1), (1, 7), (5, 4)])
def test_with_nothing_past_one_write_decides_each_request(slots: int, capacity: int) -> None:
    slot_ids = published(slots, capacity)
    served = at_once([partial(reserve, slot_ids[number % slots]) for number in range(40)])
    assert {each.attempts for each in served} == {1}
    assert {each.status for each in served} <= {201, 409}
    assert set(sold_by_slot(served).values()) == {min(capacity, 40 // slots)}


def test_when_all_claims_lapsed_at_once_three_writes_decide_at_most() -> None:
    slot_id = lapsed_slot(10)[0].ledger.name
    served = at_once([partial(reserve, slot_id) for _ in range(40)])
    assert max(each.attempts for each in served) <= 3
    assert sold_by_slot(served) == {slot_id: 10}


def test_with_timers_among_them_six_writes_decide_at_most() -> None:
    timers = lapsed_slot(10)
    slot_id = timers[0].ledger.name
    tasks: list[Callable[[], Served | None]] = [partial(reserve, slot_id) for _ in range(40)]
    tasks[20:20] = [partial(ring, timer) for timer in timers]
    served = [each for each in at_once(tasks) if each]
    assert max(each.attempts for each in served) <= 6
    assert sold_by_slot(served) == {slot_id: 10}


def test_the_rivals_play_by_the_rules() -> None:
    from holdfast.adapters.dynamodb.client import connect

    client = connect()
    for name, design in (("transaction", rivals.by_transaction), ("lock", rivals.by_lock)):
        rivals.seed(client, name, 2)
        records = [
            {"PK": {"S": f"BOOKING#{name}{number}"}, "SK": {"S": "BOOKING"}, "kind": {"S": "rival"}}
            for number in range(3)
        ]
        outcomes = [design(client, name, "ann", record) for record in records]
        assert [outcome.sold for outcome in outcomes] == [True, True, False]
        assert all(outcome.answered for outcome in outcomes)
