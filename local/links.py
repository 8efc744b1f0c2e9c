"""From each answer to all that can be asked about the thing in it: the `links` of the contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import UnionType
from typing import Any, get_args

from pydantic.alias_generators import to_camel

from holdfast.domain.errors import PreconditionRequired
from holdfast.http import catalog_views, guest_views, queue_views, series_views, views
from holdfast.http.api import PATH_IDS, Operation
from holdfast.http.spot_body import SpotBody

type Json = dict[str, Any]

TELLS: Mapping[Any, Mapping[str, str]] = {
    views.BookingView: {"bookingId": "/bookingId"},
    guest_views.GuestBookingView: {"token": "/manageToken"},
    views.BookingsView: {"bookingId": "/items/0/bookingId"},
    views.SlotView: {"slotId": "/slotId"},
    views.SlotsView: {"slotId": "/items/0/slotId"},
    views.GeneratedView: {"slotId": "/created/0/slotId"},
    views.JobView: {"jobId": "/jobId"},
    series_views.MadeSeriesView: {"seriesId": "/seriesId"},
    series_views.SeriesView: {"seriesId": "/seriesId"},
    views.ResourceView: {"businessId": "/businessId", "resourceId": "/resourceId"},
    views.BusinessSettingsView: {"businessId": "/businessId"},
    catalog_views.ServiceView: {"businessId": "/businessId", "serviceId": "/serviceId"},
    catalog_views.HolidayView: {"businessId": "/businessId", "holidayId": "/holidayId"},
    catalog_views.TimeOffView: {
        "businessId": "/businessId",
        "resourceId": "/resourceId",
        "timeOffId": "/timeOffId",
    },
    queue_views.PlaceView: {"slotId": "/slotId"},
    queue_views.JoinedView: {"slotId": "/queue/slotId"},
    queue_views.QueueView: {
        "businessId": "/businessId",
        "slotId": "/slotId",
        "entryId": "/items/0/entryId",
    },
}
"""The ids in an answer that lead on, with where they stand; the last is the answer's own."""


ONLY_FROM: Mapping[str, frozenset[Any]] = {
    "get_queue_position": frozenset({queue_views.PlaceView, queue_views.JoinedView}),
}
"""Operations that need more than the id: who only knows a slot need not have a place in its queue."""


def views_in(answer: Any) -> tuple[Any, ...]:
    """The bodies that an answer may have, the usual one first."""
    return get_args(answer) if isinstance(answer, UnionType) else (answer,)


def links_from(view: Any, operations: Iterable[Operation], *, etag: bool) -> Json:
    """Links to every operation that takes exactly the ids this answer tells."""
    told = TELLS.get(view, {})
    return {
        to_camel(operation.name): _link(operation, told, etag=etag)
        for operation in operations
        if told and _taken(operation) == set(told) and view in ONLY_FROM.get(operation.name, {view})
    }


def _link(operation: Operation, told: Mapping[str, str], *, etag: bool) -> Json:
    found = {name: f"$response.body#{pointer}" for name, pointer in told.items()}
    in_path = {name: found[name] for name in operation.path_ids}
    in_body = {name: found[name] for name in found if name not in in_path}
    if etag and PreconditionRequired in operation.refuses:
        in_path["header.If-Match"] = "$response.header.ETag"
    link: Json = {"operationId": to_camel(operation.name), "parameters": in_path}
    return link | ({"requestBody": in_body} if in_body else {})


def _taken(operation: Operation) -> set[str]:
    """The ids of what must be there already: in the path, or in the body less the one it gives."""
    members = getattr(operation.body, "model_fields", {})
    made = list(TELLS.get(operation.answers.get(201), {}))[-1:]
    required = {name for name, field in members.items() if field.is_required()}
    if operation.body and issubclass(operation.body, SpotBody):
        required.add("slot_id")  # the shorter way to name a spot
    in_body = set(map(to_camel, required)) & set(PATH_IDS)
    return {*operation.path_ids, *(in_body - set(made))}
