"""What is sent about a booking there is, by customers and by guests alike."""

from holdfast.http.bodies import Body, Reason, Seconds
from holdfast.http.spot_body import SpotBody


class RescheduleBody(SpotBody):
    """Where to, as in a reserve. Without an end an appointment stays as long as it is."""


class ExtendBody(Body):
    seconds: Seconds


class CancelBody(Body):
    reason: Reason | None = None
