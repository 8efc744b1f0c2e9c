"""Results as JSON lines, and as tables in the README: `python -m tests.bench.report`.

Each benchmark's last lines are kept in `docs/bench/<bench>.jsonl`; a table stands between the markers
`<!-- bench:NAME -->` and `<!-- /bench:NAME -->`, one for each file.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
RESULTS = REPOSITORY / "docs" / "bench"

type Row = Mapping[str, Any]


def emit(row: Row) -> None:
    """One result; standard output may be redirected while handlers log to it."""
    print(json.dumps(row), file=sys.__stdout__, flush=True)


def progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def percentiles(values: Sequence[float]) -> tuple[float, float, float]:
    """The 50th, 95th and 99th: the smallest value that so many of a hundred do not exceed."""
    ranked = sorted(values)
    p50, p95, p99 = (ranked[-(-len(ranked) * share // 100) - 1] for share in (50, 95, 99))
    return round(p50, 1), round(p95, 1), round(p99, 1)


def table(rows: Sequence[Row]) -> str:
    """GitHub's markdown; the columns are the members, without the benchmark's name."""
    columns = [name for name in rows[0] if name != "bench"]
    lines = [columns, ["---:" if _is_number(rows[0][name]) else "---" for name in columns]]
    lines += [[_shown(row.get(name)) for name in columns] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def rendered(text: str, results: Mapping[str, Sequence[Row]]) -> str:
    """The text with each benchmark's table between its markers; raises KeyError where it has no results."""

    def replaced(found: re.Match[str]) -> str:
        name = found["name"]
        return f"<!-- bench:{name} -->\n\n{table(results[name])}\n\n<!-- /bench:{name} -->"

    return re.sub(r"<!-- bench:(?P<name>[\w-]+) -->.*?<!-- /bench:(?P=name) -->", replaced, text, flags=re.S)


def kept(folder: Path = RESULTS) -> dict[str, list[Row]]:
    return {
        file.stem: [json.loads(line) for line in file.read_text().splitlines()]
        for file in sorted(folder.glob("*.jsonl"))
    }


def main() -> None:
    readme = REPOSITORY / "README.md"
    before = readme.read_text()
    after = rendered(before, kept())
    if after == before:
        progress("README.md is as it was")
    readme.write_text(after)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if _is_number(value) else str(value)


if __name__ == "__main__":
    main()
