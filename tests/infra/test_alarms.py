"""Who is told when something is wrong, and that each alarm has its line in the runbook."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from holdfast.observability import NAMESPACE, SERVICE
from infra.bundling import REPOSITORY
from infra.settings import for_stage
from tests.infra.synthesised import Properties, Synthesised

ON_AN_EXPRESSION = "ServiceHighErrorRate"
"""The emulator knows no such alarm (ADR 0013)."""


def _alarms(stage: Synthesised) -> dict[str, Properties]:
    """By what their names say after the stack's."""
    prefix = f"holdfast-{stage.settings.stage}-service-"
    found = [alarm["Properties"] for alarm in stage.of_type("AWS::CloudWatch::Alarm").values()]
    assert all(alarm["AlarmName"].startswith(prefix) for alarm in found)
    return {alarm["AlarmName"].removeprefix(prefix): alarm for alarm in found}


def _allows(stage: Synthesised, kind: str) -> list[dict[str, Any]]:
    (found,) = stage.of_type(kind).values()
    document = found["Properties"]["KeyPolicy" if kind == "AWS::KMS::Key" else "PolicyDocument"]
    return [
        each
        for each in document["Statement"]
        if each["Effect"] == "Allow" and each["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    ]


def test_every_alarm_tells_the_one_topic(any_stage: Synthesised) -> None:
    (topic,) = any_stage.of_type("AWS::SNS::Topic")
    alarms = _alarms(any_stage)
    assert alarms
    for alarm in alarms.values():
        assert [any_stage.named(action) for action in alarm["AlarmActions"]] == [topic]


def test_the_topic_is_encrypted_with_a_key_that_turns_and_that_cloudwatch_may_use(
    any_stage: Synthesised,
) -> None:
    (topic,) = any_stage.of_type("AWS::SNS::Topic").values()
    ((name, key),) = any_stage.of_type("AWS::KMS::Key").items()
    assert any_stage.named(topic["Properties"]["KmsMasterKeyId"]) == f"{name}.Arn"
    assert key["Properties"]["EnableKeyRotation"] is True
    (use,) = _allows(any_stage, "AWS::KMS::Key")
    (publish,) = _allows(any_stage, "AWS::SNS::TopicPolicy")
    assert use["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    assert publish["Action"] == "sns:Publish"
    for allowed in (use, publish):
        assert allowed["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_the_topic_refuses_plain_http_wherever_there_is_tls(dev: Synthesised, local: Synthesised) -> None:
    def policy(stage: Synthesised) -> str:
        (found,) = stage.of_type("AWS::SNS::TopicPolicy").values()
        return json.dumps(found)

    assert '"aws:SecureTransport": "false"' in policy(dev)
    assert "SecureTransport" not in policy(local)


def test_a_stage_with_an_address_mails_and_no_other_does(any_stage: Synthesised) -> None:
    mailed = [each["Properties"] for each in any_stage.of_type("AWS::SNS::Subscription").values()]
    address = for_stage(any_stage.settings.stage).alarm_email
    assert [(each["Protocol"], each["Endpoint"]) for each in mailed] == (
        [("email", address)] if address else []
    )


def test_what_the_requirements_name_is_watched(any_stage: Synthesised) -> None:
    watched = {name: alarm.get("MetricName") for name, alarm in _alarms(any_stage).items()}
    assert watched["ServiceLocksExceedTtl"] == "hold_overdue_seconds"
    assert watched["ServiceQueueLengthExceedsCapacity"] == "queue_length"
    assert watched["ServiceLedgerReadsThrottled"] == "ReadThrottleEvents"
    assert watched["ServiceLedgerWritesThrottled"] == "WriteThrottleEvents"


def test_one_request_in_twenty_that_fails_is_too_many(dev: Synthesised, prod: Synthesised) -> None:
    for stage in (dev, prod):
        alarm = _alarms(stage)[ON_AN_EXPRESSION]
        parts = {each["Id"]: each for each in alarm["Metrics"]}
        looked_at = {
            name: each["MetricStat"]["Metric"]["MetricName"]
            for name, each in parts.items()
            if "MetricStat" in each
        }
        (rate,) = (each["Expression"] for each in parts.values() if "Expression" in each)
        assert (rate, looked_at) == ("100 * errors / requests", {"errors": "5xx", "requests": "Count"})
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (5, "GreaterThanThreshold")
        assert {each["MetricStat"]["Period"] for each in parts.values() if "MetricStat" in each} == {300}


def test_an_alarm_on_a_figure_of_ours_names_it_as_the_functions_tell_it(any_stage: Synthesised) -> None:
    told = {path.read_text(encoding="utf-8") for path in (REPOSITORY / "functions").rglob("*.py")}
    own = [each for each in _alarms(any_stage).values() if each.get("Namespace") == NAMESPACE]
    assert len(own) == 4
    for alarm in own:
        labels = {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
        assert labels == {"service": SERVICE, "stage": any_stage.settings.stage}
        assert any(f'"{alarm["MetricName"]}"' in source for source in told)


@pytest.fixture(scope="module")
def runbook() -> str:
    return (REPOSITORY / "docs" / "runbook.md").read_text(encoding="utf-8")


def test_every_alarm_has_its_line_in_the_runbook_and_every_line_its_alarm(
    any_stage: Synthesised, runbook: str
) -> None:
    left_out = {ON_AN_EXPRESSION} if any_stage.settings.runs_on_this_machine else set()
    assert set(re.findall(r"^\| `([A-Z]\w+)` \|", runbook, flags=re.MULTILINE)) - left_out == set(
        _alarms(any_stage)
    )
