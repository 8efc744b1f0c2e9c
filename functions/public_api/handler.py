"""Reads that need no token; each subject has its module beside this."""

from __future__ import annotations

from functions.public_api import availability, businesses, service, slots
from functions.public_api.door import api
from holdfast import bootstrap
from holdfast.http.entry import entry

__all__ = ["api", "handler"]

SUBJECTS = (availability, businesses, service, slots)
"""Importing a subject declares its operations."""

handler = entry(api, bootstrap)
bootstrap.prime()
