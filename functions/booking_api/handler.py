"""What customers do with slots and with bookings of their own; each subject has its module beside this."""

from __future__ import annotations

from functions.booking_api import bookings, holds
from functions.booking_api.door import api
from holdfast import bootstrap
from holdfast.http.entry import entry

__all__ = ["api", "handler"]

SUBJECTS = (bookings, holds)
"""Importing a subject declares its operations; the others are imported when they are asked for."""

api.later("functions.booking_api.queue", "functions.booking_api.series", "functions.booking_api.realtime")

handler = entry(api, bootstrap)
bootstrap.prime()
