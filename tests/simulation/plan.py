"""What clients will ask for in one simulated run, drawn from a seed before it starts."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

type OfCustomers = Literal["reserve", "extend", "confirm", "release", "cancel", "amend"]
type OfAdmins = Literal["publish", "block", "update", "remove"]
type Kind = OfCustomers | OfAdmins | Literal["repeat"]

ADMIN_KINDS: frozenset[Kind] = frozenset({"publish", "block", "update", "remove"})

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


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `target` is the index of an earlier one: what a deed is about, or what is repeated."""

    kind: Kind
    owner: int
    slot: int
    units: int
    seconds: int
    key: int | None
    target: int
    other_body: bool
    skew: int


def draw(seed: int) -> tuple[Request, ...]:
    """The requests of one run; the same seed always draws the same."""
    random = Random(seed)
    kinds, weights = [kind for kind, _ in _KINDS], [weight for _, weight in _KINDS]
    requests: list[Request] = []
    for index in range(random.randint(3, 12)):
        kind: Kind = "reserve" if index == 0 else random.choices(kinds, weights)[0]
        requests.append(
            Request(
                kind=kind,
                owner=random.randrange(3),
                slot=random.randrange(2),
                units=random.choice((1, 1, 1, 2)),
                seconds=random.choice((10, 20, 30, 60)),
                key=index if random.random() < 0.8 else None,
                target=random.randrange(index) if index else 0,
                other_body=random.random() < 0.1,
                skew=random.choice((0, 0, -2000, -1000, 1000, 2000)),
            )
        )
    return tuple(requests)
