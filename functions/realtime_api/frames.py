"""What clients may send, read strictly: no member is guessed at, and none is ignored (SEC-4)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from holdfast.domain.errors import Invalid, Malformed
from holdfast.domain.place import ID, SlotKey

LONGEST_FRAME = 2_048
LONGEST_TEXT = 128

ACTIONS = frozenset({"subscribe", "unsubscribe", "ping"})
CHANNELS: Mapping[str, frozenset[str]] = {
    "queue": frozenset({"slotId", "subjectId"}),
    "bookings": frozenset({"businessId"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """`told` is what of it every answer repeats, so that a client knows which of its frames it is about."""

    action: str = ""
    slot: SlotKey | None = None
    subject_id: str | None = None
    business_id: str | None = None
    told: Mapping[str, str] = field(default_factory=dict)


def read_frame(text: str) -> Frame:
    """Raises Malformed or Invalid."""
    if len(text) > LONGEST_FRAME:
        raise Malformed(f"A frame has at most {LONGEST_FRAME} characters.")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("A frame is a JSON object.") from None
    if not isinstance(document, dict):
        raise Malformed("A frame is a JSON object.")
    action = document.pop("action", None)
    if not isinstance(action, str) or action not in ACTIONS:
        raise Malformed(f"`action` is one of: {', '.join(sorted(ACTIONS))}.")
    if action == "ping":
        _allow_only(document, frozenset())
        return Frame(action=action)
    channel = document.pop("channel", None)
    if not isinstance(channel, str) or channel not in CHANNELS:
        raise Invalid("/channel", f"is one of: {', '.join(sorted(CHANNELS))}")
    _allow_only(document, CHANNELS[channel])
    told = {"channel": channel, **{name: _text(document, name) for name in document}}
    slot = None
    if channel == "queue":
        slot = SlotKey.parse(_text(document, "slotId"))
        if slot is None:
            raise Invalid("/slotId", "is not a slot's id")
    elif "businessId" in told and not re.fullmatch(ID, told["businessId"]):
        raise Invalid("/businessId", "is not a business's id")
    return Frame(
        action=action,
        slot=slot,
        subject_id=told.get("subjectId"),
        business_id=told.get("businessId"),
        told=told,
    )


def _allow_only(document: Mapping[str, Any], known: frozenset[str]) -> None:
    for name in sorted(set(document) - known):
        raise Invalid(f"/{name[:LONGEST_TEXT]}", "is not known here")


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TEXT:
        raise Invalid(f"/{name}", f"must be a text of 1 to {LONGEST_TEXT} characters")
    return value
