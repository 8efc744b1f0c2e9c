"""Days in the ledger: written on the `rev` they were read at, claims kept and given back as a slot's."""

from __future__ import annotations

from copy import replace

import pytest

from holdfast.app.ports import DayMoved, Lost
from holdfast.app.writes import RemoveClaim, SaveDay, SetClaimExpiry
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.instants import HOUR, MINUTE, NEVER, SECOND
from holdfast.domain.place import DayKey, Window
from tests.support.builders import BUSINESS, NOW, RESOURCE
from tests.support.clouds import Ports

KEY = DayKey(BUSINESS, RESOURCE, "2026-06-14")
OTHER = replace(KEY, resource="stand-2")
HELD = Claim("a", 1, NOW + 60 * SECOND, "print", Window(600, 630))


def put(ports: Ports, day: Day) -> Day:
    ports.ledger.commit(SaveDay(day))
    return day


def there(ports: Ports, key: DayKey = KEY) -> Day:
    (day,) = ports.ledger.slots_and_days([], [key])[1]
    return day


def test_a_day_that_is_not_there_is_written_once(ports: Ports) -> None:
    first = Day(KEY).claimed("alice", HELD, NOW)
    ports.ledger.replace_day(first)
    assert there(ports) == first
    with pytest.raises(DayMoved) as moved:
        ports.ledger.replace_day(Day(KEY).claimed("bob", replace(HELD, booking="b"), NOW))
    assert moved.value.day == first
    assert there(ports) == first


def test_who_was_slower_gets_the_day_as_it_is(ports: Ports) -> None:
    day = put(ports, Day(KEY).claimed("alice", HELD, NOW))
    second = day.claimed("bob", replace(HELD, booking="b", window=Window(0, 30)), NOW)
    ports.ledger.replace_day(second)
    with pytest.raises(DayMoved) as moved:
        ports.ledger.replace_day(day.without("alice", NOW))
    assert moved.value.day == second


def test_what_is_past_goes_with_the_next_claim(ports: Ports) -> None:
    day = put(ports, Day(KEY).claimed("alice", HELD, NOW))
    later = HELD.expires
    ports.ledger.replace_day(day.claimed("bob", replace(HELD, booking="b", expires=later + HOUR), later))
    assert set(there(ports).claims) == {"bob"}


def test_days_come_with_the_revision_of_what_is_offered(ports: Ports) -> None:
    day = put(ports, Day(KEY).claimed("alice", HELD, NOW))
    assert ports.ledger.days_and_revision(BUSINESS, [KEY, OTHER]) == ([day, Day(OTHER)], 0)
    assert ports.ledger.days_and_revision(BUSINESS, []) == ([], 0)


def test_more_days_than_one_read_takes_come_all_the_same(ports: Ports) -> None:
    keys = [replace(KEY, resource=f"stand-{number}") for number in range(230)]
    day = put(ports, Day(keys[-1]).claimed("alice", HELD, NOW))
    days, revision = ports.ledger.days_and_revision(BUSINESS, keys)
    assert [each.key for each in days] == keys
    assert (days[-1], revision) == (day, 0)


def test_a_claim_of_a_day_is_confirmed_like_a_slots(ports: Ports) -> None:
    day = put(ports, Day(KEY).claimed("alice", HELD, NOW))
    ports.ledger.commit(SetClaimExpiry(KEY, "alice", "a", NEVER, NOW, open_only=True))
    confirmed = there(ports)
    assert confirmed.claims == {"alice": replace(HELD, expires=NEVER)}
    assert confirmed.rev == day.rev + 1


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(SetClaimExpiry(KEY, "alice", "b", NEVER, NOW, open_only=True), id="of another booking"),
        pytest.param(
            SetClaimExpiry(KEY, "alice", "a", NEVER, HELD.expires, open_only=True), id="that is past"
        ),
        pytest.param(SetClaimExpiry(OTHER, "alice", "a", NEVER, NOW, open_only=True), id="of no day"),
        pytest.param(RemoveClaim(KEY, "alice", replace(HELD, expires=NEVER)), id="with another end"),
        pytest.param(RemoveClaim(KEY, "alice", replace(HELD, window=Window(600, 640))), id="elsewhere"),
        pytest.param(RemoveClaim(KEY, "bob", HELD), id="of nobody"),
    ],
)
def test_no_claim_of_a_day_is_changed(ports: Ports, write: SetClaimExpiry | RemoveClaim) -> None:
    day = put(ports, Day(KEY).claimed("alice", HELD, NOW))
    with pytest.raises(Lost):
        ports.ledger.commit(write)
    assert there(ports) == day


def test_a_claim_is_given_back_on_all_its_days_or_on_none(ports: Ports) -> None:
    for key in (KEY, OTHER):
        put(ports, Day(key).claimed("alice", HELD, NOW))
    both = [RemoveClaim(KEY, "alice", HELD), RemoveClaim(OTHER, "alice", HELD)]
    with pytest.raises(Lost):
        ports.ledger.commit(both[0], replace(both[1], claim=replace(HELD, units=2)))
    assert (len(there(ports).claims), len(there(ports, OTHER).claims)) == (1, 1)
    ports.ledger.commit(*both)
    assert (there(ports).claims, there(ports, OTHER).claims) == ({}, {})


def test_a_day_is_due_while_something_is_held_in_it(ports: Ports) -> None:
    day = put(ports, Day(KEY).claimed("alice", HELD, NOW))
    assert list(ports.ledger.due(HELD.expires - 1)) == []
    assert list(ports.ledger.due(HELD.expires)) == [KEY]
    ports.ledger.replace_day(day.without("alice", NOW))
    assert list(ports.ledger.due(NOW + 60 * MINUTE)) == []
