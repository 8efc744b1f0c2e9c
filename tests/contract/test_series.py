"""Series in the ledger: their records, and all of one written at once with the ledgers and bookings of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.queue_promoter.handler import move_on
from functions.stream_relay.handler import relay
from functions.stream_relay.tally import Tally
from holdfast.adapters.dynamodb.keys import read_booking_id, read_day_key, read_slot_key, series_key
from holdfast.adapters.dynamodb.series import KEEP, series_item, series_of
from holdfast.app.ports import Lost
from holdfast.app.reserve_series import reserve_series
from holdfast.app.series_wish import SeriesWish
from holdfast.app.standing import claims_of
from holdfast.app.wish import FreeStart
from holdfast.app.writes import SaveBooking, SaveSeries, SaveSlot, Write
from holdfast.domain.instants import DAY, HOUR, SECOND
from holdfast.domain.series import Mode, Occurrence, Outcome, Series
from tests.support.builders import ALICE, NOW, a_booking, a_claim, a_slot, a_wish, asked
from tests.support.clouds import Ports
from tests.support.memory import Memory, MemoryLedger
from tests.support.memory_queues import MemoryTimers
from tests.support.memory_readers import MemoryCatalog
from tests.support.memory_realtime import MemoryPushes
from tests.support.strategies import ids, instants
from tests.unit.app.clinic import Clinic, weekly

SERIES = Series(
    id="s" * 20,
    business="bikes",
    owner="alice",
    mode=Mode.SKIP_CONFLICTS,
    fingerprint="print",
    made_at=NOW,
    occurrences=tuple(Occurrence(NOW + week * 7 * DAY, letter * 20) for week, letter in enumerate("abc")),
)
any_series = st.builds(
    Series,
    id=ids,
    business=st.just("bikes"),
    owner=st.text(min_size=1, max_size=40),
    mode=st.sampled_from(Mode),
    fingerprint=ids,
    made_at=instants,
    occurrences=st.lists(
        st.builds(
            Occurrence,
            instants,
            ids,
            st.sampled_from(Outcome),
            st.none() | instants,
            st.lists(st.text(min_size=1), max_size=3).map(tuple),
        ),
        min_size=1,
        max_size=4,
    ).map(tuple),
    expires=st.none() | instants,
    version=st.integers(1, 10**6),
)


@given(any_series)
def test_a_series_survives_being_an_item(series: Series) -> None:
    item = series_item(series)
    assert series_of(item) == series
    assert {name: item[name] for name in ("PK", "SK")} == series_key(series.id)


def test_a_series_is_in_no_index_and_is_deleted_a_year_after_its_last_start() -> None:
    item = series_item(SERIES)
    assert not {"start", "businessDay", "dueShard", "due"} & set(item)
    assert int(item["ttl"]["N"]) == (NOW + 14 * DAY + KEEP) // SECOND


def test_its_key_is_of_nothing_else() -> None:
    key = series_key("a" * 20)
    assert (read_booking_id(key), read_slot_key(key), read_day_key(key)) == (None, None, None)


def test_a_series_is_recorded_once_and_goes_on_from_its_version_only(ports: Ports) -> None:
    assert ports.ledger.series(SERIES.id) is None
    ports.ledger.commit(SaveSeries(SERIES, absent=True))
    for stale in (
        SaveSeries(SERIES, absent=True),
        SaveSeries(SERIES),
        SaveSeries(replace(SERIES, version=3)),
    ):
        with pytest.raises(Lost):
            ports.ledger.commit(stale)
    settled = SERIES.settled_as([replace(each, outcome=Outcome.THERE) for each in SERIES.occurrences], None)
    ports.ledger.commit(SaveSeries(settled))
    assert ports.ledger.series(SERIES.id) == settled


def test_bookings_are_read_by_their_ids_those_that_are_there(ports: Ports) -> None:
    made = [a_booking(claim=a_claim(letter * 20)) for letter in "abc"]
    for each in made:
        ports.ledger.record(each)
    assert ports.ledger.bookings([]) == {}
    wanted = [each.id for each in made] + [f"{number:020d}" for number in range(120)]
    assert ports.ledger.bookings(wanted) == {each.id: each for each in made}


def test_a_series_its_bookings_and_ledgers_are_written_together_or_not_at_all(ports: Ports) -> None:
    slot = ports.put(a_slot())
    booking = replace(a_booking(slot=slot), series=SERIES.id)
    writes: list[Write] = [SaveBooking(booking, absent=True), SaveSeries(SERIES, absent=True)]
    with pytest.raises(Lost):
        ports.ledger.commit(SaveSlot(replace(slot, rev=7)), *writes)
    assert (ports.ledger.series(SERIES.id), ports.ledger.booking(booking.id)) == (None, None)
    ports.ledger.commit(SaveSlot(replace(slot, rev=2)), *writes)
    assert ports.ledger.series(SERIES.id) == SERIES
    assert ports.ledger.booking(booking.id) == booking


@pytest.mark.parametrize("mode", [Mode.ALL_OR_NOTHING, Mode.SKIP_CONFLICTS])
def test_a_whole_series_is_had_on_every_ledger_alike(ports: Ports, mode: Mode) -> None:
    """The clinic's catalogue, whatever the tables are."""
    clinic = Clinic()
    first, *others = (
        FreeStart(business="bikes", service="treatment", start=start)
        for start in (*weekly(2), weekly(2)[1] + HOUR)
    )
    plan = SeriesWish(wish=replace(a_wish(), spot=first), others=others, mode=mode)
    ledgers = (ports.ledger, ports.callers, clinic.catalog, clinic.catalogues, ports.bookings)
    clinic.memory.revisions.clear()  # the tables know of none
    by = asked(ALICE, key="key")
    made = reserve_series(*ledgers, by, plan)
    again = reserve_series(*ledgers, by, plan)
    assert (made.replayed, again.replayed) == (False, True)
    assert made.series == again.series == ports.ledger.series(by.op)
    records = ports.ledger.bookings(made.series.bookings)
    assert len(records) == 3
    for booking in records.values():
        assert claims_of(ports.ledger, booking.claims, booking.who, booking.id) == booking.claims


def _record(name: str, *, by_ttl: bool = False) -> dict[str, object]:
    image = series_item(SERIES)
    images = {"OldImage": image} if by_ttl else {"NewImage": image}
    removed = {"userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"}} if by_ttl else {}
    keys = {each: image[each] for each in ("PK", "SK")}
    return {"eventName": name, "dynamodb": {"Keys": keys, "SequenceNumber": "1", **images}, **removed}


@pytest.mark.parametrize("record", [_record("INSERT"), _record("REMOVE", by_ttl=True)], ids=["made", "gone"])
def test_who_reads_the_stream_passes_over_series(record: dict[str, object]) -> None:
    memory = Memory()
    ledger, timers, pushes = MemoryLedger(memory), MemoryTimers(memory), MemoryPushes()
    assert relay(ledger, pushes, [record], NOW) == {"batchItemFailures": []}
    assert move_on(ledger, MemoryCatalog(memory), timers, [record], NOW) == {"batchItemFailures": []}
    assert (pushes.sent, timers.sent, memory) == ([], [], Memory())
    assert Tally.of([record]) == Tally()
