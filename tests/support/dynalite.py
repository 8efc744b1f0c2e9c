"""dynalite, which refuses expressions in AWS's own words, and the recorder of what we ask."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from tests.local.support import free_port

REPOSITORY = Path(__file__).resolve().parents[2]
SIGNATURE = (
    "AWS4-HMAC-SHA256 Credential=a/20260612/eu-central-1/dynamodb/aws4_request, SignedHeaders=a, Signature=a"
)

type Request = tuple[str, dict[str, Any]]
"""An operation, such as `UpdateItem`, and its body."""

SINGLE = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}
UNKNOWN_TO_DYNALITE = ("ReturnValuesOnConditionCheckFailure", "ClientRequestToken")


@contextmanager
def running() -> Iterator[str]:
    """Its endpoint; everything is in memory."""
    port = free_port()
    program = REPOSITORY / "node_modules" / ".bin" / "dynalite"
    options = ("--host", "127.0.0.1", "--port", str(port), "--createTableMs", "0")
    with subprocess.Popen([program, *options], stdout=subprocess.DEVNULL) as server:
        try:
            endpoint = f"http://127.0.0.1:{port}"
            _wait_for(endpoint)
            yield endpoint
        finally:
            server.terminate()


def _wait_for(endpoint: str) -> None:
    give_up_at = time.monotonic() + 20
    while time.monotonic() < give_up_at:
        try:
            ask(endpoint, ("ListTables", {}))
        except urllib.error.URLError:
            continue
        return
    raise AssertionError("dynalite does not answer")


def ask(endpoint: str, request: Request) -> tuple[int, dict[str, Any]]:
    """The status and the document that a request is answered with."""
    operation, body = request
    call = urllib.request.Request(
        endpoint,
        json.dumps(body).encode(),
        {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "X-Amz-Date": "20260612T090000Z",
            "Authorization": SIGNATURE,
        },
    )
    try:
        with urllib.request.urlopen(call, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def singles(request: Request) -> Iterator[Request]:
    """What dynalite can judge of a request: it knows no transactions, so each member is a write alone."""
    operation, body = request
    if operation == "TransactWriteItems":
        for member in body["TransactItems"]:
            for kind, write in member.items():
                yield SINGLE[kind], write
    else:
        yield operation, {name: value for name, value in body.items() if name not in UNKNOWN_TO_DYNALITE}


@contextmanager
def recording(upstream: str) -> Iterator[tuple[str, list[Request]]]:
    """An endpoint that passes everything on to another, and the list of what it passed on."""
    passed: list[Request] = []

    class Recorder(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer in one piece: in two, each waits 40 ms for an acknowledgement

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            operation = self.headers["X-Amz-Target"].partition(".")[2]
            passed.append((operation, json.loads(body)))
            call = urllib.request.Request(upstream, body, dict(self.headers))
            try:
                with urllib.request.urlopen(call, timeout=10) as answer:
                    self._answer(answer.status, answer.headers, answer.read())
            except urllib.error.HTTPError as refused:
                with refused:
                    self._answer(refused.code, refused.headers, refused.read())

        def _answer(self, status: int, headers: Message, body: bytes) -> None:
            self.send_response(status)
            for name in ("Content-Type", "X-Amzn-RequestId", "X-Amz-Crc32"):
                if name in headers:
                    self.send_header(name, headers[name])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", passed
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
