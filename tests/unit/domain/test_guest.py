"""Guests by their email, networks by their address: what is one and the same, and what is told of neither."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.domain.guest import guest, network_of

KEY = b"k" * 64


@pytest.mark.parametrize("email", ["Ann@Example.org", " ann@example.org", "ANN@EXAMPLE.ORG\t"])
def test_a_guest_is_the_same_whatever_way_they_write_their_email(email: str) -> None:
    assert guest(email) == guest("ann@example.org")
    assert guest(email).groups == frozenset()


def test_a_guest_is_nobody_else_and_their_email_is_not_in_it() -> None:
    assert guest("ann@example.org") != guest("anna@example.org")
    assert guest("ann@example.org").id.startswith("guest:")
    assert len(guest("ann@example.org").id) == len("guest:") + 11
    assert "ann" not in guest("ann@example.org").id.removeprefix("guest:").lower()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7", "::ffff:203.0.113.7"),
        ("2001:db8::1", "2001:0db8:0:0:ffff::2"),
    ],
)
def test_who_has_one_address_has_the_other(one: str, other: str) -> None:
    assert network_of(KEY, one) == network_of(KEY, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("203.0.113.7", "203.0.113.8"),
        ("2001:db8::1", "2001:db8:0:1::1"),
        ("203.0.113.7", "2001:db8::1"),
        ("", "203.0.113.7"),
    ],
)
def test_others_are_counted_apart(one: str, other: str) -> None:
    assert network_of(KEY, one) != network_of(KEY, other)


def test_without_the_key_an_address_cannot_be_found_by_trying_all() -> None:
    assert network_of(KEY, "203.0.113.7") != network_of(b"o" * 64, "203.0.113.7")


@given(st.text())
def test_whatever_the_gateway_calls_an_address_is_counted(address: str) -> None:
    told = network_of(KEY, address)
    assert told.startswith("address:")
    assert len(told) == len("address:") + 11
