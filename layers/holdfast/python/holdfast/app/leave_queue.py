"""Leave a slot's queue at any time: place and entry in one transaction (SPEC QUEUE-1)."""

from __future__ import annotations

from holdfast.app.asked import Asked, remember, seen_before
from holdfast.app.existing import existing_slot
from holdfast.app.ports import Callers, Ledger, Lost
from holdfast.app.wish import MOST_WRITES
from holdfast.app.writes import MoveEntry, RemovePlace
from holdfast.domain.booking import Deed
from holdfast.domain.entry import EntryEnding, EntryStatus
from holdfast.domain.errors import Unavailable
from holdfast.domain.identity import claimant
from holdfast.domain.instants import JANITOR_SKEW
from holdfast.domain.place import SlotKey
from holdfast.domain.queue import Place


def leave_queue(
    ledger: Ledger, callers: Callers, asked: Asked, key: SlotKey, *, subject_id: str | None = None
) -> None:
    """Give the caller's place up; done as well where they have none. A hold that came of it is theirs to
    release.

    Raises NotFound or KeyReused.
    """
    recollection = remember(callers, asked)
    repeated_since = recollection.first_at if seen_before(recollection, asked) else None
    who = claimant(asked.caller.id, subject_id)
    for _ in range(MOST_WRITES):
        place = existing_slot(ledger.slot(key)).places.get(who)
        if place is None:
            return
        if repeated_since is not None and place.joined >= repeated_since + JANITOR_SKEW:
            return  # a late repeat does not give up the place taken since
        deed = asked.deed("leave", EntryEnding.LEFT)
        try:
            ledger.commit(RemovePlace(key, who, place), *entry_ends(ledger, place, EntryStatus.LEFT, deed))
        except Lost:
            continue
        return
    raise Unavailable("the queue moves too quickly")


def entry_ends(ledger: Ledger, place: Place, after: EntryStatus, deed: Deed) -> tuple[MoveEntry, ...]:
    """The move of a place's entry, to be written with the end of the place; nothing where the entry has ended
    or is missing, which a late twin of the join can leave."""
    entry = ledger.entry(place.entry)
    if entry is None or entry.status is not EntryStatus.WAITING:
        return ()
    return (MoveEntry(entry.id, EntryStatus.WAITING, after, deed),)
