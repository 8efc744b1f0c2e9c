"""Patch `unpacked`: the workers of a function share its code on disk, other code lies elsewhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.local.support import Cloud

# Each call waits for the other, so that one worker cannot serve both.
SAYS_WHERE_IT_LIES = """
def handler(meeting, context):
    note(meeting)
    until = time.monotonic() + 8
    while open(os.environ["JOURNAL"]).read().count(meeting) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    return [os.getpid(), os.path.realpath(__file__)]
"""


def _where(cloud: Cloud, function: str) -> tuple[set[int], set[str]]:
    """The processes that served two calls at once, and where their code lies."""
    with ThreadPoolExecutor(2) as callers:
        answers = list(callers.map(lambda _: cloud.invoke(function, "at the corner"), range(2)))
    processes, files = zip(*answers, strict=True)
    return set(processes), set(files)


def test_workers_share_what_was_unpacked_once(patched: Cloud) -> None:
    function = patched.function(SAYS_WHERE_IT_LIES)
    processes, files = _where(patched, function)
    assert (len(processes), len(files)) == (2, 1)


def test_other_code_lies_elsewhere(patched: Cloud) -> None:
    one, other = (patched.function(SAYS_WHERE_IT_LIES + f"# {name}") for name in ("one", "other"))
    assert _where(patched, one)[1].isdisjoint(_where(patched, other)[1])


def test_unpatched_each_worker_has_its_own(plain: Cloud) -> None:
    processes, files = _where(plain, plain.function(SAYS_WHERE_IT_LIES))
    assert (len(processes), len(files)) == (2, 2)
