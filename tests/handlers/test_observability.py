"""What the functions tell of themselves: metrics, and log lines under the id of the request behind them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest

from functions.booking_api.handler import api
from functions.hold_expirer.handler import ring_all
from functions.queue_promoter.handler import move_on
from functions.slot_remover.handler import run_all
from functions.stream_relay.handler import relay
from functions.sweeper.handler import run as sweep
from holdfast.adapters.dynamodb.bookings import booking_item
from holdfast.adapters.dynamodb.entries import entry_item
from holdfast.adapters.dynamodb.slots import slot_item
from holdfast.domain.booking import AfterEnd, Booking, BookingStatus, Deed, Ending
from holdfast.domain.entry import Entry, EntryStatus, promoted
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import HOUR, MINUTE, SECOND
from holdfast.domain.slot import Slot
from holdfast.http.entry import entry
from holdfast.observability import correlation, following, invocation_id, logger, start_request
from tests.handlers.door import SAMPLES as _HTTP_SAMPLES
from tests.handlers.door import Door, MemoryPorts, sample, stocked
from tests.support.builders import BOB, NOW, a_booking, a_claim, a_confirmed_booking, a_slot, an_entry
from tests.support.memory import Memory, MemoryLedger
from tests.support.memory_queues import MemoryJobs, MemoryTimers
from tests.support.memory_readers import MemoryCatalog
from tests.support.memory_realtime import MemoryPushes

SAMPLES = _HTTP_SAMPLES.parent

type Told = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def metrics(capsys: pytest.CaptureFixture[str]) -> Told:
    """The metric lines since the last look, each without what is the same in all of them."""

    def told() -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
        return [_bare(line) for line in lines]

    return told


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Told:
    log = StringIO()
    monkeypatch.setattr(logger().registered_handler, "stream", log)
    return lambda: [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.fixture(autouse=True)
def outside_of_a_function() -> Iterator[None]:
    yield
    start_request("")


def _bare(line: dict[str, Any]) -> dict[str, Any]:
    (directive,) = line.pop("_aws")["CloudWatchMetrics"]
    assert directive["Namespace"] == "Holdfast"
    (dimensions,) = directive["Dimensions"]
    assert {"service", "stage"} <= set(dimensions) <= set(line)
    assert {each["Name"] for each in directive["Metrics"]} == set(line) - set(dimensions)
    assert (line.pop("service"), line.pop("stage")) == ("holdfast", "local")
    return line


def a_door(ports: MemoryPorts) -> Door:
    return Door(lambda clock: entry(api, ports, clock=clock), "reserve")


def with_a_slot(slot: Slot | None = None) -> MemoryPorts:
    ports = stocked()
    slot = slot or a_slot()
    ports.memory.slots[slot.key] = slot
    return ports


def test_a_request_tells_how_long_it_took_by_its_route_and_never_by_an_id(metrics: Told) -> None:
    door = a_door(with_a_slot())
    made = door.ask("POST", "/v1/bookings/reserve", {"slotId": a_slot().key.slot_id})
    door.ask("GET", f"/v1/bookings/{made.body['bookingId']}")
    door.ask("GET", "/v1/bookings/alice@example.org/brakes")
    lines = metrics()
    durations = [line.pop("http_request_duration_seconds") for line in lines]
    assert all(0 < seconds < 5 for (seconds,) in durations)
    assert lines == [
        {"endpoint": "/v1/bookings/reserve", "method": "POST", "status": "201"},
        {"endpoint": "/v1/bookings/{bookingId}", "method": "GET", "status": "200"},
        {"endpoint": "unknown", "method": "unknown", "status": "404"},
    ]


def test_a_reserve_that_is_refused_is_counted_as_a_failure(metrics: Told) -> None:
    full = a_slot(capacity=1, claims={"bob": a_claim()})
    door = a_door(with_a_slot(full))
    assert door.ask("POST", "/v1/bookings/reserve", {"slotId": full.key.slot_id}).status == 409
    _, refused = metrics()
    assert refused == {"status": "failure", "booking_reservations_total": [1]}


def records(*changes: tuple[Mapping[str, Any] | None, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """As the stream tells them."""
    (recorded,) = json.loads((SAMPLES / "dynamodb" / "claim_made.json").read_text())["Records"]
    made = []
    for number, (before, after) in enumerate(changes):
        record = deepcopy(recorded) | {"eventName": "MODIFY" if before else "INSERT"}
        record["dynamodb"] |= {"NewImage": after, "SequenceNumber": str(number)}
        record["dynamodb"].pop("OldImage", None)
        if before:
            record["dynamodb"]["OldImage"] = before
        made.append(record)
    return made


def booked(before: Booking | None, after: Booking) -> tuple[Mapping[str, Any] | None, Mapping[str, Any]]:
    return booking_item(before) if before else None, booking_item(after)


def ended(booking: Booking, reason: str) -> Booking:
    deed = Deed("op", "system:expirer", booking.expires + 3 * SECOND, "expiry", reason)
    return booking.moved(BookingStatus.EXPIRED, deed)


def tell(*changes: tuple[Mapping[str, Any] | None, Mapping[str, Any]]) -> None:
    relay(MemoryLedger(Memory()), MemoryPushes(), records(*changes), NOW)


def test_what_became_of_holds_is_counted_once_a_batch(metrics: Told) -> None:
    held, confirmed = a_booking(), a_confirmed_booking()
    cancelled = confirmed.moved(BookingStatus.CANCELLED, Deed("op", "customer:alice", NOW, "cancel"))
    tell(
        booked(None, held),
        booked(None, held),
        booked(held, confirmed),
        booked(confirmed, cancelled),
        booked(held, ended(held, Ending.LAPSED)),
        booked(held, ended(held, Ending.RELEASED)),
        booked(confirmed, confirmed),
    )
    assert metrics() == [
        {
            "booking_confirmations_total": [1],
            "booking_cancellations_total": [1],
            "booking_expirations_total": [1],
        },
        {"status": "success", "booking_reservations_total": [2]},
        {"hold_overdue_seconds": [3]},
    ]


def test_what_staff_booked_and_overbooked_is_counted_as_it_comes(metrics: Told) -> None:
    """A booking by hand comes confirmed, with two lines at once; a note on it is no overbooking again."""
    confirmed = a_confirmed_booking()
    first, *others = confirmed.history
    over = replace(first, deed=replace(first.deed, override=("break", "overbook")))
    by_hand = replace(confirmed, history=(over, *others))
    noted = by_hand.changed(Deed("op", "staff:sam", NOW, "amend"))
    moved = noted.changed(Deed("op-2", "staff:sam", NOW, "reschedule", "r", ("overbook",)))
    tell(booked(None, by_hand), booked(by_hand, noted), booked(noted, moved))
    assert metrics() == [{"booking_confirmations_total": [1], "overbooked_total": [2]}]


def test_an_approval_is_a_confirmation(metrics: Told) -> None:
    deed = Deed("op-2", "customer:alice", NOW, "confirm")
    asking = a_booking().awaiting_approval("BOK-1", NOW + HOUR, deed, contact=None, notes=None)
    approved = asking.approved(Deed("op-3", "staff:sam", NOW, "approve"), after_end=AfterEnd.NOTHING)
    tell(booked(a_booking(), asking), booked(asking, approved))
    assert metrics() == [{"booking_confirmations_total": [1]}]


def test_a_hold_that_was_put_back_as_expired_is_counted_too(metrics: Told) -> None:
    tell(booked(None, ended(a_booking(), Ending.LAPSED)))
    assert metrics()[0] == {"booking_expirations_total": [1]}


def test_who_joined_and_who_was_served_by_whom_after_how_long_is_counted(metrics: Told) -> None:
    waiting = an_entry()

    def served_by(actor: str) -> tuple[Entry, Booking]:
        turn = Deed("promote", actor, waiting.joined + 90 * SECOND, "promotion")
        booking = promoted(a_slot(), waiting, a_claim(waiting.id), turn)
        return waiting.moved(EntryStatus.NOTIFIED, turn), booking

    (notified, by_stream), (_, by_sweep) = served_by("system:promoter"), served_by("system:sweeper")
    tell(
        (None, entry_item(waiting)),
        (entry_item(waiting), entry_item(notified)),
        booked(None, by_stream),
        booked(None, by_sweep),
    )
    assert metrics() == [
        {"queue_joins_total": [1]},
        {"by": "promoter", "queue_promotions_total": [1]},
        {"by": "sweeper", "queue_promotions_total": [1]},
        {"average_wait_time_seconds": [90]},
    ]


def test_slots_and_days_are_no_figure_of_the_relays(metrics: Told) -> None:
    tell((None, slot_item(a_slot())))
    assert metrics() == []


def test_what_the_relay_could_not_do_is_counted_when_it_comes_again(metrics: Told) -> None:
    memory = Memory()
    memory.pause = unavailable
    deleted = json.loads((SAMPLES / "dynamodb" / "hold_deleted_by_ttl.json").read_text())["Records"]
    after = records(booked(None, a_booking()))
    assert relay(MemoryLedger(memory), MemoryPushes(), [*deleted, *after], NOW + HOUR)["batchItemFailures"]
    assert metrics() == []


def test_the_promoter_counts_its_timers_and_the_longest_queue(metrics: Told, logged: Told) -> None:
    memory = Memory()
    before = a_slot(capacity=1)
    claimed = before.claimed("who", a_claim("b" * 20))
    image = slot_item(claimed) | {"correlation": {"S": "request-of-alice"}}
    timers = MemoryTimers(memory)
    move_on(MemoryLedger(memory), MemoryCatalog(memory), timers, records((slot_item(before), image)), NOW)
    assert metrics() == [
        {"timers_sent_total": [1], "timers_unsent_total": [0]},
        {"queue_length": [0], "queue_moves_failed_total": [0]},
    ]
    ((_, timer),) = timers.sent
    assert timer.correlation == "request-of-alice"
    (line,) = logged()
    assert (line["message"], line["correlation_id"]) == ("timer sent", "request-of-alice")
    assert (line["booking_id"], line["ledger"]) == ("b" * 20, before.key.slot_id)
    assert correlation() == ""


def test_who_is_served_is_served_under_the_id_of_what_freed_the_room(logged: Told) -> None:
    ports = stocked()
    waiting = an_entry(at=NOW - MINUTE)
    free = a_slot(capacity=1, places={waiting.who: waiting.place})
    ports.memory.slots[free.key], ports.memory.entries[waiting.id] = free, waiting
    written_under: set[str] = set()
    ports.memory.pause = lambda where: written_under.add(correlation()) if where == "committed" else None
    freed = slot_item(free) | {"correlation": {"S": "cancelled-by-bob"}}
    later = slot_item(free) | {"correlation": {"S": "someone-later"}}
    batch = records((None, freed), (freed, later))
    move_on(ports.ledger(), ports.catalog(), MemoryTimers(ports.memory), batch, NOW)
    assert ports.memory.bookings[waiting.id].promoted
    assert written_under == {"cancelled-by-bob"}
    (moved,) = [line for line in logged() if line["message"] == "a queue moved"]
    assert (moved["correlation_id"], moved["served"]) == ("cancelled-by-bob", 1)


def test_the_expirer_works_under_the_id_each_timer_brings(metrics: Told, logged: Told) -> None:
    memory = Memory()
    (recorded,) = json.loads((SAMPLES / "sqs" / "timer.json").read_text())["Records"]
    body = json.loads(recorded["body"]) | {"correlation": "request-of-alice"}
    bad = recorded | {"messageId": "bad", "body": "[]"}
    start_request("this-invocation")
    ring_all(
        MemoryLedger(memory),
        MemoryTimers(memory),
        [recorded | {"body": json.dumps(body)}, bad, recorded],
        NOW,
    )
    assert metrics() == [{"timers_rung_total": [2], "timers_failed_total": [1]}]
    assert [(line["message"], line["correlation_id"]) for line in logged()] == [
        ("timer rang", "request-of-alice"),
        ("not a timer", "this-invocation"),
        ("timer rang", "this-invocation"),
    ]


def test_a_timer_sent_anew_keeps_its_id() -> None:
    memory = Memory()
    slot = a_slot(claims={"Jhqf_GFa4Ud": a_claim("mfzwizlmnrxw45dsmuqg")})
    memory.slots[slot.key] = slot
    (recorded,) = json.loads((SAMPLES / "sqs" / "timer.json").read_text())["Records"]
    body = json.loads(recorded["body"]) | {"correlation": "request-of-alice"}
    timers = MemoryTimers(memory)
    ring_all(MemoryLedger(memory), timers, [recorded | {"body": json.dumps(body)}], NOW)
    ((_, timer),) = timers.sent
    assert timer.correlation == "request-of-alice"


def test_a_job_runs_under_the_id_of_who_asked_for_it(metrics: Told, logged: Told) -> None:
    memory = Memory()
    (recorded,) = json.loads((SAMPLES / "sqs" / "job.json").read_text())["Records"]
    body = {"jobId": "j" * 20, "correlation": "request-of-ada"}
    batch = [recorded | {"body": json.dumps(body)}, recorded | {"messageId": "bad", "body": "{}"}]
    run_all(MemoryLedger(memory), MemoryJobs(memory), batch, NOW)
    assert metrics() == [{"jobs_run_total": [1], "jobs_failed_total": [1]}]
    ran, _ = logged()
    assert (ran["message"], ran["correlation_id"], ran["job_id"]) == ("job ran", "request-of-ada", "j" * 20)


def test_the_sweep_tells_what_it_had_to_do_also_where_that_is_nothing(metrics: Told, logged: Told) -> None:
    ports = stocked()
    start_request("this-invocation")
    sweep(ports.ledger(), ports.catalog(), ports.jobs(), NOW)
    assert metrics() == [{"sweep_looked_at_total": [0], "sweep_failed_total": [0], "sweep_served_total": [0]}]
    (line,) = logged()
    assert (line["message"], line["correlation_id"]) == ("swept", "this-invocation")


def test_an_invocation_without_a_request_goes_by_its_own_id() -> None:
    class Context:
        aws_request_id = "this-invocation"

    assert invocation_id(Context()) == "this-invocation"


def test_a_request_writes_under_its_own_id() -> None:
    ports = with_a_slot()
    seen: set[str] = set()
    ports.memory.pause = lambda _: seen.add(correlation())
    door = a_door(ports)
    door.send(sample("reserve") | {"headers": {"x-correlation-id": "request-of-alice"}})
    door.ask("GET", "/v1/bookings/my", caller=BOB, x_correlation_id="request-of-bob")
    assert seen == {"request-of-alice", "request-of-bob"}


def test_what_has_no_id_of_its_own_goes_on_under_the_one_before() -> None:
    start_request("this-invocation")
    with following("that-request"):
        assert correlation() == "that-request"
        with following(""):
            assert correlation() == "that-request"
    assert correlation() == "this-invocation"


def unavailable(_: str) -> None:
    raise Unavailable("away")
