"""`docs/api.md` followed top to bottom: its blocks run in one shell and print what the guide says."""

from __future__ import annotations

import re
import shutil
import subprocess

from local.stack import REPOSITORY
from tests.e2e.door import Door

GUIDE = REPOSITORY / "docs" / "api.md"
MARK = "----8<----"
_BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _steps() -> list[tuple[str, str]]:
    """Each block of shell, with the text that follows it: what it prints."""
    steps: list[tuple[str, str]] = []
    for kind, content in _BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
        if kind == "sh":
            steps.append((content, ""))
        else:
            steps[-1] = (steps[-1][0], content)
    return steps


def test_a_new_user_can_follow_the_guide(door: Door) -> None:
    steps = _steps()
    shell = shutil.which("bash")
    assert shell
    done = subprocess.run(
        [shell, "-euo", "pipefail", "-c", f"\necho '{MARK}'\n".join(block for block, _ in steps)],
        env={
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "API": door.stack.api_url,
            "BUSINESS": door.stack.business_id,
            "TOKEN": door.stranger("guide").token,
            "ADMIN": door.caller("admin").token,
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    printed = done.stdout.split(f"{MARK}\n")
    assert printed == [told for _, told in steps], done.stderr
    assert done.returncode == 0, done.stderr


def test_every_block_of_the_guide_is_run_or_shown_as_a_session() -> None:
    fences = re.findall(r"^```(\w+)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(fences) == {"sh", "text", "console"}
    assert fences.count("sh") == len(_steps()) >= 8
