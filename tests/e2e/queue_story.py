"""Sixty users want one of three units, and all get their turn: played once, told to several tests."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import Any, Literal
from uuid import uuid4

import httpx

from holdfast.domain.booking import ENDED, Booking
from holdfast.domain.entry import Entry
from holdfast.domain.slot import Slot
from tests.e2e.door import Caller
from tests.e2e.queue_hall import Hall
from tests.support.ledger_stream import SlotWrite, slot_writes
from tests.support.waiting import eventually

USERS, CAPACITY = 60, 3
LONGEST = 120.0
MOST_TRIES = 3
SETTLED_WITHIN = 20.0
"""Seconds until the timer of a hold has ended its record, whose claim the next turn may have taken before."""

type Fate = Literal["release", "cancel", "lapse"]
MANY: Mapping[Fate, int] = {"release": 40, "cancel": 17, "lapse": 3}
FATES = Random(6).sample([fate for fate, times in MANY.items() for _ in range(times)], USERS)
"""What becomes of the first turn, the second, and so on."""


@dataclass(frozen=True)
class Story:
    """`raced` are the answers to the race, `writes` all that was then written to the slot."""

    raced: Sequence[httpx.Response]
    full: Slot
    writes: Sequence[SlotWrite]
    bookings: Mapping[str, Booking]
    entries: Mapping[str, Entry]
    seconds: float

    @property
    def in_order(self) -> list[str]:
        """The entries by the positions their callers were told."""
        joined = [answer.json()["queue"] for answer in self.raced if answer.status_code == 202]
        return [place["entryId"] for place in sorted(joined, key=lambda place: place["position"])]

    @property
    def turns(self) -> list[str]:
        """The bookings that promotions made, as they were written."""
        given = [booking for write in self.writes for booking in write.given]
        return given[CAPACITY:]

    def delays(self) -> list[float]:
        """Milliseconds from each release or cancellation to the turn that it made possible, by the clocks of
        the functions that wrote them. Who only lapses is left out: nobody tells when their unit was free."""
        freed, found = deque[str](), list[float]()
        for write in self.writes:
            freed.extend(write.taken_back)
            for turn in set(write.given) & set(self.turns):
                end = self.bookings[freed.popleft()].history[-1].deed
                if end.trigger != "expiry":
                    found.append(float(self.bookings[turn].reserved_at - end.at))
        return found


def play(hall: Hall) -> Story:
    with ThreadPoolExecutor(8) as few:
        users = list(few.map(hall.user, range(USERS)))
    assert users[0].get("/v1/bookings/my").status_code == 200  # warm
    slot_id, stream = hall.new_slot(capacity=CAPACITY), hall.stream()
    body = {"slotId": slot_id, "joinQueueIfFull": True, "holdSeconds": 15}
    with ThreadPoolExecutor(USERS) as all_at_once:
        raced = list(all_at_once.map(lambda user: _reserve(user, body), users))
    full = hall.slot(slot_id)
    by_booking = {_id_of(answer): user for answer, user in zip(raced, users, strict=True)}
    seconds = _serve_all(hall, slot_id, by_booking)
    ledger = hall.ledger
    eventually(lambda: all(_ended(ledger.booking(each)) for each in by_booking), within=SETTLED_WITHIN)
    return Story(
        raced,
        full,
        slot_writes(stream.slot_records({slot_id})),
        {each: record for each in by_booking if (record := ledger.booking(each))},
        ledger.entries(list(by_booking)),
        seconds,
    )


def _reserve(user: Caller, body: Mapping[str, Any]) -> httpx.Response:
    """On a slow day a function's time runs out; whoever is told so asks again with the same key."""
    key = str(uuid4())
    for _ in range(MOST_TRIES - 1):
        answer = user.post("/v1/bookings/reserve", body, key=key)
        if answer.status_code < 500:
            return answer
    return user.post("/v1/bookings/reserve", body, key=key)


def _id_of(answer: httpx.Response) -> str:
    """Of the booking, or of the one that the promotion will make."""
    told: dict[str, Any] = answer.json()
    assert answer.status_code in (201, 202), answer.text
    booking_id: str = told["bookingId"] if answer.status_code == 201 else told["queue"]["entryId"]
    return booking_id


def _ended(booking: Booking | None) -> bool:
    return booking is not None and booking.status in ENDED


def _serve_all(hall: Hall, slot_id: str, callers: Mapping[str, Caller]) -> float:
    """Whoever holds a unit does what their turn's fate is, until nobody holds or waits; how long it took."""
    fates, living = iter(FATES), dict[str, Future[None]]()
    started = time.monotonic()

    def all_served() -> bool:
        slot = hall.slot(slot_id)
        for claim in sorted(slot.claims.values(), key=lambda claim: claim.expires):
            if claim.booking not in living:
                fate = next(fates)
                living[claim.booking] = pool.submit(_live, callers[claim.booking], claim.booking, fate)
        return not slot.claims and not slot.places

    with ThreadPoolExecutor(CAPACITY) as pool:
        eventually(all_served, within=LONGEST, every=0.05)
        for each in living.values():
            each.result()
    return time.monotonic() - started


def _live(caller: Caller, booking_id: str, fate: Fate) -> None:
    """On a slow day a hold lapses before its holder comes; that is a fate as well."""
    path = f"/v1/bookings/{booking_id}"
    if fate == "release":
        assert caller.post(f"{path}/release").status_code in (200, 409, 410)
    elif fate == "cancel" and caller.post(f"{path}/confirm").status_code == 200:
        cancelled = caller.post(f"{path}/cancel")
        assert cancelled.status_code == 200, cancelled.text
