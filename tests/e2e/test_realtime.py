"""Real time on the deployed stack: real tickets, real WebSockets, real joins and cancellations."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.websocket_client import Refused
from tests.e2e.audience import AT_ONCE, Audience, Listener
from tests.e2e.door import Caller, Door
from tests.support.waiting import eventually

QUEUES, SUBSCRIBERS = 6, 300
PATIENCE = 60.0
SILENCE = 3.0
"""Seconds without a message, after which there are none under way."""


@pytest.fixture
def audience() -> Iterator[Audience]:
    with Audience() as found:
        yield found


def at_once[Each, Done](do: Callable[[Each], Done], each: Iterable[Each]) -> list[Done]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(do, each))


def held(door: Door, name: str) -> tuple[str, Caller, str]:
    """A slot of one unit, who holds it, and the booking."""
    slot_id, holder = door.new_slot(), door.stranger(name)
    made = holder.post("/v1/bookings/reserve", {"slotId": slot_id})
    assert made.status_code == 201, made.text
    return slot_id, holder, made.json()["bookingId"]


def join(caller: Caller, slot_id: str) -> None:
    joined = caller.post(f"/v1/slots/{slot_id}/queue", {})
    assert joined.status_code == 201, joined.text


def heard(listener: Listener, *kinds: str, within: float = PATIENCE) -> None:
    eventually(lambda: listener.of(*kinds), within=within, every=0.02)


def all_served(listeners: Iterable[Listener]) -> list[Listener] | None:
    """The heads of all queues, once each has heard that it was served."""
    served = [each for each in listeners if each.of("queue.promoted")]
    return served if len(served) == QUEUES else None


def silent(listeners: Iterable[Listener]) -> bool:
    return time.monotonic() - max(each.heard[-1][0] for each in listeners if each.heard) > SILENCE


def follow(listener: Listener, slot_id: str) -> None:
    listener.send(action="subscribe", channel="queue", slotId=slot_id)
    heard(listener, "subscribed")


def test_a_ticket_connects_once(door: Door, audience: Audience) -> None:
    caller = door.caller("alice")
    body = caller.post("/v1/realtime/tickets", {}).json()
    assert body["wsUrl"] == door.stack.ws_url
    url = f"{body['wsUrl']}?ticket={body['ticket']}"
    listener = audience.admit(caller, url)
    listener.send(action="ping")
    heard(listener, "pong")
    for refused in (url, f"{body['wsUrl']}?ticket={'x' * 43}", body["wsUrl"]):
        with pytest.raises(Refused) as refusal:
            audience.admit(caller, refused)
        assert refusal.value.status in (401, 403)


def test_who_does_not_wait_cannot_listen_and_an_unknown_action_is_answered(
    door: Door, audience: Audience
) -> None:
    slot_id, _, _ = held(door, "rt-own-holder")
    listener = audience.connect(door.stranger("rt-nobody"))
    listener.send(action="subscribe", channel="queue", slotId=slot_id)
    heard(listener, "error")
    listener.send(action="dance")
    eventually(lambda: len(listener.of("error")) == 2, within=PATIENCE)
    assert [each["code"] for each in listener.of("error")] == ["not_found", "malformed_request"]


def test_ones_own_bookings_are_told_as_they_change(door: Door, audience: Audience) -> None:
    owner = door.stranger("rt-owner")
    listener, other = audience.connect(owner), audience.connect(door.stranger("rt-other"))
    for each in (listener, other):
        each.send(action="subscribe", channel="bookings")
        heard(each, "subscribed")
    made = owner.post("/v1/bookings/reserve", {"slotId": door.new_slot()}).json()
    heard(listener, "booking.reserved")
    owner.post(f"/v1/bookings/{made['bookingId']}/confirm", {})
    heard(listener, "booking.confirmed")
    (told,) = listener.of("booking.confirmed")
    assert (told["sequence"], told["data"]["bookingId"]) == (2, made["bookingId"])
    assert [each["type"] for _, each in other.heard] == ["subscribed"]


def test_300_subscribers_hear_where_they_stand_in_order(door: Door, audience: Audience) -> None:
    chance = random.Random(4)
    slots = at_once(lambda number: held(door, f"rt-holder-{number}"), range(QUEUES))
    places = [slots[number % QUEUES][0] for number in range(SUBSCRIBERS)]
    people = at_once(lambda number: door.stranger(f"rt-{number}"), range(SUBSCRIBERS))
    late = [door.stranger(f"rt-late-{number}") for number in range(QUEUES)]
    at_once(lambda pair: join(*pair), zip(people, places, strict=True))
    listeners = at_once(audience.connect, people)
    at_once(lambda pair: follow(*pair), zip(listeners, places, strict=True))

    # Each holder gives up, so that each head is served; then a fifth of those who wait leave, and some join.
    released = time.monotonic()
    at_once(lambda slot: slot[1].post(f"/v1/bookings/{slot[2]}/release", {}), slots)
    served = eventually(lambda: all_served(listeners), within=PATIENCE)
    promoted_after = max(each.last("queue.promoted")[0] for each in served) - released
    waiting = [pair for pair in zip(listeners, places, strict=True) if not pair[0].of("queue.promoted")]
    leaving = chance.sample(waiting, len(waiting) // 5)

    def leave(pair: tuple[Listener, str]) -> None:
        gone = pair[0].caller.delete(f"/v1/slots/{pair[1]}/queue")
        assert gone.status_code == 204, gone.text

    changes: list[Callable[[], None]] = [lambda pair=pair: leave(pair) for pair in leaving]  # type: ignore[misc]
    changes += [
        lambda caller=caller, slot=slot: join(caller, slot[0])  # type: ignore[misc]
        for caller, slot in zip(late, slots, strict=True)
    ]
    chance.shuffle(changes)
    started = time.monotonic()
    at_once(lambda change: change(), changes)
    last_change = time.monotonic()

    left = {id(each) for each, _ in leaving}
    staying = [pair for pair in waiting if id(pair[0]) not in left]
    eventually(lambda: all(each.of("queue.left") for each, _ in leaving) and silent(listeners), PATIENCE)

    def position(pair: tuple[Listener, str]) -> tuple[int, int]:
        told = pair[0].caller.get(f"/v1/slots/{pair[1]}/queue/position").json()
        return told["position"], told["totalInQueue"]

    # Nothing has changed since: what is read now was so after the last change.
    truth = at_once(position, staying)
    for slot_id, _, _ in slots:
        there = [found for (_, place), found in zip(staying, truth, strict=True) if place == slot_id]
        total = len(there) + 1  # and the one who came late
        assert sorted(there) == [(position, total) for position in range(1, total)]
    last = [each.last("subscribed", "queue.position") for each, _ in staying]
    assert [(told["position"], told["totalInQueue"]) for _, told in last] == truth
    delay = max(arrived for arrived, _ in last) - last_change
    for listener in listeners:
        told = listener.of("subscribed", "queue.position", "queue.left", "queue.promoted")
        sequences = [each["sequence"] for each in told]
        assert sequences == sorted(set(sequences)), "a sequence did not rise"
    messages = sum(len(each.heard) for each in listeners)
    print(
        f"\n{len(listeners)} subscribers on {QUEUES} queues: {len(changes)} changes in "
        f"{last_change - started:.1f} s, {messages} messages; release to the last 'promoted' "
        f"{promoted_after:.2f} s; last change to last push {delay:.2f} s"
    )
