"""Patch `unpacked`: a layer or a function's code is unpacked once, and its workers share it.

MiniStack unpacks them anew for each worker, thousands of files under one interpreter lock: a burst of cold
calls then outlasts the functions' timeouts, which makes the pool start still more of them. On AWS both are
mounted, and can only be read.
"""

import hashlib
import tempfile
import zipfile
from functools import partial
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import Self

from ministack.core import lambda_runtime

from local.emulator.settings import Settings

_one_at_a_time = Lock()


def apply(settings: Settings) -> None:
    folder = Path(tempfile.mkdtemp(prefix="ministack-unpacked-"))

    # The module's name for it: there the archives of workers are opened, and nothing else.
    lambda_runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": partial(_Archive, folder)})


class _Archive:
    """As much of a `ZipFile` as workers need; its contents become a link to where they lie unpacked."""

    def __init__(self, shared: Path, path: str) -> None:
        self._shared, self._path = shared, Path(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def namelist(self) -> list[str]:
        """None to be looked at: `zipfile` itself lets no member leave the folder."""
        return []

    def extractall(self, target: str) -> None:
        with self._path.open("rb") as packed:
            there = self._shared / hashlib.file_digest(packed, "sha256").hexdigest()
        with _one_at_a_time:
            if not there.exists():
                unfinished = there.with_suffix(".part")
                with zipfile.ZipFile(self._path) as archive:
                    archive.extractall(unfinished)
                unfinished.rename(there)
        Path(target).rmdir()
        Path(target).symlink_to(there)
