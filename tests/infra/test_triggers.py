"""What starts a function that nobody waits for, and where its failures go."""

from __future__ import annotations

import json

import pytest

from tests.infra.synthesised import Properties, Synthesised


def _mapping(stage: Synthesised, function: str) -> Properties:
    (found,) = (
        mapping["Properties"]
        for mapping in stage.of_type("AWS::Lambda::EventSourceMapping").values()
        if stage.named(mapping["Properties"]["FunctionName"]) == f"{function}Function"
    )
    return dict(found)


@pytest.mark.parametrize(
    ("reader", "failures"),
    [("QueuePromoter", "PromoterStreamFailuresQueue.Arn"), ("StreamRelay", "RelayStreamFailuresQueue.Arn")],
)
def test_the_stream_is_read_in_order_and_within_bounds(
    any_stage: Synthesised, reader: str, failures: str
) -> None:
    mapping = _mapping(any_stage, reader)
    assert any_stage.named(mapping["EventSourceArn"]) == "Ledger.StreamArn"
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["BatchSize"] == 100
    assert mapping["MaximumBatchingWindowInSeconds"] <= 1
    assert mapping["ParallelizationFactor"] == 1
    assert mapping["MaximumRetryAttempts"] == 5
    assert mapping["MaximumRecordAgeInSeconds"] == 3600
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert any_stage.named(mapping["DestinationConfig"]["OnFailure"]["Destination"]) == failures


def test_the_promoter_sees_ledger_items_only(any_stage: Synthesised) -> None:
    (only,) = _mapping(any_stage, "QueuePromoter")["FilterCriteria"]["Filters"]
    assert json.loads(only["Pattern"]) == {"dynamodb": {"Keys": {"PK": {"S": [{"prefix": "RESOURCE#"}]}}}}


def test_the_relay_sees_everything(any_stage: Synthesised) -> None:
    assert "FilterCriteria" not in _mapping(any_stage, "StreamRelay")


def test_no_third_function_reads_the_stream(any_stage: Synthesised) -> None:
    mappings = any_stage.of_type("AWS::Lambda::EventSourceMapping").values()
    sources = [any_stage.named(mapping["Properties"]["EventSourceArn"]) for mapping in mappings]
    assert sorted(sources) == [
        *("JobsQueue.Arn", "Ledger.StreamArn", "Ledger.StreamArn", "PushesQueue.Arn", "TimersQueue.Arn"),
    ]


def test_a_timer_that_fails_is_not_lost_with_its_batch(any_stage: Synthesised) -> None:
    mapping = _mapping(any_stage, "HoldExpirer")
    assert any_stage.named(mapping["EventSourceArn"]) == "TimersQueue.Arn"
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_timer_is_set_aside_after_three_receives(any_stage: Synthesised) -> None:
    redrive = any_stage.of_type("AWS::SQS::Queue")["TimersQueue"]["Properties"]["RedrivePolicy"]
    assert redrive["maxReceiveCount"] == 3
    assert any_stage.named(redrive["deadLetterTargetArn"]) == "TimersFailuresQueue.Arn"


def test_a_timer_stays_hidden_six_times_as_long_as_the_expirer_may_run(any_stage: Synthesised) -> None:
    hidden = any_stage.of_type("AWS::SQS::Queue")["TimersQueue"]["Properties"]["VisibilityTimeout"]
    assert hidden >= 6 * any_stage.function("hold_expirer")["Timeout"]


def test_a_job_is_run_alone_set_aside_after_three_receives_and_hidden_while_it_runs(
    any_stage: Synthesised,
) -> None:
    mapping = _mapping(any_stage, "SlotRemover")
    assert any_stage.named(mapping["EventSourceArn"]) == "JobsQueue.Arn"
    assert (mapping["BatchSize"], mapping["FunctionResponseTypes"]) == (1, ["ReportBatchItemFailures"])
    queue = any_stage.of_type("AWS::SQS::Queue")["JobsQueue"]["Properties"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 3
    assert any_stage.named(queue["RedrivePolicy"]["deadLetterTargetArn"]) == "JobsFailuresQueue.Arn"
    assert queue["VisibilityTimeout"] >= 6 * any_stage.function("slot_remover")["Timeout"]


def test_only_what_sends_itself_anew_may_feed_itself(any_stage: Synthesised) -> None:
    loops = {
        function["Properties"]["Handler"].split(".")[1]: function["Properties"]["RecursiveLoop"]
        for function in any_stage.of_type("AWS::Lambda::Function").values()
    }
    assert {folder for folder, loop in loops.items() if loop == "Allow"} == {
        *("hold_expirer", "slot_remover"),
    }


def test_the_sweep_runs_every_five_minutes_with_bounded_retries(any_stage: Synthesised) -> None:
    (rule,) = any_stage.of_type("AWS::Events::Rule").values()
    assert rule["Properties"]["ScheduleExpression"] == "rate(5 minutes)"
    (target,) = rule["Properties"]["Targets"]
    assert any_stage.named(target["Arn"]) == "SweeperFunction.Arn"
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 300, "MaximumRetryAttempts": 2}
    assert any_stage.named(target["DeadLetterConfig"]["Arn"]) == "SweepFailuresQueue.Arn"
    (run,) = any_stage.of_type("AWS::Lambda::EventInvokeConfig").values()
    assert run["Properties"]["MaximumRetryAttempts"] == 1
    failed = run["Properties"]["DestinationConfig"]["OnFailure"]["Destination"]
    assert any_stage.named(failed) == "SweepFailuresQueue.Arn"


def test_a_sweep_ends_before_the_next_begins(any_stage: Synthesised) -> None:
    assert any_stage.function("sweeper")["Timeout"] < 300


def test_queues_are_encrypted_at_rest(any_stage: Synthesised) -> None:
    queues = any_stage.of_type("AWS::SQS::Queue")
    assert len(queues) == 9
    assert {queue["Properties"]["SqsManagedSseEnabled"] for queue in queues.values()} == {True}


def test_queues_refuse_plain_http_wherever_there_is_tls(
    local: Synthesised, dev: Synthesised, prod: Synthesised
) -> None:
    def refusing(stage: Synthesised) -> set[str]:
        return {
            stage.named(queue)
            for policy in stage.of_type("AWS::SQS::QueuePolicy").values()
            if '"aws:SecureTransport": "false"' in json.dumps(policy["Properties"]["PolicyDocument"])
            for queue in policy["Properties"]["Queues"]
        }

    assert refusing(dev) == refusing(prod) == set(prod.of_type("AWS::SQS::Queue"))
    assert refusing(local) == set()


def test_every_failure_queue_keeps_two_weeks_and_raises_an_alarm(any_stage: Synthesised) -> None:
    failures = {
        name: queue for name, queue in any_stage.of_type("AWS::SQS::Queue").items() if "Failures" in name
    }
    alarms = any_stage.of_type("AWS::CloudWatch::Alarm")
    assert len(failures) == 6
    for name, queue in failures.items():
        assert queue["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600
        alarm = alarms[name.removesuffix("Queue") + "NotEmpty"]["Properties"]
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)


def test_lag_and_silence_raise_alarms(any_stage: Synthesised) -> None:
    alarms = any_stage.of_type("AWS::CloudWatch::Alarm")
    assert {"TimersTooOld", "JobsTooOld", "PromoterStreamTooOld", "RelayStreamTooOld"} <= set(alarms)
    silent = alarms["SweepHasNotRun"]["Properties"]
    assert (silent["Namespace"], silent["MetricName"]) == ("AWS/Lambda", "Invocations")
    assert (silent["ComparisonOperator"], silent["Threshold"]) == ("LessThanThreshold", 1)
    assert (silent["Period"], silent["EvaluationPeriods"]) == (300, 3)
    assert silent["TreatMissingData"] == "breaching"
