"""Patch `pool`: a bounded number of worker processes a function; callers queue for them.

MiniStack starts one process for each concurrent call: a burst of 200 cold calls makes 175 processes,
takes 55 s and 8 GB. AWS does start an environment for each, but on machines we do not have.
Here at most `--workers` processes serve a function and further calls wait for one. A call waits no longer
than the function's timeout and then gets a process beyond the bound, and a call made from inside a
handler does not wait at all: the worker it would wait for may be its own caller's.
"""

import threading
import time
from collections import defaultdict
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from local.emulator.settings import Settings

# MiniStack also removes workers without releasing them (new code, a deleted function), so no wait is longer.
_RECHECK_SECONDS = 0.25

_acquire_at_once = lambda_runtime.acquire_worker
_release = lambda_runtime.release_worker
_freed: defaultdict[str, threading.Condition] = defaultdict(threading.Condition)


def apply(settings: Settings) -> None:
    def acquire_worker(
        name: str, config: Any, code: bytes, qualifier: str = "$LATEST", max_concurrency: int | None = None
    ) -> Any:
        inside_a_handler = lambda_svc._invoke_depth.get() > 1
        if max_concurrency is not None or inside_a_handler:
            return _acquire_at_once(name, config, code, qualifier, max_concurrency)
        give_up_at = time.monotonic() + float(config.get("Timeout", 3))
        freed = _freed[name]
        with freed:
            while (remaining := give_up_at - time.monotonic()) > 0:
                worker, how = _acquire_at_once(name, config, code, qualifier, settings.workers)
                if worker is not None:
                    return worker, how
                freed.wait(min(remaining, _RECHECK_SECONDS))
        return _acquire_at_once(name, config, code, qualifier)

    # lambda_svc has its own references to both.
    lambda_runtime.acquire_worker = lambda_svc.acquire_worker = acquire_worker
    lambda_runtime.release_worker = lambda_svc.release_worker = _release_and_tell


def _release_and_tell(worker: Any) -> None:
    _release(worker)
    if worker is not None:
        freed = _freed[worker.func_name]
        with freed:
            freed.notify()
