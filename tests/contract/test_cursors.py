"""A cursor that is not one of ours is the caller's mistake, and never ours."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.app.cursors import decode, encode
from holdfast.app.ports import Page
from holdfast.domain.errors import Invalid
from holdfast.domain.instants import DAY, HOUR
from holdfast.domain.member import Member, Role
from tests.support.builders import BUSINESS, NOW, RESOURCE, a_booking, a_claim, a_resource, a_slot, an_entry
from tests.support.clouds import Ports

LISTS: dict[str, Callable[[Ports, str], Page[object]]] = {
    "resources": lambda ports, cursor: ports.catalog.resources(BUSINESS, limit=2, cursor=cursor),
    "members": lambda ports, cursor: ports.catalog.members(BUSINESS, limit=2, cursor=cursor),
    "slots": lambda ports, cursor: ports.slots.published(
        BUSINESS, [RESOURCE], NOW, NOW + 90 * DAY, limit=2, cursor=cursor
    ),
    "bookings of a business": lambda ports, cursor: ports.bookings.of_business(
        BUSINESS, NOW, NOW + 9 * DAY, limit=2, cursor=cursor
    ),
    "bookings": lambda ports, cursor: ports.bookings.of_owner(
        "alice", NOW, NOW + 90 * DAY, limit=2, cursor=cursor
    ),
    "entries": lambda ports, cursor: ports.entries.of_owner("alice", limit=2, cursor=cursor),
}


def _coded(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode()


FORGED = [
    *("x", "é", "!!!!", "====", "null", "\0", " ", "a" * 5000, "\ud800"),
    *map(_coded, (None, 7, {}, [], [[]], "text", [1, 2], [None] * 3, ["a"] * 9)),
    urlsafe_b64encode(b"\xff\xfe").decode(),
    urlsafe_b64encode(b"[" * 20_000).decode(),
    *(_coded([start, "b" * 20]) for start in ("", "x", "-1", "1e9", "\uff19", "1" * 5000, "0" * 5000, "1.5")),
    _coded([str(NOW - 1), "b" * 20]),
    _coded([str(NOW + 90 * DAY), "b" * 20]),
    *(_coded([str(NOW + HOUR), booking]) for booking in ("", "x" * 3000, "\ud800", "a b", "A" * 20, "b\n")),
    *(_coded([resource]) for resource in ("", "x" * 3000, "\ud800", "A", "a b", "b" * 33, "stand-1\n")),
    _coded(["stand-9", "2026-06", "13#SLOT#1000"]),
    *(_coded([day, "1", "b" * 20]) for day in ("2026-06-10", "2026-13-01", "2026-6-1", "")),
    _coded(["2026-06-12", "1", "B"]),
    _coded(["2026-06-12", "-1", ""]),
    *(_coded(["queued", *parts]) for parts in (["-1", "b" * 20], ["1", "B"], ["1"], ["1", "b", "b"])),
]


@pytest.fixture
def filled(ports: Ports) -> Ports:
    for number in range(3):
        ports.catalog.add(a_resource(f"stand-{number}"))
        ports.catalog.add(Member(business=BUSINESS, user=f"user{number}", role=Role.STAFF, op="made"))
        slot = ports.put(a_slot(start=NOW + (number + 1) * HOUR))
        ports.ledger.record(a_booking(slot=slot, claim=a_claim(str(number) * 20)))
        ports.ledger.enter(an_entry("abc"[number] * 20, slot=slot))
    return ports


@pytest.mark.parametrize("name", LISTS)
def test_a_forged_cursor_is_refused_as_invalid_and_nothing_else(filled: Ports, name: str) -> None:
    for cursor in FORGED:
        with pytest.raises(Invalid) as refused:
            LISTS[name](filled, cursor)
        assert refused.value.facts["errors"] == [
            {"pointer": "/query/cursor", "detail": "is not a cursor of this list"}
        ]


@pytest.mark.parametrize("name", LISTS)
def test_a_cursor_of_its_own_is_accepted_and_one_of_another_list_is_not(filled: Ports, name: str) -> None:
    cursors = {each: fetch(filled, "").cursor for each, fetch in LISTS.items()}
    assert all(cursors.values())
    for other, cursor in cursors.items():
        if other == name:
            assert len(LISTS[name](filled, str(cursor)).items) == 1
        else:
            with pytest.raises(Invalid):
                LISTS[name](filled, str(cursor))


@settings(max_examples=40)
@given(name=st.sampled_from(sorted(LISTS)), parts=st.lists(st.text(max_size=30), max_size=4) | st.text())
def test_whatever_comes_as_a_cursor_a_page_or_a_refusal_goes(
    ports: Ports, name: str, parts: list[str] | str
) -> None:
    cursor = parts if isinstance(parts, str) else _coded(parts)
    with suppress(Invalid):
        assert LISTS[name](ports, cursor).cursor is None


@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_a_cursor_gives_back_what_was_put_into_it(parts: list[str]) -> None:
    assert decode(encode(*parts), *["(?s:.*)"] * len(parts)) == parts
    with pytest.raises(Invalid):
        decode(encode(*parts), *["(?s:.*)"] * (len(parts) + 1))
    with pytest.raises(Invalid):
        decode(encode(*parts), *["(?s:.*)"] * (len(parts) - 1), "never")
