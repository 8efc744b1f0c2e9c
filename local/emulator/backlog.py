"""Patch `backlog`: a burst of new connections finds room.

MiniStack listens with a backlog of 100. What a burst brings beyond that Linux drops, and the client's kernel
tries again after 1, 3, 7, 15 … seconds: on a busy machine a call got no answer for two minutes. AWS's doors
take far more. Here the listener asks for as much as the kernel gives.
"""

from hypercorn.config import Config

from local.emulator.settings import Settings

BACKLOG = 4096


def apply(settings: Settings) -> None:
    Config.backlog = BACKLOG
