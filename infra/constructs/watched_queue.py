"""Queues nobody has to remember to look at."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Duration, Validations
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.settings import Settings

_MINUTE = Duration.minutes(1)


class FailureQueue(Construct):
    """Where work ends that could not be done: kept for 14 days, an alarm from the first message on."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings, of: str) -> None:
        super().__init__(scope, construct_id)
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=not settings.runs_on_this_machine,
            retention_period=Duration.days(14),
        )
        _waive_encrypted_transport(self.queue, settings=settings)
        Validations.of(self.queue).acknowledge(
            Acknowledgment(id="AwsSolutions-SQS3", reason="This is where the failures of others end.")
        )
        cloudwatch.Alarm(
            self,
            "NotEmpty",
            alarm_description=f"Failures of {of} wait for a redrive",
            metric=self.queue.metric_approximate_number_of_messages_visible(
                period=_MINUTE, statistic=cloudwatch.Stats.MAXIMUM
            ),
            threshold=0,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )


class WatchedQueue(Construct):
    """A queue for one consumer: failures set aside after some receives, alarms on their number and on age."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        of: str,
        consumer_timeout: Duration,
        max_receive_count: int,
        alarm_at_age: Duration,
    ) -> None:
        super().__init__(scope, construct_id)
        self.failures = FailureQueue(self, "Failures", settings=settings, of=of)
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=not settings.runs_on_this_machine,
            retention_period=Duration.days(4),
            # AWS asks for six times: a batch may be thrown back several times before it runs.
            visibility_timeout=Duration.seconds(6 * consumer_timeout.to_seconds()),
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.failures.queue, max_receive_count=max_receive_count
            ),
        )
        _waive_encrypted_transport(self.queue, settings=settings)
        cloudwatch.Alarm(
            self,
            "TooOld",
            alarm_description=f"{of} are not worked off in time",
            metric=self.queue.metric_approximate_age_of_oldest_message(
                period=_MINUTE, statistic=cloudwatch.Stats.MAXIMUM
            ),
            threshold=alarm_at_age.to_seconds(),
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=3,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )


def _waive_encrypted_transport(queue: sqs.Queue, *, settings: Settings) -> None:
    if settings.runs_on_this_machine:
        Validations.of(queue).acknowledge(
            Acknowledgment(
                id="AwsSolutions-SQS4",
                reason="The emulator speaks plain HTTP on loopback, and under AUTH it would obey the denial.",
            )
        )
