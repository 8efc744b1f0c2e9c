"""Ids derived from what a request is, so that its repeat finds what the first one made (DESIGN 3)."""

from __future__ import annotations

import hashlib
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Mapping

NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""What cannot be misread over the phone: no 0, 1, I, L or O."""


def digest(*parts: str) -> bytes:
    """A hash of the parts that cannot be made equal by moving text from one part to the next."""
    return hashlib.sha256("".join(f"{len(part)}:{part}" for part in parts).encode()).digest()


def short_hash(*parts: str) -> str:
    """66 bits as 11 characters: enough to find, never enough to authorise."""
    return urlsafe_b64encode(digest(*parts)[:9]).decode()[:11]


def derived_id(*parts: str) -> str:
    """100 bits as 20 lower-case characters: the id of a booking."""
    return b32encode(digest(*parts)[:15]).decode()[:20].lower()


def claimant(owner: str, subject_id: str | None) -> str:
    """Who stands in a ledger item: a hash of the owner, and of the subject where one is given (HOLD-5)."""
    return short_hash("claimant", owner, subject_id or "")


def claimant_for(owner: str, subject: Mapping[str, object] | None) -> str:
    """The claimant of a slot's wish or booking."""
    return claimant(owner, subject_id(subject))


def subject_id(subject: Mapping[str, object] | None) -> str | None:
    """How a subject names itself, if there is one and it does."""
    named = subject.get("id") if subject else None
    return str(named) if named else None


def booking_number(local_date: str, booking_id: str, attempt: int) -> str:
    """`BOK-YYYYMMDD-XXXXXX` (BOOK-2), the same for the same booking and attempt, so that a repeat agrees."""
    bits = int.from_bytes(digest("number", booking_id, str(attempt))[:8])
    letters = []
    for _ in range(6):
        bits, index = divmod(bits, len(NUMBER_ALPHABET))
        letters.append(NUMBER_ALPHABET[index])
    return f"BOK-{local_date.replace('-', '')}-{''.join(letters)}"
