"""Lists: pages of what a port yields, less what a filter on derived facts drops, and as they are answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from holdfast.app.ports import Page
from holdfast.http.api import Answer

MOST_FETCHES = 8
"""A filter that drops nearly everything answers a short page with a cursor, not a long wait."""


def filtered[Item](
    fetch: Callable[[int, str | None], Page[Item]],
    keep: Callable[[Item], bool],
    *,
    limit: int,
    cursor: str | None,
) -> Page[Item]:
    """Up to `limit` items that are kept; `fetch` gets how many are missing and where to go on.

    A page may be short, even empty, and still have a cursor.
    """
    kept: list[Item] = []
    for _ in range(MOST_FETCHES):
        page = fetch(limit - len(kept), cursor)
        kept += filter(keep, page.items)
        cursor = page.cursor
        if cursor is None or len(kept) >= limit:
            break
    return Page(kept, cursor)


def page_answer[Item](page: Page[Item], view: Callable[[Item], Mapping[str, Any]]) -> Answer:
    return Answer(body={"items": [view(each) for each in page.items], "nextCursor": page.cursor})
