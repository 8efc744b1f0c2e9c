"""What becomes of every reason for which DynamoDB may cancel a write of the catalog with its revision."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from holdfast.adapters.dynamodb.catalog import DynamoCatalog
from holdfast.adapters.dynamodb.client import MOST_ATTEMPTS
from holdfast.app.ports import Lost
from holdfast.domain.errors import Unavailable
from holdfast.domain.member import Member, Role
from tests.support.builders import BUSINESS, a_business, a_service

MEMBER = Member(business=BUSINESS, user="ada", role=Role.STAFF, op="made")


@dataclass
class Faulty:
    """A DynamoDB that answers what it was told to, in turn, the last for ever, and what it was asked."""

    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def answer(self, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.asked.append((operation, body))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> Iterator[Faulty]:
    database = Faulty()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = database.answer(self.headers["X-Amz-Target"].partition(".")[2], body)
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    try:
        yield database
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _refused(code: str, **more: object) -> tuple[int, dict[str, Any]]:
    return 400, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "injected", **more}


def _cancelled(*codes: str) -> tuple[int, dict[str, Any]]:
    return _refused("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])


DONE: tuple[int, dict[str, Any]] = (200, {})


def test_the_record_and_the_revision_are_one_transaction(faulty: Faulty) -> None:
    faulty.answers = [DONE]
    DynamoCatalog("table").add(a_service())
    ((operation, body),) = faulty.asked
    put, update = body["TransactItems"]
    assert (operation, body["ClientRequestToken"] != "") == ("TransactWriteItems", True)
    assert put["Put"]["Item"]["SK"] == {"S": "SERVICE#repair"}
    assert update["Update"]["Key"] == {"PK": {"S": f"BUSINESS#{BUSINESS}"}, "SK": {"S": "REVISION"}}


def test_a_member_is_written_alone(faulty: Faulty) -> None:
    faulty.answers = [DONE]
    DynamoCatalog("table").add(MEMBER)
    assert [operation for operation, _ in faulty.asked] == ["PutItem"]


@pytest.mark.parametrize(
    "codes",
    [
        ("None", "TransactionConflict"),
        ("TransactionConflict", "TransactionConflict"),
        ("ThrottlingError", "None"),
        ("None", "ProvisionedThroughputExceeded"),
    ],
)
def test_what_somebody_else_was_in_the_way_of_is_tried_again(faulty: Faulty, codes: tuple[str, str]) -> None:
    faulty.answers = [_cancelled(*codes), _cancelled(*codes), DONE]
    DynamoCatalog("table").save(a_business())
    assert [operation for operation, _ in faulty.asked] == ["TransactWriteItems"] * 3


@pytest.mark.parametrize("codes", [("None", "TransactionConflict"), ("ThrottlingError", "None")])
def test_it_is_unavailable_after_a_bounded_number_of_tries(faulty: Faulty, codes: tuple[str, str]) -> None:
    faulty.answers = [_cancelled(*codes)]
    with pytest.raises(Unavailable, match="TransactionCanceled"):
        DynamoCatalog("table").add(a_business())
    assert len(faulty.asked) == MOST_ATTEMPTS


@pytest.mark.parametrize(
    "codes",
    [
        ("ConditionalCheckFailed", "None"),
        ("None", "ConditionalCheckFailed"),
        ("ConditionalCheckFailed", "TransactionConflict"),
    ],
)
def test_a_failed_condition_is_lost_at_once_wherever_its_reason_stands(
    faulty: Faulty, codes: tuple[str, str]
) -> None:
    faulty.answers = [_cancelled(*codes)]
    with pytest.raises(Lost):
        DynamoCatalog("table").remove(a_service())
    assert len(faulty.asked) == 1


@pytest.mark.parametrize("fault", [_cancelled("ValidationError", "None"), _refused("AccessDeniedException")])
def test_what_is_no_passing_fault_is_unavailable_at_once(
    faulty: Faulty, fault: tuple[int, dict[str, Any]]
) -> None:
    faulty.answers = [fault]
    with pytest.raises(Unavailable):
        DynamoCatalog("table").add(a_service())
    assert len(faulty.asked) == 1


def test_a_member_whose_condition_failed_is_lost(faulty: Faulty) -> None:
    faulty.answers = [_refused("ConditionalCheckFailedException")]
    catalog = DynamoCatalog("table")
    with pytest.raises(Lost):
        catalog.add(MEMBER)
    with pytest.raises(Lost):
        catalog.remove(MEMBER)
    faulty.answers = [_refused("AccessDeniedException")]
    with pytest.raises(Unavailable):
        catalog.save(MEMBER)
