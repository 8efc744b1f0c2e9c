"""An emulator under test and what its probes need: clients, tiny functions, tables, queues, waiting."""

import io
import json
import socket
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any
from uuid import uuid4

from botocore.config import Config
from botocore.session import Session

ROLE = "arn:aws:iam::000000000000:role/probe"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually[T](probe: Callable[[], T | None], *, seconds: float = 15.0) -> T:
    """The first answer of the probe that is neither None nor False nor empty."""
    give_up_at = time.monotonic() + seconds
    while True:
        answer = probe()
        if answer:
            return answer
        assert time.monotonic() < give_up_at, f"not within {seconds:g} s: {probe}"
        time.sleep(0.02)


class Journal:
    """A file to which the functions under test append what they saw, one JSON value a line."""

    # Put before a function's source: `note(value)` appends to the journal named in its environment.
    PRELUDE = dedent("""
        import json, os, time
        def note(value):
            with open(os.environ["JOURNAL"], "a") as journal:
                journal.write(json.dumps(value) + "\\n")
    """)

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def read(self) -> list[Any]:
        return [json.loads(line) for line in self.path.read_text().splitlines()]

    def wait_for(self, count: int, *, seconds: float = 15.0) -> list[Any]:
        eventually(lambda: len(self.read()) >= count, seconds=seconds)
        return self.read()


class Cloud:
    """The AWS that one emulator plays. Names are made up anew for each thing."""

    def __init__(self, endpoint_url: str, folder: Path) -> None:
        self.endpoint_url = endpoint_url
        self.folder = folder
        self._session = Session()
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.create_client(
                service,
                region_name="us-east-1",
                endpoint_url=self.endpoint_url,
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=Config(max_pool_connections=32, read_timeout=60, retries={"total_max_attempts": 1}),
            )
        return self._clients[service]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def journal(self) -> Journal:
        return Journal(self.folder / f"{uuid4().hex}.jsonl")

    def function(self, source: str, journal: Journal | None = None, **configuration: Any) -> str:
        """Create a function of this source, which defines `handler(event, context)`; returns its name."""
        name = f"probe-{uuid4().hex[:12]}"
        journal = journal or self.journal()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("index.py", Journal.PRELUDE + dedent(source))
        self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="index.handler",
            Code={"ZipFile": packed.getvalue()},
            Environment={"Variables": {"JOURNAL": str(journal.path)}},
            **{"Role": ROLE, "Timeout": 10, **configuration},
        )
        return name

    def invoke(self, function: str, event: object = None) -> Any:
        answer = self.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
        return json.loads(answer["Payload"].read())

    def streamed_table(self) -> tuple[str, str]:
        """A table with key `pk` and a stream; returns its name and the stream's ARN."""
        made = self.client("dynamodb").create_table(
            TableName=f"probe-{uuid4().hex[:12]}",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )["TableDescription"]
        return made["TableName"], made["LatestStreamArn"]

    def map_stream(self, stream_arn: str, function: str, **settings: Any) -> str:
        """Let the function read the stream; returns the mapping's id."""
        mapping = self.client("lambda").create_event_source_mapping(
            EventSourceArn=stream_arn,
            FunctionName=function,
            **{"StartingPosition": "TRIM_HORIZON", "BatchSize": 10, **settings},
        )
        return str(mapping["UUID"])

    def put(self, table: str, *items: Mapping[str, Any]) -> None:
        for item in items:
            self.client("dynamodb").put_item(TableName=table, Item=item)

    def queue(self) -> tuple[str, str]:
        """A queue; returns its URL and ARN."""
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName=f"probe-{uuid4().hex[:12]}")["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        return url, attributes["QueueArn"]

    def receive(self, queue_url: str, *, seconds: float = 15.0) -> Any:
        """The next message's body, read as JSON."""
        messages = eventually(
            lambda: self.client("sqs").receive_message(QueueUrl=queue_url).get("Messages"), seconds=seconds
        )
        self.client("sqs").delete_message(QueueUrl=queue_url, ReceiptHandle=messages[0]["ReceiptHandle"])
        return json.loads(messages[0]["Body"])
