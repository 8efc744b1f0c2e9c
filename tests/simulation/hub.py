"""The seeded scheduler: tasks stop before and after each port call, and here it is decided who goes on,
who dies there, and whose call fails or loses its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

from greenlet import getcurrent, greenlet

from holdfast.app.ports import Throttled
from holdfast.domain.errors import Refusal, Unavailable
from holdfast.domain.instants import Instant

THROTTLED_AT = ("claim", "replace slot", "replace day")
DIES, FAILS = 0.03, 0.03
STALLS, STALLED_FOR = 0.04, 40
"""So often a task is left where it is while others take so many steps: what it writes comes late."""


class Violation(AssertionError):
    """An invariant does not hold; the trace of the world says how it came."""


def demand(violations: Iterable[str]) -> None:
    for sentence in violations:
        raise Violation(sentence)


class Killed(BaseException):
    """The process died here; nothing of ours may catch it."""


@dataclass
class Task:
    """`now` is what its clock says, read once; `began` counts the steps before its first. `janitor` tasks
    tidy up, all others act for a user; `replays` names what a repeated request had come to before it was
    sent again."""

    name: str
    run: greenlet
    now: Instant
    janitor: bool
    replays: str | None
    began: int
    at: str = "start"
    stalled_until: int = 0


@dataclass
class Hub:
    random: Random
    now: Instant
    tasks: list[Task] = field(default_factory=list)
    trace: list[tuple[Instant, str]] = field(default_factory=list)
    accidents: bool = True
    steps: int = 0

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

        self.tasks.append(Task(name, greenlet(body, self._main), now, janitor, replays, self.steps))

    def step(self) -> Task:
        """Let one task go on to its next port call, or have an accident; answers which."""
        self.steps += 1
        awake = [each for each in self.tasks if each.stalled_until <= self.steps]
        task = self.random.choice(awake or self.tasks)
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
        elif fate < DIES + FAILS + STALLS and awake:
            self.log(f"{task.name}: stalls at «{task.at}»")
            task.stalled_until = self.steps + STALLED_FOR
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
