"""Waiting for what happens by itself: poll with a deadline, never a bare sleep."""

from __future__ import annotations

import time
from collections.abc import Callable


def eventually[Found](look: Callable[[], Found | None], within: float, every: float = 0.1) -> Found:
    """The first truthy thing `look` answers; fails when it does not come in time (seconds)."""
    deadline = time.monotonic() + within
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {look}")
        time.sleep(every)
