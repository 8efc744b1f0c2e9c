"""A headless Chromium that reaches this machine's loopback and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LONGEST = 120


class NoBrowser(RuntimeError):
    def __init__(self) -> None:
        super().__init__("There is no Chromium here: `make install` as root installs it (Debian, Ubuntu).")


@dataclass(frozen=True)
class Opened:
    """The document after its scripts ran, and what the browser's console said."""

    document: str
    console: str


@dataclass(frozen=True)
class Served:
    url: str
    asked: list[str] = field(default_factory=list)
    """The paths the browser asked for."""


@contextmanager
def serving(path: str, content: str, headers: Mapping[str, str]) -> Iterator[Served]:
    """One page on a port of its own, with exactly these headers; everything else is 404."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.path)
            body = content.encode() if self.path == path else b""
            self.send_response(200 if body else 404)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The tests look at `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Served(f"http://127.0.0.1:{server.server_port}{path}")
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def read(url: str) -> Opened:
    """The page as its scripts left it."""
    done = _chromium("--dump-dom", "--enable-logging=stderr", "--v=0", url)
    return Opened(done.stdout, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line))


def picture(url: str, to: Path, *, width: int, height: int) -> None:
    _chromium(f"--screenshot={to}", f"--window-size={width},{height}", "--hide-scrollbars", url)
    if not to.is_file():
        raise RuntimeError(f"Chromium made no picture of {url}")


def _chromium(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise NoBrowser
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        return subprocess.run(
            [
                program,
                *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
                *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
                *("--disable-sync", "--disable-default-apps", "--disable-extensions", "--lang=en"),
                # No name resolves and whatever is no loopback address goes to a proxy that is not there.
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                *("--proxy-server=http://127.0.0.1:9", "--proxy-bypass-list=127.0.0.1"),
                *(f"--user-data-dir={profile}", "--virtual-time-budget=10000"),
                *arguments,
            ],
            capture_output=True,
            text=True,
            check=True,
            timeout=LONGEST,
        )
