"""What guests do with bookings of theirs; each subject has its module beside this."""

from __future__ import annotations

from functions.guest_api import holds
from functions.guest_api.door import api
from holdfast import bootstrap
from holdfast.http.entry import entry

__all__ = ["api", "handler"]

SUBJECTS = (holds,)
"""Importing a subject declares its operations; the other is imported when it is asked for."""

api.later("functions.guest_api.manage")

handler = entry(api, bootstrap)
bootstrap.prime()
