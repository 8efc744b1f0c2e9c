"""A function that runs by the clock, and the alarm for when it does not."""

from __future__ import annotations

from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from constructs import Construct

from infra.constructs.alarms import Alarms
from infra.constructs.service_function import ServiceFunction
from infra.constructs.watched_queue import FailureQueue
from infra.settings import Settings


class ScheduledJob(Construct):
    """A run that fails is tried once more, then set aside; the next run is the better repair."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        alarms: Alarms,
        job: ServiceFunction,
        every: Duration,
    ) -> None:
        super().__init__(scope, construct_id)
        self.failures = FailureQueue(self, "Failures", settings=settings, alarms=alarms, of=job.node.id)
        job.function.configure_async_invoke(
            max_event_age=every,
            retry_attempts=1,
            on_failure=cast(lambda_.IDestination, destinations.SqsDestination(self.failures.queue)),
        )
        events.Rule(
            self,
            "Clock",
            schedule=events.Schedule.rate(every),
            targets=[
                cast(
                    events.IRuleTarget,
                    targets.LambdaFunction(
                        cast(lambda_.IFunction, job.function),
                        dead_letter_queue=self.failures.queue,
                        max_event_age=every,
                        retry_attempts=2,
                    ),
                )
            ],
        )
        alarms.add(
            self,
            "HasNotRun",
            description=f"{job.node.id} has not run for three of its turns",
            metric=job.function.metric_invocations(period=every, statistic=cloudwatch.Stats.SUM),
            below=1,
            periods=3,
            silence_is_bad=True,
        )
