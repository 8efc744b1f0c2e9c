"""Real time on the in-memory ports: a business with one queue, clients on lines of their own, the pusher."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from functions.realtime_api.handler import answer
from functions.realtime_pusher.handler import Pusher, push_all
from holdfast.adapters.pushes import body_of
from holdfast.app.push import Audience
from holdfast.app.realtime_ports import Message, QueueChanged, Signal
from holdfast.app.subscribe import Realtime
from holdfast.domain.caller import Caller
from holdfast.domain.entry import Entry
from holdfast.domain.identity import claimant
from holdfast.domain.instants import HOUR, Instant
from holdfast.domain.slot import Slot
from tests.handlers.door import stocked
from tests.support.builders import ALICE, NOW, a_place, a_slot, an_entry
from tests.support.memory import Memory, MemoryLedger
from tests.support.memory_readers import MemoryCatalog
from tests.support.memory_realtime import MemoryConnections, MemoryPushes, MemorySockets

CAROL, STAFF = Caller("carol"), Caller("sam", frozenset({"bikes:staff"}))
QUEUE = {"action": "subscribe", "channel": "queue", "slotId": a_slot().key.slot_id}
BOOKINGS = {"action": "subscribe", "channel": "bookings"}


def waiting(*people: Caller, rev: int = 5, **members: Any) -> tuple[Slot, dict[str, Entry]]:
    """A full slot with these in its queue, and their entries."""
    slot = a_slot(capacity=1, rev=rev, **members)
    entries = {each.id: an_entry((each.id * 20)[:20], slot=slot, owner=each.id) for each in people}
    places = {claimant(each.id, None): a_place(entries[each.id].id, until=NOW + 24 * HOUR) for each in people}
    queued = a_slot(capacity=1, rev=rev, places=places, **members)
    return queued, {entry.id: entry for entry in entries.values()}


@dataclass
class World:
    """A business with one queue, clients on lines of their own, and the pusher."""

    memory: Memory = field(default_factory=lambda: stocked().memory)
    connections: MemoryConnections = field(default_factory=MemoryConnections)
    sockets: MemorySockets = field(default_factory=MemorySockets)
    pushes: MemoryPushes = field(default_factory=MemoryPushes)
    now: Instant = NOW
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def queue(self, *people: Caller, rev: int = 5, **members: Any) -> Slot:
        slot, entries = waiting(*people, rev=rev, **members)
        self.memory.slots[slot.key] = slot
        self.memory.entries |= entries
        return slot

    def open(self, caller: Caller) -> str:
        connection = f"{caller.id}-line-{next(self._numbers)}="
        self._route(connection, caller, "$connect", "CONNECT")
        return connection

    def close(self, connection: str) -> None:
        self._route(connection, ALICE, "$disconnect", "DISCONNECT")

    def send(self, connection: str, caller: Caller, frame: object) -> Message:
        """The frame's answer: the last message on the line."""
        body = frame if isinstance(frame, str) else json.dumps(frame)
        self._route(connection, caller, "subscribe", "MESSAGE", body=body)
        return self.sockets.received[connection][-1]

    def follow(self, caller: Caller, frame: object) -> str:
        connection = self.open(caller)
        assert self.send(connection, caller, frame)["type"] == "subscribed"
        return connection

    def push(self, *signals: Signal) -> dict[str, Any]:
        records = [{"messageId": str(n), "body": body_of(each)} for n, each in enumerate(signals)]
        return self.push_records(records)

    def push_records(self, records: list[dict[str, str]]) -> dict[str, Any]:
        audience = Audience(self.connections, self.sockets)
        pusher = Pusher(MemoryLedger(self.memory), MemoryCatalog(self.memory), audience, self.pushes)
        received = [{"receiptHandle": f"receipt of {each['messageId']}"} | each for each in records]
        return push_all(pusher, received, self.now)

    def changed(self) -> QueueChanged:
        (slot,) = self.memory.slots.values()
        return QueueChanged(slot.key, slot.rev)

    def received(self, connection: str, kind: str) -> list[Message]:
        return [each for each in self.sockets.received[connection] if each["type"] == kind]

    @property
    def ports(self) -> Realtime:
        ledger, catalog = MemoryLedger(self.memory), MemoryCatalog(self.memory)
        return Realtime(ledger, catalog, self.connections, self.sockets, self.pushes)

    def _route(self, connection: str, caller: Caller, key: str, kind: str, **more: str) -> None:
        request = {
            "routeKey": key,
            "eventType": kind,
            "connectionId": connection,
            "requestId": "r",
            "authorizer": {"owner": caller.id, "groups": " ".join(caller.groups)},
        }
        done = answer(self.ports, {"requestContext": request, **more}, self.now)
        assert done == {"statusCode": 200}  # a body would go to the client on the emulator
