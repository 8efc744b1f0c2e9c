"""Many WebSocket clients at once, heard by one thread, each message with the instant it came."""

from __future__ import annotations

import json
import selectors
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Self

from local.websocket_client import WebSocket
from tests.e2e.door import Caller

AT_ONCE = 16


@dataclass
class Listener:
    """One user's open connection and what it has heard so far."""

    caller: Caller
    socket: WebSocket
    heard: list[tuple[float, Mapping[str, Any]]] = field(default_factory=list)

    def send(self, **frame: str) -> None:
        self.socket.send(json.dumps(frame))

    def of(self, *kinds: str) -> list[Mapping[str, Any]]:
        return [message for _, message in self.heard if message.get("type") in kinds]

    def last(self, *kinds: str) -> tuple[float, Mapping[str, Any]]:
        """With the instant it came."""
        fitting = (each for each in reversed(self.heard) if each[1].get("type") in kinds)
        found: tuple[float, Mapping[str, Any]] = next(fitting)
        return found


class Audience:
    """Used as a context manager: its end closes all connections."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []
        self._selector = selectors.DefaultSelector()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda each: each.socket.__exit__(None, None, None), self.listeners))
        self._selector.close()

    def connect(self, caller: Caller) -> Listener:
        issued = caller.post("/v1/realtime/tickets", {})
        assert issued.status_code == 201, issued.text
        body = issued.json()
        return self.admit(caller, f"{body['wsUrl']}?ticket={body['ticket']}")

    def admit(self, caller: Caller, url: str) -> Listener:
        listener = Listener(caller, WebSocket(url, timeout=60))
        self.listeners.append(listener)
        self._selector.register(listener.socket.fileno(), selectors.EVENT_READ, listener)
        return listener

    def _listen(self) -> None:
        while not self._ended.is_set():
            for key, _ in self._selector.select(timeout=0.05):
                listener: Listener = key.data
                texts = listener.socket.arrived()
                listener.heard.extend((time.monotonic(), json.loads(text)) for text in texts)
