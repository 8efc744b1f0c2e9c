"""What the environment tells a function; read once, by `bootstrap`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Self

VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Settings:
    """Names of tables and queues; a function has only those it may use, the others are empty."""

    stage: str
    ledger_table: str
    catalog_table: str
    ephemeral_table: str
    timer_queue_url: str
    job_queue_url: str = ""
    push_queue_url: str = ""
    realtime_url: str = ""
    """Where clients open their WebSocket."""
    realtime_endpoint: str = ""
    """Where we post to those that are open."""
    manage_secret: str = ""
    """Where the key of guests' tokens is kept."""
    version: str = VERSION

    @classmethod
    def from_environment(cls) -> Self:
        return cls(
            stage=os.environ.get("HOLDFAST_STAGE", "local"),
            ledger_table=os.environ.get("LEDGER_TABLE", ""),
            catalog_table=os.environ.get("CATALOG_TABLE", ""),
            ephemeral_table=os.environ.get("EPHEMERAL_TABLE", ""),
            timer_queue_url=os.environ.get("TIMER_QUEUE_URL", ""),
            job_queue_url=os.environ.get("JOB_QUEUE_URL", ""),
            push_queue_url=os.environ.get("PUSH_QUEUE_URL", ""),
            realtime_url=os.environ.get("REALTIME_URL", ""),
            manage_secret=os.environ.get("MANAGE_SECRET", ""),
            realtime_endpoint=os.environ.get("REALTIME_ENDPOINT", ""),
        )
