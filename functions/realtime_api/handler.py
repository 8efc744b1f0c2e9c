"""The WebSocket API: connect, subscribe, unsubscribe, ping, disconnect (API.md, WebSocket).

Every answer is posted to the connection; what a handler returns tells the gateway only that it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from functions.realtime_api.frames import Frame, read_frame
from holdfast import bootstrap, bootstrap_realtime, clock
from holdfast.app.realtime_ports import Gone
from holdfast.app.subscribe import (
    Line,
    Realtime,
    subscribe_bookings,
    subscribe_queue,
    unsubscribe_bookings,
    unsubscribe_queue,
)
from holdfast.domain.caller import Caller
from holdfast.domain.errors import Refusal, Unavailable
from holdfast.domain.instants import Instant
from holdfast.domain.realtime import CONNECTION_FOR
from holdfast.http.realtime_views import error_message, refusal_message, subscribed_message
from holdfast.observability import logger, start_request, table_calls

type Do = Callable[[Realtime, Line, Frame, Instant], None]


def handler(event: Mapping[str, Any], context: object) -> dict[str, int]:
    start_request(event["requestContext"]["requestId"])
    ports = Realtime(
        bootstrap.ledger(),
        bootstrap.catalog(),
        bootstrap_realtime.connections(),
        bootstrap_realtime.sockets(),
        bootstrap_realtime.pushes(),
    )
    return answer(ports, event, clock.now())


def answer(ports: Realtime, event: Mapping[str, Any], now: Instant) -> dict[str, int]:
    request = event["requestContext"]
    match request["eventType"]:
        case "CONNECT":
            ports.connections.open(request["connectionId"], _caller(request), now + CONNECTION_FOR)
            outcome = "connected"
        case "DISCONNECT":
            ports.connections.close(request["connectionId"])
            outcome = "disconnected"
        case _:
            line = Line(request["connectionId"], _caller(request))
            outcome = _message(ports, line, event.get("body") or "", now)
    logger().info("socket", route=request["routeKey"], outcome=outcome, tableCalls=table_calls())
    return {"statusCode": 200}


def _message(ports: Realtime, line: Line, text: str, now: Instant) -> str:
    """Done, or the code of what it was answered instead. A line that has closed needs no answer."""
    frame = Frame()
    try:
        try:
            frame = read_frame(text)
            DEEDS[frame.action](ports, line, frame, now)
        except Refusal as refusal:
            ports.sockets.post(line.connection, refusal_message(frame.told, refusal))
            return refusal.code
        except Unavailable as failure:
            logger().warning("a frame could not be served", reason=str(failure))
            trouble = error_message(frame.told, "temporarily_unavailable", "Try again in a moment.")
            ports.sockets.post(line.connection, trouble)
            return "temporarily_unavailable"
    except Gone:
        ports.connections.close(line.connection)
        return "gone"
    return "done"


def _subscribe(ports: Realtime, line: Line, frame: Frame, now: Instant) -> None:
    if frame.slot:
        subscribe_queue(
            ports,
            line,
            frame.slot,
            now,
            lambda news: subscribed_message(frame.told, news),
            subject_id=frame.subject_id,
        )
    else:
        subscribe_bookings(
            ports,
            line,
            now,
            lambda news: subscribed_message(frame.told, news),
            business_id=frame.business_id,
        )


def _unsubscribe(ports: Realtime, line: Line, frame: Frame, now: Instant) -> None:
    if frame.slot:
        unsubscribe_queue(ports, line, frame.slot, subject_id=frame.subject_id)
    else:
        unsubscribe_bookings(ports, line, business_id=frame.business_id)
    ports.sockets.post(line.connection, {"type": "unsubscribed", **frame.told})


def _ping(ports: Realtime, line: Line, frame: Frame, now: Instant) -> None:
    ports.sockets.post(line.connection, {"type": "pong"})


DEEDS: Mapping[str, Do] = {"subscribe": _subscribe, "unsubscribe": _unsubscribe, "ping": _ping}


def _caller(request: Mapping[str, Any]) -> Caller:
    """As the authoriser told the gateway when the line was opened."""
    told = request["authorizer"]
    return Caller(told["owner"], frozenset(told["groups"].split()))


bootstrap.prime()
