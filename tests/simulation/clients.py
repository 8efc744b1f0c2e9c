"""What the clients of one run do: the plan's requests, sent once, again, or with the key of another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from holdfast.app.amend import Amendment, amend
from holdfast.app.asked import Asked
from holdfast.app.cancel import cancel
from holdfast.app.change_slot import Terms, block_slot, delete_slot, unblock_slot, update_slot
from holdfast.app.confirm import confirm
from holdfast.app.create_slot import NewSlot, create_slot
from holdfast.app.deeds import Done
from holdfast.app.extend import extend
from holdfast.app.join_queue import Joined, join_queue
from holdfast.app.leave_queue import leave_queue
from holdfast.app.ports import Catalogues
from holdfast.app.release import release
from holdfast.app.remove_slot import start_removal
from holdfast.app.reserve import Reserved, reserve
from holdfast.app.staff_queue import MOVE_TO_FRONT, REMOVE, change_place
from holdfast.app.wish import FreeStart, Wish
from holdfast.domain.booking import HELD, Booking, BookingStatus
from holdfast.domain.caller import Caller
from holdfast.domain.entry import Entry, EntryStatus
from holdfast.domain.identity import derived_id, short_hash
from holdfast.domain.instants import HOUR, MINUTE, NEVER, SECOND, Instant
from holdfast.domain.place import SlotKey
from tests.simulation.hub import Hub, Violation
from tests.simulation.plan import ADMIN_KINDS, TAKING, Request
from tests.support.builders import BUSINESS, NOW, RESOURCE
from tests.support.memory import Memory, MemoryLedger
from tests.support.memory_queues import MemoryJobs
from tests.support.memory_readers import MemoryBookings, MemoryCallers, MemoryCatalog, MemoryCatalogues

ADMINS = frozenset({f"{BUSINESS}:admin"})
SKEW = 2 * SECOND


@dataclass
class Clients:
    """`promises` and `places` hold what was answered: who has a hold or a place may rely on it to its end,
    unless they end it."""

    hub: Hub
    memory: Memory
    plan: Sequence[Request]
    slots: Sequence[SlotKey]
    jobs: MemoryJobs
    promises: dict[str, tuple[Booking, Instant]] = field(default_factory=dict)
    places: dict[str, Entry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ledger, self.callers = MemoryLedger(self.memory), MemoryCallers(self.memory)
        self.catalog, self.bookings = MemoryCatalog(self.memory), MemoryBookings(self.memory)
        self.catalogues: Catalogues = MemoryCatalogues(self.memory)
        self.sent = 0
        self._ops: dict[int, str] = {}
        self._given_up: set[str] = set()
        self._removed: set[SlotKey] = set()
        self._versions: dict[int, int | None] = {}
        self._leaves: dict[str, list[Instant]] = {}
        self.left_at: dict[str, Instant] = {}

    @property
    def idle(self) -> bool:
        return self.sent == len(self.plan)

    @property
    def next(self) -> Request:
        return self.plan[self.sent]

    def send_next(self) -> None:
        index, request = self.sent, self.plan[self.sent]
        self.sent += 1
        original = index
        while self.plan[original].kind == "repeat":
            original = self.plan[original].target
        made = self.plan[original]
        again = original != index
        key = str(original) if made.key is not None else f"unkeyed {index}"
        caller = Caller(f"user{self._owner(made)}", ADMINS if made.kind in ADMIN_KINDS else frozenset())
        op = self._ops[original] = derived_id("op", caller.id, made.kind, key)
        body = f"{original}{'!' if again and request.other_body else ''}"

        expects = self._versions.setdefault(original, self._expected(made))

        def ask(now: Instant) -> None:
            asked = Asked(
                caller=caller,
                now=now,
                op=op,
                fingerprint=short_hash(body),
                keyed=made.key is not None,
                expects=expects,
            )
            self._deeds[made.kind](made, asked)

        self.hub.spawn(
            f"#{index} {made.kind}{f' (again #{original})' if again else ''} of {caller.id}",
            ask,
            skew=request.skew,
            replays=self._answered_as(original),
        )

    def _expected(self, request: Request) -> int | None:
        """The version its If-Match names, as it was seen when it was first sent."""
        if request.kind == "update":
            return self.memory.slots[self.slots[request.slot]].terms
        return 1 if request.kind == "amend" else None

    def _answered_as(self, index: int) -> str | None:
        """What was asked for, if it was had already."""
        op = self._ops[index]
        entry = self.memory.entries.get(op)
        had = op in self.memory.bookings or (entry is not None and entry.status is not EntryStatus.WAITING)
        return op if had else None

    def _owner(self, request: Request) -> int:
        """Deeds are done by the owner of what they are about."""
        by_itself = request.kind in TAKING or request.kind in ADMIN_KINDS
        return request.owner if by_itself else self._behind(request).owner

    def _behind(self, request: Request) -> Request:
        while request.kind not in TAKING:
            request = self.plan[request.target]
        return request

    def _start(self, slot: int) -> Instant:
        return self.memory.slots[self.slots[slot]].start

    @property
    def _deeds(self) -> dict[str, Callable[[Request, Asked], object]]:
        return {
            "reserve": self._reserve,
            "publish": self._publish,
            "extend": self._extend,
            "confirm": self._confirm,
            "release": self._release,
            "cancel": self._cancel,
            "amend": self._amend,
            "block": self._block,
            "update": self._update,
            "remove": self._remove,
            "join": self._join,
            "leave": self._leave,
            "end_place": self._end_place,
            "to_front": self._to_front,
        }

    def _reserve(self, request: Request, asked: Asked) -> None:
        wish = Wish(
            spot=self._spot(request),
            units=request.units,
            hold_seconds=request.seconds,
            join_if_full=request.waits,
            metadata={},
        )
        answer = reserve(self.ledger, self.callers, self.catalog, self.catalogues, self.bookings, asked, wish)
        self._require_spot(wish, answer)
        self._answered(answer)

    def _require_spot(self, wish: Wish, answer: Reserved | Joined) -> None:
        start = wish.spot.start if isinstance(wish.spot, FreeStart) else self.memory.slots[wish.spot].start
        if isinstance(answer, Reserved) and not answer.replayed and answer.booking.start != start:
            raise Violation(f"asked for {wish.spot} and has {answer.booking.spot}")

    def _spot(self, request: Request) -> SlotKey | FreeStart:
        return self.slots[request.slot]

    def _publish(self, request: Request, asked: Asked) -> None:
        start = self._free(request)
        end = start + 30 * MINUTE
        new = NewSlot(resource=RESOURCE, start=start, end=end, capacity=request.units, metadata={})
        create_slot(self.ledger, self.catalog, asked, BUSINESS, new)

    def _free(self, request: Request) -> Instant:
        """Where nothing else is, or where one of the slots of the run was deleted."""
        anew = request.seconds in (10, 20)
        return self._start(request.slot) if anew else NOW + 5 * HOUR + request.seconds * MINUTE

    def _extend(self, request: Request, asked: Asked) -> None:
        target, seconds = self._target(request), request.seconds
        self._answered(extend(self.ledger, self.callers, self.catalog, asked, target, seconds=seconds))

    def _confirm(self, request: Request, asked: Asked) -> None:
        self._answered(
            confirm(self.ledger, self.callers, self.catalog, self.catalogues, asked, self._target(request))
        )

    def _release(self, request: Request, asked: Asked) -> None:
        self._given_up.add(self._target(request))
        release(self.ledger, self.callers, asked, self._target(request))

    def _cancel(self, request: Request, asked: Asked) -> None:
        self._given_up.add(self._target(request))
        cancel(self.ledger, self.callers, self.catalog, self.catalogues, asked, self._target(request))

    def _amend(self, request: Request, asked: Asked) -> None:
        change = self._change(request)
        amend(self.ledger, self.callers, self.catalog, self.catalogues, asked, self._target(request), change)

    def _change(self, request: Request) -> Amendment:
        return Amendment(notes="changed", units=request.units)

    def _block(self, request: Request, asked: Asked) -> None:
        deed = block_slot if request.units == 2 else unblock_slot
        deed(self.ledger, self.catalog, asked, self.slots[request.slot])

    def _update(self, request: Request, asked: Asked) -> None:
        end = self._start(request.slot) + request.seconds * 2 * MINUTE
        terms = Terms(capacity=1 + request.units, end=end)
        update_slot(self.ledger, self.catalog, asked, self.slots[request.slot], terms)

    def _remove(self, request: Request, asked: Asked) -> None:
        key = self.slots[request.slot]
        if request.units == 2:
            delete_slot(self.ledger, self.catalog, asked, key)
        else:
            self._removed.add(key)
            start_removal(self.ledger, self.jobs, self.catalog, asked, key)

    def _join(self, request: Request, asked: Asked) -> None:
        slot = self.slots[request.slot]
        wish = Wish(spot=slot, units=request.units, metadata={})
        self._answered(join_queue(self.ledger, self.callers, self.catalog, asked, slot, wish))

    def _leave(self, request: Request, asked: Asked) -> None:
        key = self.slots[self._behind(request).slot]
        clocks = self._leaves.setdefault(asked.op, [])
        clocks.append(asked.now)
        had = [each for each in self.places.values() if (each.owner, each.slot) == (asked.caller.id, key)]
        leave_queue(self.ledger, self.callers, asked, key)
        self.left_at.setdefault(asked.op, self.hub.now)
        for each in had:
            # A repeat leaves alone what was taken after it was first asked for. With clocks apart, what was
            # taken just before looks so too.
            seems_later = len(clocks) > 1 and each.joined >= min(clocks) + SKEW
            if self._waits(each) and not seems_later:
                raise Violation(f"{asked.caller.id} left and still waits with {each.id}")

    def _waits(self, entry: Entry) -> bool:
        place = self.memory.slots[entry.slot].places.get(entry.who)
        now = self.memory.entries.get(entry.id)
        return bool(place and place.entry == entry.id and now and now.status is EntryStatus.WAITING)

    def _end_place(self, request: Request, asked: Asked) -> None:
        key, entry = self.slots[self._behind(request).slot], self._target(request)
        change_place(self.ledger, self.catalog, asked, BUSINESS, key, entry, REMOVE, reason="asked us to")

    def _to_front(self, request: Request, asked: Asked) -> None:
        key, entry = self.slots[self._behind(request).slot], self._target(request)
        change_place(
            self.ledger, self.catalog, asked, BUSINESS, key, entry, MOVE_TO_FRONT, reason="waited elsewhere"
        )

    def _target(self, request: Request) -> str:
        """The booking that the request behind a deed makes, or the entry: its id is the request's op."""
        while request.kind not in TAKING:
            index = request.target
            request = self.plan[index]
        return self._ops.get(index, "none")

    def _answered(self, answer: Reserved | Joined | Done) -> None:
        if isinstance(answer, Joined):
            self.places.setdefault(answer.entry.id, answer.entry)
        if answer.booking:
            self._promised(answer.booking)

    def _promised(self, booking: Booking) -> None:
        end = booking.expires if booking.status in HELD else NEVER
        if booking.status in HELD or booking.status is BookingStatus.CONFIRMED:
            self.promises[booking.id] = (booking, end)

    def kept_promises(self) -> list[tuple[Booking, Instant]]:
        return [
            each
            for each in self.promises.values()
            if each[0].id not in self._given_up and each[0].slot not in self._removed
        ]
