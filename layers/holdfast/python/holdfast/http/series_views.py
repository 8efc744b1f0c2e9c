"""How a series is answered, and deeds on several bookings. The types here are part of the contract."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import TypedDict

from holdfast.app.series_deeds import Result
from holdfast.domain.booking import Booking, BookingStatus
from holdfast.domain.instants import Instant
from holdfast.domain.series import Mode, Occurrence, Outcome, Series
from holdfast.http.views import BookingView, RefundView, Timestamp, booking_view, refund_view, timestamp


class OccurrenceView(TypedDict):
    start: Timestamp
    end: Timestamp | None
    status: Outcome
    bookingId: str | None
    reasons: list[str]


class MadeSeriesView(TypedDict):
    seriesId: str | None
    businessId: str
    mode: Mode
    items: list[OccurrenceView]
    expiresAt: Timestamp | None
    timeZone: str
    serverTime: Timestamp


class SeriesView(TypedDict):
    seriesId: str
    businessId: str
    mode: Mode
    items: list[BookingView]
    timeZone: str
    serverTime: Timestamp


class ResultView(TypedDict):
    bookingId: str
    start: Timestamp
    end: Timestamp
    status: BookingStatus
    done: bool
    reasons: list[str]
    refund: RefundView | None
    version: int


class ResultsView(TypedDict):
    items: list[ResultView]
    timeZone: str
    serverTime: Timestamp


def made_series_view(series: Series, zone: tzinfo, now: Instant) -> MadeSeriesView:
    """A preview is no series, and has no id."""
    return {
        "seriesId": None if series.mode is Mode.PREVIEW else series.id,
        "businessId": series.business,
        "mode": series.mode,
        "items": [_occurrence_view(each, zone) for each in series.occurrences],
        "expiresAt": None if series.expires is None else timestamp(series.expires, zone),
        "timeZone": str(zone),
        "serverTime": timestamp(now, zone),
    }


def series_view(series: Series, members: Iterable[Booking], zone: tzinfo, now: Instant) -> SeriesView:
    return {
        "seriesId": series.id,
        "businessId": series.business,
        "mode": series.mode,
        "items": [booking_view(each, zone, now) for each in members],
        "timeZone": str(zone),
        "serverTime": timestamp(now, zone),
    }


def results_view(results: Sequence[Result], zone: tzinfo, now: Instant) -> ResultsView:
    return {
        "items": [_result_view(each, zone, now) for each in results],
        "timeZone": str(zone),
        "serverTime": timestamp(now, zone),
    }


def refused_view(refused: Iterable[tuple[Instant, Sequence[str]]], zone: tzinfo) -> list[dict[str, object]]:
    """What stands in the way of a series that is had whole or not at all."""
    return [{"start": timestamp(start, zone), "reasons": list(reasons)} for start, reasons in refused]


def _occurrence_view(occurrence: Occurrence, zone: tzinfo) -> OccurrenceView:
    has_one = occurrence.outcome in (Outcome.RESERVED, Outcome.THERE)
    return {
        "start": timestamp(occurrence.start, zone),
        "end": None if occurrence.end is None else timestamp(occurrence.end, zone),
        "status": occurrence.outcome,
        "bookingId": occurrence.booking if has_one else None,
        "reasons": list(occurrence.reasons),
    }


def _result_view(result: Result, zone: tzinfo, now: Instant) -> ResultView:
    booking = result.booking
    return {
        "bookingId": booking.id,
        "start": timestamp(booking.start, zone),
        "end": timestamp(booking.end, zone),
        "status": booking.seen_at(now),
        "done": not result.reasons,
        "reasons": list(result.reasons),
        "refund": refund_view(booking.refund),
        "version": booking.version,
    }
