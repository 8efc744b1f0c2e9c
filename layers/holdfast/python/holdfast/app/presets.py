"""Presets: what a business's settings are where its admin left them out (AVAIL-7), as JSON in `presets/`.

Groups of figures (hold, policies, ...) are merged member by member. What only makes sense as a whole is
taken as a whole: opening hours, since a weekday left out is closed, and everything that is a list.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from holdfast.domain.contradictions import of_business, refuse_any
from holdfast.domain.errors import Invalid

_FILES = Path(__file__).parent.parent / "presets"
_MERGED = ("grid", "hold", "queue", "policies", "rateLimits", "domain")

LONGEST_HOLD_SECONDS = 900


def names() -> list[str]:
    return sorted(file.stem for file in _FILES.glob("*.json"))


@cache
def preset(name: str) -> Mapping[str, Mapping[str, Any]]:
    """`settings` of a business, and what a `resource` and a `service` of it have where they say nothing."""
    mine: dict[str, dict[str, Any]] = json.loads((_FILES / f"{name}.json").read_text(encoding="utf-8"))
    if name == "default":
        return mine
    return {kind: _merged(values, mine.get(kind, {})) for kind, values in preset("default").items()}


def resolve(name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The whole settings of a business. Raises Invalid where what was given does not fit together."""
    settings = _merged(preset(name)["settings"], given) | {"preset": name}
    _check_hold(settings["hold"])
    check_hours(settings["hours"])
    check_breaks(settings["breaks"])
    _check_tiers(settings["refundTiers"])
    refuse_any(of_business(settings))
    return settings


def resolve_service(name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The whole settings of a service: what overrides the business's has only the members it was given.

    Raises Invalid where two of its refund tiers begin at the same time."""
    settings = {**preset(name)["service"], **given}
    _check_tiers(settings.get("refundTiers") or ())
    return settings


def _check_tiers(tiers: Sequence[Mapping[str, int]]) -> None:
    steps = [tier["beforeMinutes"] for tier in tiers]
    if len(set(steps)) < len(steps):
        raise Invalid("/refundTiers", "two tiers begin at the same time")


def _merged(base: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    inner = {name: {**base[name], **given[name]} for name in _MERGED if name in given}
    return {**base, **given, **inner}


def _check_hold(hold: Mapping[str, int]) -> None:
    rising = ("minSeconds", "defaultSeconds", "maxSeconds", "totalMaxSeconds")
    for shorter, longer in pairwise(rising):
        if hold[shorter] > hold[longer]:
            raise Invalid(f"/hold/{longer}", f"must not be below {shorter}, {hold[shorter]}")
    if hold["maxSeconds"] > LONGEST_HOLD_SECONDS:
        raise Invalid("/hold/maxSeconds", f"must be at most {LONGEST_HOLD_SECONDS}")


def check_hours(hours: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
    """Local times of equal length compare as texts."""
    for weekday, intervals in hours.items():
        before = ""
        for index, interval in enumerate(intervals):
            at = f"/hours/{weekday}/{index}"
            if not interval["from"] < interval["to"]:
                raise Invalid(f"{at}/to", "must be after from")
            if interval["from"] < before:
                raise Invalid(f"{at}/from", "must not be before the end of the interval before it")
            before = interval["to"]


def check_breaks(breaks: Sequence[Mapping[str, Any]]) -> None:
    for index, pause in enumerate(breaks):
        if not pause["from"] < pause["to"]:
            raise Invalid(f"/breaks/{index}/to", "must be after from")
