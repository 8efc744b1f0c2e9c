"""A loopback server that answers like DynamoDB, from a table of canned answers, in a process of its own.

Its CPU is not the measured process's, and it decides nothing: what is asked of an item is always answered
alike. An answer is looked up by operation, table and partition key (`UpdateItem ledger BOOKING#x`), then
by operation and table, then by operation; what is not there is answered with `{}`.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

PREFIX = "com.amazonaws.dynamodb.v20120810#"
_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Canned:
    """`refusal` names an exception of DynamoDB's; the body is what goes with it."""

    body: Mapping[str, Any]
    refusal: str | None = None


@contextmanager
def running(answers: Mapping[str, Canned]) -> Iterator[str]:
    """The endpoint of a stub that ends with the block."""
    told = json.dumps({name: [canned.body, canned.refusal] for name, canned in answers.items()})
    stub = subprocess.Popen(
        [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert stub.stdin
        assert stub.stdout
        stub.stdin.write(told + "\n")
        stub.stdin.flush()
        yield f"http://127.0.0.1:{int(stub.stdout.readline())}"
    finally:
        stub.terminate()
        stub.wait(10)
        for pipe in (stub.stdin, stub.stdout):
            if pipe:
                pipe.close()


class _Connection(asyncio.Protocol):
    """Requests one after another on one connection; a client does not send the next before the answer."""

    def __init__(self, answers: Mapping[str, bytes]) -> None:
        self._answers = answers
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(_END_OF_HEAD)
        if not found:
            return
        headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        if len(body) < int(headers.get(b"content-length", 0)):
            return
        self._received = b""
        assert self._transport
        operation = headers[b"x-amz-target"].decode().rpartition(".")[2]
        self._transport.write(self._answer(operation, json.loads(body)))

    def _answer(self, operation: str, request: Mapping[str, Any]) -> bytes:
        table = request.get("TableName", "")
        partition = request.get("Key", request.get("Item", {})).get("PK", {}).get("S", "")
        for name in (f"{operation} {table} {partition}", f"{operation} {table}", operation):
            if answer := self._answers.get(name.lower()):
                return answer
        return _rendered({}, None)


def _rendered(body: Mapping[str, Any], refusal: str | None) -> bytes:
    told = {**body, "__type": PREFIX + refusal, "message": "refused"} if refusal else body
    content = json.dumps(told, separators=(",", ":")).encode()
    head = [
        "HTTP/1.1 400 Bad Request" if refusal else "HTTP/1.1 200 OK",
        "Server: Server",
        "Date: Fri, 12 Jun 2026 09:00:00 GMT",
        "Content-Type: application/x-amz-json-1.0",
        f"Content-Length: {len(content)}",
        "Connection: keep-alive",
        "x-amzn-RequestId: VJ4T1T6G7J9QF2T4B5V7J1N6HVV4KQNSO5AEMVJF66Q9ASUAAJG",
        f"x-amz-crc32: {zlib.crc32(content)}",
    ]
    return "\r\n".join(head).encode() + _END_OF_HEAD + content


async def _serve() -> None:
    told = json.loads(sys.stdin.readline())
    # Targets name operations in one case, keys any: compared in lower case.
    answers = {name.lower(): _rendered(body, refusal) for name, (body, refusal) in told.items()}
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(answers), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
