"""A guest's token: one booking, one version, one key, and nothing that can be guessed from it (BOOK-9)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.domain.manage_token import ManageToken, is_genuine, issue, read
from tests.support.strategies import ids

KEY, OTHER = b"k" * 64, b"o" * 64
BOOKING = "b" * 20


def presented(token: str) -> ManageToken:
    found = read(token)
    assert found is not None
    return found


@given(st.binary(min_size=32), ids, st.integers(1, 10**6))
def test_what_was_issued_is_genuine(key: bytes, booking: str, version: int) -> None:
    token = issue(key, booking, version)
    assert token == issue(key, booking, version)
    assert presented(token).booking == booking
    assert is_genuine(presented(token), key, version)


def test_its_form_is_the_id_and_43_characters_and_never_changes() -> None:
    assert issue(KEY, BOOKING, 1) == "bbbbbbbbbbbbbbbbbbbb.MuN06ASPNuim9uh5o-CD5WGRrnIo0NqBkPYzOW3Jg3s"


def test_another_version_key_or_booking_voids_it() -> None:
    token = presented(issue(KEY, BOOKING, 1))
    assert not is_genuine(token, KEY, 2)
    assert not is_genuine(token, OTHER, 1)
    assert not is_genuine(token._replace(booking="c" * 20), KEY, 1)
    assert not is_genuine(presented(issue(KEY, BOOKING, 11)), KEY, 1)


@given(
    st.integers(0, 42), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
)
def test_no_other_character_anywhere_will_do(index: int, letter: str) -> None:
    token = presented(issue(KEY, BOOKING, 1))
    mac = token.mac[:index] + letter + token.mac[index + 1 :]
    assert is_genuine(token._replace(mac=mac), KEY, 1) is (mac == token.mac)


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        BOOKING,
        f"{BOOKING}.",
        f"{BOOKING}.{'A' * 42}",
        f"{BOOKING}.{'A' * 44}",
        f"{BOOKING}.{'A' * 43}=",
        f"{BOOKING}.{'A' * 43}\n",
        f" {BOOKING}.{'A' * 43}",
        f"{BOOKING}.{'A' * 42}+",
        f"{BOOKING}.{'A' * 42}\u0661",
        f"{BOOKING.upper()}.{'A' * 43}",
        f"{'b' * 19}.{'A' * 43}",
        f"{'b' * 19}1.{'A' * 43}",
        f"{BOOKING}.{BOOKING}.{'A' * 43}",
        f"{BOOKING}/{'A' * 43}",
        "../../etc/passwd",
    ],
)
def test_what_is_not_shaped_like_one_is_none(token: str) -> None:
    assert read(token) is None


@given(st.text())
def test_any_text_is_read_or_is_none(token: str) -> None:
    found = read(token)
    assert found is None or ".".join(found) == token
