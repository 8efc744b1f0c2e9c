"""All that differs between the stages, in one place."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import Literal

from aws_cdk import RemovalPolicy
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

type Stage = Literal["local", "dev", "prod"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How one stage is deployed."""

    stage: Stage
    keeps_data: bool
    """Tables and users outlive the stack, and neither can be deleted by mistake."""
    recovery_days: int
    """How far back point-in-time recovery reaches."""
    log_retention: logs.RetentionDays
    alarm_email: str | None
    """Whom alarms are mailed to, besides standing in CloudWatch."""
    log_level: Literal["DEBUG", "INFO"]
    architecture: lambda_.Architecture
    runs_on_this_machine: bool
    """On the emulator: functions in this interpreter, plain HTTP on loopback, no deployment roles."""
    tracing: lambda_.Tracing
    api_memory_mb: int
    worker_memory_mb: int
    allowed_origins: tuple[str, ...]
    auth_flows: cognito.AuthFlow
    requests_per_second: int
    """What the gateway lets through before it answers 429; it bursts to twice as many."""

    @property
    def removal_policy(self) -> RemovalPolicy:
        return RemovalPolicy.RETAIN if self.keeps_data else RemovalPolicy.DESTROY


def for_stage(stage: str) -> Settings:
    """The settings of `local`, `dev` or `prod`."""
    match stage:
        case "local":
            return Settings(
                stage="local",
                keeps_data=False,
                recovery_days=1,
                log_retention=logs.RetentionDays.ONE_WEEK,
                alarm_email=None,
                log_level="DEBUG",
                architecture=_this_machine(),
                runs_on_this_machine=True,
                tracing=lambda_.Tracing.DISABLED,
                api_memory_mb=1024,
                worker_memory_mb=512,
                allowed_origins=("http://localhost:3000", "http://localhost:5173"),
                auth_flows=cognito.AuthFlow(user_srp=True, user_password=True, admin_user_password=True),
                requests_per_second=10_000,
            )
        case "dev":
            return Settings(
                stage="dev",
                keeps_data=False,
                recovery_days=7,
                log_retention=logs.RetentionDays.THREE_MONTHS,
                alarm_email=None,
                log_level="DEBUG",
                architecture=lambda_.Architecture.ARM_64,
                runs_on_this_machine=False,
                tracing=lambda_.Tracing.ACTIVE,
                api_memory_mb=1024,
                worker_memory_mb=512,
                allowed_origins=("http://localhost:3000", "https://dev.holdfast.example"),
                auth_flows=cognito.AuthFlow(user_srp=True),
                requests_per_second=200,
            )
        case "prod":
            return Settings(
                stage="prod",
                keeps_data=True,
                recovery_days=35,
                log_retention=logs.RetentionDays.THREE_MONTHS,
                alarm_email="operations@holdfast.example",
                log_level="INFO",
                architecture=lambda_.Architecture.ARM_64,
                runs_on_this_machine=False,
                tracing=lambda_.Tracing.ACTIVE,
                api_memory_mb=1769,
                worker_memory_mb=512,
                allowed_origins=("https://book.holdfast.example", "https://admin.holdfast.example"),
                auth_flows=cognito.AuthFlow(user_srp=True),
                requests_per_second=2_000,
            )
        case _:
            raise ValueError(f"no stage {stage!r}: local, dev or prod")


def _this_machine() -> lambda_.Architecture:
    """The architecture whose wheels this interpreter can import."""
    arm = platform.machine().lower() in {"arm64", "aarch64"}
    return lambda_.Architecture.ARM_64 if arm else lambda_.Architecture.X86_64
