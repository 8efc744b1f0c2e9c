"""The queues in memory: what was sent stays until a test or the simulation takes it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from holdfast.app.ports import Timer
from holdfast.domain.instants import Instant
from tests.support.memory import Memory


@dataclass
class MemoryJobs:
    """Sent jobs with their delays; tests and the simulation run them."""

    memory: Memory
    sent: list[tuple[str, int]] = field(default_factory=list)

    def send(self, job_id: str, *, delay_seconds: int = 0) -> None:
        self.memory.pause("send job")
        self.sent.append((job_id, delay_seconds))
        self.memory.pause("job sent")


@dataclass
class MemoryTimers:
    """Sent timers with the instant they come; the simulation delivers them."""

    memory: Memory
    sent: list[tuple[Instant, Timer]] = field(default_factory=list)

    def schedule(self, timers: Sequence[Timer], now: Instant) -> Sequence[Timer]:
        for timer in timers:
            self.memory.pause("send timer")
            self.sent.append((timer.expires, timer))
            self.memory.pause("timer sent")
        return []
