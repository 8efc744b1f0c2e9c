"""Who may call what: every role, every operation, on an object of one's own place and of another's (SEC-1).

An operation without a row here fails, so a new route is not published before somebody wrote down whose it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from holdfast.domain.caller import Caller
from holdfast.http.api import Operation
from tests.handlers.places import (
    APIS,
    CALLERS,
    HERE,
    MIRRORED,
    SECRET,
    THERE,
    Place,
    World,
    a_slot_body,
    a_time_off_body,
    world,
)

OF_NO_PLACE = {"get_openapi", "get_docs", "list_my_bookings", "list_my_queues"}
"""The contract with its examples, and what is the caller's own wherever that is (a test of its own below)."""

OPERATIONS = {operation.name: operation for api in APIS for operation in api.operations}


@dataclass(frozen=True)
class Row:
    """The answers in the order of CALLERS, and what is sent. `{names}` are ids of the place it is about."""

    answers: str
    body: Mapping[str, Any] | None = None
    on: Mapping[str, str] = field(default_factory=dict)
    if_match: int | None = None
    query: Mapping[str, str] = field(default_factory=dict)


HELD, SOLD = {"bookingId": "{heldBooking}"}, {"bookingId": "{soldBooking}"}
ASKING = {"bookingId": "{askingBooking}"}
SLOT, BUSY = {"slotId": "{emptySlot}"}, {"slotId": "{busySlot}"}
MORNING = {"start": "2026-07-01T09:00:00Z", "end": "2026-07-01T10:00:00Z"}
GUEST_HELD, GUEST_SOLD = {"token": "{guestHeldToken}"}, {"token": "{guestSoldToken}"}
GUEST = {"email": "ann@example.org", "phone": "+49 30 1234567"}
REASON = {"reason": "They asked at the desk."}
RESOURCE = {"resourceId": "new-one", "name": "New", "kind": "stand"}
HOLIDAY = {"date": "2026-12-31", "name": "New Year's Eve", "kind": "public"}

#                nobody  owner  other   staff  staff      admin  admin      platform
#                               cust.          elsewhere         elsewhere  admin
ANYBODY = "        200    200    200     200    200        200    200        200   "
ANYBODY_MAKES = "  201    201    201     201    201        201    201        201   "
SIGNED_IN = "      401    200    200     200    200        200    200        200   "
MAKERS = "         401    201    201     201    201        201    201        201   "
JOINERS = "       401    200    201     201    201        201    201        201   "
LEAVERS = "       401    204    204     204    204        204    204        204   "
OWNER_OR_STAFF = " 401    200    404     200    404        200    404        200   "
OWNER = "          401    200    404     404    404        404    404        404   "
STAFF = "          401    403    403     200    403        200    403        200   "
STAFF_MAKE = "     401    403    403     201    403        201    403        201   "
STAFF_IF_THEIRS = "401    404    404     200    404        200    404        200   "
ADMIN = "          401    403    403     403    403        200    403        200   "
ADMIN_REMOVES = "  401    403    403     403    403        204    403        204   "
ADMIN_MAKES = "    401    403    403     403    403        201    403        201   "
PLATFORM_MAKES = " 401    403    403     403    403        403    403        201   "

MATRIX: dict[str, Row] = {
    # public_api
    "get_health": Row(ANYBODY),
    "get_openapi": Row(ANYBODY),
    "get_docs": Row(ANYBODY),
    "get_business": Row(ANYBODY),
    "list_resources": Row(ANYBODY),
    "list_services": Row(ANYBODY),
    "list_slots": Row(ANYBODY),
    "get_slot": Row(ANYBODY, on=SLOT),
    "list_availability": Row(ANYBODY),
    "get_capacity": Row(ANYBODY, query=MORNING),
    # booking_api
    "reserve_slot": Row(MAKERS, {"slotId": "{emptySlot}"}),
    "extend_hold": Row(OWNER, {"seconds": 300}, on=HELD),
    "release_hold": Row(OWNER, {}, on=HELD),
    "confirm_booking": Row(OWNER, {}, on=HELD),
    "cancel_booking": Row(OWNER, {}, on=SOLD),
    "reschedule_booking": Row(OWNER, {"slotId": "{emptySlot}"}, on=SOLD, if_match=2),
    "amend_booking": Row(OWNER, {"notes": "changed"}, on=HELD, if_match=1),
    "book_series": Row(MAKERS, {"slotIds": ["{emptySlot}"]}),
    "get_series": Row(OWNER_OR_STAFF),
    "confirm_series": Row(OWNER, {}),
    "list_my_bookings": Row(SIGNED_IN),
    "get_booking": Row(OWNER_OR_STAFF, on=SOLD),
    "get_history": Row(OWNER_OR_STAFF, on=SOLD),
    "join_slot_queue": Row(JOINERS, {}, on=BUSY),
    "get_queue_position": Row(OWNER, on=BUSY),
    "leave_slot_queue": Row(LEAVERS, {}, on=BUSY),
    "list_my_queues": Row(SIGNED_IN),
    "issue_realtime_ticket": Row(MAKERS, {}),
    # guest_api: the token decides, whoever shows it
    "reserve_as_guest": Row(ANYBODY_MAKES, {"slotId": "{emptySlot}", "contact": GUEST}),
    "get_managed_booking": Row(ANYBODY, on=GUEST_SOLD),
    "extend_managed_hold": Row(ANYBODY, {"seconds": 300}, on=GUEST_HELD),
    "release_managed_hold": Row(ANYBODY, {}, on=GUEST_HELD),
    "confirm_managed_booking": Row(ANYBODY, {}, on=GUEST_HELD),
    "reschedule_managed_booking": Row(ANYBODY, {"slotId": "{emptySlot}"}, on=GUEST_SOLD, if_match=2),
    "cancel_managed_booking": Row(ANYBODY, {}, on=GUEST_SOLD),
    # admin_api
    "add_business": Row(
        PLATFORM_MAKES, {"businessId": "new-one", "name": "New", "timeZone": "Europe/Berlin"}
    ),
    "add_resource": Row(ADMIN_MAKES, RESOURCE),
    "list_resources_as_staff": Row(STAFF),
    "get_business_as_staff": Row(STAFF),
    "update_business": Row(ADMIN, {"name": "Other", "timeZone": "Europe/Berlin"}, if_match=3),
    "get_resource_as_staff": Row(STAFF),
    "update_resource": Row(ADMIN, {"name": "Other", "kind": "stand"}, if_match=1),
    "delete_resource": Row(ADMIN_REMOVES, {}, on={"resourceId": "{spareResource}"}),
    "add_service": Row(ADMIN_MAKES, {"serviceId": "new-one", "name": "New"}),
    "list_services_as_staff": Row(STAFF),
    "get_service_as_staff": Row(STAFF),
    "update_service": Row(ADMIN, {"name": "Other"}, if_match=1),
    "delete_service": Row(ADMIN_REMOVES, {}),
    "add_holiday": Row(ADMIN_MAKES, HOLIDAY),
    "list_holidays": Row(STAFF),
    "get_holiday": Row(STAFF),
    "update_holiday": Row(ADMIN, HOLIDAY, if_match=1),
    "delete_holiday": Row(ADMIN_REMOVES, {}),
    "add_time_off": Row(ADMIN_MAKES, a_time_off_body(200)),
    "list_times_off": Row(STAFF),
    "get_time_off": Row(STAFF),
    "update_time_off": Row(ADMIN, a_time_off_body(200), if_match=1),
    "delete_time_off": Row(ADMIN_REMOVES, {}),
    "list_members": Row(STAFF),
    "add_member": Row(ADMIN_MAKES, {"userId": "new-one", "role": "staff"}),
    "get_member": Row(STAFF),
    "update_member": Row(ADMIN, {"role": "admin"}, if_match=1),
    "delete_member": Row(ADMIN_REMOVES, {}),
    "generate_slots": Row(
        ADMIN,
        {
            "resourceId": "{resourceId}",
            "from": "2026-07-01",
            "to": "2026-07-02",
            "capacity": 1,
            "durationMinutes": 60,
        },
    ),
    "update_slot": Row(ADMIN, {"capacity": 3}, on=SLOT, if_match=1),
    "block_slot": Row(ADMIN, {}, on=SLOT),
    "unblock_slot": Row(ADMIN, {}, on=SLOT),
    "delete_slot": Row(ADMIN_REMOVES, {}, on=SLOT),
    "get_job": Row(STAFF_IF_THEIRS),
    "list_bookings": Row(STAFF),
    "get_booking_as_staff": Row(STAFF_IF_THEIRS, on=SOLD),
    "add_booking": Row(STAFF_MAKE, {"slotId": "{emptySlot}"}),
    "approve_booking": Row(STAFF_IF_THEIRS, {}, on=ASKING),
    "reject_booking": Row(STAFF_IF_THEIRS, REASON, on=ASKING),
    "reschedule_for_customer": Row(STAFF_IF_THEIRS, {"slotId": "{emptySlot}"}, on=SOLD),
    "start_booking": Row(STAFF_IF_THEIRS, {}, on=SOLD),
    "complete_booking": Row(STAFF_IF_THEIRS, {}, on=SOLD),
    "mark_no_show": Row(STAFF_IF_THEIRS, {}, on=SOLD),
    "cancel_for_customer": Row(STAFF_IF_THEIRS, {"reason": "The river rose."}, on=SOLD),
    "revoke_link": Row(STAFF_IF_THEIRS, {}, on={"bookingId": "{guestSoldBooking}"}),
    "get_queue": Row(STAFF, on=BUSY),
    "remove_entry": Row(ADMIN, REASON, on=BUSY),
    "move_entry_to_front": Row(ADMIN, REASON, on=BUSY),
    "add_slot": Row(ADMIN_MAKES, {**a_slot_body("{resourceId}", 72)}),
}


def _cases() -> Iterator[Any]:
    for name in OPERATIONS:
        for role in CALLERS:
            for place in (HERE, THERE):
                yield pytest.param(name, role, place, id=f"{name}, {role}, {place.business}")


def _expected(row: Row, role: str, place: Place) -> int:
    seen_as = role if place is HERE else MIRRORED.get(role, role)
    return dict(zip(CALLERS, map(int, row.answers.split()), strict=True))[seen_as]


def _filled(told: Any, ids: Mapping[str, str]) -> Any:
    match told:
        case str():
            return told.format_map(ids)
        case dict():
            return {name: _filled(value, ids) for name, value in told.items()}
        case list():
            return [_filled(value, ids) for value in told]
    return told


def _path(operation: Operation, row: Row, ids: Mapping[str, str]) -> str:
    """The operation's path about this place."""
    return operation.path.format_map(ids | _filled(dict(row.on), ids))


def _ask(made: World, name: str, role: str, ids: Mapping[str, str], path: str | None = None) -> Any:
    operation, row = OPERATIONS[name], MATRIX[name]
    headers = {} if row.if_match is None else {"if-match": f'"{row.if_match}"'}
    body = _filled(dict(row.body), ids) if row.body is not None else None
    return made.ask(
        operation.method,
        path or _path(operation, row, ids),
        body,
        CALLERS[role],
        headers=headers,
        query=row.query,
    )


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    assert set(MATRIX) == set(OPERATIONS)
    assert len(OPERATIONS) == sum(len(api.operations) for api in APIS)


@pytest.mark.parametrize(("name", "role", "place"), list(_cases()))
def test_a_role_gets_what_is_its_own_and_nothing_else(name: str, role: str, place: Place) -> None:
    assert name in MATRIX, f"{name}: write down in MATRIX who may call it"
    made, elsewhere = world(), THERE if place is HERE else HERE
    before, before_elsewhere = made.kept, made.kept_of(elsewhere)

    reply = _ask(made, name, role, made.ids[place])

    assert reply.status == _expected(MATRIX[name], role, place), reply.body
    if reply.status >= 400:
        assert made.kept == before, "a refused call changed something"
        assert SECRET not in json.dumps(reply.body)
        assert reply.code == {401: "unauthenticated", 403: "forbidden", 404: "not_found"}[reply.status]
    else:
        assert made.kept_of(elsewhere) == before_elsewhere, "it changed something of another place"
        ids = {f'"{each}"' for member, each in made.ids[elsewhere].items() if member != "userId"}
        told = json.dumps(reply.body)
        assert name in OF_NO_PLACE or not [each for each in ids if each in told]


@pytest.mark.parametrize("name", [name for name, row in MATRIX.items() if "404" in row.answers])
def test_what_belongs_to_others_looks_like_what_is_not_there(name: str) -> None:
    made = world()
    absent = {
        "bookingId": "a" * 20,
        "jobId": "a" * 20,
        "seriesId": "a" * 20,
        "slotId": f"{HERE.business}.{HERE.resource}.203001010000",
    }
    if name == "get_queue_position":  # slots are public: what is hidden is who waits
        absent["slotId"] = made.ids[HERE]["emptySlot"]
    path = OPERATIONS[name].path.format_map({**made.ids[HERE], **absent})
    for role in (role for role in CALLERS if _expected(MATRIX[name], role, HERE) == 404):
        hidden = _ask(made, name, role, made.ids[HERE])
        missing = _ask(made, name, role, made.ids[HERE], path)
        assert (hidden.status, hidden.body) == (missing.status, missing.body)


def test_an_object_of_another_business_is_not_reached_through_the_path_of_ones_own() -> None:
    """Wherever a path names a business and something in it, both must belong together."""
    for name, operation in OPERATIONS.items():
        if "businessId" in operation.path_ids and len(operation.path_ids) > 1:
            made = world()
            before, row = made.kept, MATRIX[name]
            crossed = _filled(dict(row.on), made.ids[THERE]) | {"businessId": HERE.business}
            path = operation.path.format_map({**made.ids[THERE], **crossed})
            reply = _ask(made, name, "admin", made.ids[HERE], path)
            assert (reply.status, reply.code) == (404, "not_found"), name
            assert made.kept == before


def test_a_slot_is_not_published_on_the_resource_of_another_business() -> None:
    made = world()
    body = a_slot_body(THERE.resource, 72)
    reply = made.ask("POST", f"/v1/admin/businesses/{HERE.business}/slots", body, CALLERS["admin"])
    assert (reply.status, reply.pointers) == (422, ["/resourceId"])


@pytest.mark.parametrize("role", [role for role in CALLERS if role != "nobody"])
def test_my_bookings_are_the_callers_own_whatever_the_role(role: str) -> None:
    made, caller = world(), CALLERS[role]
    assert caller is not None
    reply = made.ask("GET", "/v1/bookings/my", None, caller)
    owners = {place.customer: place for place in (HERE, THERE)}
    own = made.ids[owners[caller.id]] if caller.id in owners else {}
    wanted = (
        {own[f"{name}Booking"] for name in ("held", "sold", "doomed", "asking", "weekly")} if own else set()
    )
    assert {item["bookingId"] for item in reply.body["items"]} == wanted


@pytest.mark.parametrize("role", [role for role in CALLERS if role != "nobody"])
def test_my_queues_are_the_callers_own_whatever_the_role(role: str) -> None:
    made, caller = world(), CALLERS[role]
    assert caller is not None
    reply = made.ask("GET", "/v1/queues/my", None, caller)
    wanted = {made.ids[place]["entryId"] for place in (HERE, THERE) if place.customer == caller.id}
    assert {item["entryId"] for item in reply.body["items"]} == wanted


@pytest.mark.parametrize(
    "groups",
    [
        *({"bikes"}, {"admin"}, {"staff"}, {":admin"}, {"bikes:"}, {"bikes:owner"}, {"BIKES:ADMIN"}),
        *(
            {"bikes:admin:extra"},
            {"xbikes:admin"},
            {"platform"},
            {"platform-admin:bikes"},
            {"boats:platform-admin"},
        ),
    ],
    ids=lambda groups: next(iter(groups)),
)
def test_a_group_that_only_looks_like_a_role_is_none(groups: set[str]) -> None:
    made, caller = world(), Caller("eve", frozenset(groups))
    body = a_slot_body(HERE.resource, 72)
    reply = made.ask("POST", f"/v1/admin/businesses/{HERE.business}/slots", body, caller)
    assert (reply.status, reply.code) == (403, "forbidden")
