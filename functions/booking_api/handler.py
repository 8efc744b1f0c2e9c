"""What customers do with slots and with bookings of their own; each subject has its module beside this."""

from __future__ import annotations

from functions.booking_api import bookings, holds, queue, realtime, series
from functions.booking_api.door import api
from holdfast import bootstrap
from holdfast.http.entry import entry

__all__ = ["api", "handler"]

SUBJECTS = (bookings, holds, queue, realtime, series)
"""Importing a subject declares its operations."""

handler = entry(api, bootstrap)
bootstrap.prime()
