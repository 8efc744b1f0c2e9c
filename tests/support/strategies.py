"""What hypothesis draws: few names and instants that lie on the edges, so that values meet."""

from __future__ import annotations

import operator
from dataclasses import fields, replace
from typing import Any

from hypothesis import strategies as st

from holdfast.app.writes import (
    ChangeClaim,
    MoveEntry,
    RemoveClaim,
    RemovePlace,
    SaveBooking,
    SaveSlot,
    SetClaimExpiry,
    TakeNumber,
    Write,
)
from holdfast.domain.appointment import Appointment
from holdfast.domain.booking import AfterEnd, Booking, BookingStatus, Change, Contact, Deed
from holdfast.domain.business import Business, Resource
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.entry import Entry, EntryStatus
from holdfast.domain.identity import claimant
from holdfast.domain.instants import DAY, HOUR, MINUTE, NEVER, SECOND
from holdfast.domain.money import Money
from holdfast.domain.place import DayKey, SlotKey, Window
from holdfast.domain.queue import MOST_PASSED, Place
from holdfast.domain.refund import Refund
from holdfast.domain.slot import MOST_SERVED, Slot, SlotState
from tests.support.builders import NOW, SETTINGS, a_slot

START = NOW + HOUR
LONG_PAST = NOW - HOUR
NAMES = tuple(claimant(name, None) for name in ("alice", "bob", "carol", "dan"))

ids = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=20, max_size=20)
documents = st.dictionaries(
    st.text(max_size=8),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)
instants = st.integers(0, NEVER)
prices = st.builds(Money, st.integers(0, 10**9), st.sampled_from(("EUR", "JPY", "KWD")))
claimants = st.sampled_from(NAMES)
ends = st.sampled_from((NOW - HOUR, NOW - 1, NOW, NOW + 1, NOW + 30 * SECOND, NOW + 10 * MINUTE, NEVER))
claims = st.builds(Claim, st.sampled_from(("a", "b")), st.integers(1, 3), ends, st.sampled_from(("f", "g")))
nows = st.sampled_from((NOW - 1, NOW, NOW + 1, NOW + 31 * SECOND, START - 1, START, START + 1))


place_ends = st.sampled_from((*[START + HOUR] * 5, LONG_PAST, NOW - 1, NOW, NOW + 1, NOW + 30 * SECOND))
places = st.builds(
    Place,
    entry=st.sampled_from(("c", "d")),
    units=st.integers(1, 4),
    joined=st.sampled_from((NOW - 2 * HOUR, NOW)),
    until=place_ends,
    passed=st.integers(0, MOST_PASSED),
    seq=st.integers(-9, 0),
)


@st.composite
def slots(draw: st.DrawFn) -> Slot:
    """A slot as the rules may leave it: all its claims fit, past ones included, and who has a claim does not
    wait as well. Nobody waits in every other one."""
    taken = draw(st.dictionaries(claimants, claims, max_size=4))
    room = draw(st.integers(0, 3))
    nobody: dict[str, Place] = {}
    others = [who for who in NAMES if who not in taken]
    waits = st.dictionaries(st.sampled_from(others), places, min_size=1) if others else st.just(nobody)
    gone = st.dictionaries(claimants, places.map(lambda place: replace(place, until=LONG_PAST)), max_size=1)
    queue = draw(st.just(nobody) | st.builds(operator.or_, gone, waits))
    return a_slot(
        start=START,
        capacity=max(1, room + sum(claim.units for claim in taken.values())),
        claims=taken,
        places=queue,
        state=draw(st.sampled_from((*[SlotState.OPEN] * 4, SlotState.BLOCKED, SlotState.DELETED))),
        due=draw(st.none() | st.just(NOW)),
    )


def _whole(kind: type[Any], members: dict[str, Any]) -> dict[str, Any]:
    """A member added to a value has to be drawn too, else nobody sees that its item forgets it."""
    assert set(members) == {each.name for each in fields(kind)}, f"not all members of {kind.__name__}"
    return members


_SLOT = dict[str, Any](
    key=st.builds(
        SlotKey,
        st.sampled_from(("bikes", "a-b-c", "123")),
        st.sampled_from(("stand-1", "abc")),
        st.dates().map(lambda day: day.isoformat()),
        st.times().map(lambda time: time.strftime("%H%M")),
    ),
    start=instants,
    end=instants,
    capacity=st.integers(1, 300),
    free=st.integers(-300, 300),
    price=prices,
    metadata=documents,
    state=st.sampled_from(SlotState),
    terms=st.integers(1, 10**9),
    rev=st.integers(1, 10**9),
    claims=st.dictionaries(st.text(min_size=1), st.builds(Claim, ids, st.integers(1, 300), instants, ids)),
    places=st.dictionaries(
        st.text(min_size=1),
        st.builds(
            Place, ids, st.integers(1, 300), instants, instants, st.integers(0, 3), st.integers(-300, 10**9)
        ),
        max_size=4,
    ),
    served=st.lists(instants, max_size=MOST_SERVED).map(tuple),
    due=st.none() | instants,
    op=ids,
    changed_by=st.none() | ids,
)
any_slots = st.builds(Slot, **_whole(Slot, _SLOT))

days = st.builds(
    Day,
    st.builds(DayKey, st.just("bikes"), st.just("stand-1"), st.dates().map(lambda day: day.isoformat())),
    st.integers(1, 10**9),
    st.dictionaries(
        st.text(min_size=1), st.builds(Window, st.integers(0, 1440), st.integers(0, 1440)), max_size=4
    ),
    st.dictionaries(
        st.text(min_size=1),
        st.builds(
            Claim,
            ids,
            st.integers(1, 300),
            instants,
            ids,
            st.builds(Window, st.integers(0, 1440), st.integers(0, 1440)),
        ),
        max_size=4,
    ),
    st.none() | instants,
)

deeds = st.builds(Deed, ids, st.text(min_size=1), instants, st.text(min_size=1), st.none() | st.text())
statuses = st.sampled_from(BookingStatus)
lines = st.none() | st.text()
contacts = st.none() | st.builds(Contact, lines, lines, lines)


appointments = st.builds(
    Appointment,
    business=st.just("bikes"),
    service=st.just("repair"),
    resources=st.lists(st.sampled_from(("stand-1", "stand-2", "room-1")), min_size=1, max_size=3).map(tuple),
    start=instants,
    begins=instants,
    ends=instants,
    pooled=st.booleans(),
    ledger_offset=st.integers(-12 * 60, 14 * 60),
)
spots = st.just(a_slot().key) | appointments


@st.composite
def bookings(draw: st.DrawFn) -> Booking:
    """Any record at all, lawful or not: what is written is to be read back as it was."""
    price = draw(prices)
    refunds = st.builds(
        Refund, st.integers(0, 100), st.builds(Money, st.integers(0, 10**9), st.just(price.currency))
    )
    changes = draw(st.lists(st.builds(Change, statuses, statuses, deeds), min_size=1, max_size=4))
    members = dict[str, Any](
        id=draw(ids),
        spot=draw(spots),
        who=draw(claimants),
        owner=draw(st.text(min_size=1, max_size=40)),
        units=draw(st.integers(1, 300)),
        start=draw(instants),
        end=draw(instants),
        status=draw(statuses),
        reserved_at=draw(instants),
        expires=draw(instants),
        unit_price=price,
        fingerprint=draw(ids),
        notes=draw(lines),
        contact=draw(contacts),
        subject=draw(st.none() | documents),
        metadata=draw(documents),
        number=draw(lines),
        refund=draw(st.none() | refunds),
        confirmed_at=draw(st.none() | instants),
        cancelled_at=draw(st.none() | instants),
        completed_at=draw(st.none() | instants),
        version=draw(st.integers(1, 10**6)),
        history=tuple(changes),
        after_end=draw(st.sampled_from(AfterEnd)),
        promoted=draw(st.booleans()),
        moved_from=draw(st.lists(instants, max_size=3).map(tuple)),
        series=draw(st.none() | ids),
        link=draw(st.integers(1, 9)),
    )
    start, spot = members["start"], members["spot"]
    if isinstance(spot, Appointment):
        members["start"] = min(start, NEVER - 2 * DAY)  # it has a day
        members["spot"] = replace(spot, start=members["start"])
    return Booking(**_whole(Booking, members))


_entry_statuses = st.sampled_from(EntryStatus)
_ENTRY = dict[str, Any](
    id=ids,
    slot=_SLOT["key"],
    who=claimants,
    owner=st.text(min_size=1, max_size=40),
    units=st.integers(1, 300),
    start=instants,
    joined=instants,
    until=instants,
    fingerprint=ids,
    notes=lines,
    contact=contacts,
    subject=st.none() | documents,
    metadata=documents,
    status=_entry_statuses,
    version=st.integers(1, 10**6),
    history=st.lists(st.builds(Change, _entry_statuses, _entry_statuses, deeds), min_size=1, max_size=4).map(
        tuple
    ),
)
entries = st.builds(Entry, **_whole(Entry, _ENTRY))
"""Any entry at all, lawful or not."""


names = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=3, max_size=32)
businesses = st.builds(
    lambda business_id, extra, offset, op, version: Business.of(
        business_id, {**SETTINGS, "domain": extra}, ledger_offset=offset, op=op, version=version
    ),
    names,
    documents,
    st.integers(-12 * 60, 14 * 60),
    ids,
    st.integers(1, 10**6),
)
resources = st.builds(
    Resource,
    business=names,
    id=names,
    name=st.text(min_size=1, max_size=80),
    kind=st.text(min_size=1, max_size=80),
    capacity=st.integers(1, 300),
    slots_may_overlap=st.booleans(),
    hours=st.none() | st.sampled_from(({}, {"mon": [{"from": "09:00", "to": "26:00"}], "sun": []})),
    breaks=st.sampled_from(((), ({"weekdays": ["mon"], "from": "12:00", "to": "13:00"},))),
    metadata=documents,
    version=st.integers(1, 10**6),
    op=ids,
)


def writes_on(slot: Slot, booking: Booking, entry: Entry) -> st.SearchStrategy[tuple[Write, ...]]:
    """Transactions around one slot, one record, one entry; each item at most once, as AWS demands."""
    expiries = st.builds(
        SetClaimExpiry,
        st.just(slot.key),
        claimants,
        st.sampled_from(("a", "b")),
        ends,
        nows,
        st.booleans(),
    )
    on_slot: st.SearchStrategy[Write] = st.one_of(
        expiries,
        st.builds(RemoveClaim, st.just(slot.key), claimants, claims),
        st.builds(ChangeClaim, st.just(slot.key), claimants, claims, claimants, claims, nows),
        *(
            st.builds(ChangeClaim, st.just(slot.key), st.just(who), st.just(claim), claimants, claims, nows)
            for who, claim in slot.claims.items()
        ),
        *(st.just(RemoveClaim(slot.key, who, claim)) for who, claim in slot.claims.items()),
        st.builds(RemovePlace, st.just(slot.key), claimants, places),
        *(st.just(RemovePlace(slot.key, who, place)) for who, place in slot.places.items()),
        slots().flatmap(
            lambda other: st.integers(1, 4).map(lambda rev: SaveSlot(replace(other, key=slot.key, rev=rev)))
        ),
    )
    on_record: st.SearchStrategy[Write] = st.builds(
        SaveBooking,
        st.builds(
            lambda version, notes: replace(booking, version=version, notes=notes), st.integers(1, 4), lines
        ),
        st.booleans(),
    )
    on_entry: st.SearchStrategy[Write] = st.builds(
        MoveEntry, st.just(entry.id), _entry_statuses, _entry_statuses, deeds
    )
    number = st.builds(
        TakeNumber, st.sampled_from((f"{booking.id}-1", f"{booking.id}-2")), st.sampled_from("ab")
    )
    return st.one_of(
        on_slot.map(lambda write: (write,)),
        on_record.map(lambda write: (write,)),
        on_entry.map(lambda write: (write,)),
        st.tuples(on_slot, on_entry),
        st.tuples(on_slot, on_record, on_entry),
        st.tuples(on_slot, on_record),
        st.tuples(on_slot, on_record, number),
    )
