"""How many units are left in a stretch of time, as the ledgers tell it (SPEC SLOT-6)."""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.app.existing import offered_service
from holdfast.app.ports import Days
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.errors import Invalid, NotFound
from holdfast.domain.hours import minute_at
from holdfast.domain.instants import DAY, MINUTE, Instant
from holdfast.domain.needs import Need, needs_of
from holdfast.domain.occupancy import Occupancy
from holdfast.domain.place import pool_of
from holdfast.domain.room import Room, units_together

MOST_READS = 200
"""Each month of a resource is a query; a month more than there are days for may be touched."""


def room_between(
    days: Days,
    catalogue: Catalogue,
    start: Instant,
    end: Instant,
    now: Instant,
    *,
    service: str | None,
    resource: str | None,
) -> Room:
    """Of the resource, of those that serve the service, or of all; of a service no more than its pool has.

    Raises NotFound where there is none of that name, or the one does not serve the other; Invalid where the
    ledgers of all of them are too many to be read at once."""

    def free(ledger: str, capacity: int) -> int:
        offset = catalogue.business.ledger_offset
        found = days.between(catalogue.business.id, ledger, start, end, offset)
        occupied = [each for day in found for each in day.occupied(offset, now)]
        since, until = start // MINUTE, minute_at(end)
        return max(0, capacity - Occupancy(occupied, now, since, until).peak(since, until))

    pool = None
    if service is None:
        needs: Sequence[Need] = [Need(1, _resources(catalogue, resource))]
    else:
        offered = offered_service(catalogue, service)
        needs, pool = needs_of(catalogue, offered, resource), offered.most_at_once
    _require_few(sum(len(need.resources) for need in needs), start, end)
    capacity = {each: catalogue.resources[each].capacity for need in needs for each in need.resources}
    left = {each: free(each, units) for each, units in capacity.items()}
    room = Room(*(units_together(needs, units, resource) for units in (capacity, left)))
    if service is None or pool is None:
        return room
    return Room(min(room.capacity, pool), min(room.available, free(pool_of(service), pool)))


def _require_few(resources: int, start: Instant, end: Instant) -> None:
    months = (end - start) // (31 * DAY) + 2
    if resources * months > MOST_READS:
        raise Invalid(
            "/end", f"months of {resources} resources are too much at once: name one, or ask for less"
        )


def _resources(catalogue: Catalogue, resource: str | None) -> list[str]:
    if resource is None:
        return sorted(catalogue.resources)
    if resource not in catalogue.resources:
        raise NotFound("resource")
    return [resource]
