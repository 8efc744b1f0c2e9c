"""Guests in the use cases: allowed or not, counted twice, acting in the owner's name by a token (BOOK-9)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from holdfast.app.asked import Asked
from holdfast.app.guests import GuestHold, managed, reserve_as_guest
from holdfast.app.revoke_link import revoke_link
from holdfast.app.wish import FreeStart, Wish
from holdfast.domain.caller import Caller
from holdfast.domain.errors import AlreadyHeld, NotFound, PolicyViolation, RateLimited, StaleVersion
from holdfast.domain.guest import guest
from holdfast.domain.instants import MINUTE
from holdfast.domain.manage_token import issue
from tests.support.builders import BUSINESS, NOW, asked
from tests.support.memory_readers import MemoryBookings
from tests.support.memory_secrets import MemorySecrets
from tests.unit.app.salon import Salon, a_service, at

ANN, BOB = "ann@example.org", "bob@example.org"
NOBODY = Caller("")
STAN = Caller("stan", frozenset({f"{BUSINESS}:staff"}))
GUESTS: dict[str, object] = {"guestBooking": True}
NO_GUESTS: dict[str, object] = {"guestBooking": False}


@pytest.fixture
def salon() -> Salon:
    salon = Salon()
    salon.settle(policies=GUESTS)
    return salon


def hold(
    salon: Salon,
    by: Asked | None = None,
    *,
    email: str = ANN,
    service: str = "cut",
    hours: int = 9,
    source: str = "203.0.113.7",
) -> GuestHold:
    spot = FreeStart(business=BUSINESS, service=service, start=at(hours))
    return reserve_as_guest(
        salon.ledger,
        salon.callers,
        salon.catalog,
        salon.catalogues,
        MemoryBookings(salon.memory),
        MemorySecrets(),
        by or asked(NOBODY),
        Wish(spot=spot, metadata={}),
        email=email,
        source=source,
    )


def test_an_appointment_is_held_in_the_guest_s_name(salon: Salon) -> None:
    made, token = hold(salon)
    assert made.created
    assert made.booking.owner == guest(ANN).id
    assert token == issue(MemorySecrets().key, made.booking.id, 1)
    assert salon.day().claims or salon.day("chair-2").claims


@pytest.mark.parametrize(
    ("business", "service", "taken"),
    [
        (GUESTS, None, True),
        (NO_GUESTS, None, False),
        (GUESTS, NO_GUESTS, False),
        (NO_GUESTS, GUESTS, True),
    ],
)
def test_a_service_says_otherwise_than_its_business(
    business: dict[str, object], service: dict[str, object] | None, taken: bool
) -> None:
    salon = Salon()
    salon.settle(policies=business)
    salon.offer(a_service("dye", policies=service) if service else a_service("dye"))
    if taken:
        assert hold(salon, service="dye").reserved.created
        return
    with pytest.raises(PolicyViolation) as refused:
        hold(salon, service="dye")
    assert refused.value.facts["rule"] == "guest_booking"
    assert not salon.memory.bookings


def test_who_types_the_same_email_is_told_that_it_is_taken(salon: Salon) -> None:
    hold(salon)
    with pytest.raises(AlreadyHeld):
        hold(salon, email=f" {ANN.upper()}")
    assert hold(salon, email=BOB).reserved.created


def test_the_limit_that_leaves_less_is_told(salon: Salon) -> None:
    salon.settle(policies=GUESTS, rateLimits={**_limits(salon), "reservePerMinute": 3})
    first = asked(NOBODY)
    hold(salon, first)
    assert (first.meter.limit, first.meter.used) == (3, 1)
    by_network = asked(NOBODY)
    hold(salon, by_network, email=BOB)
    assert by_network.meter.used == 2
    by_email = asked(NOBODY)
    hold(salon, by_email, hours=10, source="203.0.113.8")
    assert by_email.meter.used == 2
    hold(salon, email="carol@example.org", hours=11)
    with pytest.raises(RateLimited):
        hold(salon, email="dan@example.org", hours=12)


def _limits(salon: Salon) -> dict[str, int]:
    limits: dict[str, int] = salon.memory.businesses[BUSINESS].settings["rateLimits"]
    return limits


def test_a_refused_network_costs_the_guest_nothing_of_their_own_limit(salon: Salon) -> None:
    salon.settle(policies=GUESTS, rateLimits={**_limits(salon), "reservePerMinute": 1})
    hold(salon)
    before = set(salon.memory.counts)
    with pytest.raises(RateLimited):
        hold(salon, email=BOB, hours=10)
    assert set(salon.memory.counts) == before


def test_the_token_s_request_is_made_in_the_owner_s_name_under_a_key_of_theirs(salon: Salon) -> None:
    made, token = hold(salon)
    by = asked(NOBODY, key="key-00001")
    theirs, booking = managed(salon.ledger, MemorySecrets(), by, token)
    assert (booking.id, theirs.caller.id) == (made.booking.id, booking.owner)
    assert theirs.op != by.op
    assert theirs.op == managed(salon.ledger, MemorySecrets(), by, token).asked.op
    assert theirs.meter is by.meter


@pytest.mark.parametrize("token", ["", "b" * 20, f"{'b' * 20}.{'A' * 43}"])
def test_what_is_no_token_of_ours_is_of_no_booking(salon: Salon, token: str) -> None:
    with pytest.raises(NotFound):
        managed(salon.ledger, MemorySecrets(), asked(NOBODY), token)


def test_another_key_voids_all_links(salon: Salon) -> None:
    _, token = hold(salon)
    with pytest.raises(NotFound):
        managed(salon.ledger, MemorySecrets(key=b"n" * 64), asked(NOBODY), token)


def test_revoking_is_a_version_of_the_booking(salon: Salon) -> None:
    made, token = hold(salon)
    ports = (salon.ledger, salon.callers)
    with pytest.raises(StaleVersion):
        revoke_link(*ports, asked(STAN, expects=2), made.booking.id)
    by = asked(STAN, key="key-00001")
    done = revoke_link(*ports, by, made.booking.id, reason="Forwarded.")
    assert (done.booking.link, done.booking.version, done.replayed) == (2, 2, False)
    assert revoke_link(*ports, by, made.booking.id, reason="Forwarded.").replayed
    assert salon.booking(made.booking) == done.booking
    with pytest.raises(NotFound):
        managed(salon.ledger, MemorySecrets(), asked(NOBODY), token)
    assert replace(done.booking, link=1, version=1, history=made.booking.history) == made.booking


def test_a_link_of_a_booking_that_is_over_may_be_revoked_too(salon: Salon) -> None:
    made, _ = hold(salon)
    late = asked(STAN, now=NOW + 10 * MINUTE)
    assert revoke_link(salon.ledger, salon.callers, late, made.booking.id).booking.link == 2


def test_only_staff_of_its_business_revoke(salon: Salon) -> None:
    made, _ = hold(salon)
    for caller in (NOBODY, guest(ANN), Caller("sue", frozenset({"boats:staff"}))):
        with pytest.raises(NotFound):
            revoke_link(salon.ledger, salon.callers, asked(caller), made.booking.id)
