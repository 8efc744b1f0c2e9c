"""What every alarm of the service tells, and how one is declared."""

from __future__ import annotations

from typing import cast

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.settings import Settings


class Alarms(Construct):
    """One encrypted topic, with the stage's e-mail address behind it if it has one."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        # A key of our own: CloudWatch cannot publish under the one that AWS keeps for SNS.
        key = kms.Key(self, "Key", enable_key_rotation=True, removal_policy=settings.removal_policy)
        self.topic = sns.Topic(self, "Topic", master_key=key, enforce_ssl=not settings.runs_on_this_machine)
        cloudwatch_itself = iam.ServicePrincipal(
            "cloudwatch.amazonaws.com",
            conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
        )
        key.grant(cloudwatch_itself, "kms:Decrypt", "kms:GenerateDataKey*")
        self.topic.grant_publish(cloudwatch_itself)
        if settings.runs_on_this_machine:
            Validations.of(self.topic).acknowledge(
                Acknowledgment(id="AwsSolutions-SNS3", reason="The emulator speaks plain HTTP on loopback.")
            )
        if settings.alarm_email:
            subscription = self.topic.add_subscription(subscriptions.EmailSubscription(settings.alarm_email))
            Validations.of(subscription).acknowledge(
                Acknowledgment(
                    id="Serverless-SNSRedrivePolicy",
                    reason="An alarm that no mail could tell of still stands in CloudWatch as one.",
                )
            )

    def add(
        self,
        scope: Construct,
        construct_id: str,
        *,
        description: str,
        metric: cloudwatch.IMetric,
        above: float | None = None,
        below: float | None = None,
        periods: int = 1,
        silence_is_bad: bool = False,
    ) -> None:
        """An alarm named by its place in the stack: the words of its line in `docs/runbook.md`."""
        stack = Stack.of(scope)
        place = f"{scope.node.path}/{construct_id}".removeprefix(f"{stack.node.path}/")
        alarm = cloudwatch.Alarm(
            scope,
            construct_id,
            alarm_name=f"{stack.stack_name}-{place.replace('/', '')}",
            alarm_description=description,
            metric=metric,
            threshold=cast(float, above if below is None else below),
            comparison_operator=(
                cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
                if below is None
                else cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
            ),
            evaluation_periods=periods,
            treat_missing_data=(
                cloudwatch.TreatMissingData.BREACHING
                if silence_is_bad
                else cloudwatch.TreatMissingData.NOT_BREACHING
            ),
        )
        alarm.add_alarm_action(cast(cloudwatch.IAlarmAction, actions.SnsAction(self.topic)))
