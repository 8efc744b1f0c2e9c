"""What guests do with bookings of theirs; each subject has its module beside this."""

from __future__ import annotations

from functions.guest_api import holds, manage
from functions.guest_api.door import api
from holdfast import bootstrap
from holdfast.http.entry import entry

__all__ = ["api", "handler"]

SUBJECTS = (holds, manage)
"""Importing a subject declares its operations."""

handler = entry(api, bootstrap)
bootstrap.prime()
