"""Tens of thousands of schedules of the real use cases, DESIGN 9 after every step of each."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.__main__ import first_failing
from tests.simulation.plan import draw
from tests.simulation.shrink import shrunk, simulate
from tests.simulation.world import World

SCHEDULES = 24_000
CHUNK = 1_000

FOUND_BY_SEEDS = (1270, 1817, 11979)
"""Seeds that once failed: 1270 and 1817 dropped the timer of a record whose claim was evicted early, 11979
lost a record that the TTL deleted while a late twin of its reserve held a claim."""


def test_the_invariants_hold_in_every_schedule() -> None:
    chunks = [range(at, at + CHUNK) for at in range(0, SCHEDULES, CHUNK)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        failing = [seed for seed in pool.map(first_failing, chunks) if seed is not None]
    for seed in failing[:1]:
        failure = simulate(seed)
        assert failure is None, shrunk(failure).report()


def test_seeds_that_found_something_once_hold_now() -> None:
    assert [simulate(seed) for seed in FOUND_BY_SEEDS] == [None] * len(FOUND_BY_SEEDS)


def test_a_seed_is_the_same_run_every_time() -> None:
    traces = []
    for _ in range(2):
        world = World(draw(7), 7)
        world.run()
        traces.append(world.hub.trace)
    assert traces[0] == traces[1]
