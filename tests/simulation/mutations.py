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
DAYS, STREAM = "tests/contract/test_days.py", "tests/handlers/test_day_stream.py"
FOUND = "tests/unit/app/test_days_found_by_simulation.py"

MUTATIONS = (
    Mutation(
        "a day is written without its rev",
        FAKE,
        "return (there.rev if there else 0) == write.day.rev - 1",
        "return True",
    ),
    Mutation(
        "a day is written without its rev, in DynamoDB",
        f"{LAYER}/adapters/dynamodb/days.py",
        'return {"Item": day_item(day), **on_rev_before(day.rev)}',
        'return {"Item": day_item(day)}',
        DAYS,
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
        'return {"Item": slot_item(slot), **on_rev_before(slot.rev)}',
        'return {"Item": slot_item(slot)}',
        COMMITS,
    ),
    Mutation(
        "a claim is given back whatever it says by now",
        FAKE,
        "return item is not None and item.claims.get(write.who) == write.claim",
        "return item is not None and (item.claims.get(write.who) == write.claim"
        " or isinstance(item, Slot) and write.who in item.claims)",
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
    Mutation(
        "a day is put without its rev",
        FAKE,
        "        if there.rev != day.rev - 1:\n            raise DayMoved(there)\n",
        "",
    ),
    Mutation(
        "a claim of a day is given back whatever it says by now",
        FAKE,
        "return item is not None and item.claims.get(write.who) == write.claim",
        "return item is not None and (item.claims.get(write.who) == write.claim"
        " or isinstance(item, Day) and write.who in item.claims)",
    ),
    Mutation(
        "a conflict is decided from the old day",
        f"{LAYER}/app/look.py",
        "{**self.days, day.key: day}",
        "{**self.days, day.key: Day(day.key, day.rev, (old := self.days[day.key]).windows, old.claims)}",
    ),
    Mutation(
        "a newcomer leaves past claims in the day",
        f"{LAYER}/domain/day.py",
        "claims={**self.live(now), who: claim}",
        "claims={**self.claims, who: claim}",
    ),
    Mutation(
        "a slot is published over past claims that stay",
        f"{LAYER}/domain/day.py",
        "slot_id: window}, claims=live)",
        "slot_id: window}, claims=self.claims)",
    ),
    Mutation(
        "a slot is published over an appointment",
        f"{LAYER}/domain/day.py",
        "        if bookings:\n",
        "        if False:\n",
    ),
    Mutation(
        "several ledgers are claimed one by one",
        f"{LAYER}/app/take_start.py",
        "ledger.commit(*map(SaveDay, claimed))",
        "[ledger.commit(SaveDay(each)) for each in claimed]",
    ),
    Mutation(
        "a claim that is met in part is finished",
        f"{LAYER}/app/take_start.py",
        "return standing._replace(whole=",
        "return standing._replace(whole=True or ",
        FOUND,
    ),
    Mutation(
        "only one of the ledgers is confirmed",
        f"{LAYER}/app/writes.py",
        "    for ledger in booking.claims:\n",
        "    for ledger in list(booking.claims)[:1]:\n",
    ),
    Mutation(
        "only one of the ledgers is given back",
        f"{LAYER}/app/writes.py",
        "    for ledger, claim in booking.claims.items():\n",
        "    for ledger, claim in list(booking.claims.items())[:1]:\n",
    ),
    Mutation(
        "an expired booking's other claims stay",
        f"{LAYER}/app/expire.py",
        "                past |= _own_claims(ledger, lapsing, timer, now)\n",
        "",
    ),
    Mutation(
        "the revision is not looked at",
        f"{LAYER}/app/look.py",
        "if revision != catalogue.revision:",
        "if False:",
    ),
    Mutation(
        "more units of an appointment are given whatever is taken",
        f"{LAYER}/app/amend.py",
        "if amended.units > left:",
        "if False:",
    ),
    Mutation(
        "timers are for slots only",
        "tests/simulation/consumers.py",
        "if isinstance(changed.after, Slot | Day):",
        "if isinstance(changed.after, Slot):",
    ),
    Mutation(
        "timers are for slots only, in the promoter",
        "functions/queue_promoter/handler.py",
        "for timer in timers_for(change.before, change.after)",
        "for timer in (timers_for(change.before, change.after) if isinstance(change.after, Slot) else ())",
        STREAM,
    ),
    Mutation(
        "the sweep ends nothing in days",
        f"{LAYER}/app/sweep.py",
        "    past = day.past(now - JANITOR_SKEW)\n",
        "    past = day.past(0)\n",
    ),
    Mutation(
        "a move keeps what it leaves",
        f"{LAYER}/app/reschedule.py",
        "        if key not in taken.writes\n",
        "        if False\n",
    ),
    Mutation(
        "a move within one day keeps what it leaves",
        f"{LAYER}/app/take_spot.py",
        ".changed(had.who if had else who, who, claim, now)",
        ".claimed(who, claim, now)",
    ),
    Mutation(
        "a series is written one by one",
        f"{LAYER}/app/reserve_series.py",
        "            ledger.commit(*writes)\n",
        "            [ledger.commit(each) for each in writes]\n",
    ),
    Mutation(
        "an occurrence is judged without the one before",
        f"{LAYER}/app/series_look.py",
        "key: self._taken.get(key, days[key])",
        "key: days[key]",
    ),
    Mutation(
        "a move is written without the rev of its days",
        FAKE,
        "        if not all(self._holds(write) for write in writes):",
        "        moves = any(isinstance(each, SaveBooking) and each.booking.moved_from for each in writes)\n"
        "        if not all(self._holds(write) or moves and isinstance(write, SaveDay) for write in writes):",
    ),
)
