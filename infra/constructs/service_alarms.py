"""The alarms of ENGINE 2.9 by its names, and those on what the sweep should not have to do."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.constructs.alarms import Alarms
from infra.settings import Settings

_NAMESPACE, _SERVICE = "Holdfast", "holdfast"  # as `holdfast.observability` writes them
_FIVE_MINUTES = Duration.minutes(5)
_QUARTER = Duration.minutes(15)


class ServiceAlarms(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        alarms: Alarms,
        http: apigatewayv2.HttpStage,
        ledger: dynamodb.TableV2,
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        if not settings.runs_on_this_machine:  # the emulator knows no alarm on an expression
            alarms.add(
                self,
                "HighErrorRate",
                description="More than 5 % of the requests of five minutes were answered 5xx",
                metric=cloudwatch.MathExpression(
                    expression="100 * errors / requests",
                    label="5xx in percent",
                    period=_FIVE_MINUTES,
                    using_metrics={
                        "errors": http.metric_server_error(
                            period=_FIVE_MINUTES, statistic=cloudwatch.Stats.SUM
                        ),
                        "requests": http.metric_count(period=_FIVE_MINUTES, statistic=cloudwatch.Stats.SUM),
                    },
                ),
                above=5,
            )
        alarms.add(
            self,
            "LocksExceedTtl",
            description="A hold was ended more than a minute after its time was over",
            metric=self._own("hold_overdue_seconds", cloudwatch.Stats.MAXIMUM),
            above=60,
        )
        alarms.add(
            self,
            "QueueLengthExceedsCapacity",
            description="A slot's queue is as long as queues may be unless their business says otherwise",
            metric=self._own("queue_length", cloudwatch.Stats.MAXIMUM),
            above=99,
        )
        # What the exhausted connection pool of a database server is to a table that has no connections.
        for deeds in ("Read", "Write"):
            alarms.add(
                self,
                f"Ledger{deeds}sThrottled",
                description=f"DynamoDB refused {deeds.lower()}s of the Ledger because there were too many",
                metric=ledger.metric(
                    f"{deeds}ThrottleEvents", period=_FIVE_MINUTES, statistic=cloudwatch.Stats.SUM
                ),
                above=100,
            )
        alarms.add(
            self,
            "SweepServes",
            description="Somebody who waited was served by the sweep: the stream's reader did not do it",
            metric=self._own("sweep_served_total", cloudwatch.Stats.SUM, over=_QUARTER),
            above=0,
        )
        alarms.add(
            self,
            "SweepFails",
            description="The sweep could not settle something in three turns",
            metric=self._own("sweep_failed_total", cloudwatch.Stats.SUM),
            above=0,
            periods=3,
        )

    def _own(self, name: str, statistic: str, *, over: Duration = _FIVE_MINUTES) -> cloudwatch.Metric:
        """A metric that the functions tell in their logs."""
        return cloudwatch.Metric(
            namespace=_NAMESPACE,
            metric_name=name,
            dimensions_map={"service": _SERVICE, "stage": self._settings.stage},
            period=over,
            statistic=statistic,
        )
