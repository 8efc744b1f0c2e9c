"""What the queue's benchmark times are joins that got a place each, and reads that tell it."""

from __future__ import annotations

from functools import partial

import pytest

from holdfast import bootstrap
from holdfast.domain.place import SlotKey
from tests.bench import scene
from tests.bench.queue import full_slots, join, position, timed

pytestmark = pytest.mark.usefixtures("on_emulator")


def test_each_join_that_is_timed_has_its_place_and_each_read_tells_one() -> None:
    slots, users = full_slots(3), [f"user-{number}" for number in range(8)]
    pairs = [(slot, user) for user in users for slot in slots]

    joined, seconds = timed([partial(join, slot, user) for slot, user in pairs])
    read, _ = timed([partial(position, slot, user) for slot, user in pairs])

    assert len(joined) == len(read) == len(pairs)
    assert max(joined) <= seconds * 1_000
    for slot in slots:
        key = SlotKey.parse(slot)
        there = bootstrap.ledger().slot(key) if key else None
        assert there is not None
        assert len(there.waiting(scene.now())) == len(users)
