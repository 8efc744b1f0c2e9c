"""From a failing seed to the shortest plan that still fails, and its trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.simulation.hub import Violation
from tests.simulation.plan import Request, draw
from tests.simulation.world import World
from tests.support.builders import NOW

SCHEDULES = 60
"""How many schedules a shorter plan gets before we believe that it does not fail."""


@dataclass(frozen=True)
class Failure:
    seed: int
    plan: Sequence[Request]
    world: World
    violation: str

    def report(self) -> str:
        """What happened, step by step, and how to see it again."""
        plan = [f"  #{number} {request}" for number, request in enumerate(self.plan)]
        steps = [f"  {(at - NOW) / 1000:10.3f} s  {line}" for at, line in self.world.hub.trace]
        return "\n".join(
            [
                f"seed {self.seed}: {self.violation}",
                f"again with: make simulate SEED={self.seed}",
                f"the shortest plan found, with {self.world.defences}:",
                *plan,
                "and its trace:",
                *steps,
            ]
        )


def simulate(seed: int) -> Failure | None:
    """Run the plan of a seed under the schedule of the same seed."""
    return _run(seed, draw(seed), seed)


def shrunk(failure: Failure) -> Failure:
    """Drop requests while some schedule still makes the rest fail."""
    best, index = failure, len(failure.plan) - 1
    while index > 0:
        shorter = _without(best.plan, index)
        found = next(filter(None, (_run(failure.seed, shorter, each) for each in range(SCHEDULES))), None)
        if found and len(found.plan) < len(best.plan):
            best = found
        index = min(index, len(best.plan)) - 1
    return best


def _without(plan: Sequence[Request], index: int) -> Sequence[Request]:
    """The plan less one request; what pointed at it now points at what that one pointed at."""
    heir = plan[index].target

    def moved(target: int) -> int:
        target = heir if target == index else target
        return target - 1 if target > index else target

    return [replace(each, target=moved(each.target)) for at, each in enumerate(plan) if at != index]


def _run(seed: int, plan: Sequence[Request], schedule: int) -> Failure | None:
    world = World(plan, schedule)
    try:
        world.run()
    except Violation as violation:
        return Failure(seed, plan, world, str(violation))
    return None
