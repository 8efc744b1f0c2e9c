"""The links by which guests manage their bookings: staff may void one."""

from __future__ import annotations

from functions.admin_api.door import api, zone_of
from functions.admin_api.schemas import MarkBody
from holdfast.app.revoke_link import revoke_link as revoke
from holdfast.domain.errors import NotFound, PolicyViolation, StaleVersion
from holdfast.http import views
from holdfast.http.api import Answer, Call
from holdfast.http.ports import Ports


@api.post(
    "/v1/admin/bookings/{bookingId}/revoke-link",
    body=MarkBody,
    answers={200: views.BookingView},
    refuses=(NotFound, StaleVersion, PolicyViolation),
    kept=False,
)
def revoke_link(call: Call[MarkBody], ports: Ports) -> Answer:
    """Void the link of a guest's booking, which stays as it is. The guest gets no other one: staff act for
    them from then on."""
    booking_id, reason = call.path["bookingId"], call.body.reason
    done = revoke(ports.ledger(), ports.callers(), call.asked, booking_id, reason=reason)
    return Answer(
        body=views.booking_view(done.booking, zone_of(ports, done.booking.business), call.now),
        version=done.booking.version,
        replayed=done.replayed,
    )
