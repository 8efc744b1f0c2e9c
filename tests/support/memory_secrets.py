"""The `Secrets` port without a vault."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.domain.errors import Unavailable


@dataclass
class MemorySecrets:
    key: bytes = b"k" * 64
    up: bool = True

    def manage_key(self) -> bytes:
        if not self.up:
            raise Unavailable("no vault")
        return self.key
