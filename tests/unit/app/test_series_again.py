"""Series met by crashes, repeats, twins and rivals: what was had is had once, the rest is done (BOOK-13)."""

from __future__ import annotations

import pytest

from holdfast.app.ports import Lost
from holdfast.app.writes import SaveSeries, Write
from holdfast.domain.caller import Caller
from holdfast.domain.errors import KeyReused, SeriesNotOffered, Unavailable
from holdfast.domain.instants import HOUR, SECOND
from holdfast.domain.series import Mode, Outcome
from tests.support.builders import ALICE, BOB, NOW, asked
from tests.support.memory import MemoryLedger
from tests.unit.app.clinic import NINE, Clinic, weekly
from tests.unit.app.salon import at

BOTH = pytest.mark.parametrize("mode", [Mode.ALL_OR_NOTHING, Mode.SKIP_CONFLICTS])
RESERVED, THERE, SKIPPED = Outcome.RESERVED, Outcome.THERE, Outcome.SKIPPED


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


@BOTH
def test_a_claim_of_a_crashed_reserve_is_finished_by_the_series_that_meets_it(
    clinic: Clinic, mode: Mode
) -> None:
    clinic.pauses["record"] = crash
    with pytest.raises(Unavailable):
        clinic.book(asked(key="single"), weekly(2)[1], service="treatment")
    made = clinic.book_series(asked(), weekly(2), mode).series
    stray = asked(key="single").op
    assert (made.occurrences[1].outcome, made.occurrences[1].booking) == (THERE, stray)
    assert clinic.memory.bookings[stray].series is None


def crash() -> None:
    raise Unavailable("gone")


@BOTH
def test_a_repeat_answers_as_it_was(clinic: Clinic, mode: Mode) -> None:
    starts = weekly(3) if mode is Mode.ALL_OR_NOTHING else [*weekly(3), at(20)]
    first = clinic.book_series(asked(key="key"), starts, mode)
    for booking in clinic.members(first.series):
        clinic.release(asked(), booking)
    clinic.sell_out(NINE)
    before = clinic.taken
    again = clinic.book_series(asked(key="key", now=NOW + HOUR), starts, mode)
    assert (again.replayed, again.series) == (True, first.series)
    assert clinic.taken == before
    with pytest.raises(KeyReused):
        clinic.book_series(asked(key="key", body="other"), starts, mode)


@BOTH
def test_of_a_forgotten_key_the_series_itself_still_tells(clinic: Clinic, mode: Mode) -> None:
    first = clinic.book_series(asked(key="key"), weekly(3), mode)
    clinic.memory.keys.clear()
    again = clinic.book_series(asked(key="key"), weekly(3), mode)
    assert (again.replayed, again.series) == (True, first.series)
    clinic.memory.keys.clear()
    with pytest.raises(KeyReused):
        clinic.book_series(asked(key="key", body="other"), weekly(2), mode)


def places_of_a_crash() -> list[str]:
    """Every call of a port that a skipping series of three makes, before and after its effect."""
    clinic, calls = Clinic(), list[str]()
    clinic.memory.pause = calls.append
    clinic.book_series(asked(key="key"), [weekly(3)[0], at(20), weekly(3)[2]], Mode.SKIP_CONFLICTS)
    return calls


@pytest.mark.parametrize("number", range(len(places_of_a_crash())))
def test_wherever_a_crash_ends_it_a_repeat_does_the_rest(number: int) -> None:
    clinic, calls = Clinic(), iter(range(100))

    def pause(where: str) -> None:
        if next(calls) == number:
            raise Unavailable("gone")

    clinic.memory.pause = pause
    starts = [weekly(3)[0], at(20), weekly(3)[2]]
    with pytest.raises(Unavailable):
        clinic.book_series(asked(key="key"), starts, Mode.SKIP_CONFLICTS)
    clinic.memory.pause = lambda _: None
    made = clinic.book_series(asked(key="key", now=NOW + 5 * SECOND), starts, Mode.SKIP_CONFLICTS)
    assert [each.outcome for each in made.series.occurrences] == [RESERVED, SKIPPED, RESERVED]
    members = clinic.members(made.series)
    assert {each.series for each in members} == {made.series.id}
    assert set(clinic.memory.bookings) == {each.id for each in members}
    assert clinic.memory.series == {made.series.id: made.series}
    for member in members:
        assert clinic.standing(member) == member.claims


@pytest.mark.parametrize("where", ["read days", "commit", "committed"])
def test_all_or_nothing_is_never_found_half_done(clinic: Clinic, where: str) -> None:
    writes = "+".join(["SaveDay"] * 6 + ["SaveBooking"] * 3 + ["SaveSeries"])
    clinic.pauses[f"commit {writes}" if where == "commit" else where] = crash
    with pytest.raises(Unavailable):
        clinic.book_series(asked(key="key"), weekly(3))
    assert len(clinic.memory.bookings) in (0, 3)
    made = clinic.book_series(asked(key="key"), weekly(3))
    assert made.replayed == (where == "committed")
    assert len(clinic.members(made.series)) == len(clinic.memory.bookings) == 3


def test_a_twin_that_was_quicker_is_answered_with(clinic: Clinic) -> None:
    writes = "+".join(["SaveDay"] * 4 + ["SaveBooking"] * 2 + ["SaveSeries"])
    clinic.pauses[f"commit {writes}"] = lambda: clinic.book_series(asked(key="key"), weekly(2))
    made = clinic.book_series(asked(key="key"), weekly(2))
    assert made.replayed
    assert len(clinic.memory.bookings) == 2


def test_twins_that_skip_settle_it_together(clinic: Clinic) -> None:
    """The first finds the second week taken; when its twin comes there, it is free."""
    clinic.sell_out(weekly(2)[1])

    def twin() -> None:
        for booking in [each for each in clinic.memory.bookings.values() if each.owner != ALICE.id]:
            clinic.cancel(asked(Caller(booking.owner)), booking)
        clinic.book_series(asked(key="key"), weekly(2), Mode.SKIP_CONFLICTS)

    clinic.pauses["commit SaveSeries"] = lambda: clinic.pauses.update({"commit SaveSeries": twin})
    made = clinic.book_series(asked(key="key"), weekly(2), Mode.SKIP_CONFLICTS).series
    assert [each.outcome for each in made.occurrences] == [RESERVED, RESERVED]
    assert clinic.memory.series[made.id] == made


def test_who_is_overtaken_in_one_ledger_is_judged_anew(clinic: Clinic) -> None:
    writes = "+".join(["SaveDay"] * 4 + ["SaveBooking"] * 2 + ["SaveSeries"])
    clinic.pauses[f"commit {writes}"] = lambda: clinic.book(asked(BOB), weekly(2)[1], service="treatment")
    made = clinic.book_series(asked(), weekly(2))
    assert [each.resources for each in clinic.members(made.series)] == [
        ("dr-ann", "room-1"),
        ("dr-bob", "room-2"),
    ]
    clinic.pauses[f"commit {writes}"] = lambda: clinic.sell_out(weekly(4)[3])
    with pytest.raises(SeriesNotOffered):
        clinic.book_series(asked(), weekly(4)[2:])


class Busy(MemoryLedger):
    """Somebody is quicker every time."""

    def commit(self, *writes: Write) -> None:
        if any(isinstance(each, SaveSeries) and each.absent == (len(writes) > 1) for each in writes):
            raise Lost
        super().commit(*writes)


@BOTH
def test_where_somebody_is_quicker_every_time_it_is_tried_later(clinic: Clinic, mode: Mode) -> None:
    quiet, clinic.ledger = clinic.ledger, Busy(clinic.memory)
    with pytest.raises(Unavailable, match="too quickly"):
        clinic.book_series(asked(key="key"), weekly(2), mode)
    assert len(clinic.memory.bookings) == (0 if mode is Mode.ALL_OR_NOTHING else 2)
    clinic.ledger = quiet
    assert len(clinic.members(clinic.book_series(asked(key="key"), weekly(2), mode).series)) == 2
    assert len(clinic.memory.bookings) == 2
