"""The contract as one page that needs nothing else: style, script and data stand in it."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache
from pathlib import Path

from holdfast.http.api import Text

HERE = Path(__file__).parent


@cache
def page() -> Text:
    """The page, and the policy under which a browser runs this script and loads nothing from anywhere."""
    style, script, frame = (_read(f"page/page.{kind}") for kind in ("css", "js", "html"))
    policy = {
        "default-src": "'none'",
        "style-src": _hash(style),
        "script-src": _hash(script),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return Text(
        media_type="text/html; charset=utf-8",
        # In JSON a `<` stands in texts only: written so, none of them can end the element it is in.
        text=frame.replace("{style}", style)
        .replace("{script}", script)
        .replace("{contract}", _read("openapi.json").replace("<", r"\u003c")),
        headers={"Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items())},
    )


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _hash(source: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"
