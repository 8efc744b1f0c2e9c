"""How a function reads the Ledger's stream: in order, within bounds, and nothing lost in silence."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_lambda_event_sources import DynamoEventSource, SqsDlq
from constructs import Construct

from infra.constructs.alarms import Alarms
from infra.constructs.service_function import ServiceFunction
from infra.constructs.watched_queue import FailureQueue
from infra.settings import Settings


class StreamReader(Construct):
    """AWS's defaults retry a poison record for ever, its shard with it; here it is set aside."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        alarms: Alarms,
        reader: ServiceFunction,
        table: dynamodb.ITableV2,
        keys_from: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        name = reader.node.id
        self.failures = FailureQueue(self, "Failures", settings=settings, alarms=alarms, of=name)
        reader.function.add_event_source(
            DynamoEventSource(
                table,
                # The stream keeps 24 hours; from its horizon, so that the start of a deploy misses nothing.
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                batch_size=100,
                max_batching_window=Duration.seconds(1),
                parallelization_factor=1,
                report_batch_item_failures=True,
                bisect_batch_on_error=True,
                retry_attempts=5,
                max_record_age=Duration.hours(1),
                on_failure=SqsDlq(self.failures.queue),
                filters=None if keys_from is None else [_partitions_from(keys_from)],
            )
        )
        alarms.add(
            self,
            "TooOld",
            description=f"{name} lags behind the Ledger's stream",
            metric=reader.function.metric(
                "IteratorAge", period=Duration.minutes(1), statistic=cloudwatch.Stats.MAXIMUM
            ),
            above=Duration.minutes(1).to_milliseconds(),
            periods=5,
        )


def _partitions_from(prefix: str) -> dict[str, object]:
    """Lets only records through whose partition key begins so; numbers a stream's filter cannot compare."""
    key = {"S": lambda_.FilterRule.begins_with(prefix)}
    return dict(lambda_.FilterCriteria.filter({"dynamodb": {"Keys": {"PK": key}}}))
