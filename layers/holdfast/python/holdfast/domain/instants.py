"""Instants are whole milliseconds since the epoch, in UTC. Conversions happen here and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

type Instant = int

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

JANITOR_SKEW = 2 * SECOND
"""Clocks differ by up to this much; what tidies up waits that long, newcomers' evictions do not."""

SWEEP_AHEAD = 15 * MINUTE
"""While anything is held or waiting in a ledger the sweep looks again at least this often."""

NEVER: Instant = 253_402_300_799_000
"""The end of the year 9999: when a confirmed claim expires."""


def from_datetime(moment: datetime) -> Instant:
    """The instant of an aware datetime, to the millisecond below."""
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return since.days * DAY + since.seconds * SECOND + since.microseconds // 1_000


def to_datetime(instant: Instant, zone: tzinfo = UTC) -> datetime:
    """The wall clock of `zone` at that instant."""
    seconds, millis = divmod(instant, SECOND)
    return datetime.fromtimestamp(seconds, zone).replace(microsecond=millis * 1_000)


def seconds_until(instant: Instant, now: Instant) -> int:
    """Whole seconds from now until then, rounded up, never negative."""
    return max(0, -(-(instant - now) // SECOND))
