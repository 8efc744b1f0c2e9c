"""What clients will ask for in one simulated run, drawn from a seed before it starts.

Every third plan is about appointments at free starts, the others are about published slots. Every other of
those has no queue in it, so that what happens without one stays as well covered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

type OfCustomers = Literal["reserve", "extend", "confirm", "release", "cancel", "amend", "join", "leave"]
type OfBookers = Literal["series", "move"]
type OfAdmins = Literal["publish", "block", "update", "remove", "end_place", "to_front"]
type OfStaff = Literal["approve", "reject", "hours"]
type Kind = OfCustomers | OfBookers | OfAdmins | OfStaff | Literal["repeat"]

ADMIN_KINDS: frozenset[Kind] = frozenset(
    {"publish", "block", "update", "remove", "end_place", "to_front", "approve", "reject", "hours"}
)

TAKING: frozenset[Kind] = frozenset({"reserve", "series", "join"})
"""What asks for units: the other deeds of customers are about one of these."""

_KINDS: tuple[tuple[Kind, int], ...] = (
    ("reserve", 34),
    ("repeat", 28),
    ("extend", 12),
    ("confirm", 10),
    ("release", 8),
    ("cancel", 5),
    ("amend", 8),
    ("publish", 6),
    ("block", 2),
    ("update", 3),
    ("remove", 6),
)

_KINDS_WITH_QUEUES: tuple[tuple[Kind, int], ...] = (
    ("reserve", 26),
    ("join", 28),
    ("repeat", 24),
    ("leave", 10),
    ("confirm", 10),
    ("release", 12),
    ("cancel", 4),
    ("extend", 3),
    ("amend", 5),
    ("end_place", 4),
    ("to_front", 3),
    ("update", 4),
    ("block", 2),
    ("remove", 2),
    ("publish", 1),
)

_KINDS_WITH_STARTS: tuple[tuple[Kind, int], ...] = (
    ("reserve", 30),
    ("repeat", 26),
    ("confirm", 14),
    ("move", 14),
    ("series", 10),
    ("publish", 8),
    ("amend", 8),
    ("release", 7),
    ("cancel", 6),
    ("extend", 5),
    ("approve", 4),
    ("hours", 4),
    ("update", 3),
    ("reject", 2),
    ("remove", 2),
)

LONGEST = 18

STARTS = 4
"""How many free starts there are in a run: so few that requests meet."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `target` is the index of an earlier one: what a deed is about, or what is repeated;
    `waits` says whether a reserve joins the queue where the slot is full, `start` which of the free starts of
    the run it is about instead of a slot. An `alone` one is done before the next is sent."""

    kind: Kind
    owner: int
    slot: int
    units: int
    seconds: int
    waits: bool
    key: int | None
    target: int
    other_body: bool
    skew: int
    start: int | None = None
    alone: bool = False


def draw(seed: int) -> tuple[Request, ...]:
    """The requests of one run; the same seed always draws the same."""
    random = Random(seed)
    if seed % 3 == 2:
        return _about_starts(random)
    queues = random.random() < 0.5
    chosen = _KINDS_WITH_QUEUES if queues else _KINDS
    kinds, weights = [kind for kind, _ in chosen], [weight for _, weight in chosen]
    requests: list[Request] = []
    parties = _parties(random) if queues else ()
    for index in range(random.randint(5, LONGEST) if queues else random.randint(3, 12)):
        kind: Kind = "reserve" if index == 0 else random.choices(kinds, weights)[0]
        if queues and 0 < index < 4:
            kind = random.choice(("join", "join", "reserve", kind))
        requests.append(
            Request(
                kind=kind,
                owner=random.randrange(6 if queues else 3),
                slot=int(random.random() < 0.1) if queues else random.randrange(2),
                units=parties[index] if queues else random.choice((1, 1, 1, 2)),
                seconds=random.choice((20, 30, 60, 300) if queues else (10, 20, 30, 60)),
                waits=queues and random.random() < 0.7,
                key=index if random.random() < 0.8 else None,
                target=random.randrange(index) if index else 0,
                other_body=random.random() < 0.1,
                skew=random.choice((0, 0, -2000, -1000, 1000, 2000)),
            )
        )
    if queues and random.random() < 0.5:
        _wavers(random, requests)
    return tuple(requests)


def _about_starts(random: Random) -> tuple[Request, ...]:
    """In most of them somebody has booked before the others come."""
    kinds, weights = [kind for kind, _ in _KINDS_WITH_STARTS], [weight for _, weight in _KINDS_WITH_STARTS]
    settled = random.choice((0, 2, 2, 4))
    requests = []
    for index in range(settled + random.randint(3, 9)):
        kind: Kind = "reserve" if index == settled else random.choices(kinds, weights)[0]
        target = random.randrange(settled if settled and random.random() < 0.5 else max(1, index))
        if index < settled:
            kind, target = ("confirm", index - 1) if index % 2 else ("reserve", 0)
        request = Request(
            kind=kind,
            owner=random.randrange(3),
            slot=random.randrange(2),
            units=random.choice((1, 1, 1, 2)),
            seconds=random.choice((10, 20, 30, 60)),
            waits=False,
            key=index if random.random() < 0.8 else None,
            target=target,
            other_body=random.random() < 0.1,
            skew=random.choice((0, 0, -2000, -1000, 1000, 2000)),
            start=None if index and random.random() < 0.15 else random.randrange(STARTS),
            alone=index < settled,
        )
        requests.append(request)
    return tuple(requests)


def _wavers(random: Random, requests: list[Request]) -> None:
    """Somebody wants to wait, asks again before they have an answer, and gives up."""
    index = random.randrange(1, min(5, len(requests) - 2))
    requests[index] = replace(requests[index], kind="join", key=index)
    again, away = requests[index + 1 : index + 3]
    requests[index + 1] = replace(again, kind="repeat", target=index, other_body=False)
    requests[index + 2] = replace(away, kind=random.choice(("leave", "leave", "end_place")), target=index)


def _parties(random: Random) -> list[int]:
    """How many units each request of a run with queues is about. Mostly the first fills the slot; sometimes a
    large party has to wait while small ones still fit."""
    largest = random.choice((1, 1, 2, 3, 4, 4))
    if largest > 2 and random.random() < 0.6:
        return [1, largest, *(random.choice((1, 1, 1, 1, 2)) for _ in range(LONGEST))]
    return [largest, *(random.randint(1, random.randint(1, largest)) for _ in range(LONGEST))]


def has_queues(plan: Sequence[Request]) -> bool:
    return any(each.waits or each.kind == "join" for each in plan)


def has_starts(plan: Sequence[Request]) -> bool:
    return any(each.start is not None for each in plan)
