"""Reads the Ledger's stream under `RESOURCE#`: each claim seen with a new end, of a slot or a day, gets its
timer, and each slot with room and somebody waiting is promoted (DESIGN 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from holdfast import bootstrap, clock
from holdfast.adapters.dynamodb.correlation import correlation_of
from holdfast.adapters.dynamodb.days import day_of
from holdfast.adapters.dynamodb.keys import read_day_key
from holdfast.adapters.dynamodb.slots import slot_of
from holdfast.app.ports import Catalog, Ledger, Timers
from holdfast.app.promote import promote
from holdfast.app.timers import timers_for
from holdfast.domain.day import Day
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import Instant
from holdfast.domain.place import SlotKey
from holdfast.domain.promotion import needs_a_look
from holdfast.domain.slot import Slot
from holdfast.observability import count, following, invocation_id, logger, start_request

type Records = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Change:
    """A record's sequence number, the ledger before and after it, and the request that it goes back to."""

    number: str
    before: Slot | Day | None
    after: Slot | Day
    correlation: str


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    start_request(invocation_id(context))
    return move_on(bootstrap.ledger(), bootstrap.catalog(), bootstrap.timers(), event["Records"], clock.now())


def move_on(
    ledger: Ledger, catalog: Catalog, timers: Timers, records: Records, now: Instant
) -> dict[str, Any]:
    """Timers of the whole batch first, then promotions. What fails is reported, and the stream comes again
    from there."""
    changes = [change for record in records if (change := _change(record))]
    failed = _send_timers(timers, changes, now)
    # The records tell where to look; what is done there is decided from the slot as it is now, under the id
    # of the first that gave reason to.
    moving: dict[SlotKey, Change] = {}
    slots = [change.after for change in changes if isinstance(change.after, Slot)]
    for change in changes:
        if isinstance(change.after, Slot) and needs_a_look(change.after, now):
            moving.setdefault(change.after.key, change)
    stuck = [change.number for key, change in moving.items() if not _moved(ledger, catalog, key, change, now)]
    if slots:
        longest = max(len(slot.places) for slot in slots)
        count({"queue_length": longest, "queue_moves_failed_total": len(stuck)})
    return {"batchItemFailures": [{"itemIdentifier": number} for number in (*failed, *stuck)]}


def _moved(ledger: Ledger, catalog: Catalog, key: SlotKey, change: Change, now: Instant) -> bool:
    with following(change.correlation):
        try:
            served = promote(ledger, catalog, key, now)
        except Unavailable as failure:
            logger().warning("a queue did not move", slot_id=key.slot_id, reason=str(failure))
            return False
        logger().info("a queue moved", slot_id=key.slot_id, served=served)
    return True


def _send_timers(timers: Timers, changes: Sequence[Change], now: Instant) -> list[str]:
    """The numbers of those records whose timers could not be sent."""
    asked = [
        (change.number, replace(timer, correlation=change.correlation))
        for change in changes
        for timer in timers_for(change.before, change.after)
    ]
    if not asked:
        return []
    unsent = set(timers.schedule([timer for _, timer in asked], now))
    count({"timers_sent_total": len(asked) - len(unsent), "timers_unsent_total": len(unsent)})
    for _, timer in asked:
        with following(timer.correlation):
            told: dict[str, Any] = {"booking_id": timer.booking, "ledger": timer.ledger.name}
            if timer in unsent:
                logger().warning("a timer could not be sent", **told)
            else:
                logger().info("timer sent", **told)
    return [number for number, timer in asked if timer in unsent]


def _change(record: Mapping[str, Any]) -> Change | None:
    images = record["dynamodb"]
    after, before = images.get("NewImage"), images.get("OldImage")
    ledger = _ledger_of(after) if after else None
    if after is None or ledger is None:
        return None
    old = _ledger_of(before) if before else None
    return Change(images["SequenceNumber"], old, ledger, correlation_of(after))


def _ledger_of(image: Mapping[str, Any]) -> Slot | Day | None:
    if image["kind"]["S"] == "slot":
        return slot_of(image)
    key = read_day_key({"PK": image["PK"], "SK": image["SK"]})
    return day_of(key, image) if key else None
