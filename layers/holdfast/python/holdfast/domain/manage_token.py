"""The token by which a guest manages one booking: unguessable, and void once its version is raised (BOOK-9).

`<bookingId>.<43 characters>`: what follows the id is a keyed hash of it and of the version of the booking's
token, so that nothing of it need be stored.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import NamedTuple

FORM = r"[a-z2-7]{20}\.[A-Za-z0-9_-]{43}"
_FORM = re.compile(FORM)

FIRST = 1
"""The version of a booking's token when it is made."""


class ManageToken(NamedTuple):
    """As it was presented; whether it is genuine is for `is_genuine` to say."""

    booking: str
    mac: str


def issue(key: bytes, booking_id: str, version: int) -> str:
    return f"{booking_id}.{_mac(key, booking_id, version)}"


def read(token: str) -> ManageToken | None:
    """None where it is not shaped like one of ours."""
    return ManageToken(*token.split(".")) if _FORM.fullmatch(token) else None


def is_genuine(token: ManageToken, key: bytes, version: int) -> bool:
    """Whether it was issued with this key for that version of the booking's token. Takes as long if not."""
    return hmac.compare_digest(token.mac, _mac(key, token.booking, version))


def _mac(key: bytes, booking_id: str, version: int) -> str:
    told = hmac.digest(key, f"manage:{booking_id}:{version}".encode(), sha256)
    return urlsafe_b64encode(told).rstrip(b"=").decode()
