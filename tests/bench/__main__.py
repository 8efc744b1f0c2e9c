"""`python -m tests.bench [--only NAME]`: JSON lines on stdout, progress on stderr, results in docs/bench.

Each benchmark runs in an interpreter of its own, so that none warms or burdens another.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from tests.bench.report import REPOSITORY, RESULTS

BENCHES = {
    "contention": "contention",
    "contention-model": "model",
    "queue": "queue",
    "calls": "calls",
    "cpu": "cpu",
    "import": "imports",
    "availability": "availability",
}
LONGEST = 1_800


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", choices=tuple(BENCHES))
    only = parser.parse_args().only
    failed = [name for name in BENCHES if only in (None, name) and not _run(name)]
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


def _run(name: str) -> bool:
    """Its lines go to stdout as they come; they are kept only if it went through."""
    command = [sys.executable, "-m", f"tests.bench.{BENCHES[name]}"]
    lines: list[str] = []
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as bench:
        assert bench.stdout
        for line in bench.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            lines.append(line)
        if bench.wait(LONGEST) != 0:
            return False
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.jsonl").write_text("".join(lines))
    return True


if __name__ == "__main__":
    main()
