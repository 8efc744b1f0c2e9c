"""Who may serve a service, and how much of it they can do at once."""

from __future__ import annotations

import pytest

from holdfast.domain.errors import NotFound
from holdfast.domain.needs import Need, ledgers_of, needs_of
from holdfast.domain.room import units_together
from tests.support.offers import a_cut, a_salon, somebody

STAFF_AND_ROOM = [{"kind": "staff", "count": 2}, {"kind": "room", "count": 1}]
PEOPLE = (
    somebody("bob"),
    somebody("ann"),
    somebody("cid"),
    somebody("red", "room"),
    somebody("blue", "room"),
)


def test_without_requirements_one_of_those_named_is_enough_and_all_are_if_none_is() -> None:
    assert needs_of(a_salon("bob", "ann"), a_cut()) == [Need(1, ["ann", "bob"])]
    named = a_cut(resourceIds=["bob", "gone"])
    assert needs_of(a_salon("bob", "ann"), named) == [Need(1, ["bob"])]
    assert needs_of(a_salon("bob", "ann"), a_cut(resourceIds=[])) == [Need(1, [])]


def test_each_required_kind_is_a_need_of_its_own() -> None:
    needs = needs_of(a_salon(*PEOPLE), a_cut(requires=STAFF_AND_ROOM))
    assert needs == [Need(2, ["ann", "bob", "cid"]), Need(1, ["blue", "red"])]


def test_a_kind_named_twice_is_needed_as_often() -> None:
    twice = [{"kind": "staff", "count": 1}, {"kind": "room", "count": 1}, {"kind": "staff", "count": 1}]
    needs = needs_of(a_salon(*PEOPLE), a_cut(requires=twice))
    assert needs == [Need(2, ["ann", "bob", "cid"]), Need(1, ["blue", "red"])]


def test_names_restrict_only_the_kinds_they_are_of() -> None:
    needs = needs_of(a_salon(*PEOPLE), a_cut(requires=STAFF_AND_ROOM, resourceIds=["cid", "ann"]))
    assert needs == [Need(2, ["ann", "cid"]), Need(1, ["blue", "red"])]


def test_the_one_asked_for_is_enough_where_one_is() -> None:
    service = a_cut(requires=STAFF_AND_ROOM)
    assert needs_of(a_salon(*PEOPLE), service, "red") == [Need(2, ["ann", "bob", "cid"]), Need(1, ["red"])]
    assert needs_of(a_salon(*PEOPLE), service, "bob") == needs_of(a_salon(*PEOPLE), service)
    assert needs_of(a_salon("bob", "ann"), a_cut(), "bob") == [Need(1, ["bob"])]


@pytest.mark.parametrize("asked", ["gone", "red"])
def test_who_does_not_serve_it_is_not_found(asked: str) -> None:
    with pytest.raises(NotFound, match="resource of this service"):
        needs_of(a_salon(*PEOPLE), a_cut(requires=STAFF_AND_ROOM[:1]), asked)


def test_the_pool_has_a_ledger_like_all_who_may_serve() -> None:
    needs = [Need(2, ["ann", "bob"]), Need(1, ["red"])]
    assert ledgers_of(a_cut(), needs) == ["ann", "bob", "red"]
    assert ledgers_of(a_cut(maxSimultaneous=3), needs) == ["ann", "bob", "red", "service:cut"]


@pytest.mark.parametrize(
    ("many", "units", "together"),
    [
        (1, [], 0),
        (1, [2, 0, 3], 5),
        (2, [1, 1, 1], 1),
        (2, [1, 1, 1, 1], 2),
        (2, [10, 1], 1),
        (2, [10, 3, 4], 7),
        (3, [1, 1], 0),
        (3, [2, 2, 2], 2),
    ],
)
def test_nobody_serves_the_same_one_twice_at_once(many: int, units: list[int], together: int) -> None:
    names = [str(number) for number in range(len(units))]
    assert units_together([Need(many, names)], dict(zip(names, units, strict=True))) == together


def test_the_scarcest_need_and_the_one_asked_for_bound_the_rest() -> None:
    units = {"ann": 4, "bob": 3, "cid": 2, "red": 1}
    staff, rooms = Need(2, ["ann", "bob", "cid"]), Need(1, ["red"])
    assert units_together([staff], units) == 4
    assert units_together([staff, rooms], units) == 1
    assert units_together([staff], units, "cid") == 2
    assert units_together([Need(3, ["ann", "bob", "cid"])], units, "ann") == 2
    assert units_together([rooms, staff], {**units, "red": 9}, "red") == 4
