"""Series as items. They lie in no index: a series is found by its id, which its bookings tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holdfast.adapters.dynamodb.keys import series_key
from holdfast.adapters.dynamodb.values import Item, n, new_or_on_version, optional_n, present, read_n, s
from holdfast.app.writes import SaveSeries
from holdfast.domain.instants import DAY, SECOND
from holdfast.domain.series import Mode, Occurrence, Outcome, Series

KEEP = 365 * DAY
"""A series is deleted this long after the last start it was made for; its bookings stay as they are."""


def series_item(series: Series) -> dict[str, Any]:
    last = max(each.start for each in series.occurrences)
    return {
        **series_key(series.id),
        "kind": s("series"),
        "business": s(series.business),
        "owner": s(series.owner),
        "mode": s(series.mode),
        "fingerprint": s(series.fingerprint),
        "madeAt": n(series.made_at),
        "occurrences": {"L": [{"M": _occurrence_value(each)} for each in series.occurrences]},
        "version": n(series.version),
        "ttl": n((max(last, series.made_at) + KEEP) // SECOND),
        **present({"expires": optional_n(series.expires)}),
    }


def series_of(item: Mapping[str, Any]) -> Series:
    return Series(
        id=item["PK"]["S"].removeprefix("SERIES#"),
        business=item["business"]["S"],
        owner=item["owner"]["S"],
        mode=Mode(item["mode"]["S"]),
        fingerprint=item["fingerprint"]["S"],
        made_at=int(item["madeAt"]["N"]),
        occurrences=tuple(_occurrence_of(each["M"]) for each in item["occurrences"]["L"]),
        expires=read_n(item, "expires"),
        version=int(item["version"]["N"]),
    )


def save_series(write: SaveSeries) -> dict[str, Any]:
    return new_or_on_version(series_item(write.series), write.series.version, absent=write.absent)


def _occurrence_value(occurrence: Occurrence) -> dict[str, Any]:
    value: dict[str, Any] = {
        "start": n(occurrence.start),
        "booking": s(occurrence.booking),
        "outcome": s(occurrence.outcome),
        **present({"end": optional_n(occurrence.end)}),
    }
    return value | (
        {"reasons": {"L": [s(each) for each in occurrence.reasons]}} if occurrence.reasons else {}
    )


def _occurrence_of(value: Item) -> Occurrence:
    reasons = value["reasons"]["L"] if "reasons" in value else ()
    return Occurrence(
        start=int(value["start"]["N"]),
        booking=value["booking"]["S"],
        outcome=Outcome(value["outcome"]["S"]),
        end=read_n(value, "end"),
        reasons=tuple(each["S"] for each in reasons),
    )
