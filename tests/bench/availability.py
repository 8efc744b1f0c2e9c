"""The pure evaluator of free starts, in µs of CPU an offered start: one resource's month at three
occupancies, more days, more resources, a long list, a single verdict; then the endpoint that asks it.

Open from 09:00 to 18:00 with an hour's break, a 5-minute step. Occupancy is the share of the open time that
appointments of half an hour take, scattered by a fixed seed. `gridStarts` are those that had to be judged.
An evaluation is from the ledger's stretches to all of its starts. The figure is the least of the rounds: what
else the machine does only adds to it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from datetime import date
from itertools import product
from zoneinfo import ZoneInfo

from holdfast.domain import hours
from holdfast.domain.availability import Evaluation, Rules, Snapshot, verdict
from holdfast.domain.hours import Week, day_span
from holdfast.domain.instants import DAY, MINUTE, Instant
from holdfast.domain.occupancy import Occupied
from holdfast.domain.schedule import WEEKDAYS
from tests.bench import availability_door
from tests.bench.report import emit, progress

ZONE = ZoneInfo("Europe/Berlin")
FIRST = date(2026, 5, 1)
HOURS = Week.of_hours({day: [{"from": "09:00", "to": "18:00"}] for day in WEEKDAYS})
BREAKS = Week.of_breaks([{"weekdays": list(WEEKDAYS), "from": "12:00", "to": "13:00"}])
TAKEN_MINUTES = 30
ROUNDS, LEAST_ROUND = 100, 0.02


def since() -> Instant:
    return day_span(ZONE, FIRST.toordinal(), FIRST.toordinal())[0] * MINUTE


def resource(days: int, occupancy: float, *, minutes: int = 5, seed: int = 0, capacity: int = 1) -> Snapshot:
    """The day before, with that share of the open time taken, of each unit."""
    first, chance = FIRST.toordinal(), random.Random(seed)
    begins = [day_span(ZONE, day, day)[0] for day in range(first, first + days)]
    open_minutes = (*range(9 * 60, 12 * 60, TAKEN_MINUTES), *range(13 * 60, 18 * 60, TAKEN_MINUTES))
    stretches = [midnight + minute for midnight in begins for minute in open_minutes] * capacity
    chosen = sorted(chance.sample(stretches, round(len(stretches) * occupancy)))
    rules = Rules(
        service="s",
        resource=f"r{seed}",
        zone=ZONE,
        hours=HOURS,
        breaks=BREAKS,
        stride=5,
        duration=minutes,
        shortest=minutes,
        longest=minutes,
        advance_days=3_650,
        capacity=capacity,
    )
    occupied = tuple(Occupied(start, start + TAKEN_MINUTES) for start in chosen)
    return Snapshot(rules=rules, now=since() - DAY, occupied=occupied)


def listed(snapshots: Sequence[Snapshot], days: int) -> int:
    """All the starts of all of them."""
    first = since()
    return sum(len(Evaluation(each, first, first + days * DAY).starts) for each in snapshots)


def spent(work: Callable[[], object]) -> float:
    """µs of this process's CPU time a run; a round is long enough for its clock."""
    runs = 1
    while (once := _timed(work, runs)) < LEAST_ROUND:
        runs *= 2
    return min(once, *(_timed(work, runs) for _ in range(ROUNDS))) / runs * 1e6


def _timed(work: Callable[[], object], runs: int) -> float:
    started = time.process_time()
    for _ in range(runs):
        work()
    return time.process_time() - started


def report(case: str, starts: int, judged: int | None, work: Callable[[], object]) -> None:
    progress(f"availability: {case}")
    micros = spent(work)
    emit(
        {
            "bench": "availability",
            "case": case,
            "starts": starts,
            "gridStarts": judged,
            "microsPerStart": round(micros / starts, 3),
            "microsPerGridStart": round(micros / judged, 3) if judged else None,
            "millis": round(micros / 1e3, 3),
        }
    )


def report_list(case: str, snapshots: Sequence[Snapshot], days: int) -> None:
    first = since()
    evaluations = [Evaluation(each, first, first + days * DAY) for each in snapshots]
    judged = sum(1 for each in evaluations for _ in each.explained())
    report(case, listed(snapshots, days), judged, lambda: listed(snapshots, days))


def main() -> None:
    for minutes, share in product((5, 30), (0, 0.5, 0.95)):
        month = resource(30, share, minutes=minutes)
        report_list(f"1 resource, 30 days, {share:.0%} taken, {minutes} min", [month], 30)
    for days in (1, 10, 100):
        report_list(f"days: {days}, 50% taken, 5 min", [resource(days, 0.5)], days)
    for many in (1, 10, 100):
        some = [resource(30, 0.5, seed=number) for number in range(many)]
        report_list(f"resources: {many}, 30 days, 50% taken, 5 min", some, 30)
    report_list("capacity 4, 30 days, 50% taken, 5 min", [resource(30, 0.5, capacity=4)], 30)
    report_list("5,000 starts: 53 days, 0% taken, 5 min", [resource(53, 0)], 53)
    some = [resource(31, 0.5, minutes=30, seed=number) for number in range(20)]
    report_list("20 resources, 31 days, 50% taken, 30 min", some, 31)
    of = resource(30, 0.5, minutes=30)
    start = next(iter(Evaluation(of, since(), since() + 30 * DAY)))
    report("one verdict with a month of claims", 1, None, lambda: verdict(of, start))
    report("first month of a zone in a process", listed([of], 30), None, lambda: listed_anew(of))
    availability_door.main()


def listed_anew(of: Snapshot) -> None:
    """With the zone's offsets forgotten, as in a new process."""
    hours.midnight.cache_clear()
    listed([of], 30)


if __name__ == "__main__":
    main()
