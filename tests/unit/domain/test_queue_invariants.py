"""The queue's invariants find what they are there to find, and nothing else (DESIGN 9, invariant 5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from holdfast.domain.booking import Booking, BookingStatus, Change, Deed, Ending
from holdfast.domain.entry import Entry, EntryStatus
from holdfast.domain.instants import HOUR, JANITOR_SKEW, NEVER, SECOND
from holdfast.domain.invariants import of_entry, of_queue, of_slot, of_turns
from holdfast.domain.queue import MOST_PASSED, PASSED_OVER
from holdfast.domain.slot import Slot
from tests.support.builders import NOW, a_booking, a_claim, a_confirmed_booking, a_place, a_slot, an_entry

E = EntryStatus
SOLD = a_claim("s", expires=NEVER)
QUEUED = a_slot(
    capacity=4,
    claims={"bob": replace(SOLD, units=2)},
    places={"dan": a_place("d", units=3), "eve": a_place("e"), "fay": a_place("f")},
)
EVES, FAYS, DANS = (a_claim(entry) for entry in "efd")
TURN = QUEUED.promoted("eve", EVES, {"dan"}, NOW)


def test_a_sound_queue_is_not_reported() -> None:
    assert list(of_slot(QUEUED, NOW)) == list(of_slot(TURN, NOW)) == []


@pytest.mark.parametrize(
    ("slot", "words"),
    [
        pytest.param(
            replace(QUEUED, claims={"bob": replace(SOLD, units=2), "eve": SOLD}, free=1),
            "eve waits for what they have",
            id="a place and a claim",
        ),
        pytest.param(
            replace(QUEUED, places={"dan": a_place("d"), "eve": a_place("e")}),
            "the order of its places",
            id="two places at one seq",
        ),
        pytest.param(replace(QUEUED, places={"dan": a_place(seq=1)}), "the order of", id="a seq to come"),
        pytest.param(
            replace(QUEUED, places={"dan": a_place("d", passed=MOST_PASSED + 1)}),
            "d was passed over 4 times",
            id="passed over too often",
        ),
    ],
)
def test_a_queue_that_cannot_be_is_reported(slot: Slot, words: str) -> None:
    (sentence,) = of_slot(slot, NOW)
    assert words in sentence


def test_who_took_units_by_a_clock_that_saw_their_place_past_is_not_reported() -> None:
    slot = a_slot(claims={"dan": SOLD}, places={"dan": a_place("d", until=NOW + SECOND)})
    assert list(of_slot(slot, NOW, JANITOR_SKEW)) == []
    assert len(list(of_slot(slot, NOW))) == 1


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(TURN, id="a turn with a pass-over"),
        pytest.param(QUEUED.joined("gil", a_place("g"), NOW), id="a join"),
        pytest.param(QUEUED.without_place("eve", NOW), id="an end"),
        pytest.param(QUEUED.moved_to_front("fay", NOW), id="a move to the front"),
        pytest.param(QUEUED.without("bob"), id="a release"),
        pytest.param(QUEUED.changed("bob", "bob", SOLD), id="fewer units"),
        pytest.param(QUEUED.changed("bob", "gil", replace(SOLD, units=2)), id="another claimant"),
    ],
)
def test_what_the_rules_do_is_not_reported(after: Slot) -> None:
    assert list(of_turns(QUEUED, after, NOW)) == []


STRICT = replace(QUEUED, places={**QUEUED.places, "dan": replace(QUEUED.places["dan"], passed=MOST_PASSED)})


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        pytest.param(
            QUEUED, QUEUED.claimed("new", a_claim("n")), "n took units while 3 waited", id="a newcomer"
        ),
        pytest.param(
            QUEUED,
            QUEUED.changed("bob", "bob", replace(SOLD, units=3)),
            "s took units while 3 waited",
            id="more units",
        ),
        pytest.param(
            QUEUED, QUEUED.promoted("eve", EVES, set(), NOW), "e overtook d", id="a pass-over not recorded"
        ),
        pytest.param(QUEUED, QUEUED.promoted("fay", FAYS, {"dan"}, NOW), "f overtook e", id="out of order"),
        pytest.param(
            QUEUED,
            QUEUED.promoted("fay", FAYS, {"dan", "eve"}, NOW),
            "e was passed over though 1 fit into 2",
            id="passed over though it fits",
        ),
        pytest.param(
            STRICT,
            STRICT.promoted("eve", EVES, {"dan"}, NOW),
            "before the strict head d",
            id="once too often",
        ),
        pytest.param(
            QUEUED,
            QUEUED.promoted("eve", replace(EVES, units=2), {"dan"}, NOW),
            "waited for 1 units and got 2",
            id="more than asked for",
        ),
        pytest.param(
            QUEUED,
            QUEUED.promoted("eve", EVES, {"dan", "fay"}, NOW),
            "f was passed over by nobody",
            id="passed over by one in front",
        ),
        pytest.param(
            QUEUED,
            replace(QUEUED, places={**QUEUED.places, "gil": a_place("g", seq=-7)}),
            "g joined before others",
            id="joined in front",
        ),
        pytest.param(
            QUEUED,
            replace(QUEUED, places={**QUEUED.places, "fay": replace(QUEUED.places["fay"], seq=-1)}),
            "f was moved, but not to the front",
            id="moved into the middle",
        ),
        pytest.param(
            QUEUED,
            replace(QUEUED, places={**QUEUED.places, "fay": replace(QUEUED.places["fay"], units=2)}),
            "became",
            id="another place",
        ),
    ],
)
def test_what_no_rule_does_is_reported(before: Slot, after: Slot, words: str) -> None:
    assert [sentence for sentence in of_turns(before, after, NOW) if words in sentence]


def test_a_newcomer_by_whose_clock_nobody_waits_any_more_is_not_reported() -> None:
    slot = a_slot(places={"dan": a_place("d", until=NOW)})
    assert list(of_turns(slot, slot.claimed("new", a_claim("n")), NOW)) == []
    assert list(of_turns(slot, slot.claimed("new", a_claim("n")), NOW - 1)) != []


def deed(trigger: str, reason: str | None = None, *, at: int = NOW) -> Deed:
    return Deed(f"{trigger} {at}", "system:promoter", at, trigger, reason)


WAITS = an_entry()
NOTIFIED = WAITS.moved(E.NOTIFIED, deed("promotion"))
HELD = replace(a_booking(claim=a_claim(WAITS.id)), promoted=True)
LAPSED = HELD.moved(BookingStatus.EXPIRED, deed("expiry", Ending.LAPSED))
RELEASED = HELD.moved(BookingStatus.EXPIRED, deed("release", Ending.RELEASED))
CONFIRMED = replace(a_confirmed_booking(claim=a_claim(WAITS.id)), promoted=True)


@pytest.mark.parametrize(
    ("entry", "booking"),
    [
        pytest.param(WAITS, None, id="waits"),
        pytest.param(WAITS, replace(HELD, promoted=False), id="a twin reserved it"),
        pytest.param(WAITS.moved(E.WAITING, deed(PASSED_OVER)), None, id="passed over"),
        pytest.param(WAITS.moved(E.LEFT, deed("leave")), None, id="left"),
        pytest.param(NOTIFIED, HELD, id="has its turn"),
        pytest.param(NOTIFIED.moved(E.EXPIRED, deed("expiry")), LAPSED, id="lapsed"),
        pytest.param(NOTIFIED.moved(E.LEFT, deed("release")), RELEASED, id="declined"),
        pytest.param(NOTIFIED.moved(E.CONVERTED, deed("confirm")), CONFIRMED, id="confirmed"),
    ],
)
def test_an_entry_that_fits_its_booking_is_not_reported(entry: Entry, booking: Booking | None) -> None:
    assert list(of_entry(entry, booking)) == []


_passed = WAITS
for number in range(MOST_PASSED + 1):
    _passed = _passed.moved(E.WAITING, deed(PASSED_OVER, at=NOW + number))


@pytest.mark.parametrize(
    ("entry", "booking", "words"),
    [
        pytest.param(
            replace(WAITS, version=2), None, "version 2 with 1 lines", id="a version without a line"
        ),
        pytest.param(replace(WAITS, status=E.LEFT), None, "history ends in WAITING", id="a state of its own"),
        pytest.param(
            WAITS.moved(E.LEFT, deed("leave")).moved(E.WAITING, deed("join")),
            None,
            "LEFT to WAITING while LEFT",
            id="back in the queue",
        ),
        pytest.param(WAITS.moved(E.CONVERTED, deed("confirm")), None, "WAITING to CONVERTED", id="no turn"),
        pytest.param(NOTIFIED.moved(E.NOTIFIED, deed("promotion")), HELD, "2 times", id="a turn twice"),
        pytest.param(_passed, None, "was passed over 4 times", id="passed over too often"),
        pytest.param(NOTIFIED, None, "a booking of its turn is not there", id="a turn without a booking"),
        pytest.param(WAITS, HELD, "a booking of its turn is there", id="a booking without a turn"),
        pytest.param(NOTIFIED, LAPSED, "NOTIFIED while its booking is EXPIRED", id="lapsed untold"),
        pytest.param(NOTIFIED.moved(E.EXPIRED, deed("expiry")), HELD, "EXPIRED while", id="ended too early"),
        pytest.param(
            NOTIFIED.moved(E.LEFT, deed("release")), LAPSED, "LEFT while", id="lapsed, not declined"
        ),
    ],
)
def test_an_entry_that_cannot_be_is_reported(entry: Entry, booking: Booking | None, words: str) -> None:
    assert [sentence for sentence in of_entry(entry, booking) if words in sentence]


def test_a_place_and_the_entry_that_waits_tell_the_same() -> None:
    slot = a_slot(places={WAITS.who: WAITS.place})
    assert list(of_queue(slot, {WAITS.id: WAITS})) == []
    for other in (
        replace(WAITS, units=2),
        replace(WAITS, until=NOW + HOUR),
        replace(WAITS, who="somebody"),
        replace(WAITS, slot=replace(slot.key, time="0000")),
        WAITS.moved(E.WAITING, deed(PASSED_OVER)),
    ):
        (sentence,) = of_queue(slot, {WAITS.id: other})
        assert "differ" in sentence


def test_a_place_that_is_nobodys_is_about_to_go_and_not_reported() -> None:
    slot = a_slot(places={WAITS.who: WAITS.place})
    left = WAITS.moved(E.LEFT, deed("leave"))
    assert list(of_queue(slot, {})) == list(of_queue(slot, {WAITS.id: left})) == []


def test_a_line_of_history_that_does_not_follow_is_reported() -> None:
    gap = Change(E.NOTIFIED, E.LEFT, deed("leave"))
    entry = replace(WAITS, status=E.LEFT, version=2, history=(*WAITS.history, gap))
    assert [sentence for sentence in of_entry(entry, None) if "NOTIFIED to LEFT while WAITING" in sentence]
