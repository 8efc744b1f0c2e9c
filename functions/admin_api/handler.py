"""What admins do to the catalog and to slots; each subject has its module beside this."""

from __future__ import annotations

from functions.admin_api import (
    bookings,
    businesses,
    deeds,
    holidays,
    jobs,
    links,
    members,
    queues,
    resources,
    services,
    slots,
    time_off,
)
from functions.admin_api.door import api
from holdfast import bootstrap
from holdfast.http.entry import entry
from holdfast.http.kept_answers import KeptAnswers, in_table

__all__ = ["api", "handler"]

SUBJECTS = (
    *(bookings, businesses, deeds, holidays, jobs, links, members, queues, resources, services),
    *(slots, time_off),
)
"""Importing a subject declares its operations."""

keep = KeptAnswers(lambda: in_table(bootstrap.settings().ephemeral_table))
handler = entry(api, bootstrap, keep=keep)
bootstrap.prime()
