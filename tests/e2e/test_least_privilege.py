"""Every end-to-end test runs within its functions' roles; here one of them lacks an action."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import httpx
import pytest

from tests.e2e.door import Door
from tests.support.waiting import eventually


def _configuration(door: Door, function: str) -> Any:
    return door.stack.client("lambda").get_function_configuration(FunctionName=door.stack.functions[function])


def _role(door: Door, function: str) -> str:
    arn: str = _configuration(door, function)["Role"]
    return arn.rpartition("/")[2]


@contextmanager
def _without(door: Door, function: str, action: str) -> Iterator[None]:
    """The function's role lacks this action for a while."""
    iam, role = door.stack.client("iam"), _role(door, function)
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    whole = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    narrowed = deepcopy(whole)
    taken = 0
    for statement in narrowed["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        statement["Action"] = [each for each in actions if each != action]
        taken += len(actions) - len(statement["Action"])
    narrowed["Statement"] = [statement for statement in narrowed["Statement"] if statement["Action"]]
    assert taken, f"{function} may not {action} anyway"
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(narrowed))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(whole))


def _reserve(door: Door) -> httpx.Response:
    return door.caller("alice").post("/v1/bookings/reserve", {"slotId": door.new_slot()})


def _my_bookings(door: Door) -> httpx.Response:
    return door.caller("alice").get("/v1/bookings/my")


def _slots(door: Door) -> httpx.Response:
    return door.http.get(f"/v1/businesses/{door.stack.business_id}/slots")


def test_the_emulator_of_these_tests_enforces_iam(door: Door) -> None:
    health = httpx.get(f"{door.stack.endpoint_url}/_ministack/health", timeout=10).json()
    assert health["auth"] == "enabled"


@pytest.mark.parametrize(
    ("function", "action", "call"),
    [
        ("BookingApi", "dynamodb:UpdateItem", _reserve),
        ("BookingApi", "dynamodb:Query", _my_bookings),
        ("BookingApi", "dynamodb:BatchGetItem", _my_bookings),
        ("PublicApi", "dynamodb:Query", _slots),
    ],
    ids=lambda part: part if isinstance(part, str) else part.__name__,
)
def test_a_call_fails_when_its_role_lacks_one_action_and_works_when_it_has_it_again(
    door: Door, function: str, action: str, call: Callable[[Door], httpx.Response]
) -> None:
    assert call(door).is_success
    with _without(door, function, action):
        refused = call(door)
        assert refused.status_code >= 500
        assert action not in refused.text
    assert call(door).is_success


def test_no_function_may_touch_what_another_works_on(door: Door) -> None:
    """Straight at the policies that were deployed: a write to the ledger by who only reads, and so on."""
    iam = door.stack.client("iam")
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/{}"
    tables = {name: arn.format(table) for name, table in door.stack.tables.items()}

    def decided(function: str, action: str, resource: str) -> str:
        answer = iam.simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::000000000000:role/{_role(door, function)}",
            ActionNames=[action],
            ResourceArns=[resource],
        )
        return str(answer["EvaluationResults"][0]["EvalDecision"])

    assert decided("BookingApi", "dynamodb:PutItem", tables["ledger"]) == "allowed"
    for function, action, table in (
        ("PublicApi", "dynamodb:PutItem", "ledger"),
        ("PublicApi", "dynamodb:UpdateItem", "catalog"),
        ("PublicApi", "dynamodb:GetItem", "ephemeral"),
        ("BookingApi", "dynamodb:PutItem", "catalog"),
        ("BookingApi", "dynamodb:DeleteItem", "ledger"),
        ("BookingApi", "dynamodb:Scan", "ledger"),
        ("AdminApi", "dynamodb:DeleteItem", "ledger"),
        ("HoldExpirer", "dynamodb:GetItem", "catalog"),
        ("QueuePromoter", "dynamodb:DeleteItem", "ledger"),
        ("QueuePromoter", "dynamodb:PutItem", "catalog"),
        ("RealtimeAuthorizer", "dynamodb:GetItem", "ephemeral"),
        ("RealtimeApi", "dynamodb:Query", "ephemeral"),
        ("RealtimeApi", "dynamodb:UpdateItem", "ledger"),
        ("RealtimePusher", "dynamodb:UpdateItem", "ledger"),
    ):
        assert decided(function, action, tables[table]) == "implicitDeny", (function, action, table)


def test_a_hold_gets_no_timer_while_the_promoter_may_not_send_and_gets_it_afterwards(door: Door) -> None:
    with _without(door, "QueuePromoter", "sqs:SendMessage"):
        reserved = _reserve(door)
        assert reserved.is_success

        def told() -> list[str]:
            lines = door.log_of("QueuePromoter")
            ours = (each for each in lines if each.get("booking_id") == reserved.json()["bookingId"])
            return [each["message"] for each in ours]

        eventually(lambda: told()[-1:] == ["a timer could not be sent"], within=10)
    eventually(lambda: told()[-1] == "timer sent", within=20)
