"""What guests send: as customers do, but they must say who they are."""

from holdfast.http.bodies import Body, ContactBody, Email, Notes, Phone, Seconds
from holdfast.http.spot_body import SpotBody, WishBody


class GuestContactBody(ContactBody):
    email: Email
    phone: Phone


class GuestReserveBody(SpotBody, WishBody):
    """What is asked for is of the business in the path. Guests do not wait in queues."""

    contact: GuestContactBody
    hold_seconds: Seconds | None = None


class GuestConfirmBody(Body):
    """Who they are stays as they said it."""

    notes: Notes | None = None
