"""Who may change a business: its admins and the platform's (SEC-1).

The token's groups say it first. Where a business has recorded its members, the Catalog has the last word: a
token outlives a role that was taken away (ADR 0030).
"""

from __future__ import annotations

from holdfast.app.asked import Asked
from holdfast.app.existing import existing_business
from holdfast.app.ports import Catalog
from holdfast.domain.business import Business
from holdfast.domain.errors import Forbidden
from holdfast.domain.member import Role


def administered(catalog: Catalog, asked: Asked, business_id: str, *, missing: str = "business") -> Business:
    """The business, if the caller may change it; `missing` is what is not found without it.

    Raises NotFound or Forbidden.
    """
    business = existing_business(catalog, business_id, missing=missing)
    caller = asked.caller
    if not caller.administers(business_id):
        raise Forbidden("Only its admins change what a business offers.")
    if not caller.is_platform_admin and not _is_admin_there(catalog, caller.id, business_id):
        raise Forbidden("The business knows no admin by this user.")
    return business


def _is_admin_there(catalog: Catalog, user: str, business_id: str) -> bool:
    """A business without members trusts the groups."""
    member = catalog.member(business_id, user)
    if member:
        return member.role is Role.ADMIN
    return not catalog.members(business_id, limit=1, cursor=None).items
