"""Patch `drain`: know when a handler's output is complete, instead of waiting for it.

MiniStack reads a worker's stderr after each call and, if nothing comes, waits 50 ms to be sure: a handler
that prints nothing costs 54 ms. AWS adds no such wait.
Here the worker writes a marker line after each call. What stands before it is the call's log: nothing is
waited for, and no line is attributed to the next call.
"""

import queue
import time

from ministack.core import lambda_runtime

from local.emulator.settings import Settings

END_OF_CALL = "\x1eholdfast-end-of-call\x1e"
_MARKER_DEADLINE = 1.0  # a worker that died in the call writes none

# The last lines of the loop in MiniStack's Python worker: the answer is written, then flushed.
_LOOP_END = "        _real_stdout.flush()\n\nrun()\n"
_MARKED_LOOP_END = f"        print({END_OF_CALL!r}, file=sys.__stderr__, flush=True)\n{_LOOP_END}"

_wait_for_quiet = lambda_runtime.Worker._drain_stderr_bounded


def apply(settings: Settings) -> None:
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    if script.count(_LOOP_END) != 1:
        raise RuntimeError("drain: MiniStack's Python worker no longer ends its loop as expected")
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(_LOOP_END, _MARKED_LOOP_END)
    lambda_runtime.Worker._drain_stderr_bounded = _drain_to_marker


def _drain_to_marker(worker: lambda_runtime.Worker, *waits: float, **named_waits: float) -> str:
    if type(worker) is not lambda_runtime.Worker or not worker.config.get("Runtime", "").startswith("python"):
        return str(_wait_for_quiet(worker, *waits, **named_waits))
    lines: list[str] = []
    give_up_at = time.monotonic() + _MARKER_DEADLINE
    while (remaining := give_up_at - time.monotonic()) > 0:
        try:
            line = worker._stderr_queue.get(timeout=remaining)
        except queue.Empty:
            break
        text, marker, _ = line.partition(END_OF_CALL)
        if text or not marker:
            lines.append(text)
        if marker:
            break
    return "\n".join(lines)
