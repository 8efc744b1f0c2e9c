"""The evaluator's rules, read from the catalog's documents as API.md shapes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holdfast.domain.availability import Rules
from holdfast.domain.business import Resource
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.hours import Week
from holdfast.domain.instants import MINUTE, Instant
from holdfast.domain.service import Service


def rules_of(catalogue: Catalogue, service: Service, resource: Resource) -> Rules:
    """Of one service on one resource, both the catalogue's own; worked out once. The service's grid and
    policies override the business's member by member; a resource with hours of its own has breaks of its own
    too. Closures of other resources are left out."""
    name = service.id, resource.id
    if name not in catalogue.derived:
        catalogue.derived[name] = _rules_of(catalogue, service, resource)
    return catalogue.derived[name]


def _rules_of(catalogue: Catalogue, service: Service, resource: Resource) -> Rules:
    settings, told = catalogue.business.settings, service.settings
    grid = _grid(catalogue, service)
    policies = {**settings["policies"], **(told.get("policies") or {})}
    hours, breaks = settings["hours"], settings["breaks"]
    if resource.hours is not None:
        hours, breaks = resource.hours, resource.breaks
    before, after = grid["bufferBeforeMinutes"], grid["bufferAfterMinutes"]
    return Rules(
        service=service.id,
        resource=resource.id,
        zone=catalogue.business.zone,
        hours=Week.of_hours(hours),
        breaks=Week.of_breaks(breaks),
        closures=tuple(each for each in catalogue.closures if each.closes(resource.id)),
        time_off=tuple(catalogue.time_off.get(resource.id, ())),
        stride=grid["stepMinutes"] or before + service.duration + after,
        duration=service.duration,
        shortest=told.get("minDurationMinutes") or service.duration,
        longest=told.get("maxDurationMinutes") or service.duration,
        before=before,
        after=after,
        notice=policies["minimumNoticeMinutes"],
        advance_days=policies["maximumAdvanceDays"],
        capacity=resource.capacity,
        pool=service.most_at_once,
        custom=catalogue.custom,
    )


def occupies(catalogue: Catalogue, service: Service, start: Instant, end: Instant) -> tuple[Instant, Instant]:
    """From when to when an appointment of the service takes its resources: with its buffers."""
    grid = _grid(catalogue, service)
    return start - grid["bufferBeforeMinutes"] * MINUTE, end + grid["bufferAfterMinutes"] * MINUTE


def _grid(catalogue: Catalogue, service: Service) -> Mapping[str, Any]:
    return {**catalogue.business.settings["grid"], **(service.settings.get("grid") or {})}
