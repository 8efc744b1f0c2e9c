"""What admins do to the catalog and to slots; each subject has its module beside this."""

from __future__ import annotations

from functions.admin_api import bookings, deeds
from functions.admin_api.door import api
from holdfast import bootstrap
from holdfast.http.entry import entry
from holdfast.http.kept_answers import KeptAnswers, in_table

__all__ = ["api", "handler"]

SUBJECTS = (bookings, deeds)
"""Staff's daily work. Importing a subject declares its operations; the others are imported when they are
asked for."""

api.later(
    *(
        f"functions.admin_api.{subject}"
        for subject in (
            *("queues", "slots", "services", "resources", "time_off", "holidays", "businesses", "members"),
            *("jobs", "links"),
        )
    )
)

keep = KeptAnswers(lambda: in_table(bootstrap.settings().ephemeral_table))
handler = entry(api, bootstrap, keep=keep)
bootstrap.prime()
