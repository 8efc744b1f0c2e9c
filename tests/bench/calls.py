"""Table calls and capacity of each operation, counted at the client of the real handlers.

Each operation runs once on the emulator, with a key where it takes one and the business known. Write units
and those of reading one item are the emulator's, the others' and refusals' come from sizes (`units`).
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from holdfast.app.ports import CatalogRecord
from holdfast.app.presets import resolve
from holdfast.app.promote import promote
from holdfast.app.writes import RemoveClaim, SaveBooking, SaveSlot
from holdfast.domain.business import Business, Resource
from holdfast.domain.instants import HOUR, to_datetime
from holdfast.domain.place import SlotKey
from holdfast.domain.schedule import WEEKDAYS
from holdfast.domain.service import Service
from tests.bench import scene
from tests.bench.report import emit, progress
from tests.bench.watch import Tally, tallied, watching

RESERVE = "/v1/bookings/reserve"
STARTS = "starts"


def main() -> None:
    from tests.bench.deployed import emulated

    progress("calls")
    with emulated(), Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        for operation, tally in counted().items():
            emit(
                {
                    "bench": "calls",
                    "operation": operation,
                    "calls": len(tally.calls),
                    "writeUnits": tally.write_units,
                    "readUnits": tally.read_units,
                }
            )


def counted() -> dict[str, Tally]:
    """Each operation's tally, on whatever the environment names; the tables are there."""
    from functions.booking_api.handler import handler as bookings
    from functions.public_api.handler import handler as public
    from holdfast import bootstrap

    found: dict[str, Tally] = {}

    def run(operation: str, handler: Any, event: Mapping[str, Any], status: int) -> dict[str, Any]:
        with tallied() as tally:
            answer = handler(event, None)
        assert answer["statusCode"] == status, (operation, answer)
        found[operation] = tally
        body: dict[str, Any] = json.loads(answer["body"] or "{}")
        return body

    def reserve(
        operation: str, slot_id: str, status: int = 201, *, user: str, key: str | None = "a key"
    ) -> str:
        """A user each, since holds asked for lately are looked through once there are several."""
        event = scene.request("POST", RESERVE, {"slotId": slot_id}, key=key and f"{key} of {user}", user=user)
        booking: str = run(operation, bookings, event, status).get("bookingId", "")
        return booking

    def deed(name: str, booking: str, body: Mapping[str, Any], *, user: str, of: str = "") -> None:
        path, key = f"/v1/bookings/{booking}/{name}", f"{name} {booking}"
        run(name + of, bookings, scene.request("POST", path, body, key=key, user=user), 200)

    def book(operation: str, service: str, hour: int, status: int = 201, *, user: str) -> str:
        event = scene.request("POST", RESERVE, _start(service, hour), key=f"a start of {user}", user=user)
        booking: str = run(operation, bookings, event, status).get("bookingId", "")
        return booking

    def appointments() -> None:
        """At free starts of a catalogue that is known: of one resource, or two in one transaction."""
        _offered()
        book("warm", "visit", 12, user="warm")
        appointment = book("reserve at a free start", "visit", 13, user="gil")
        book("reserve at a free start, refused", "visit", 12, 409, user="hal")
        book("reserve at a free start, two resources", "tour", 12, user="ida")
        for name, body in (("extend", {"seconds": 600}), ("confirm", {}), ("cancel", {})):
            deed(name, appointment, body, user="gil", of=" at a free start")

    def read(operation: str, handler: Any, path: str, query: Mapping[str, str] | None = None) -> None:
        run(operation, handler, scene.request("GET", path, query=query, user="ann"), 200)

    with watching(bootstrap._client(), capacity=True):
        rooms = {name: _published(name, 10) for name in ("warm", "room", "other")}
        full = {claims: _published(f"full-{claims}", claims, claims) for claims in (1, 100)}
        lapsed = _published("lapsed", 100, 100, past=True)
        reserve("warm", rooms["warm"], user="warm")
        read("warm", public, f"/v1/slots/{rooms['warm']}")
        booking = reserve("reserve", rooms["room"], user="ann")
        reserve("reserve, repeated with its key", rooms["room"], user="ann")
        released = reserve("reserve, without a key", rooms["other"], user="bob", key=None)
        for claims, slot_id in full.items():
            name = f"reserve, refused by {claims} claim{'s' if claims > 1 else ''}"
            reserve(name, slot_id, 409, user=f"late-{claims}")
        reserve("reserve, 100 claims past", lapsed, user="cid")
        queue = f"/v1/slots/{full[100]}/queue"
        run("join", bookings, scene.request("POST", queue, {}, key="join the queue", user="dan"), 201)
        run("position", bookings, scene.request("GET", f"{queue}/position", user="dan"), 200)
        waiting = {"slotId": full[100], "joinQueueIfFull": True}
        event = scene.request("POST", RESERVE, waiting, key="join if full", user="eve")
        run("reserve, joins", bookings, event, 202)
        run("leave", bookings, scene.request("DELETE", queue, key="leave the queue", user="dan"), 204)
        found["promotion"] = _promoted()
        deed("extend", booking, {"seconds": 600}, user="ann")
        deed("confirm", booking, {}, user="ann")
        deed("cancel", booking, {}, user="ann")
        deed("release", released, {}, user="bob")
        appointments()
        read("read a booking", bookings, f"/v1/bookings/{booking}")
        read("my bookings", bookings, "/v1/bookings/my")
        read("read a slot", public, f"/v1/slots/{rooms['room']}")
        read(
            "slots of a resource and month",
            public,
            f"/v1/businesses/{scene.BUSINESS}/slots",
            {"resourceId": "room", **_within_a_month()},
        )
    del found["warm"]
    return found


def _offered() -> None:
    """A business that is open around the clock: a visit takes one room, a tour two of another kind."""
    from holdfast import bootstrap

    hours = {day: [{"from": "00:00", "to": "24:00"}] for day in WEEKDAYS}
    settings = resolve(
        "default", {"name": "Starts", "timeZone": "Etc/UTC", "currency": "EUR", "hours": hours}
    )
    told: dict[str, Any] = {"durationMinutes": 30, "price": {"amount": "45.00", "currency": "EUR"}}
    services = {
        "visit": told | {"resourceIds": ["room-1"]},
        "tour": told | {"requires": [{"kind": "hall", "count": 2}]},
    }
    records: list[CatalogRecord] = [Business.of(STARTS, settings, ledger_offset=0, op="made")]
    records += [Service(business=STARTS, id=each, settings=services[each], op="made") for each in services]
    records += [
        Resource(business=STARTS, id=each, name=each, kind=each[:4], metadata={}, op="made")
        for each in ("room-1", "hall-1", "hall-2")
    ]
    for record in records:
        bootstrap.fresh_catalog().add(record)


def _start(service: str, hour: int) -> dict[str, str]:
    """At that hour of the day after tomorrow."""
    start = to_datetime(scene.now() + 48 * HOUR).replace(hour=hour, minute=0, second=0, microsecond=0)
    return {"businessId": STARTS, "serviceId": service, "start": start.isoformat()}


def _published(resource: str, capacity: int, claims: int = 0, *, past: bool = False) -> str:
    """A slot with so many claims, and their records."""
    from holdfast import bootstrap

    at = scene.now()
    slot = scene.a_slot(resource, at, capacity=capacity, claims=claims, ends=at - 1 if past else None)
    bootstrap.ledger().commit(SaveSlot(replace(slot, rev=1)))
    for record in scene.records_of(slot, at - scene.HOLD):
        bootstrap.ledger().commit(SaveBooking(record, absent=True))
    return slot.key.slot_id


def _promoted() -> Tally:
    """One turn: a unit is free, one waits; the promoter looks until there is nothing left to do."""
    from functions.booking_api.handler import handler as bookings
    from holdfast import bootstrap

    slot_id = _published("turn", 1, 1)
    joined = bookings(scene.request("POST", f"/v1/slots/{slot_id}/queue", {}, user="flo"), None)
    assert joined["statusCode"] == 201, joined
    key = SlotKey.parse(slot_id)
    slot = bootstrap.ledger().slot(key) if key else None
    assert slot is not None
    ((who, claim),) = slot.claims.items()
    bootstrap.ledger().commit(RemoveClaim(slot.key, who, claim))
    with tallied() as tally:
        assert promote(bootstrap.ledger(), bootstrap.catalog(), slot.key, scene.now()) == 1
    return tally


def _within_a_month() -> dict[str, str]:
    """The day of the bench's slots: one month, unless the months of a day's edges differ."""
    day = to_datetime((scene.now() + 48 * HOUR) // HOUR * HOUR).date().isoformat()
    return {"from": day, "to": day}


if __name__ == "__main__":
    main()
