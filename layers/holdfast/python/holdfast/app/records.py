"""How a record of the catalog is added, changed and removed: on its version, known again by its `op`.

In a dry run it is only made, with all that is checked before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from holdfast.app.asked import Asked
from holdfast.app.ports import Catalog, CatalogPart, CatalogRecord, Lost, Page
from holdfast.domain.errors import AlreadyExists, Unavailable

MOST_TRIES = 3
PAGE = 100


def add[Record: CatalogRecord](
    catalog: Catalog, asked: Asked, record: Record, there: Callable[[], Record | None], *, what: str
) -> Record:
    """A new record, or the one that this very request made before. Raises AlreadyExists."""
    try:
        if not asked.dry_run:
            catalog.add(record)
        elif there() is not None:
            raise Lost
    except Lost:
        found = there()
        if found is None:
            raise Unavailable(f"the {what} went as we looked") from None
        if found.op != asked.op:
            raise AlreadyExists(f"There is such a {what} already.") from None
        return found
    return record


def change[Record: CatalogRecord](
    catalog: Catalog, asked: Asked, read: Callable[[], Record], changed: Callable[[Record], Record]
) -> Record:
    """Change what If-Match names, written on the version that was read. Raises what `read` and `changed`
    raise, PreconditionRequired or StaleVersion."""
    for _ in range(MOST_TRIES):
        record = read()
        asked.require_precondition()
        if record.changed_by == asked.op and not asked.dry_run:
            return record
        asked.require_version(record.version)
        after = changed(record)
        if asked.dry_run:
            return after
        try:
            catalog.save(after)
        except Lost:
            continue  # whose change was quicker is told by its version
        return after
    raise Unavailable("it changes too quickly")


def remove(catalog: Catalog, record: CatalogPart) -> None:
    """As it was read."""
    try:
        catalog.remove(record)
    except Lost:
        raise Unavailable("it changed as it was removed") from None


def every[Item](page_after: Callable[[str | None], Page[Item]]) -> Iterator[Item]:
    """All items of a list, page by page."""
    page = page_after(None)
    yield from page.items
    while page.cursor is not None:
        page = page_after(page.cursor)
        yield from page.items
