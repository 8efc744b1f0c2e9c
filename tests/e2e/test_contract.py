"""A suite no one here wrote: Schemathesis makes up requests from the published contract."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest

from local.openapi import TARGETS
from tests.e2e.contract_run import Run, Stock, run
from tests.e2e.door import Door


@pytest.fixture(scope="module")
def contract(door: Door) -> dict[str, Any]:
    published: dict[str, Any] = door.http.get("/v1/openapi.json").json()
    return published


@pytest.fixture(scope="module")
def outcome(door: Door, contract: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Each operation by itself: its examples, the edges of its schema, made-up data, valid and invalid."""
    folder, stock = tmp_path_factory.mktemp("operations"), Stock(door, "contract")
    return run(door, stock, contract, folder, phases="examples,coverage,fuzzing", mode="all", cases=12)


@pytest.fixture(scope="module")
def journeys(door: Door, contract: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """From answer to answer by the contract's links, on objects that nothing has worn out yet."""
    folder, stock = tmp_path_factory.mktemp("journeys"), Stock(door, "contract-links")
    return run(door, stock, contract, folder, phases="stateful", mode="positive", cases=400, spare=30)


def test_what_is_published_is_what_is_committed(contract: dict[str, Any]) -> None:
    assert contract == json.loads(TARGETS[0].read_text(encoding="utf-8"))


def test_no_answer_breaks_the_contract(outcome: Run) -> None:
    """No server error, nothing in an answer that is not declared, no invalid request accepted."""
    assert not outcome.failed, outcome.printed
    assert len(outcome.seen) > 2_000


def test_every_operation_is_reached(outcome: Run, contract: dict[str, Any]) -> None:
    reached = {seen.operation for seen in outcome.seen if 200 <= seen.status < 300}
    declared = {f"{method.upper()} {path}" for path, told in contract["paths"].items() for method in told}
    statuses: dict[str, list[int]] = defaultdict(list)
    for seen in outcome.seen:
        statuses[seen.operation].append(seen.status)
    assert declared <= reached, {name: statuses[name] for name in declared - reached}


def test_no_answer_is_a_server_error(outcome: Run) -> None:
    assert [seen for seen in outcome.seen if seen.status >= 500] == []


def test_invalid_requests_are_made_and_refused(outcome: Run) -> None:
    refused = [seen for seen in outcome.seen if seen.negative and 400 <= seen.status < 500]
    assert len(refused) > 1_000


def test_links_are_followed_from_answer_to_answer(journeys: Run) -> None:
    assert not journeys.failed, journeys.printed
    assert [seen for seen in journeys.seen if seen.status >= 500] == []
    # How far it gets is chance, as ids are new each time; `test_links.py` follows every link there is.
    assert len([seen for seen in journeys.seen if seen.linked]) >= 10
