"""`Ledger.join` and what takes places out: each on its own condition, and told what stood in the way."""

from __future__ import annotations

from copy import replace

import pytest

from holdfast.app.ports import ClaimRefused, Lost
from holdfast.app.writes import (
    ChangeClaim,
    MoveEntry,
    RemoveClaim,
    RemovePlace,
    SaveBooking,
    SaveSlot,
    SetClaimExpiry,
    Write,
)
from holdfast.domain.booking import Deed
from holdfast.domain.claim import Claim
from holdfast.domain.entry import EntryStatus
from holdfast.domain.instants import HOUR, NEVER, SECOND, SWEEP_AHEAD, Instant
from holdfast.domain.queue import Place
from holdfast.domain.slot import LARGEST_CAPACITY, Slot, SlotState
from tests.support.builders import ALICE, NOW, a_booking, a_claim, a_place, a_slot, an_entry
from tests.support.clouds import Ports

SOLD = a_claim("s", expires=NEVER)
PAST = a_claim("p", expires=NOW)
FULL = a_slot(capacity=1, claims={"bob": SOLD})
QUEUED = a_slot(
    capacity=2,
    claims={"bob": SOLD},
    places={"dan": a_place("d", units=2, passed=1), "eve": a_place("e" * 20)},
)


def large(capacity: int, waiting: int = 0) -> Slot:
    queue = {f"w{number}": a_place(f"w{number}") for number in range(waiting)}
    return a_slot(capacity=capacity, claims={"bob": a_claim("b", units=capacity)}, places=queue)


def test_a_place_is_given_at_the_rev_of_the_slot_and_answers_the_slot_as_it_is_then(ports: Ports) -> None:
    slot = ports.put(FULL)
    answered = ports.ledger.join(slot.key, "alice", a_place("a"), NOW, 100)
    assert answered == slot.joined("alice", a_place("a"), NOW)
    assert (answered.rev, answered.places) == (2, {"alice": a_place("a", seq=1)})
    assert answered.due == NOW + SWEEP_AHEAD
    assert ports.ledger.slot(slot.key) == answered


def test_places_are_given_in_order_and_leave_the_due_there_is(ports: Ports) -> None:
    slot = ports.put(replace(FULL, due=NOW + SECOND))
    for who in ("zoe", "alice", "mia"):
        answered = ports.ledger.join(slot.key, who, a_place(who), NOW, 100)
    assert list(answered.waiting(NOW)) == ["zoe", "alice", "mia"]
    assert answered.due == NOW + SECOND


@pytest.mark.parametrize(
    ("slot", "units", "most"),
    [
        pytest.param(FULL, 1, 1, id="full"),
        pytest.param(QUEUED, 2, 100, id="a party as large as the slot"),
        pytest.param(a_slot(capacity=2, claims={"bob": SOLD}), 2, 100, id="less room than asked for"),
        pytest.param(replace(QUEUED, claims={}, free=2), 1, 100, id="room, and others wait for it"),
        pytest.param(QUEUED, 1, 3, id="the last place of all"),
        pytest.param(a_slot(capacity=1, claims={"bob": PAST}), 1, 100, id="full of what is past"),
        pytest.param(large(LARGEST_CAPACITY - 100), 1, 100, id="as large a slot as the queue leaves"),
        pytest.param(large(100, waiting=199), 1, 200, id="the item is full then"),
        pytest.param(replace(FULL, start=NOW + 1), 1, 100, id="a millisecond before the start"),
    ],
)
def test_a_join_is_admitted(ports: Ports, slot: Slot, units: int, most: int) -> None:
    slot = ports.put(slot)
    place = a_place("a", units=units)
    assert ports.ledger.join(slot.key, "alice", place, NOW, most) == slot.joined("alice", place, NOW)


@pytest.mark.parametrize(
    ("slot", "units", "most"),
    [
        pytest.param(replace(FULL, state=SlotState.BLOCKED), 1, 100, id="blocked"),
        pytest.param(replace(FULL, state=SlotState.DELETED), 1, 100, id="deleted"),
        pytest.param(a_slot(start=NOW, claims={"bob": SOLD}, capacity=1), 1, 100, id="begins now"),
        pytest.param(a_slot(start=NOW - HOUR, claims={"bob": SOLD}, capacity=1), 1, 100, id="begun"),
        pytest.param(FULL, 2, 100, id="a party larger than the slot"),
        pytest.param(QUEUED, 3, 100, id="a party larger than the slot with a queue"),
        pytest.param(large(LARGEST_CAPACITY - 99), 1, 100, id="too large a slot for so long a queue"),
        pytest.param(FULL, 1, LARGEST_CAPACITY, id="a queue as long as an item takes"),
        pytest.param(FULL, 1, LARGEST_CAPACITY + 1, id="a queue longer than an item takes"),
        pytest.param(large(250), 250, 100, id="a party larger than the queue leaves"),
        pytest.param(QUEUED, 1, 2, id="as many as may wait"),
        pytest.param(QUEUED, 1, 1, id="more than may wait"),
        pytest.param(a_slot(capacity=2), 1, 100, id="room and nobody waiting"),
        pytest.param(a_slot(capacity=2, claims={"bob": SOLD}), 1, 100, id="just enough room"),
        pytest.param(replace(FULL, claims={"alice": SOLD}), 1, 100, id="has it"),
        pytest.param(replace(FULL, claims={"alice": PAST}), 1, 100, id="had it"),
        pytest.param(replace(FULL, places={"alice": a_place("x", seq=0)}), 1, 100, id="waits already"),
        pytest.param(
            replace(FULL, places={"alice": a_place("x", until=NOW - 1)}), 1, 100, id="waited already"
        ),
    ],
)
def test_a_refused_join_answers_what_it_was_judged_on_and_changes_nothing(
    ports: Ports, slot: Slot, units: int, most: int
) -> None:
    slot = ports.put(slot)
    with pytest.raises(ClaimRefused) as refused:
        ports.ledger.join(slot.key, "alice", a_place("a", units=units), NOW, most)
    assert refused.value.slot == slot
    assert ports.ledger.slot(slot.key) == slot


def test_a_join_of_nothing_is_refused_with_nothing(ports: Ports) -> None:
    with pytest.raises(ClaimRefused) as refused:
        ports.ledger.join(FULL.key, "alice", a_place(), NOW, 100)
    assert refused.value.slot is None


@pytest.mark.parametrize("until", [NOW - HOUR, NOW + HOUR])
def test_no_plain_claim_is_made_where_a_place_stands_live_or_past(ports: Ports, until: Instant) -> None:
    """One write cannot tell; the use case reads on."""
    slot = ports.put(a_slot(capacity=5, places={"dan": a_place("d", until=until)}))
    with pytest.raises(ClaimRefused) as refused:
        ports.ledger.claim(slot.key, "alice", a_claim(), NOW)
    assert refused.value.slot == slot
    ports.ledger.commit(RemovePlace(slot.key, "dan", slot.places["dan"]))
    assert ports.ledger.claim(slot.key, "alice", a_claim(), NOW).claims == {"alice": a_claim()}


def test_a_place_taken_out_leaves_the_others_in_their_order(ports: Ports) -> None:
    slot = ports.put(QUEUED)
    ports.ledger.commit(RemovePlace(slot.key, "dan", slot.places["dan"]))
    left = ports.ledger.slot(slot.key)
    assert left == replace(slot, places={"eve": slot.places["eve"]}, rev=2)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"entry": "other"}, id="another entry"),
        pytest.param({"units": 1}, id="other units"),
        pytest.param({"joined": NOW + 1}, id="joined at another time"),
        pytest.param({"until": NOW + 25 * HOUR}, id="another end"),
        pytest.param({"passed": 2}, id="passed over since"),
        pytest.param({"seq": -5}, id="moved to the front since"),
    ],
)
def test_a_place_is_taken_out_only_while_its_whole_value_is_the_same(
    ports: Ports, other: dict[str, int]
) -> None:
    slot = ports.put(QUEUED)
    was = replace(slot.places["dan"], **other)  # type: ignore[arg-type]
    with pytest.raises(Lost):
        ports.ledger.commit(RemovePlace(slot.key, "dan", was))
    assert ports.ledger.slot(slot.key) == slot


def test_a_place_is_taken_out_once_and_only_where_there_is_one(ports: Ports) -> None:
    slot = ports.put(QUEUED)
    out = RemovePlace(slot.key, "dan", slot.places["dan"])
    ports.ledger.commit(out)
    elsewhere = replace(out, slot=replace(slot.key, time="0000"))
    for gone in (out, replace(out, who="nobody"), elsewhere):
        with pytest.raises(Lost):
            ports.ledger.commit(gone)


def test_who_leaves_and_joins_again_stands_at_the_end(ports: Ports) -> None:
    slot = ports.put(QUEUED)
    ports.ledger.commit(RemovePlace(slot.key, "dan", slot.places["dan"]))
    answered = ports.ledger.join(slot.key, "dan", a_place("again"), NOW, 100)
    assert list(answered.waiting(NOW)) == ["eve", "dan"]


@pytest.mark.parametrize("units", [1, 2, 3])
def test_the_units_of_a_claim_become_fewer_but_not_more_while_anyone_waits(ports: Ports, units: int) -> None:
    claim = a_claim("a", units=2)
    slot = ports.put(a_slot(capacity=4, claims={"alice": claim}, places={"dan": a_place("d", units=3)}))
    change = ChangeClaim(slot.key, "alice", claim, "alice", replace(claim, units=units), NOW)
    if units > claim.units:
        with pytest.raises(Lost):
            ports.ledger.commit(change)
        assert ports.ledger.slot(slot.key) == slot
    else:
        ports.ledger.commit(change)
        assert ports.ledger.slot(slot.key) == slot.changed("alice", "alice", change.to_claim)


@pytest.mark.parametrize("until", [NOW - HOUR, NOW + HOUR])
def test_a_claim_goes_to_nobody_who_has_a_place(ports: Ports, until: Instant) -> None:
    claim = a_claim("a", units=2)
    slot = ports.put(a_slot(claims={"alice": claim}, places={"dan": a_place("d", until=until)}))
    for units in (1, 2):
        with pytest.raises(Lost):
            ports.ledger.commit(
                ChangeClaim(slot.key, "alice", claim, "dan", replace(claim, units=units), NOW)
            )
    assert ports.ledger.slot(slot.key) == slot
    ports.ledger.commit(ChangeClaim(slot.key, "alice", claim, "carol", claim, NOW))
    changed = ports.ledger.slot(slot.key)
    assert changed is not None
    assert (changed.claims, changed.places) == ({"carol": claim}, slot.places)


def test_confirming_and_giving_back_do_not_mind_who_waits(ports: Ports) -> None:
    held = a_claim("a")
    slot = ports.put(a_slot(capacity=1, claims={"alice": held}, places=QUEUED.places))
    ports.ledger.commit(SetClaimExpiry(slot.key, "alice", "a", NEVER, NOW, open_only=True))
    ports.ledger.commit(RemoveClaim(slot.key, "alice", replace(held, expires=NEVER)))
    left = ports.ledger.slot(slot.key)
    assert left == replace(slot, claims={}, free=1, rev=3)


PARTY = an_entry("d" * 20, slot=QUEUED, owner="dan", units=2)
HEAD = an_entry(slot=QUEUED, owner="eve")
TURN = Deed("promote:e", "system:promoter", NOW + SECOND, "promotion")
CLAIM = Claim(HEAD.id, 1, NOW + HOUR, "print")


def the_turn(slot: Slot) -> dict[str, Write]:
    return {
        "slot": SaveSlot(slot.promoted("eve", CLAIM, {"dan"}, NOW)),
        "booking": SaveBooking(replace(a_booking(slot=slot, claim=CLAIM), promoted=True), absent=True),
        "entry": MoveEntry(HEAD.id, EntryStatus.WAITING, EntryStatus.NOTIFIED, TURN),
        "passed": MoveEntry(PARTY.id, EntryStatus.WAITING, EntryStatus.WAITING, replace(TURN, op="pass:e")),
    }


def queued(ports: Ports) -> Slot:
    for entry in (PARTY, HEAD):
        ports.ledger.enter(entry)
    return ports.put(QUEUED)


def test_a_turn_is_written_whole(ports: Ports) -> None:
    slot = queued(ports)
    ports.ledger.commit(*the_turn(slot).values())
    after = ports.ledger.slot(slot.key)
    assert after is not None
    assert after == slot.promoted("eve", CLAIM, {"dan"}, NOW)
    assert (after.served, after.places["dan"].passed) == ((NOW,), 2)
    entry, booking = ports.ledger.entry_and_booking(HEAD.id)
    assert entry == HEAD.moved(EntryStatus.NOTIFIED, TURN)
    assert booking is not None
    assert (booking.promoted, booking.claim) == (True, CLAIM)
    passed = ports.ledger.entry(PARTY.id)
    assert passed == PARTY.moved(EntryStatus.WAITING, replace(TURN, op="pass:e"))


@pytest.mark.parametrize("at", ["slot", "booking", "entry", "passed"])
def test_a_turn_that_something_speaks_against_is_not_written_at_all(ports: Ports, at: str) -> None:
    slot = queued(ports)
    writes = the_turn(slot)
    ended = Deed("leave", f"customer:{ALICE.id}", NOW, "leave")
    against: dict[str, Write] = {
        "slot": SaveSlot(slot.swept(NOW)),
        "booking": SaveBooking(a_booking(slot=slot, claim=CLAIM), absent=True),
        "entry": MoveEntry(HEAD.id, EntryStatus.WAITING, EntryStatus.LEFT, ended),
        "passed": MoveEntry(PARTY.id, EntryStatus.WAITING, EntryStatus.LEFT, ended),
    }
    ports.ledger.commit(against[at])
    before = [
        ports.ledger.slot(slot.key),
        *(ports.ledger.entry_and_booking(each) for each in (HEAD.id, PARTY.id)),
    ]
    with pytest.raises(Lost):
        ports.ledger.commit(*writes.values())
    assert before == [
        ports.ledger.slot(slot.key),
        *(ports.ledger.entry_and_booking(each) for each in (HEAD.id, PARTY.id)),
    ]


def test_as_many_as_may_be_looked_past_are_told_in_one_transaction(ports: Ports) -> None:
    entries = [an_entry(f"{number:020d}", owner=f"o{number}") for number in range(90)]
    for entry in entries:
        ports.ledger.enter(entry)
    slot = ports.put(QUEUED)
    ports.ledger.enter(HEAD)
    told = [
        MoveEntry(each.id, EntryStatus.WAITING, EntryStatus.WAITING, replace(TURN, op="pass:e"))
        for each in entries
    ]
    turn = the_turn(slot)
    ports.ledger.commit(turn["slot"], turn["booking"], turn["entry"], *told)
    assert {each.version for each in ports.ledger.entries([each.id for each in entries]).values()} == {2}


def test_a_place_is_what_its_entry_says(ports: Ports) -> None:
    ports.put(replace(FULL, rev=1))
    entry = an_entry(slot=FULL)
    assert isinstance(entry.place, Place)
    assert ports.ledger.join(FULL.key, entry.who, entry.place, NOW, 9).places == {entry.who: a_place(seq=1)}
