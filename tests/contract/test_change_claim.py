"""`Ledger.commit` of a changed claim: fewer units always, more as a newcomer, another claimant if free."""

from __future__ import annotations

from dataclasses import replace

import pytest

from holdfast.app.ports import Lost
from holdfast.app.writes import ChangeClaim
from holdfast.domain.slot import Slot, SlotState
from tests.support.builders import NOW, a_claim, a_slot
from tests.support.clouds import Ports

CLAIM = a_claim("a", units=2)
SLOT = a_slot(capacity=4, claims={"alice": CLAIM, "bob": a_claim("b")})


def change(*, units: int = 2, to_who: str = "alice", now: int = NOW) -> ChangeClaim:
    return ChangeClaim(SLOT.key, "alice", CLAIM, to_who, replace(CLAIM, units=units), now)


@pytest.mark.parametrize("units", [1, 2, 3])
def test_the_units_of_a_claim_change_and_free_with_them(ports: Ports, units: int) -> None:
    slot = ports.put(SLOT)
    ports.ledger.commit(change(units=units))
    changed = ports.ledger.slot(SLOT.key)
    assert changed == slot.changed("alice", "alice", replace(CLAIM, units=units))
    assert changed.free == 3 - units


def test_a_claim_goes_to_another_claimant_with_other_units(ports: Ports) -> None:
    ports.put(SLOT)
    ports.ledger.commit(change(units=1, to_who="carol"))
    changed = ports.ledger.slot(SLOT.key)
    assert changed is not None
    assert (sorted(changed.claims), changed.claims["carol"].units, changed.free) == (["bob", "carol"], 1, 2)


@pytest.mark.parametrize(
    ("there", "write"),
    [
        pytest.param(SLOT, change(units=4), id="more than is free"),
        pytest.param(SLOT, change(to_who="bob"), id="to one who is in the slot"),
        pytest.param(replace(SLOT, state=SlotState.BLOCKED), change(units=3), id="more of a closed slot"),
        pytest.param(SLOT, change(units=3, now=SLOT.start), id="more of a slot that has begun"),
        pytest.param(
            replace(SLOT, claims={**SLOT.claims, "alice": replace(CLAIM, expires=NOW)}),
            change(units=1),
            id="of a claim with another end",
        ),
        pytest.param(replace(SLOT, claims={}, free=4), change(units=1), id="of a claim that is gone"),
    ],
)
def test_nothing_changes(ports: Ports, there: Slot, write: ChangeClaim) -> None:
    slot = ports.put(there)
    with pytest.raises(Lost):
        ports.ledger.commit(write)
    assert ports.ledger.slot(SLOT.key) == slot


@pytest.mark.parametrize("state", [SlotState.BLOCKED, SlotState.DELETED])
def test_fewer_units_are_given_back_also_of_a_closed_slot(ports: Ports, state: SlotState) -> None:
    ports.put(replace(SLOT, state=state))
    ports.ledger.commit(change(units=1, now=SLOT.start))
    changed = ports.ledger.slot(SLOT.key)
    assert changed is not None
    assert changed.free == 2
