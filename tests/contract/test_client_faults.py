"""What becomes of every fault DynamoDB may answer with: tried again, told apart, or passed on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from holdfast.adapters.dynamodb.catalog import DynamoCatalog
from holdfast.adapters.dynamodb.client import BOUNDS, MOST_ATTEMPTS, Dynamo
from holdfast.adapters.dynamodb.ledger import DynamoLedger
from holdfast.adapters.dynamodb.slots import slot_item
from holdfast.app.ports import ClaimRefused, DueBooking, Lost, Throttled
from holdfast.app.writes import SaveBooking, TakeNumber
from holdfast.domain.errors import Unavailable
from tests.local.support import free_port
from tests.support.builders import NOW, a_booking, a_business, a_claim, a_slot

SLOT = a_slot()
WRITES = (SaveBooking(a_booking(), absent=True), TakeNumber("BOK-20260612-ABCDEF", "a"))


class Faulty:
    """A client that answers what it was told to, in turn, the last for ever; `asked` is what it was asked."""

    def __init__(self, *answers: Mapping[str, Any] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    def __getattr__(self, operation: str) -> Callable[..., Mapping[str, Any]]:
        def call(**request: Any) -> Mapping[str, Any]:
            self.asked.append((operation, request))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def _ledger(faulty: Faulty) -> DynamoLedger:
    return DynamoLedger(Dynamo(cast(Any, faulty)), "table")


def _error(code: str, **more: Any) -> ClientError:
    return ClientError(cast(Any, {"Error": {"Code": code, "Message": "injected"}, **more}), "Injected")


def _cancelled(*codes: str) -> ClientError:
    return _error("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])


CALLS: dict[str, Callable[[DynamoLedger], object]] = {
    "claim": lambda ledger: ledger.claim(SLOT.key, "alice", a_claim(), NOW),
    "replace": lambda ledger: ledger.replace(SLOT),
    "record": lambda ledger: ledger.record(a_booking()),
    "commit one": lambda ledger: ledger.commit(WRITES[0]),
    "commit several": lambda ledger: ledger.commit(*WRITES),
    "slot": lambda ledger: ledger.slot(SLOT.key),
    "booking": lambda ledger: ledger.booking("a"),
    "slot and days": lambda ledger: ledger.slot_and_days(SLOT.key, []),
    "due": lambda ledger: list(ledger.due(NOW)),
}
DECIDING = ("claim", "replace")
THROTTLES = (
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
)
CONFLICTS = ("TransactionConflictException", "TransactionInProgressException")
FAILURES = ("InternalServerError", "ServiceUnavailable")


@pytest.mark.parametrize("code", CONFLICTS)
def test_a_conflict_is_tried_again_until_it_passes(code: str) -> None:
    faulty = Faulty(_error(code), _error(code), {"Attributes": slot_item(SLOT)})
    assert _ledger(faulty).claim(SLOT.key, "alice", a_claim(), NOW) == SLOT
    assert len(faulty.asked) == 3
    assert faulty.asked[0] == faulty.asked[1] == faulty.asked[2]


@pytest.mark.parametrize("code", CONFLICTS)
def test_a_conflict_that_stays_is_unavailable_after_a_bounded_number_of_tries(code: str) -> None:
    faulty = Faulty(_error(code))
    with pytest.raises(Unavailable, match=code):
        _ledger(faulty).commit(*WRITES)
    assert len(faulty.asked) == MOST_ATTEMPTS


@pytest.mark.parametrize(
    "codes",
    [
        ("None", "TransactionConflict"),
        ("TransactionConflict", "TransactionConflict"),
        ("ThrottlingError", "None"),
        ("None", "ProvisionedThroughputExceeded"),
    ],
)
def test_a_transaction_that_was_cancelled_for_no_reason_of_its_own_is_tried_again(
    codes: tuple[str, str],
) -> None:
    faulty = Faulty(_cancelled(*codes), {})
    _ledger(faulty).commit(*WRITES)
    assert len(faulty.asked) == 2
    tokens = {request["ClientRequestToken"] for _, request in faulty.asked}
    assert len(tokens) == 1


@pytest.mark.parametrize("other", ["None", "TransactionConflict", "ThrottlingError"])
def test_a_transaction_of_which_a_condition_failed_is_lost_at_once(other: str) -> None:
    faulty = Faulty(_cancelled(other, "ConditionalCheckFailed"))
    with pytest.raises(Lost):
        _ledger(faulty).commit(*WRITES)
    assert len(faulty.asked) == 1


def test_a_transaction_cancelled_for_a_mistake_of_ours_is_passed_on() -> None:
    faulty = Faulty(_cancelled("None", "ValidationError"))
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        _ledger(faulty).commit(*WRITES)
    assert len(faulty.asked) == 1


@pytest.mark.parametrize("name", DECIDING)
@pytest.mark.parametrize("code", THROTTLES)
def test_a_throttled_decision_is_told_after_exactly_one_attempt(name: str, code: str) -> None:
    faulty = Faulty(_error(code))
    with pytest.raises(Throttled):
        CALLS[name](_ledger(faulty))
    assert len(faulty.asked) == 1


@pytest.mark.parametrize("name", sorted(set(CALLS) - set(DECIDING)))
def test_what_else_is_throttled_is_tried_again_and_then_unavailable(name: str) -> None:
    faulty = Faulty(_error("ThrottlingException"))
    with pytest.raises(Unavailable, match="ThrottlingException"):
        CALLS[name](_ledger(faulty))
    assert len(faulty.asked) == MOST_ATTEMPTS


@pytest.mark.parametrize("code", FAILURES)
def test_a_failure_inside_dynamodb_is_tried_again(code: str) -> None:
    faulty = Faulty(_error(code), {"Item": slot_item(SLOT)})
    assert _ledger(faulty).slot(SLOT.key) == SLOT


@pytest.mark.parametrize(
    "fault",
    [
        ReadTimeoutError(endpoint_url="http://x"),
        ConnectTimeoutError(endpoint_url="http://x"),
        EndpointConnectionError(endpoint_url="http://x"),
        ConnectionClosedError(endpoint_url="http://x"),
    ],
    ids=lambda fault: type(fault).__name__,
)
@pytest.mark.parametrize("name", CALLS)
def test_a_lost_answer_is_unavailable_at_once(name: str, fault: Exception) -> None:
    faulty = Faulty(fault)
    with pytest.raises(Unavailable, match=type(fault).__name__):
        CALLS[name](_ledger(faulty))
    assert len(faulty.asked) == 1


@pytest.mark.parametrize(
    "code", ["ValidationException", "AccessDeniedException", "ResourceNotFoundException"]
)
@pytest.mark.parametrize("name", CALLS)
def test_an_error_that_is_none_of_these_is_passed_on_at_once(name: str, code: str) -> None:
    faulty = Faulty(_error(code))
    with pytest.raises(ClientError, match=code):
        CALLS[name](_ledger(faulty))
    assert len(faulty.asked) == 1


def test_a_refused_decision_brings_along_what_stood_there() -> None:
    for item, slot in ((slot_item(SLOT), SLOT), (None, None)):
        faulty = Faulty(_error("ConditionalCheckFailedException", **({"Item": item} if item else {})))
        with pytest.raises(ClaimRefused) as refused:
            _ledger(faulty).claim(SLOT.key, "alice", a_claim(), NOW)
        assert refused.value.slot == slot
        assert [request["ReturnValuesOnConditionCheckFailure"] for _, request in faulty.asked] == ["ALL_OLD"]


def test_a_refused_record_that_is_not_told_is_no_record() -> None:
    with pytest.raises(Unavailable):
        _ledger(Faulty(_error("ConditionalCheckFailedException"))).record(a_booking())


def test_a_batch_of_which_something_was_left_out_is_unavailable() -> None:
    left_out = {"Responses": {"table": []}, "UnprocessedKeys": {"table": {"Keys": [{}]}}}
    with pytest.raises(Unavailable):
        _ledger(Faulty(left_out)).slot_and_days(SLOT.key, [])


def test_what_is_due_is_read_page_after_page() -> None:
    def key(name: str) -> Mapping[str, Any]:
        return {"PK": {"S": f"BOOKING#{name}"}, "SK": {"S": "BOOKING"}}

    more = {"Items": [key("a")], "LastEvaluatedKey": key("a")}
    faulty = Faulty(more, {"Items": [key("b")]}, {"Items": []})
    assert list(_ledger(faulty).due(NOW)) == [DueBooking("a"), DueBooking("b")]
    assert faulty.asked[1][1]["ExclusiveStartKey"] == key("a")


def test_the_same_content_is_the_same_request_and_other_content_another() -> None:
    faulty = Faulty({})
    ledger = _ledger(faulty)
    ledger.commit(*WRITES)
    ledger.commit(*WRITES)
    ledger.commit(WRITES[0], TakeNumber("BOK-20260612-ABCDEF", "b"))
    first, again, other = (request["ClientRequestToken"] for _, request in faulty.asked)
    assert first == again != other
    assert len(first) <= 36


def test_the_sdk_itself_does_not_try_again_and_does_not_wait_long() -> None:
    options = cast(Any, BOUNDS)
    assert options.retries["total_max_attempts"] == 1
    assert options.connect_timeout + options.read_timeout <= 6  # of the ten seconds an API function has


def test_a_catalog_out_of_reach_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    catalog = DynamoCatalog("table")
    with pytest.raises(Unavailable):
        catalog.business("bikes")
    with pytest.raises(Unavailable):
        catalog.resources("bikes", limit=1, cursor=None)
    with pytest.raises(Unavailable):
        catalog.add(a_business())
