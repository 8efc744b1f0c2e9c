"""A business whose turns are short and whose limits are wide, and what the tables tell of its queues."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from holdfast.adapters.dynamodb.client import Dynamo
from holdfast.adapters.dynamodb.ledger import DynamoLedger
from holdfast.domain.entry import Entry
from holdfast.domain.place import SlotKey
from holdfast.domain.slot import Slot
from tests.e2e.door import Caller, Door
from tests.support.ledger_stream import LedgerStream
from tests.support.waiting import eventually

BUSINESS, RESOURCE = "queue-hall", "hall"
CLAIM_SECONDS = 10
BASE = f"/v1/admin/businesses/{BUSINESS}"


@dataclass(frozen=True)
class FullSlot:
    """The bookings that fill it, and the entries in the order of joining."""

    id: str
    held: list[str]
    waiting: list[str]


@dataclass
class Hall:
    door: Door
    _hours: Iterator[int] = field(default_factory=lambda: count(1))

    def open(self) -> None:
        platform = self.door.caller("platform")
        limits = ("reservePerMinute", "cancelPerMinute", "queuePerMinute", "positionPerMinute")
        business = {
            "businessId": BUSINESS,
            "name": "Queue Hall",
            "timeZone": "Europe/Berlin",
            "hold": {"maxPerUser": 100},
            "queue": {"claimSeconds": CLAIM_SECONDS},
            "rateLimits": dict.fromkeys(limits, 10_000),
        }
        made = platform.post("/v1/admin/businesses", business)
        assert made.status_code == 201, made.text
        resource = {"resourceId": RESOURCE, "name": "Hall", "kind": "hall"}
        assert platform.post(f"{BASE}/resources", resource).status_code == 201

    def new_slot(self, *, capacity: int) -> str:
        midnight = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
        start = midnight + timedelta(hours=next(self._hours))
        slot = {
            "resourceId": RESOURCE,
            "start": start.isoformat(),
            "end": (start + timedelta(minutes=45)).isoformat(),
            "capacity": capacity,
        }
        made = self.door.caller("platform").post(f"{BASE}/slots", slot)
        assert made.status_code == 201, made.text
        slot_id: str = made.json()["slotId"]
        return slot_id

    def user(self, number: int) -> Caller:
        return self.door.stranger(f"waiter{number}")

    def filled(self, *, capacity: int, waiting: int) -> FullSlot:
        """The first users hold it, the next wait."""
        slot = self.new_slot(capacity=capacity)
        answers = [
            self.user(number).post("/v1/bookings/reserve", {"slotId": slot, "joinQueueIfFull": True})
            for number in range(capacity + waiting)
        ]
        assert [answer.status_code for answer in answers] == [201] * capacity + [202] * waiting
        held = [answer.json()["bookingId"] for answer in answers[:capacity]]
        return FullSlot(slot, held, [answer.json()["queue"]["entryId"] for answer in answers[capacity:]])

    @property
    def ledger(self) -> DynamoLedger:
        """The deployed table, past all functions."""
        return DynamoLedger(Dynamo(self.door.stack.client("dynamodb")), self.door.stack.tables["ledger"])

    def slot(self, slot_id: str) -> Slot:
        slot = self.ledger.slot(key_of(slot_id))
        assert slot is not None
        return slot

    def entry(self, entry_id: str) -> Entry:
        entry = self.ledger.entry(entry_id)
        assert entry is not None
        return entry

    def stream(self) -> LedgerStream:
        stack = self.door.stack
        return LedgerStream(stack.client("dynamodb"), stack.client("dynamodbstreams"), stack.tables["ledger"])

    @contextmanager
    def without_promoter(self) -> Iterator[None]:
        """The stream waits for its reader meanwhile."""
        functions = self.door.stack.client("lambda")
        name = self.door.stack.functions["QueuePromoter"]
        (mapping,) = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]

        def set_to(state: str) -> None:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=state == "Enabled")
            eventually(
                lambda: functions.get_event_source_mapping(UUID=mapping["UUID"])["State"] == state, within=10
            )

        set_to("Disabled")
        try:
            yield
        finally:
            set_to("Enabled")


def key_of(slot_id: str) -> SlotKey:
    key = SlotKey.parse(slot_id)
    assert key is not None
    return key
