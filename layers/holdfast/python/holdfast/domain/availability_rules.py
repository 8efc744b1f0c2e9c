"""The evaluator's rules, read from the catalog's documents as API.md shapes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from holdfast.domain.availability import CustomRule, Rules
from holdfast.domain.business import Resource
from holdfast.domain.closures import Closure, TimeOff
from holdfast.domain.hours import Week


def rules_of(
    settings: Mapping[str, Any],
    service: Mapping[str, Any],
    resource: Resource,
    *,
    closures: Iterable[Closure] = (),
    time_off: Sequence[TimeOff] = (),
    custom: Sequence[CustomRule] = (),
) -> Rules:
    """Of one service on one resource. The service's grid and policies override the business's member by
    member; a resource with hours of its own has its own breaks too. Closures of other resources are left out.
    """
    grid = {**settings["grid"], **(service.get("grid") or {})}
    policies = {**settings["policies"], **(service.get("policies") or {})}
    hours, breaks = settings["hours"], settings["breaks"]
    if resource.hours is not None:
        hours, breaks = resource.hours, resource.breaks
    duration = service["durationMinutes"]
    before, after = grid["bufferBeforeMinutes"], grid["bufferAfterMinutes"]
    return Rules(
        service=service["serviceId"],
        resource=resource.id,
        zone=ZoneInfo(settings["timeZone"]),
        hours=Week.of_hours(hours),
        breaks=Week.of_breaks(breaks),
        closures=tuple(each for each in closures if each.closes(resource.id)),
        time_off=time_off,
        stride=grid["stepMinutes"] or before + duration + after,
        duration=duration,
        shortest=service.get("minDurationMinutes") or duration,
        longest=service.get("maxDurationMinutes") or duration,
        before=before,
        after=after,
        notice=policies["minimumNoticeMinutes"],
        advance_days=policies["maximumAdvanceDays"],
        capacity=resource.capacity,
        pool=service.get("maxSimultaneous"),
        custom=custom,
    )
