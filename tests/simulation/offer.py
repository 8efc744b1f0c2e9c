"""What can be had at free starts in a simulated run: a few scenes, and hours that an admin changes while
requests are under way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from holdfast.app.wish import FreeStart
from holdfast.domain.business import Business, Resource
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.instants import HOUR, MINUTE, NEVER, Instant
from holdfast.domain.place import pool_of
from holdfast.domain.service import Service
from tests.simulation.hub import Hub
from tests.simulation.plan import STARTS
from tests.support.builders import BUSINESS, NOW, RESOURCE, SETTINGS, a_business, a_resource
from tests.support.memory import Memory
from tests.support.memory_readers import MemoryCatalogues

STEP = 15
OPENS = NOW + 30 * MINUTE
NOON, MIDNIGHT = NOW + HOUR, NOW + 13 * HOUR
"""Around these are the starts of a scene. A ledger day ends an hour after the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """`starts` are what is asked for; slots are published from `around` on, on the first resource."""

    resources: Sequence[Resource]
    services: Sequence[Service]
    starts: Sequence[FreeStart]
    around: Instant

    def service(self, name: str) -> Service:
        return next(each for each in self.services if each.id == name)


def _service(name: str, minutes: int, *, before: int = 0, after: int = 0, **settings: Any) -> Service:
    grid = {"stepMinutes": STEP, "bufferBeforeMinutes": before, "bufferAfterMinutes": after}
    document = {"durationMinutes": minutes, "grid": grid, **settings}
    return Service(business=BUSINESS, id=name, settings=document, op="made")


def _resources(kind: str, many: int, capacity: int = 1) -> list[Resource]:
    return [a_resource(f"{kind}-{number}", kind=kind, capacity=capacity) for number in range(1, many + 1)]


def _starts(around: Instant, *wished: tuple[str, int, str | None]) -> list[FreeStart]:
    assert len(wished) == STARTS
    return [
        FreeStart(business=BUSINESS, service=name, resource=resource, start=around + minutes * MINUTE)
        for name, minutes, resource in wished
    ]


def _one_stand_and(rooms: int) -> Sequence[Mapping[str, object]]:
    return [{"kind": "stand", "count": 1}, {"kind": "room", "count": rooms}]


_APPROVED: dict[str, Any] = {"policies": {"approvalRequired": True, "approvalHours": 1}}

SCENES = (
    Scene(
        resources=_resources("stand", 1),
        services=[_service("wash", 30, before=10, after=5), _service("check", 15)],
        starts=_starts(
            NOON, ("wash", 0, None), ("wash", 15, RESOURCE), ("check", 30, None), ("wash", 90, None)
        ),
        around=NOON,
    ),
    Scene(
        resources=_resources("stand", 1, capacity=2),
        services=[_service("wash", 45, after=15, **_APPROVED)],
        starts=_starts(
            MIDNIGHT, ("wash", 0, None), ("wash", 15, None), ("wash", 30, None), ("wash", 60, RESOURCE)
        ),
        around=MIDNIGHT,
    ),
    Scene(
        resources=_resources("stand", 2),
        services=[_service("wash", 30, maxSimultaneous=1), _service("check", 30, before=10)],
        starts=_starts(
            NOON, ("wash", 0, None), ("wash", 15, "stand-2"), ("check", 15, None), ("check", 30, RESOURCE)
        ),
        around=NOON,
    ),
    Scene(
        resources=_resources("stand", 2, capacity=2),
        services=[_service("wash", 60, before=15, maxSimultaneous=2)],
        starts=_starts(
            MIDNIGHT, ("wash", 15, None), ("wash", 30, "stand-2"), ("wash", 60, None), ("wash", 45, RESOURCE)
        ),
        around=MIDNIGHT,
    ),
    Scene(
        resources=[*_resources("stand", 2), *_resources("room", 2)],
        services=[
            _service("fit", 30, after=10, requires=_one_stand_and(1)),
            _service("check", 45, resourceIds=[RESOURCE, "room-1"]),
        ],
        starts=_starts(
            NOON, ("fit", 0, None), ("fit", 0, "room-2"), ("check", 0, "room-1"), ("fit", 15, "stand-2")
        ),
        around=NOON,
    ),
    Scene(
        resources=[*_resources("stand", 1), *_resources("room", 2)],
        services=[
            _service("fit", 45, requires=_one_stand_and(2), maxSimultaneous=1, **_APPROVED),
            _service("check", 30, resourceIds=["room-1", "room-2"]),
        ],
        starts=_starts(
            MIDNIGHT, ("fit", 30, None), ("check", 0, "room-1"), ("check", 45, "room-2"), ("fit", 45, None)
        ),
        around=MIDNIGHT,
    ),
)


@dataclass(frozen=True, slots=True)
class Hours:
    """The one interval that a business is open, ends beside the starts of the scenes."""

    business: Business
    closes: Instant

    def offer(self, start: Instant, minutes: int) -> bool:
        """Whether the rules of AVAIL-2 allow that start while these hours hold."""
        ends = start + minutes * MINUTE
        return start >= OPENS and ends <= self.closes and (start - OPENS) % (STEP * MINUTE) == 0


def _until(time: str, closes: Instant) -> Hours:
    week = {"fri": [{"from": "11:30", "to": time}]}
    grid = {"stepMinutes": STEP, "bufferBeforeMinutes": 0, "bufferAfterMinutes": 0}
    return Hours(
        a_business(hours=week, breaks=[], grid=grid, queue={**SETTINGS["queue"], "placeHours": 1}), closes
    )


LONG = _until("27:00", NOW + 16 * HOUR)
SHORT = {NOON: _until("12:45", NOW + 105 * MINUTE), MIDNIGHT: _until("25:00", NOW + 14 * HOUR)}


class Offer:
    """One scene in the tables of a run, and what the process of its clients knows of them."""

    def __init__(self, hub: Hub, memory: Memory, scene: Scene) -> None:
        self.scene = scene
        self._hub, self._memory = hub, memory
        self._held: list[tuple[Hours, float]] = []
        self._known: Catalogue | None = None
        self._capacities = {each.id: each.capacity for each in scene.resources}
        self._capacities |= {pool_of(each.id): each.most_at_once or 0 for each in scene.services}
        memory.resources.update({(BUSINESS, each.id): each for each in scene.resources})
        memory.services.update({(BUSINESS, each.id): each for each in scene.services})
        self._open(LONG)

    def capacity(self, ledger: str) -> int:
        """Of a resource or of a service's pool."""
        return self._capacities[ledger]

    @property
    def ledger_offset(self) -> int:
        return self._memory.businesses[BUSINESS].ledger_offset

    def change_hours(self, *, shorter: bool) -> None:
        """An admin's write, with the revision in the same transaction."""
        self._memory.pause("save business")
        self._open(SHORT[self.scene.around] if shorter else LONG)
        self._memory.pause("business saved")

    def _open(self, hours: Hours) -> None:
        if self._held:
            self._held[-1] = (self._held[-1][0], self._hub.steps)
        self._held.append((hours, NEVER))
        self._memory.businesses[BUSINESS] = hours.business
        self._memory.revisions[BUSINESS] = len(self._held)

    def allowed(self, wish: FreeStart, since: int) -> bool:
        """Whether it was on offer, full or not, at some time since that step."""
        minutes = self.scene.service(wish.service).duration
        return any(hours.offer(wish.start, minutes) for hours, until in self._held if until > since)

    def known(self, business_id: str) -> Catalogue | None:
        return self._known or self.current(business_id)

    def recent(self, business_id: str) -> Catalogue | None:
        return self.known(business_id)

    def current(self, business_id: str) -> Catalogue | None:
        self._memory.pause("read catalogue")
        self._known = MemoryCatalogues(self._memory).known(business_id)
        return self._known

    def of_revision(self, business_id: str, revision: int) -> Catalogue | None:
        known = self._known
        return known if known and known.revision >= revision else self.current(business_id)
