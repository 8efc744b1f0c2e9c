"""The seeded scheduler: tasks stop before and after each port call, and here it is decided who goes on,
who dies there, and whose call fails or loses its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from greenlet import getcurrent, greenlet

from holdfast.app.ports import Throttled
from holdfast.domain.errors import Refusal, Unavailable
from holdfast.domain.instants import Instant

THROTTLED_AT = ("claim", "replace slot")
DIES, FAILS = 0.03, 0.03


class Killed(BaseException):
    """The process died here; nothing of ours may catch it."""


@dataclass
class Task:
    """`janitor` tasks tidy up, all others act for a user; `replays` names the booking that a repeated request
    had made before it was sent again."""

    name: str
    run: greenlet
    janitor: bool
    replays: str | None
    at: str = "start"


@dataclass
class Hub:
    random: Random
    now: Instant
    tasks: list[Task] = field(default_factory=list)
    trace: list[tuple[Instant, str]] = field(default_factory=list)
    accidents: bool = True

    def __post_init__(self) -> None:
        self._main = getcurrent()

    def log(self, line: str) -> None:
        self.trace.append((self.now, line))

    def pause(self, where: str) -> None:
        """What the ports call before and after their effect; the scheduler itself passes through."""
        if getcurrent() is self._main:
            return
        fault = self._main.switch(where)
        if fault is not None:
            raise fault

    def spawn(
        self,
        name: str,
        work: Callable[[Instant], object],
        *,
        skew: int,
        on_success: Callable[[], object] = lambda: None,
        janitor: bool = False,
        replays: str | None = None,
    ) -> None:
        """Start a task on a clock that is `skew` off. A refusal is a success of what came to be refused; an
        `Unavailable` is not, so that messages come again."""
        now = self.now + skew

        def body(_: object) -> None:
            try:
                work(now)
            except Killed:
                return
            except Unavailable:
                self.log(f"{name}: unavailable")
                return
            except Refusal as refused:
                self.log(f"{name}: {refused.code}")
            else:
                self.log(f"{name}: done")
            on_success()

        self.tasks.append(Task(name, greenlet(body, self._main), janitor, replays))

    def step(self) -> Task:
        """Let one task go on to its next port call, or have an accident; answers which."""
        task = self.random.choice(self.tasks)
        fate = self.random.random() if self.accidents else 1.0
        if fate < DIES:
            self.log(f"{task.name}: dies at «{task.at}»")
            if task.at == "start":
                self.tasks.remove(task)
                return task
            task.run.throw(Killed)
        elif fate < DIES + FAILS and task.at != "start":
            throttled = task.at in THROTTLED_AT and self.random.random() < 0.5
            self.log(f"{task.name}: {'throttled' if throttled else 'no answer'} at «{task.at}»")
            self._resume(task, Throttled() if throttled else Unavailable("injected"))
        else:
            self.log(f"{task.name}: goes on from «{task.at}»")
            self._resume(task, None)
        if task.run.dead:
            self.tasks.remove(task)
        return task

    def _resume(self, task: Task, fault: Exception | None) -> None:
        where = task.run.switch(fault)
        if not task.run.dead:
            task.at = where
