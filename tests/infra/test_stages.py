"""What holds for a stage as a whole: it synthesises anywhere, always alike, and passes cdk-nag."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from aws_cdk import aws_sqs as sqs

from infra.app import build
from infra.settings import for_stage
from tests.infra.synthesised import Synthesised, new_app, synthesise


def test_a_stage_needs_no_lookup_of_an_account_or_region(any_stage: Synthesised) -> None:
    manifest = json.loads((any_stage.folder / "manifest.json").read_text())
    assert "missing" not in manifest
    stacks = [a for a in manifest["artifacts"].values() if a["type"] == "aws:cloudformation:stack"]
    assert [stack["environment"] for stack in stacks] == ["aws://unknown-account/unknown-region"] * 2


def test_the_same_input_gives_the_same_templates(prod: Synthesised, tmp_path: Path) -> None:
    again = synthesise("prod", tmp_path)
    assert (again.data, again.service) == (prod.data, prod.service)


def test_every_stage_satisfies_both_packs_of_cdk_nag(any_stage: Synthesised) -> None:
    report = json.loads((any_stage.folder / "validation-report.json").read_text())
    assert report["pluginReports"] == []


def test_cdk_nag_refuses_what_has_no_waiver(tmp_path: Path) -> None:
    app = new_app(tmp_path)
    data, _ = build(app, for_stage("dev"))
    sqs.Queue(data, "Bare")
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    report = json.loads((tmp_path / "validation-report.json").read_text())
    broken = {each["ruleName"] for pack in report["pluginReports"] for each in pack["violations"]}
    assert broken == {"AwsSolutions-SQS3", "AwsSolutions-SQS4", "Serverless-SQSRedrivePolicy"}


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(ValueError, match="no stage 'test'"):
        for_stage("test")


def test_what_the_local_stack_file_needs_is_an_output(any_stage: Synthesised) -> None:
    told = {name for name, output in any_stage.data["Outputs"].items() if "Export" not in output}
    assert told == {
        *("LedgerTable", "CatalogTable", "EphemeralTable"),
        *("UserPoolId", "UserPoolClientId", "AdminClientId"),
    }
    assert set(any_stage.service["Outputs"]) == {
        *("ApiId", "ApiUrl", "TimerQueueUrl", "TimerDlqUrl", "TimerMappingId"),
        *("JobQueueUrl", "JobDlqUrl", "FunctionSlotRemover"),
        *("PushQueueUrl", "PushDlqUrl", "RealtimeApiId", "WsUrl"),
        *("FunctionRealtimeApi", "FunctionRealtimeAuthorizer", "FunctionRealtimePusher"),
        *("FunctionPublicApi", "FunctionBookingApi", "FunctionGuestApi", "FunctionAdminApi"),
        *("FunctionQueuePromoter", "FunctionStreamRelay", "FunctionHoldExpirer", "FunctionSweeper"),
    }


def test_logs_are_kept_ninety_days_wherever_somebody_may_ask_for_them(
    dev: Synthesised, prod: Synthesised
) -> None:
    for stage in (dev, prod):
        kept = {
            each["Properties"]["RetentionInDays"] for each in stage.of_type("AWS::Logs::LogGroup").values()
        }
        assert kept == {90}


def test_logs_outlive_their_stack_in_production(prod: Synthesised) -> None:
    groups = prod.of_type("AWS::Logs::LogGroup")
    assert len(groups) == 14
    assert {group["DeletionPolicy"] for group in groups.values()} == {"Retain"}


def test_nothing_is_traced_locally_and_everything_elsewhere(local: Synthesised, dev: Synthesised) -> None:
    assert all(
        "TracingConfig" not in f["Properties"] for f in local.of_type("AWS::Lambda::Function").values()
    )
    assert "xray" not in json.dumps(local.service)
    for function in dev.of_type("AWS::Lambda::Function").values():
        assert function["Properties"]["TracingConfig"] == {"Mode": "Active"}


def test_deployed_functions_run_on_arm(dev: Synthesised, prod: Synthesised) -> None:
    for stage in (dev, prod):
        architectures = {
            *(
                tuple(f["Properties"]["Architectures"])
                for f in stage.of_type("AWS::Lambda::Function").values()
            ),
            *(
                tuple(layer["Properties"]["CompatibleArchitectures"])
                for layer in stage.of_type("AWS::Lambda::LayerVersion").values()
            ),
        }
        assert architectures == {("arm64",)}
