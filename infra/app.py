"""What `cdk` runs: one stage's two stacks, judged by cdk-nag before anything is deployed."""

from __future__ import annotations

from typing import cast

from aws_cdk import (
    App,
    CliCredentialsStackSynthesizer,
    DefaultStackSynthesizer,
    IPolicyValidationPlugin,
    StackSynthesizer,
    Tags,
    Validations,
)
from cdk_nag import AwsSolutionsChecks, NagPack, ServerlessChecks

from infra.settings import Settings, for_stage
from infra.stacks.data import DataStack
from infra.stacks.service import ServiceStack


def build(app: App, settings: Settings) -> tuple[DataStack, ServiceStack]:
    """Both stacks of a stage, for whatever account and region the credentials name."""
    data = DataStack(
        app, f"holdfast-{settings.stage}-data", settings=settings, synthesizer=_synthesizer(settings)
    )
    service = ServiceStack(
        app,
        f"holdfast-{settings.stage}-service",
        settings=settings,
        data=data,
        synthesizer=_synthesizer(settings),
    )
    Tags.of(app).add("service", "holdfast")
    Tags.of(app).add("stage", settings.stage)
    packs: tuple[NagPack, ...] = (AwsSolutionsChecks(app), ServerlessChecks(app))
    Validations.of(app).add_plugins(*(cast(IPolicyValidationPlugin, pack) for pack in packs))
    return data, service


def _synthesizer(settings: Settings) -> StackSynthesizer:
    """The emulator, when it enforces IAM, cannot play the bootstrap stack's deployment roles."""
    return CliCredentialsStackSynthesizer() if settings.runs_on_this_machine else DefaultStackSynthesizer()


def main() -> None:
    app = App(analytics_reporting=False)
    build(app, for_stage(app.node.try_get_context("stage") or "dev"))
    app.synth()


if __name__ == "__main__":
    main()
