"""Queues nobody has to remember to look at."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Duration, Validations
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda_event_sources import SqsEventSource
from constructs import Construct

from infra.constructs.alarms import Alarms
from infra.constructs.service_function import ServiceFunction
from infra.settings import Settings

_MINUTE = Duration.minutes(1)
_LAST_STOP = "This is where the failures of others end."


class FailureQueue(Construct):
    """Where work ends that could not be done: kept for 14 days, an alarm from the first message on."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        alarms: Alarms,
        of: str,
        in_order: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        self.queue = sqs.Queue(
            self,
            "Queue",
            fifo=in_order or None,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=not settings.runs_on_this_machine,
            retention_period=Duration.days(14),
        )
        _waive_encrypted_transport(self.queue, settings=settings)
        Validations.of(self.queue).acknowledge(
            Acknowledgment(id="AwsSolutions-SQS3", reason=_LAST_STOP),
            Acknowledgment(id="Serverless-SQSRedrivePolicy", reason=_LAST_STOP),
        )
        alarms.add(
            self,
            "NotEmpty",
            description=f"Failures of {of} wait for a redrive",
            metric=self.queue.metric_approximate_number_of_messages_visible(
                period=_MINUTE, statistic=cloudwatch.Stats.MAXIMUM
            ),
            above=0,
        )


class WatchedQueue(Construct):
    """A queue for one consumer: failures set aside after some receives, alarms on their number and on age."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        alarms: Alarms,
        of: str,
        consumer_timeout: Duration,
        max_receive_count: int,
        alarm_at_age: Duration,
        in_order: bool = False,
    ) -> None:
        """`in_order`: one at a time within each group of messages, and a repeat within minutes is dropped."""
        super().__init__(scope, construct_id)
        self.failures = FailureQueue(
            self, "Failures", settings=settings, alarms=alarms, of=of, in_order=in_order
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            fifo=in_order or None,
            # Both by group, or all groups together get 300 calls a second.
            deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP if in_order else None,
            fifo_throughput_limit=sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID if in_order else None,
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
        alarms.add(
            self,
            "TooOld",
            description=f"{of} are not worked off in time",
            metric=self.queue.metric_approximate_age_of_oldest_message(
                period=_MINUTE, statistic=cloudwatch.Stats.MAXIMUM
            ),
            above=alarm_at_age.to_seconds(),
            periods=3,
        )

    def start(self, consumer: ServiceFunction, *, batch_size: int, max_concurrency: int) -> SqsEventSource:
        """The function that works it off; a message that fails is reported alone."""
        source = SqsEventSource(
            self.queue,
            batch_size=batch_size,
            max_concurrency=max_concurrency,
            report_batch_item_failures=True,
        )
        consumer.function.add_event_source(source)
        Validations.of(consumer.function).acknowledge(
            Acknowledgment(
                id="Serverless-LambdaEventSourceMappingDestination",
                reason="A mapping of a queue has none: failures go to the queue's own dead letters.",
            )
        )
        return source


def _waive_encrypted_transport(queue: sqs.Queue, *, settings: Settings) -> None:
    if settings.runs_on_this_machine:
        Validations.of(queue).acknowledge(
            Acknowledgment(
                id="AwsSolutions-SQS4",
                reason="The emulator speaks plain HTTP on loopback, and under AUTH it would obey the denial.",
            )
        )
