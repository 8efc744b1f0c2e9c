"""The only way this service declares a Lambda function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Acknowledgment, Duration, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.bundling import FunctionCode
from infra.constructs.runtime_layers import RUNTIME
from infra.settings import Settings

_VERSION = "3.13 is the version locked, tested and compiled for; 3.14 comes with the lock file."


class ServiceFunction(Construct):
    """`functions/<folder>/handler.py` with a role, a log group and an environment of its own."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        folder: str,
        settings: Settings,
        layers: Sequence[lambda_.ILayerVersion],
        environment: Mapping[str, str],
        memory_mb: int,
        timeout: Duration,
        feeds_itself: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group = logs.LogGroup(
            self, "Logs", retention=settings.log_retention, removal_policy=settings.removal_policy
        )
        log_group.grant_write(self.role)
        self.function = lambda_.Function(
            self,
            "Function",
            description=f"Holdfast {folder} ({settings.stage})",
            code=FunctionCode(folder).as_code(),
            handler=f"functions.{folder}.handler.handler",
            runtime=RUNTIME,
            architecture=settings.architecture,
            layers=list(layers),
            role=self.role,
            log_group=log_group,
            memory_size=memory_mb,
            timeout=timeout,
            tracing=settings.tracing,
            # Lambda stops a chain of 16 calls through SQS; a far timer re-sends itself on purpose.
            recursive_loop=lambda_.RecursiveLoop.ALLOW if feeds_itself else lambda_.RecursiveLoop.TERMINATE,
            environment={
                "HOLDFAST_STAGE": settings.stage,
                "LOG_LEVEL": settings.log_level,
                "POWERTOOLS_SERVICE_NAME": folder,
                "PYDANTIC_DISABLE_PLUGINS": "1",  # looking for plugins costs 10 to 20 ms of each cold start
                "POWERTOOLS_METRICS_NAMESPACE": "Holdfast",
                **environment,
            },
        )
        Validations.of(self.function).acknowledge(
            Acknowledgment(id="AwsSolutions-L1", reason=_VERSION),
            Acknowledgment(id="Serverless-LambdaLatestVersion", reason=_VERSION),
            Acknowledgment(
                id="Serverless-LambdaDLQ",
                reason="None is invoked asynchronously but the sweep, whose failures have a destination; "
                "queues and streams have theirs at the event source.",
            ),
        )
        if settings.tracing is not lambda_.Tracing.ACTIVE:
            Validations.of(self.function).acknowledge(
                Acknowledgment(id="Serverless-LambdaTracing", reason="The emulator answers X-Ray with 400.")
            )
        if settings.tracing is lambda_.Tracing.ACTIVE:
            Validations.of(self.role).acknowledge(
                Acknowledgment(
                    id="AwsSolutions-IAM5[Resource::*]",
                    reason="X-Ray's PutTraceSegments and PutTelemetryRecords know no resource.",
                )
            )

    def may(self, *, actions: Sequence[str], on: Sequence[str]) -> None:
        """Allows exactly these actions on exactly these resources."""
        self.role.add_to_principal_policy(iam.PolicyStatement(actions=list(actions), resources=list(on)))
