"""The emulator as a process of its own: started once, stopped alone, leaving nothing."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from local import process
from tests.local.support import Cloud, eventually, free_port

TELLS_ITS_ENVIRONMENT = """
def handler(event, context):
    return {"environment": dict(os.environ), "pid": os.getpid()}
"""


@pytest.fixture
def state_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    process.stop(tmp_path)


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_second_start_does_nothing_and_stop_leaves_nothing(
    state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOLDFAST_LEAK", "ours")
    monkeypatch.setenv("HOLDFAST_EMULATOR_WORKERS", "2")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    port = free_port()
    first = process.start(state_dir, port=port)
    assert process.start(state_dir, port=port) == first
    assert process.status(state_dir) == first
    with pytest.raises(process.EmulatorError, match=f"already runs on port {port}"):
        process.start(state_dir, port=free_port())

    cloud = Cloud(first.endpoint_url, state_dir)
    try:
        told = cloud.invoke(cloud.function(TELLS_ITS_ENVIRONMENT))
    finally:
        cloud.close()
    leaked = {"HOLDFAST_LEAK", "HOLDFAST_EMULATOR_WORKERS", "PYTHONWARNINGS", "PYTHONPATH", "VIRTUAL_ENV"}
    assert not leaked & set(told["environment"])

    assert process.stop(state_dir)
    assert not process.stop(state_dir)
    assert process.status(state_dir) is None
    assert not is_running(first.pid)
    eventually(lambda: not is_running(told["pid"]))
    assert not Path(first.temp_dir).exists()


def test_after_a_crash_the_workers_end_and_it_starts_again(state_dir: Path) -> None:
    crashed = process.start(state_dir, port=free_port())
    cloud = Cloud(crashed.endpoint_url, state_dir)
    try:
        worker = cloud.invoke(cloud.function(TELLS_ITS_ENVIRONMENT))["pid"]
    finally:
        cloud.close()
    os.kill(crashed.pid, signal.SIGKILL)
    eventually(lambda: process.status(state_dir) is None)

    again = process.start(state_dir, port=free_port())

    assert again.pid != crashed.pid
    eventually(lambda: not is_running(worker))


def test_only_the_process_it_started_is_ended(state_dir: Path, tmp_path: Path) -> None:
    """The pid it remembers may belong to somebody else by now, even to another emulator."""
    other_dir = tmp_path / "other"
    other = process.start(other_dir, port=free_port())
    stranger = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    try:
        elsewhere = replace(other, temp_dir=str(state_dir / "tmp"))
        earlier = replace(other, born="1")
        unrelated = replace(other, pid=stranger.pid)
        for remembered in (elsewhere, earlier, unrelated):
            (state_dir / "emulator.json").write_text(json.dumps(asdict(remembered)))
            assert process.status(state_dir) is None
        (state_dir / "emulator.json").write_text(json.dumps(asdict(elsewhere)))
        assert not process.stop(state_dir)
        assert stranger.poll() is None
        assert process.status(other_dir) == other
        assert process.is_healthy(other.port)
    finally:
        stranger.communicate()
        process.stop(other_dir)


def test_a_taken_port_is_told_and_left_alone(state_dir: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(process.EmulatorError, match=f"Port {port} .* another program has it"):
            process.start(state_dir, port=port)
        assert process.status(state_dir) is None


def test_a_failed_start_shows_the_log(state_dir: Path) -> None:
    with pytest.raises(process.EmulatorError, match=r"(?s)ended while starting.*no such patch: nonsense"):
        process.start(state_dir, port=free_port(), options=["--without", "nonsense"])
