"""The local stack: the emulator, the very stacks that go to AWS, and `.local/stack.json`."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3

from local import fixups, process, users

REPOSITORY = process.REPOSITORY
CDK = REPOSITORY / "node_modules" / ".bin" / "cdk"
REGION, ACCOUNT = "us-east-1", "000000000000"
BUSINESS = "demo-salon"
DEPLOYED_FROM = ("functions", "infra", "layers", "cdk.json", "uv.lock", "package-lock.json")
LONGEST_STEP = 600


class StackError(RuntimeError):
    """A step failed; the message ends with what it printed."""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """What a client needs to know; the members of `.local/stack.json` (API.md), in Python's spelling.

    `functions` and `queues` are for tests that look behind the door.
    """

    endpoint_url: str
    region: str
    api_url: str
    ws_url: str
    user_pool_id: str
    user_pool_client_id: str
    admin_client_id: str
    tables: Mapping[str, str]
    functions: Mapping[str, str]
    queues: Mapping[str, str]
    timer_mapping_id: str
    users: Mapping[str, Mapping[str, str]]
    business_id: str

    def client(self, service: str) -> Any:
        """A boto3 client on this stack's emulator, whatever the environment says."""
        return _client(service, self.endpoint_url)

    def token(self, user: str) -> str:
        """A fresh access token of one of the stack's users."""
        known = self.users[user]
        return users.sign_in(
            self.client("cognito-idp"), self.user_pool_client_id, known["username"], known["password"]
        )


def up(state_dir: Path, *, port: int, options: Sequence[str] = ()) -> Stack:
    """Start the emulator, deploy, apply the fixups, create the users; what is done is not repeated."""
    state_dir.mkdir(parents=True, exist_ok=True)
    stack_file = state_dir / "stack.json"
    with _step(f"emulator on port {port}"):
        emulator = process.start(state_dir, port=port, options=options)
    fingerprint = f"{_sources()} {emulator.pid} {emulator.born}"
    deployed = state_dir / "deployed"
    if stack_file.exists() and deployed.exists() and deployed.read_text() == fingerprint:
        return read(stack_file)
    environment = _environment(emulator.endpoint_url)
    with _step("cdk bootstrap"), tempfile.TemporaryDirectory() as away_from_the_app:
        _run([CDK, "bootstrap", f"aws://{ACCOUNT}/{REGION}"], environment, Path(away_from_the_app))
    with _step("cdk deploy"):
        outputs = state_dir / "outputs.json"
        out = state_dir / "cdk.out"
        shutil.rmtree(out, ignore_errors=True)
        deploy = ["deploy", "--all", "-c", "stage=local", "--require-approval", "never"]
        _run([CDK, *deploy, "--outputs-file", outputs, "--output", out], environment, REPOSITORY)
    with _step("what CloudFormation leaves out here"):
        fixups.apply(emulator.endpoint_url)
    with _step("users"):
        stack = _describe(emulator.endpoint_url, json.loads(outputs.read_text()))
        users.create(stack.client("cognito-idp"), stack.user_pool_id, stack.users)
    stack_file.write_text(json.dumps(_as_json(stack), indent=2) + "\n")
    deployed.write_text(fingerprint)
    return stack


def down(state_dir: Path) -> bool:
    """End what `up` started; False if nothing ran."""
    (state_dir / "deployed").unlink(missing_ok=True)
    (state_dir / "stack.json").unlink(missing_ok=True)
    return process.stop(state_dir)


def read(stack_file: Path) -> Stack:
    members = {_snake(name): value for name, value in json.loads(stack_file.read_text()).items()}
    return Stack(**members)


@cache
def _client(service: str, endpoint_url: str) -> Any:
    return boto3.client(  # type: ignore[call-overload]  # overloads know literal names only
        service,
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def _describe(endpoint_url: str, outputs: Mapping[str, Mapping[str, str]]) -> Stack:
    data, service = outputs["holdfast-local-data"], outputs["holdfast-local-service"]
    function = "Function"
    return Stack(
        endpoint_url=endpoint_url,
        region=REGION,
        api_url=f"{endpoint_url}/_aws/execute-api/{service['ApiId']}/$default",
        ws_url=fixups.here(service["WsUrl"], endpoint_url),
        user_pool_id=data["UserPoolId"],
        user_pool_client_id=data["UserPoolClientId"],
        admin_client_id=data["AdminClientId"],
        tables={name: data[f"{name.capitalize()}Table"] for name in ("ledger", "catalog", "ephemeral")},
        functions={
            name.removeprefix(function): value for name, value in service.items() if name.startswith(function)
        },
        queues={
            "timers": service["TimerQueueUrl"],
            "timersDlq": service["TimerDlqUrl"],
            "jobs": service["JobQueueUrl"],
            "jobsDlq": service["JobDlqUrl"],
            "pushes": service["PushQueueUrl"],
            "pushesDlq": service["PushDlqUrl"],
        },
        timer_mapping_id=service["TimerMappingId"],
        users=users.demo(BUSINESS),
        business_id=BUSINESS,
    )


def _sources() -> str:
    """A digest of everything the deployed stacks are made from."""
    digest = hashlib.sha256()
    for name in DEPLOYED_FROM:
        root = REPOSITORY / name
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(REPOSITORY)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _environment(endpoint_url: str) -> dict[str, str]:
    """Nothing of the caller's AWS settings gets through: this must never reach a real account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ENDPOINT_URL_S3": endpoint_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
        "CI": "true",
    }


def _run(command: Sequence[str | Path], environment: Mapping[str, str], where: Path) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=where,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_STEP,
        check=False,
    )
    if done.returncode:
        raise StackError(f"{' '.join(map(str, command[:2]))} failed:\n{done.stdout[-4000:]}")


@contextmanager
def _step(name: str) -> Iterator[None]:
    """Say what is going on, and how long it took."""
    print(f"  {name} …", end="", flush=True)
    started = time.monotonic()
    yield
    print(f" {time.monotonic() - started:.1f} s", flush=True)


def _as_json(stack: Stack) -> dict[str, Any]:
    return {_camel(name): value for name, value in asdict(stack).items()}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
