"""Who works at a business, and as what."""

from __future__ import annotations

from functions.admin_api.door import api, business_of_staff
from functions.admin_api.schemas import MemberBody, RoleBody
from holdfast.app import change_catalog
from holdfast.app.existing import existing_member
from holdfast.domain.errors import (
    AlreadyExists,
    Forbidden,
    NotFound,
    PreconditionRequired,
    RequestInProgress,
    StaleVersion,
)
from holdfast.domain.member import Member, Role
from holdfast.http import params, views
from holdfast.http.api import Answer, Call
from holdfast.http.bodies import NoBody
from holdfast.http.paging import page_answer
from holdfast.http.ports import Ports

MEMBERS = "/v1/admin/businesses/{businessId}/members"
MEMBER = MEMBERS + "/{userId}"


@api.post(
    MEMBERS,
    body=MemberBody,
    answers={201: views.MemberView},
    refuses=(NotFound, Forbidden, AlreadyExists, RequestInProgress),
)
def add_member(call: Call[MemberBody], ports: Ports) -> Answer:
    """Record a member. From the first on, a token's admin group counts only for recorded admins."""
    business_id, body = call.in_business(), call.body
    catalog, role = ports.fresh_catalog(), Role(body.role)
    member = change_catalog.add_member(catalog, call.asked, business_id, body.user_id, role)
    return Answer(
        status=201,
        body=views.member_view(member),
        version=member.version,
        location=f"/v1/admin/businesses/{business_id}/members/{member.user}",
    )


@api.get(
    MEMBERS,
    query=(params.LIMIT, params.CURSOR),
    answers={200: views.MembersView},
    refuses=(NotFound, Forbidden),
)
def list_members(call: Call[None], ports: Ports) -> Answer:
    """The members of a business by user id, for its staff."""
    business = business_of_staff(call, ports)
    page = ports.fresh_catalog().members(
        business.id, limit=call.query[params.LIMIT], cursor=call.query[params.CURSOR]
    )
    return page_answer(page, views.member_view)


@api.get(MEMBER, answers={200: views.MemberView}, refuses=(NotFound, Forbidden))
def get_member(call: Call[None], ports: Ports) -> Answer:
    """A member of a business, for its staff."""
    business, user_id = business_of_staff(call, ports), call.path["userId"]
    return _member(existing_member(ports.fresh_catalog(), business.id, user_id))


@api.put(
    MEMBER,
    body=RoleBody,
    answers={200: views.MemberView},
    refuses=(NotFound, Forbidden, PreconditionRequired, StaleVersion, RequestInProgress),
)
def update_member(call: Call[RoleBody], ports: Ports) -> Answer:
    """Give a member another role."""
    business_id, user_id = call.in_business(), call.path["userId"]
    catalog, role = ports.fresh_catalog(), Role(call.body.role)
    return _member(change_catalog.update_member(catalog, call.asked, business_id, user_id, role))


@api.delete(
    MEMBER,
    body=NoBody,
    answers={204: None},
    refuses=(NotFound, Forbidden, StaleVersion, RequestInProgress),
)
def delete_member(call: Call[NoBody], ports: Ports) -> Answer:
    """End a membership."""
    business_id, user_id = call.in_business(), call.path["userId"]
    change_catalog.remove_member(ports.fresh_catalog(), call.asked, business_id, user_id)
    return Answer(status=204, body=None)


def _member(member: Member) -> Answer:
    return Answer(body=views.member_view(member), version=member.version)
