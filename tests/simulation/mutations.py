"""Guards whose loss must not go unseen: each is a piece of the code, and the same without its guard.

`test_mutations` takes each out in a copy of the package and demands that a simulation or a test fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LAYER = "layers/holdfast/python/holdfast"
FAKE = "tests/support/memory.py"


@dataclass(frozen=True)
class Mutation:
    """In `path`, `guarded` becomes `unguarded`; `caught_by` is what has to fail then."""

    name: str
    path: str
    guarded: str
    unguarded: str
    caught_by: Literal["simulation"] | str = "simulation"


COMMITS, QUEUES = "tests/contract/test_ledger_commits.py", "tests/contract/test_queue.py"

MUTATIONS = (
    Mutation(
        "a day is written without its rev",
        FAKE,
        "return (there.rev if there else 0) == write.day.rev - 1",
        "return True",
    ),
    Mutation(
        "a day is written without its rev, in DynamoDB",
        f"{LAYER}/adapters/dynamodb/slots.py",
        'return {"Item": item, **_on_rev_before(day.rev)}',
        'return {"Item": item}',
        COMMITS,
    ),
    Mutation(
        "an eviction is written without its rev",
        FAKE,
        "        if not _unchanged_since(there, slot):\n            raise ClaimRefused(there)\n",
        "",
    ),
    Mutation(
        "an eviction is written without its rev, in DynamoDB",
        f"{LAYER}/adapters/dynamodb/slots.py",
        'return {"Item": slot_item(slot), **_on_rev_before(slot.rev)}',
        'return {"Item": slot_item(slot)}',
        COMMITS,
    ),
    Mutation(
        "a claim is given back whatever it says by now",
        FAKE,
        "return slot is not None and slot.claims.get(write.who) == write.claim",
        "return slot is not None and write.who in slot.claims",
    ),
    Mutation(
        "a claim is given back whatever it says by now, in DynamoDB",
        f"{LAYER}/adapters/dynamodb/slots.py",
        '"ConditionExpression": "#claims.#who = :claim"',
        '"ConditionExpression": "attribute_exists(#claims.#who) OR #claims.#who = :claim"',
        COMMITS,
    ),
    Mutation(
        "a known key is not read before claiming",
        f"{LAYER}/app/reserve.py",
        "made = ledger.booking(asked.op)",
        "made = None",
    ),
    Mutation(
        "only the last change is asked for its op",
        f"{LAYER}/domain/booking.py",
        "for change in self.history)",
        "for change in self.history[-1:])",
    ),
    Mutation(
        "timers follow the booking instead of the ledger",
        "tests/simulation/consumers.py",
        "self.timers.schedule(timers_for(before, changed.after), now)",
        "self.timers.schedule([each for each in timers_for(before, changed.after)"
        " if each.booking in self.memory.bookings], now)",
    ),
    Mutation(
        "a message one second early is treated as due",
        f"{LAYER}/app/expire.py",
        "return expires + JANITOR_SKEW <= now",
        "return expires - 1_000 <= now",
    ),
    Mutation(
        "a record expires without its version",
        FAKE,
        "return record.version == write.booking.version - 1",
        "return True",
    ),
    Mutation(
        "a record expires without its version, in DynamoDB",
        f"{LAYER}/adapters/dynamodb/values.py",
        '"ConditionExpression": "#version = :before"',
        '"ConditionExpression": "#version = :before OR attribute_exists(PK)"',
        COMMITS,
    ),
    Mutation(
        "the plain claim does not look at what is free",
        f"{LAYER}/domain/slot.py",
        "and self.free >= units",
        "",
    ),
    Mutation(
        "an evicted record's own end is not waited for",
        f"{LAYER}/app/expire.py",
        "return _again(lapsing.expires, timer)",
        "return None",
    ),
    Mutation(
        "an admin's write on a slot goes without its rev",
        FAKE,
        "                return _unchanged_since(memory.slots.get(write.slot.key), write.slot)",
        "                return True",
    ),
    Mutation(
        "a removal takes a claim whose record is on its way",
        f"{LAYER}/app/remove_slot.py",
        "            waits = True\n            continue\n",
        "            if not _commits(ledger, RemoveClaim(slot.key, who, claim)):\n"
        "                return False, False\n"
        "            ended = True\n"
        "            continue\n",
    ),
    Mutation(
        "a booking that a removal ends keeps its claim",
        f"{LAYER}/app/remove_slot.py",
        "        writes: list[Write] = [RemoveClaim(slot.key, who, claim)]",
        "        writes: list[Write] = []",
    ),
    Mutation(
        "a plain claim is made although somebody waits",
        f"{LAYER}/domain/slot.py",
        "            and not self.places\n            and who not in self.claims",
        "            and who not in self.claims",
    ),
    Mutation(
        "a plain claim is made although somebody waits, in DynamoDB",
        f"{LAYER}/adapters/dynamodb/slots.py",
        '"#state = :open AND #start > :now AND #free >= :units AND size(#queue) = :none "',
        '"#state = :open AND #start > :now AND #free >= :units AND size(#queue) >= :none "',
        QUEUES,
    ),
    Mutation(
        "a claim over past ones is made although somebody waits",
        f"{LAYER}/domain/slot.py",
        "return min(0, self._room(now)) if self.waiting(now) else self._room(now)",
        "return self._room(now)",
    ),
    Mutation(
        "a promotion is written without its rev",
        FAKE,
        "        if not all(self._holds(write) for write in writes):",
        "        turn = any(isinstance(write, SaveBooking) and write.booking.promoted for write in writes)\n"
        "        if not all(self._holds(write) or turn and isinstance(write, SaveSlot) for write in writes):",
    ),
    Mutation(
        "a place is taken before its entry is written",
        f"{LAYER}/app/join_queue.py",
        "    there = ledger.enter(entry)\n",
        "    _take_place(ledger, entry, asked.now, business.queue.max_size)\n"
        "    there = ledger.enter(entry)\n",
    ),
    Mutation(
        "a place whose entry has ended is not dropped",
        f"{LAYER}/app/promote.py",
        "if entry is None or entry.status is not EntryStatus.WAITING or booking is not None:",
        "if entry is None:",
    ),
    Mutation(
        "a party is passed over without limit",
        f"{LAYER}/domain/queue.py",
        "return self.passed >= MOST_PASSED",
        "return False",
    ),
    Mutation(
        "nobody is told that they were passed over",
        f"{LAYER}/domain/slot.py",
        "other: place.passed_over() if other in passed else place",
        "other: place",
    ),
    Mutation(
        "a place is given up and its entry waits on",
        f"{LAYER}/app/leave_queue.py",
        "    return (MoveEntry(entry.id, EntryStatus.WAITING, after, deed),)",
        "    return ()",
    ),
    Mutation(
        "a place is taken out whatever it says by now, in DynamoDB",
        f"{LAYER}/adapters/dynamodb/slots.py",
        '"#queue.#who = :place AND #order.#who = :seq"',
        '"attribute_exists(#queue.#who) OR #queue.#who = :place AND #order.#who = :seq"',
        QUEUES,
    ),
    Mutation(
        "the end of a promoted hold leaves its entry as it was",
        f"{LAYER}/app/writes.py",
        "if ended else ()",
        "if False else ()",
    ),
    Mutation(
        "a late repeat gives up the place taken since",
        f"{LAYER}/app/leave_queue.py",
        "if repeated_since is not None and place.joined >= repeated_since + JANITOR_SKEW:",
        "if False:",
    ),
    Mutation(
        "the sweep serves nobody",
        f"{LAYER}/app/sweep.py",
        "if slot.places else 0",
        "if False else 0",
    ),
)
