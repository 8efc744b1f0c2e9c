"""`make simulate SEEDS=200000`, or `make simulate SEED=4711` to see one again."""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.shrink import shrunk, simulate

CHUNK = 500


def first_failing(seeds: range) -> int | None:
    return next((seed for seed in seeds if simulate(seed)), None)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100_000, help="how many schedules, from --start on")
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--seed", type=int, help="run this one only, and tell its shortest trace")
    arguments = parser.parse_args()
    if arguments.seed is not None:
        return _tell(arguments.seed)
    started, end = time.monotonic(), arguments.start + arguments.seeds
    chunks = [range(at, min(at + CHUNK, end)) for at in range(arguments.start, end, CHUNK)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for number, failing in enumerate(pool.map(first_failing, chunks), start=1):
            if failing is not None:
                pool.shutdown(cancel_futures=True)
                print(flush=True)
                return _tell(failing)
            done = min(number * CHUNK, arguments.seeds)
            print(f"\r{done} of {arguments.seeds} schedules", end="", flush=True)
    print(f", all held, in {time.monotonic() - started:.0f} s")
    return 0


def _tell(seed: int) -> int:
    failure = simulate(seed)
    if failure is None:
        print(f"seed {seed} holds")
        return 0
    print(shrunk(failure).report())
    return 1


if __name__ == "__main__":
    sys.exit(main())
