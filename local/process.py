"""Starts, stops and finds the detached local emulator: `python -m local.process start|status|stop`."""

import argparse
import atexit
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from local.emulator.settings import SETTINGS_PREFIX

REPOSITORY = Path(__file__).resolve().parent.parent
DEFAULT_STATE_DIR = REPOSITORY / ".local"
DEFAULT_PORT = 4566

_POLL_SECONDS = 0.05
_START_SECONDS, _STOP_SECONDS, _KILL_SECONDS = 60.0, 10.0, 5.0

# Children of this very process (tests, a long-running caller): kept to be reaped when they end.
_own_children: dict[int, subprocess.Popen[bytes]] = {}


class EmulatorError(RuntimeError):
    """The emulator could not be started or stopped; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Emulator:
    """A started emulator, as its state file remembers it."""

    pid: int
    born: str  # the kernel's start time of the process: a pid alone may belong to somebody else by now
    port: int
    temp_dir: str

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def start(
    state_dir: Path = DEFAULT_STATE_DIR,
    *,
    port: int = DEFAULT_PORT,
    options: Sequence[str] = (),
    deadline: float = _START_SECONDS,
) -> Emulator:
    """Start the emulator and wait until it is healthy; nothing is done if it runs already.

    `options` go to `python -m local.emulator` as they are (`--without`, `--workers`, `--ttl-interval`).
    """
    state_dir = state_dir.resolve()
    running = status(state_dir)
    if running is None:
        running = _launch(state_dir, port, options)
    elif running.port != port:
        raise EmulatorError(
            f"The emulator of {state_dir} already runs on port {running.port}, not {port}: stop it first."
        )
    if not _eventually(lambda: is_healthy(running.port) or not _is_alive(running), deadline):
        raise EmulatorError(
            f"The emulator (pid {running.pid}) is not healthy after {deadline:g} s. {_log(state_dir)}"
        )
    if not _is_alive(running):
        stop(state_dir)
        raise EmulatorError(f"The emulator ended while starting. {_log(state_dir)}")
    return running


def stop(state_dir: Path = DEFAULT_STATE_DIR) -> bool:
    """End this folder's emulator, its workers and its temporary files; False if none was running."""
    state_dir = state_dir.resolve()
    known = _remembered(state_dir)
    if known is None:
        return False
    was_alive = _is_alive(known)
    if was_alive:
        _end(known)
    for worker in _workers(known):
        _signal(worker, signal.SIGKILL)
    if not _eventually(lambda: not _workers(known), _KILL_SECONDS):
        raise EmulatorError(f"Workers of the emulator do not end: {_workers(known)}")
    shutil.rmtree(known.temp_dir, ignore_errors=True)
    _state_file(state_dir).unlink(missing_ok=True)
    return was_alive


def status(state_dir: Path = DEFAULT_STATE_DIR) -> Emulator | None:
    """The running emulator of this folder, healthy or not yet, or None."""
    known = _remembered(state_dir.resolve())
    return known if known is not None and _is_alive(known) else None


def is_healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _launch(state_dir: Path, port: int, options: Sequence[str]) -> Emulator:
    stop(state_dir)  # what a crashed predecessor left
    _require_free(port)
    temp_dir = state_dir / "tmp"
    temp_dir.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "local.emulator",
        "--port",
        str(port),
        "--temp-dir",
        str(temp_dir),
        *options,
    ]
    with _log_file(state_dir).open("wb") as log:
        child = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=_clean_environment(temp_dir),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _own_children[child.pid] = child
    # For a moment after the program is loaded the kernel shows no command yet.
    _eventually(lambda: bool(_command(child.pid)) or child.poll() is not None, _KILL_SECONDS)
    born = _born(child.pid)
    if born is None:
        raise EmulatorError(f"The emulator ended at once. {_log(state_dir)}")
    launched = Emulator(pid=child.pid, born=born, port=port, temp_dir=str(temp_dir))
    _state_file(state_dir).write_text(json.dumps(asdict(launched)))
    return launched


def _clean_environment(home: Path) -> dict[str, str]:
    """MiniStack hands its environment on to every function: give it Lambda's, and the launcher's settings."""
    settings = {name: value for name, value in os.environ.items() if name.startswith(SETTINGS_PREFIX)}
    path = os.environ.get("PATH", os.defpath)
    return {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8", "TZ": ":UTC", **settings}


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as refused:
            raise EmulatorError(
                f"Port {port} on 127.0.0.1 cannot be used ({refused.strerror}): another program has it. "
                "End that program or choose another port."
            ) from refused


def _end(emulator: Emulator) -> None:
    for number, patience in ((signal.SIGTERM, _STOP_SECONDS), (signal.SIGKILL, _KILL_SECONDS)):
        _signal(emulator.pid, number)
        if _eventually(lambda: not _is_alive(emulator), patience):
            # A child that has just ended shows no command any more, and is still to be reaped.
            child = _own_children.pop(emulator.pid, None)
            if child is not None:
                child.wait(_KILL_SECONDS)
            return
    raise EmulatorError(f"The emulator (pid {emulator.pid}) does not end.")


def _is_alive(emulator: Emulator) -> bool:
    """Whether this process still runs and is the one started here: same birth, same command."""
    child = _own_children.get(emulator.pid)
    if child is not None and child.poll() is not None:
        del _own_children[emulator.pid]
    command = _command(emulator.pid)
    return (
        _born(emulator.pid) == emulator.born and "local.emulator" in command and emulator.temp_dir in command
    )


@atexit.register
def _reap() -> None:
    """Children that somebody else has ended (`make stop` in another shell) are reaped as we go."""
    for child in _own_children.values():
        child.poll()


def _workers(emulator: Emulator) -> list[int]:
    """Function workers that outlived it; each runs a script unpacked in its temporary folder."""
    unpacked = f"{emulator.temp_dir}/ministack-lambda-"
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in pids if len(argv := _command(pid)) > 1 and argv[1].startswith(unpacked)]


def _command(pid: int) -> list[str]:
    """The arguments of a process; empty if it is gone or a zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _born(pid: int) -> str | None:
    """The start time of a process, in ticks since boot; None if it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    after_name = stat.rpartition(")")[2].split()  # from field 3, the state, on
    return after_name[22 - 3]


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _eventually(holds: Callable[[], bool], seconds: float) -> bool:
    give_up_at = time.monotonic() + seconds
    while not holds():
        if time.monotonic() >= give_up_at:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _state_file(state_dir: Path) -> Path:
    return state_dir / "emulator.json"


def _log_file(state_dir: Path) -> Path:
    return state_dir / "emulator.log"


def _remembered(state_dir: Path) -> Emulator | None:
    try:
        return Emulator(**json.loads(_state_file(state_dir).read_text()))
    except FileNotFoundError:
        return None


def _log(state_dir: Path) -> str:
    tail = _log_file(state_dir).read_text(errors="replace").splitlines()[-10:]
    return "\n".join([f"The end of {_log_file(state_dir)}:", *tail])


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m local.process", description=__doc__)
    parser.add_argument("deed", choices=("start", "stop", "status"))
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--state-dir", type=Path, default=DEFAULT_STATE_DIR)
    told, options = parser.parse_known_args(argv)  # the rest is for the emulator
    try:
        match told.deed:
            case "start":
                emulator = start(told.state_dir, port=told.port, options=options)
                print(f"running at {emulator.endpoint_url}, log: {_log_file(told.state_dir)}")
            case "stop":
                print("stopped" if stop(told.state_dir) else "was not running")
            case _:
                running = status(told.state_dir)
                print(
                    "not running"
                    if running is None
                    else f"running at {running.endpoint_url} (pid {running.pid})"
                )
                raise SystemExit(running is None)
    except EmulatorError as refusal:
        raise SystemExit(str(refusal)) from refusal


if __name__ == "__main__":
    main()
