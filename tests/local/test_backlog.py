"""Patch `backlog`: more than a hundred connections may wait to be accepted."""

import os
import select
import signal
import socket
import time
from urllib.parse import urlsplit

from local import process
from tests.local.support import Cloud

BURST = 300


def connected_while_stopped(cloud: Cloud) -> int:
    """How many of a burst the kernel takes in while the emulator, held still, accepts none."""
    door = urlsplit(cloud.endpoint_url)
    emulator = process.status(cloud.folder)
    assert emulator
    sockets = [socket.socket() for _ in range(BURST)]
    os.kill(emulator.pid, signal.SIGSTOP)
    try:
        for each in sockets:
            each.setblocking(False)
            each.connect_ex((door.hostname, door.port))
        taken: set[int] = set()
        give_up_at = time.monotonic() + 0.8  # before the kernel tries a dropped one again
        while len(taken) < BURST and (left := give_up_at - time.monotonic()) > 0:
            waiting = [each for each in sockets if each.fileno() not in taken]
            taken |= {each.fileno() for each in select.select([], waiting, [], left)[1]}
        return len(taken)
    finally:
        os.kill(emulator.pid, signal.SIGCONT)
        for each in sockets:
            each.close()


def test_a_burst_of_connections_finds_room(patched: Cloud, plain: Cloud) -> None:
    assert connected_while_stopped(patched) == BURST
    assert connected_while_stopped(plain) < BURST
