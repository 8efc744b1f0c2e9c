"""Every write of the Ledger says which request it goes back to, and what is stored is the same without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from holdfast.adapters.dynamodb.correlation import correlation_of
from holdfast.adapters.dynamodb.keys import booking_key, job_key, slot_key
from holdfast.app.ports import Lost
from holdfast.app.writes import (
    ChangeClaim,
    RemoveClaim,
    SaveBooking,
    SaveJob,
    SaveSlot,
    SetClaimExpiry,
)
from holdfast.domain.booking import Deed
from holdfast.domain.instants import MINUTE
from holdfast.domain.job import Job
from holdfast.observability import following, start_request
from tests.support.builders import NOW, a_booking, a_claim, a_place, a_slot
from tests.support.clouds import Ports, connected, on_dynamodb

WHO, CLAIM = "alice", a_claim()
SLOT = a_slot(claims={WHO: CLAIM})
JOB = Job(id="j" * 20, slot=SLOT.key, slot_op="made", ledger_offset=60, actor="admin:ada", started_at=NOW)

type Read = Callable[[dict[str, dict[str, str]]], str]


@pytest.fixture
def stored(emulated_dynamodb: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Ports, Read]]:
    """The ports on real items, and what an item says of its correlation."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulated_dynamodb)
    with connected() as (client, tables):
        yield (
            on_dynamodb(client, tables),
            lambda key: correlation_of(client.get_item(TableName=tables.ledger, Key=key)["Item"]),
        )


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda ports: ports.ledger.claim(SLOT.key, "bob", CLAIM, NOW), id="claim"),
        pytest.param(
            lambda ports: ports.ledger.replace(replace(SLOT, places={"bob": a_place()}, rev=2)), id="replace"
        ),
        pytest.param(lambda ports: ports.ledger.commit(SaveSlot(replace(SLOT, rev=2))), id="save"),
        pytest.param(lambda ports: ports.ledger.commit(RemoveClaim(SLOT.key, WHO, CLAIM)), id="remove claim"),
        pytest.param(
            lambda ports: ports.ledger.commit(
                SetClaimExpiry(SLOT.key, WHO, CLAIM.booking, NOW + 5 * MINUTE, NOW, open_only=True)
            ),
            id="set expiry",
        ),
        pytest.param(
            lambda ports: ports.ledger.commit(ChangeClaim(SLOT.key, WHO, CLAIM, "bob", CLAIM, NOW)),
            id="change claim",
        ),
    ],
)
def test_each_write_of_a_slot_says_so(stored: tuple[Ports, Read], write: Callable[[Ports], object]) -> None:
    ports, read = stored
    with following("the-first"):
        ports.put(SLOT)
    assert read(slot_key(SLOT.key)) == "the-first"
    with following("the-second"):
        write(ports)
    assert read(slot_key(SLOT.key)) == "the-second"


def test_records_and_jobs_say_so_too_alone_and_in_transactions(stored: tuple[Ports, Read]) -> None:
    ports, read = stored
    held = a_booking(slot=SLOT, claim=CLAIM)
    released = held.released(Deed("op", "customer:alice", NOW, "release"))
    with following("the-first"):
        ports.put(SLOT)
        ports.ledger.record(held)
    assert read(booking_key(held.id)) == "the-first"
    with following("the-second"):
        ports.ledger.commit(
            RemoveClaim(SLOT.key, WHO, CLAIM), SaveBooking(released), SaveJob(JOB, absent=True)
        )
    keys = (slot_key(SLOT.key), booking_key(held.id), job_key(JOB.id))
    assert [read(key) for key in keys] == ["the-second"] * 3
    assert (ports.ledger.booking(held.id), ports.ledger.job(JOB.id)) == (released, JOB)


def test_the_same_writes_for_another_request_are_another_transaction(stored: tuple[Ports, Read]) -> None:
    """With the same token and other content DynamoDB would refuse them for that alone."""
    ports, _ = stored
    writes = (SaveSlot(SLOT), SaveJob(JOB, absent=True))
    with following("the-first"):
        ports.ledger.commit(*writes)
        ports.ledger.commit(*writes)  # the same request once more: it has had its effect
    with following("the-second"), pytest.raises(Lost):
        ports.ledger.commit(*writes)


def test_what_nobody_asked_for_is_written_without(stored: tuple[Ports, Read]) -> None:
    ports, read = stored
    start_request("")
    ports.put(SLOT)
    assert read(slot_key(SLOT.key)) == ""
