"""Every role's actions, spelled out: a new permission has to be written here a second time."""

from __future__ import annotations

import json

import pytest

from infra.access import ACCESS
from tests.infra.synthesised import Synthesised

GET, BATCH_GET, PUT, UPDATE, DELETE, QUERY = (
    f"dynamodb:{verb}" for verb in ("GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "Query")
)
SEND = "sqs:SendMessage"
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
XRAY = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
READ_STREAM = {
    f"dynamodb:{verb}" for verb in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
}
SET_ASIDE = {SEND, "sqs:GetQueueAttributes", "sqs:GetQueueUrl"}
CONSUME = {
    *("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"),
    *("sqs:GetQueueAttributes", "sqs:GetQueueUrl"),
}
POST = {"execute-api:ManageConnections"}
SOCKETS = "arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId:RealtimeApi/live/POST/@connections/*"
MAY: dict[str, dict[str, set[str]]] = {
    "PublicApi": {
        "Ledger.Arn": {GET, QUERY, "dynamodb:DescribeTable"},
        "Catalog.Arn": {GET, QUERY},
        "TimersQueue.Arn": {"sqs:GetQueueAttributes"},
    },
    "BookingApi": {
        "Ledger.Arn": {GET, BATCH_GET, QUERY, PUT, UPDATE},
        "Ledger.Arn/index/by_user": {QUERY},
        "Catalog.Arn": {GET, BATCH_GET, QUERY},
        "Ephemeral.Arn": {GET, PUT, UPDATE},
    },
    "GuestApi": {
        "Ledger.Arn": {GET, BATCH_GET, QUERY, PUT, UPDATE},
        "Ledger.Arn/index/by_user": {QUERY},
        "Catalog.Arn": {GET, BATCH_GET, QUERY},
        "Ephemeral.Arn": {UPDATE},
        "ManageKey": {"secretsmanager:GetSecretValue"},
    },
    "AdminApi": {
        "Ledger.Arn": {GET, BATCH_GET, QUERY, PUT, UPDATE},
        "Ledger.Arn/index/by_business_day": {QUERY},
        "Ledger.Arn/index/by_user": {QUERY},
        "Catalog.Arn": {GET, BATCH_GET, PUT, UPDATE, DELETE, QUERY},
        "Ephemeral.Arn": {GET, PUT, UPDATE, DELETE},
        "JobsQueue.Arn": {SEND},
    },
    "SlotRemover": {"Ledger.Arn": {GET, BATCH_GET, PUT, UPDATE}, "JobsQueue.Arn": {*CONSUME, SEND}},
    "QueuePromoter": {
        "Ledger.StreamArn": READ_STREAM,
        "Ledger.Arn": {GET, BATCH_GET, PUT, UPDATE},
        "Catalog.Arn": {GET},
        "TimersQueue.Arn": {SEND},
        "PromoterStreamFailuresQueue.Arn": SET_ASIDE,
    },
    "StreamRelay": {
        "Ledger.StreamArn": READ_STREAM,
        "Ledger.Arn": {GET, BATCH_GET, PUT, UPDATE},
        "PushesQueue.Arn": {SEND},
        "RelayStreamFailuresQueue.Arn": SET_ASIDE,
    },
    "RealtimeAuthorizer": {"Ephemeral.Arn": {DELETE}},
    "RealtimeApi": {
        "Ledger.Arn": {GET},
        "Catalog.Arn": {GET},
        "Ephemeral.Arn": {GET, PUT, UPDATE, DELETE},
        "PushesQueue.Arn": {SEND},
        SOCKETS: POST,
    },
    "RealtimePusher": {
        "Ledger.Arn": {GET, BATCH_GET},
        "Catalog.Arn": {GET},
        "Ephemeral.Arn": {QUERY, PUT, UPDATE, DELETE},
        "PushesQueue.Arn": CONSUME,
        SOCKETS: POST,
    },
    "HoldExpirer": {"Ledger.Arn": {GET, BATCH_GET, PUT, UPDATE}, "TimersQueue.Arn": {*CONSUME, SEND}},
    "Sweeper": {
        "Ledger.Arn": {GET, BATCH_GET, PUT, UPDATE},
        "Ledger.Arn/index/due": {QUERY},
        "Catalog.Arn": {GET},
        "JobsQueue.Arn": {SEND},
        "SweepFailuresQueue.Arn": SET_ASIDE,
    },
}


def _allowed(stage: Synthesised, function: str) -> dict[str, set[str]]:
    allowed: dict[str, set[str]] = {}
    policy = stage.of_type("AWS::IAM::Policy")[f"{function}RoleDefaultPolicy"]["Properties"]
    for statement in policy["PolicyDocument"]["Statement"]:
        assert statement["Effect"] == "Allow"
        actions, resources = statement["Action"], statement["Resource"]
        for resource in resources if isinstance(resources, list) else [resources]:
            allowed.setdefault(stage.named(resource), set()).update(
                [actions] if isinstance(actions, str) else actions
            )
    return allowed


@pytest.mark.parametrize("function", MAY)
def test_a_function_may_do_exactly_what_it_needs(prod: Synthesised, function: str) -> None:
    assert _allowed(prod, function) == {f"{function}Logs.Arn": LOGS, "*": XRAY} | MAY[function]


@pytest.mark.parametrize("function", MAY)
def test_locally_a_function_may_do_the_same_but_trace(local: Synthesised, function: str) -> None:
    assert _allowed(local, function) == {f"{function}Logs.Arn": LOGS} | MAY[function]


def test_every_function_has_a_role_of_its_own_and_no_role_is_left_over(any_stage: Synthesised) -> None:
    functions = any_stage.of_type("AWS::Lambda::Function").values()
    roles = {any_stage.named(function["Properties"]["Role"]) for function in functions}
    assert len(functions) == len(ACCESS) == len(MAY)
    assert roles == {f"{name}Role.Arn" for name in MAY}
    assert set(any_stage.of_type("AWS::IAM::Role")) == {f"{name}Role" for name in MAY}


def test_no_role_takes_a_ready_made_policy(any_stage: Synthesised) -> None:
    assert "ManagedPolicyArns" not in json.dumps(any_stage.service)


@pytest.mark.parametrize(
    ("folder", "told"),
    [
        ("public_api", {"LEDGER_TABLE", "CATALOG_TABLE", "TIMER_QUEUE_URL"}),
        ("booking_api", {"LEDGER_TABLE", "CATALOG_TABLE", "EPHEMERAL_TABLE", "REALTIME_URL"}),
        ("guest_api", {"LEDGER_TABLE", "CATALOG_TABLE", "EPHEMERAL_TABLE", "MANAGE_SECRET"}),
        ("admin_api", {"LEDGER_TABLE", "CATALOG_TABLE", "EPHEMERAL_TABLE", "JOB_QUEUE_URL"}),
        ("slot_remover", {"LEDGER_TABLE", "JOB_QUEUE_URL"}),
        ("queue_promoter", {"LEDGER_TABLE", "CATALOG_TABLE", "TIMER_QUEUE_URL"}),
        ("stream_relay", {"LEDGER_TABLE", "PUSH_QUEUE_URL"}),
        ("realtime_authorizer", {"EPHEMERAL_TABLE"}),
        (
            "realtime_api",
            {"LEDGER_TABLE", "CATALOG_TABLE", "EPHEMERAL_TABLE", "PUSH_QUEUE_URL", "REALTIME_ENDPOINT"},
        ),
        (
            "realtime_pusher",
            {"LEDGER_TABLE", "CATALOG_TABLE", "EPHEMERAL_TABLE", "PUSH_QUEUE_URL", "REALTIME_ENDPOINT"},
        ),
        ("hold_expirer", {"LEDGER_TABLE", "TIMER_QUEUE_URL"}),
        ("sweeper", {"LEDGER_TABLE", "CATALOG_TABLE", "JOB_QUEUE_URL"}),
    ],
)
def test_a_function_is_told_only_of_what_it_may_touch(
    any_stage: Synthesised, folder: str, told: set[str]
) -> None:
    variables = any_stage.function(folder)["Environment"]["Variables"]
    assert set(variables) == told | {
        *(
            "HOLDFAST_STAGE",
            "LOG_LEVEL",
            "POWERTOOLS_SERVICE_NAME",
            "PYDANTIC_DISABLE_PLUGINS",
            "POWERTOOLS_METRICS_NAMESPACE",
        ),
    }
    assert variables["HOLDFAST_STAGE"] == any_stage.settings.stage
    assert variables["POWERTOOLS_SERVICE_NAME"] == folder
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "Holdfast"
    meant = {
        "LEDGER_TABLE": "Ledger",
        "CATALOG_TABLE": "Catalog",
        "EPHEMERAL_TABLE": "Ephemeral",
        "TIMER_QUEUE_URL": "TimersQueue",
        "JOB_QUEUE_URL": "JobsQueue",
        "PUSH_QUEUE_URL": "PushesQueue",
        "REALTIME_URL": "wss://RealtimeApi.execute-api.AWS::Region.AWS::URLSuffix/live",
        "MANAGE_SECRET": "ManageKey",
        "REALTIME_ENDPOINT": "https://RealtimeApi.execute-api.AWS::Region.AWS::URLSuffix/live",
    }
    for name in told:
        assert any_stage.named(variables[name]) == meant[name]
