"""The wall clock, read once at the edge of each function; everything inside gets `now` as an argument."""

from __future__ import annotations

import time

from holdfast.domain.instants import Instant


def now() -> Instant:
    return time.time_ns() // 1_000_000
