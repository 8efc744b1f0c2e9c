"""What is asked for where a slot is to be had: units of it, now or, if it is full, in turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from holdfast.domain.booking import Contact
from holdfast.domain.place import SlotKey

MOST_WRITES = 6
"""A request meets a newer slot at most this often before we answer 503 (SPEC 10)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`join_if_full` None is the business's default."""

    slot: SlotKey
    units: int = 1
    hold_seconds: int | None = None
    join_if_full: bool | None = None
    notes: str | None = None
    contact: Contact | None = None
    subject: Mapping[str, object] | None = None
    metadata: Mapping[str, object]
