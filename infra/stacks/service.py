"""What may be replaced at any deploy: functions, their triggers, and the HTTP API."""

from __future__ import annotations

from aws_cdk import CfnOutput, Duration, Stack, StackSynthesizer
from constructs import Construct

from infra.access import ACCESS, ENVIRONMENT_NAMES, uses
from infra.constructs.alarms import Alarms
from infra.constructs.http_door import HttpDoor
from infra.constructs.realtime_door import RealtimeDoor
from infra.constructs.runtime_layers import RuntimeLayers
from infra.constructs.scheduled_job import ScheduledJob
from infra.constructs.service_alarms import ServiceAlarms
from infra.constructs.service_function import ServiceFunction
from infra.constructs.stream_reader import StreamReader
from infra.constructs.watched_queue import WatchedQueue
from infra.settings import Settings
from infra.stacks.data import DataStack

# All that queues and promotes lies under the resource's key (DESIGN 2).
LEDGER_KEYS = "RESOURCE#"
API_TIMEOUT = Duration.seconds(10)
WORKER_TIMEOUT = Duration.seconds(30)
PUSH_TIMEOUT = Duration.seconds(10)  # what failed blocks its slot's later pushes for six times that
JOB_TIMEOUT = Duration.minutes(2)
SWEEP_TIMEOUT = Duration.minutes(4)
SWEEP_EVERY = Duration.minutes(5)


class ServiceStack(Stack):
    """Every function named in `infra.access.ACCESS`, wired to what starts it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        data: DataStack,
        synthesizer: StackSynthesizer | None = None,
    ) -> None:
        super().__init__(scope, construct_id, synthesizer=synthesizer)
        self._settings = settings
        self._layers = RuntimeLayers(self, "Layers", settings=settings).all
        alarms = Alarms(self, "Alarms", settings=settings)
        self._timers = WatchedQueue(
            self,
            "Timers",
            settings=settings,
            alarms=alarms,
            of="timers",
            consumer_timeout=WORKER_TIMEOUT,
            max_receive_count=3,
            alarm_at_age=Duration.minutes(20),  # a timer may rightly wait for 15
        )
        self._jobs = WatchedQueue(
            self,
            "Jobs",
            settings=settings,
            alarms=alarms,
            of="jobs",
            consumer_timeout=JOB_TIMEOUT,
            max_receive_count=3,
            alarm_at_age=Duration.minutes(20),  # a job may wait for holds whose records are on their way
        )
        self._pushes = WatchedQueue(
            self,
            "Pushes",
            settings=settings,
            alarms=alarms,
            of="pushes",
            consumer_timeout=PUSH_TIMEOUT,
            max_receive_count=3,
            alarm_at_age=Duration.minutes(2),
            in_order=True,  # no push of an older state may come after a newer one's
        )
        realtime = RealtimeDoor(self, "Realtime", settings=settings)
        self._names = {
            "ledger": data.ledger.table_name,
            "catalog": data.catalog.table_name,
            "ephemeral": data.ephemeral.table_name,
            "timers": self._timers.queue.queue_url,
            "jobs": self._jobs.queue.queue_url,
            "pushes": self._pushes.queue.queue_url,
            "sockets": realtime.endpoint,
            "realtime": realtime.url,
            "secret": data.manage_key.secret_arn,
        }
        self._arns = {
            "ledger": data.ledger.table_arn,
            "catalog": data.catalog.table_arn,
            "ephemeral": data.ephemeral.table_arn,
            "timers": self._timers.queue.queue_arn,
            "jobs": self._jobs.queue.queue_arn,
            "pushes": self._pushes.queue.queue_arn,
            "sockets": realtime.connections_arn,
            "secret": data.manage_key.secret_arn,
        }
        public_api = self._api_function("public_api")
        booking_api = self._api_function("booking_api")
        guest_api = self._api_function("guest_api")
        admin_api = self._api_function("admin_api")
        door = HttpDoor(
            self,
            "Http",
            settings=settings,
            users=data.users,
            public=public_api,
            bookings=booking_api,
            guests=guest_api,
            admin=admin_api,
        )
        realtime_api = self._api_function("realtime_api")
        realtime_authorizer = self._api_function("realtime_authorizer")
        realtime.open(to=realtime_api, authorizer=realtime_authorizer)
        realtime.is_posted_to_by(realtime_api)
        queue_promoter = self._worker("queue_promoter")
        StreamReader(
            self,
            "PromoterStream",
            settings=settings,
            alarms=alarms,
            reader=queue_promoter,
            table=data.ledger,
            keys_from=LEDGER_KEYS,
        )
        stream_relay = self._worker("stream_relay")
        StreamReader(
            self, "RelayStream", settings=settings, alarms=alarms, reader=stream_relay, table=data.ledger
        )
        hold_expirer = self._worker("hold_expirer", feeds_itself=True)
        timers_to_expirer = self._timers.start(hold_expirer, batch_size=10, max_concurrency=10)
        slot_remover = self._worker("slot_remover", timeout=JOB_TIMEOUT, feeds_itself=True)
        self._jobs.start(slot_remover, batch_size=1, max_concurrency=5)
        # As much CPU as what people wait for: a fan-out is a millisecond of it for each who listens.
        realtime_pusher = self._function(
            "realtime_pusher", memory_mb=settings.api_memory_mb, timeout=PUSH_TIMEOUT
        )
        realtime.is_posted_to_by(realtime_pusher)
        self._pushes.start(realtime_pusher, batch_size=10, max_concurrency=20)
        sweeper = self._worker("sweeper", timeout=SWEEP_TIMEOUT)
        ScheduledJob(self, "Sweep", settings=settings, alarms=alarms, job=sweeper, every=SWEEP_EVERY)
        ServiceAlarms(self, "Service", settings=settings, alarms=alarms, http=door.stage, ledger=data.ledger)
        self._tell(
            ApiId=door.api.api_id,
            ApiUrl=door.stage.url,
            TimerQueueUrl=self._timers.queue.queue_url,
            TimerDlqUrl=self._timers.failures.queue.queue_url,
            JobQueueUrl=self._jobs.queue.queue_url,
            JobDlqUrl=self._jobs.failures.queue.queue_url,
            PushQueueUrl=self._pushes.queue.queue_url,
            PushDlqUrl=self._pushes.failures.queue.queue_url,
            RealtimeApiId=realtime.api_id,
            WsUrl=realtime.url,
            TimerMappingId=timers_to_expirer.event_source_mapping_id,
            FunctionPublicApi=public_api.function.function_name,
            FunctionGuestApi=guest_api.function.function_name,
            FunctionBookingApi=booking_api.function.function_name,
            FunctionAdminApi=admin_api.function.function_name,
            FunctionQueuePromoter=queue_promoter.function.function_name,
            FunctionStreamRelay=stream_relay.function.function_name,
            FunctionHoldExpirer=hold_expirer.function.function_name,
            FunctionSlotRemover=slot_remover.function.function_name,
            FunctionRealtimeApi=realtime_api.function.function_name,
            FunctionRealtimeAuthorizer=realtime_authorizer.function.function_name,
            FunctionRealtimePusher=realtime_pusher.function.function_name,
            FunctionSweeper=sweeper.function.function_name,
        )

    def _api_function(self, folder: str) -> ServiceFunction:
        return self._function(folder, memory_mb=self._settings.api_memory_mb, timeout=API_TIMEOUT)

    def _worker(
        self, folder: str, *, timeout: Duration = WORKER_TIMEOUT, feeds_itself: bool = False
    ) -> ServiceFunction:
        return self._function(
            folder, memory_mb=self._settings.worker_memory_mb, timeout=timeout, feeds_itself=feeds_itself
        )

    def _function(
        self, folder: str, *, memory_mb: int, timeout: Duration, feeds_itself: bool = False
    ) -> ServiceFunction:
        """The function in this folder, told of and allowed what `ACCESS` says, and nothing else."""
        made = ServiceFunction(
            self,
            "".join(word.capitalize() for word in folder.split("_")),
            folder=folder,
            settings=self._settings,
            layers=self._layers,
            environment={ENVIRONMENT_NAMES[target]: self._names[target] for target in sorted(uses(folder))},
            memory_mb=memory_mb,
            timeout=timeout,
            feeds_itself=feeds_itself,
        )
        for access in ACCESS[folder]:
            made.may(actions=access.actions, on=[self._arn(target) for target in access.targets])
        return made

    def _arn(self, target: str) -> str:
        table, _, index = target.partition("/")
        return f"{self._arns[table]}/index/{index}" if index else self._arns[table]

    def _tell(self, **outputs: str) -> None:
        for name, value in outputs.items():
            CfnOutput(self, f"{name}Output", value=value).override_logical_id(name)
