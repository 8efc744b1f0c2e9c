"""Who books without an account: a guest is known by their email, limited by their network (BOOK-9, SEC-2)."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from contextlib import suppress
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from holdfast.domain.caller import Caller
from holdfast.domain.identity import short_hash

_OF_ONE_HOST = 64
"""Bits of an IPv6 address: whoever has one has all that begin alike."""


def guest(email: str) -> Caller:
    """Whatever way they write it. It proves nothing: anybody may type it."""
    return Caller(f"guest:{short_hash('guest', email.strip().lower())}")


def network_of(key: bytes, address: str) -> str:
    """Under what the requests of a network address are counted. Keyed, since there are so few addresses that
    a plain hash would tell each."""
    told = hmac.digest(key, f"address:{_network(address)}".encode(), sha256)
    return f"address:{urlsafe_b64encode(told[:9]).decode()[:11]}"


def _network(address: str) -> str:
    with suppress(ValueError):
        known = ip_address(address)
        if isinstance(known, IPv6Address):
            return str(known.ipv4_mapped or ip_network((known, _OF_ONE_HOST), strict=False))
    return address
