"""What a guest who has reserved is answered: the booking, with the token that manages it."""

from __future__ import annotations

from datetime import tzinfo

from holdfast.domain.booking import Booking
from holdfast.domain.instants import Instant
from holdfast.http.views import BookingView, booking_view


class GuestBookingView(BookingView):
    manageToken: str  # noqa: N815


def guest_booking_view(booking: Booking, token: str, zone: tzinfo, now: Instant) -> GuestBookingView:
    return {**booking_view(booking, zone, now), "manageToken": token}
