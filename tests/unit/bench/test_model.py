"""The scale model: the same from one seed, true to what was published, and to what SPEC 10 promises."""

from __future__ import annotations

import math
from random import Random

import pytest

from tests.bench.model import DESIGNS, claimed_sizes, simulated
from tests.bench.simulated import PUT, TRANSACTION, Bucket, Client, Clock, Latency


@pytest.mark.parametrize("design", DESIGNS)
def test_the_same_seed_gives_the_same_line(design: str) -> None:
    assert simulated(design, 1, 10) == simulated(design, 1, 10)
    assert simulated(design, 1, 10) != simulated(design, 1, 10, seed=1)


@pytest.mark.parametrize("seed", range(5))
def test_our_worst_hundredth_waits_a_tenth_of_what_the_transactional_designs_does(seed: int) -> None:
    ours, theirs = (simulated(design, 1, 100, seed=seed) for design in ("ledger", "transaction"))
    assert ours["p99Ms"] <= theirs["p99Ms"] / 10
    assert (ours["sold"], ours["gaveUp"], ours["attemptsPerRequest"]) == (100, 0, 1.0)


@pytest.mark.parametrize(("slots", "capacity"), [(1, 1), (1, 10), (1, 100), (100, 10)])
@pytest.mark.parametrize("design", DESIGNS)
def test_no_design_sells_twice(design: str, slots: int, capacity: int) -> None:
    line = simulated(design, slots, capacity)
    assert line["oversold"] == 0
    assert line["sold"] <= slots * capacity


@pytest.mark.parametrize("latency", [PUT, TRANSACTION])
def test_latencies_go_through_the_published_percentiles(latency: Latency) -> None:
    random = Random(1)
    drawn = sorted(latency.draw(random) for _ in range(100_000))
    for share, published in ((50, latency.p50), (90, latency.p90), (95, latency.p95), (99, latency.p99)):
        assert drawn[len(drawn) * share // 100] == pytest.approx(published, rel=0.06)


def test_a_claim_takes_about_sixty_bytes_of_its_slot() -> None:
    sizes = claimed_sizes(100)
    assert (sizes[100] - sizes[0]) / 100 < 64
    assert math.ceil(sizes[100] / 1024) == 7


def test_units_come_back_with_time_and_never_beyond_a_seconds_worth() -> None:
    clock = Clock()
    bucket = Bucket(clock, 1.0)
    assert bucket.take(1_000)
    assert not bucket.take(1)
    clock.now = 10.0
    assert bucket.take(10)
    clock.now = 5_000.0
    assert not bucket.take(1_001)


def test_clients_run_in_order_of_time() -> None:
    clock, seen = Clock(), list[str]()

    def client(name: str, pause: float) -> Client:
        seen.append(name)
        yield pause
        seen.append(f"{name} at {clock.now:g}")

    clock.start(client("b", 3.0), 1.0)
    clock.start(client("a", 5.0), 0.0)
    clock.run()
    assert seen == ["a", "b", "b at 4", "a at 5"]
