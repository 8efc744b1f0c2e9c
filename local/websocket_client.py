"""A WebSocket client of a few lines over wsproto, which MiniStack's server brings along."""

import socket
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Event,
    Message,
    RejectConnection,
    Request,
    TextMessage,
)


class Refused(Exception):
    """The server answered the handshake with an HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class WebSocket:
    """One connection, used as a context manager; every wait is bounded."""

    def __init__(self, url: str, *, timeout: float = 15.0) -> None:
        parts = urlsplit(url)
        self._events: list[Event] = []
        self._unfinished = ""
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=timeout)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        self._send(Request(host=parts.netloc, target=target))
        answer = self._next()
        if not isinstance(answer, AcceptConnection):
            self._socket.close()
            raise Refused(answer.status_code if isinstance(answer, RejectConnection) else 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._send(CloseConnection(code=1000))
        self._socket.close()

    def send(self, text: str) -> None:
        self._send(TextMessage(data=text))

    def receive(self) -> str:
        """The next text message, whole."""
        text = ""
        while True:
            event = self._next()
            assert isinstance(event, Message), f"not a message: {event}"
            text += str(event.data)
            if event.message_finished:
                return text

    def fileno(self) -> int:
        """For a selector that watches many."""
        return self._socket.fileno()

    def arrived(self) -> list[str]:
        """The text messages of what one read brings; to be called when there is something to read."""
        data = self._socket.recv(65536)
        self._protocol.receive_data(data or None)
        texts: list[str] = []
        for event in (*self._events, *self._protocol.events()):
            assert isinstance(event, Message), f"not a message: {event}"
            self._unfinished += str(event.data)
            if event.message_finished:
                texts.append(self._unfinished)
                self._unfinished = ""
        self._events.clear()
        return texts

    def _send(self, event: Any) -> None:
        self._socket.sendall(self._protocol.send(event))

    def _next(self) -> Event:
        while not self._events:
            data = self._socket.recv(65536)
            self._protocol.receive_data(data or None)
            self._events.extend(self._protocol.events())
        return self._events.pop(0)
