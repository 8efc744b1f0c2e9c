"""Series: reserve several slots or starts at once, read what became of them, confirm them."""

from __future__ import annotations

from functions.booking_api.door import api, results_answer, zone_of
from functions.booking_api.schemas import ConfirmBody
from holdfast.app.reserve_series import reserve_series
from holdfast.app.series_deeds import confirm_members, visible_series
from holdfast.domain.errors import NotFound, PolicyViolation, RateLimited, SeriesNotOffered
from holdfast.domain.series import Mode
from holdfast.http import series_views
from holdfast.http.api import Answer, Call
from holdfast.http.ports import Ports
from holdfast.http.series_body import SeriesBody


@api.post(
    "/v1/bookings/series",
    body=SeriesBody,
    answers={201: series_views.MadeSeriesView, 200: series_views.MadeSeriesView},
    refuses=(NotFound, SeriesNotOffered, PolicyViolation, RateLimited),
)
def book_series(call: Call[SeriesBody], ports: Ports) -> Answer:
    """Hold several slots, or the starts of a series, by one request, with what came of each.

    `all_or_nothing` takes at most 20 of them, in one step: where one cannot be had, none is. `skip_conflicts`
    takes each that can be had, of at most 52. `preview` only looks (200).
    """
    plan = call.body.plan(call)
    business = plan.wish.spot.business
    try:
        made = reserve_series(
            ports.ledger(),
            ports.callers(),
            ports.catalog(),
            ports.catalogues(),
            ports.bookings(),
            call.asked,
            plan,
        )
    except SeriesNotOffered as refusal:
        occurrences = series_views.refused_view(refusal.refused, zone_of(call, ports, business))
        refusal.facts = {**refusal.facts, "occurrences": occurrences}
        raise
    looked_only = plan.mode is Mode.PREVIEW
    return Answer(
        status=200 if looked_only else 201,
        body=series_views.made_series_view(made.series, zone_of(call, ports, business), call.now),
        location=None if looked_only else f"/v1/bookings/series/{made.series.id}",
        replayed=made.replayed,
    )


@api.get("/v1/bookings/series/{seriesId}", answers={200: series_views.SeriesView})
def get_series(call: Call[None], ports: Ports) -> Answer:
    """The bookings of a series by their start, for its owner and its business's staff."""
    series, members = visible_series(ports.ledger(), call.asked, call.path["seriesId"])
    call.business = series.business
    zone = zone_of(call, ports, series.business)
    return Answer(body=series_views.series_view(series, members, zone, call.now))


@api.post(
    "/v1/bookings/series/{seriesId}/confirm",
    body=ConfirmBody,
    answers={200: series_views.ResultsView},
)
def confirm_series(call: Call[ConfirmBody], ports: Ports) -> Answer:
    """Make the holds of a series bookings, each by itself with a number of its own."""
    body = call.body
    series, results = confirm_members(
        ports.ledger(),
        ports.callers(),
        ports.catalog(),
        ports.catalogues(),
        call.asked,
        call.path["seriesId"],
        contact=body.contact.contact() if body.contact else None,
        notes=body.notes,
    )
    return results_answer(call, ports, series.business, results)
