"""What settings cannot mean together: told when an admin saves them, before they could offer nothing.

Each names the member that is at fault. A service contradicts what it is offered in, whichever of the two came
last: what leaves no room for it is its duration when it is saved, and the opening hours when these are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any, NamedTuple

from holdfast.domain import money
from holdfast.domain.availability import Evaluation, Snapshot
from holdfast.domain.availability_rules import occupies, rules_of
from holdfast.domain.business import Resource
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.errors import Invalid
from holdfast.domain.hours import DAY_MINUTES, Week
from holdfast.domain.instants import DAY, MINUTE, Instant
from holdfast.domain.needs import needs_of
from holdfast.domain.place import MOST_WRITES_AT_ONCE
from holdfast.domain.schedule import WeekHours
from holdfast.domain.service import Service

type Settings = Mapping[str, Any]

_MONDAY: Instant = 978_307_200_000
"""1 January 2001, 00:00 UTC: any week without a change of the clock would do."""

_WEEK_MINUTES = 7 * DAY_MINUTES

IN_BUSINESS: Mapping[str, str] = {
    "durationMinutes": "/hours",
    "policies": "/policies/minimumNoticeMinutes",
    "grid": "/grid",
    "requires": "/grid",
    "price": "/currency",
    "prices": "/currency",
}
"""What of a business's settings stands against a member of a service."""

IN_RESOURCE: Mapping[str, str] = {"durationMinutes": "/hours", "requires": "/kind"}
"""What of a resource stands against a member of a service."""

_NAMES_RESOURCES = frozenset({"resourceIds", "requires"})


class Contradiction(NamedTuple):
    """`pointer` leads into the document that is at fault (RFC 6901)."""

    pointer: str
    detail: str

    @property
    def member(self) -> str:
        """The member of the document that it is in."""
        return self.pointer.split("/")[1]


def refuse_any(contradictions: Iterable[Contradiction]) -> None:
    """Raises Invalid for the first."""
    for found in contradictions:
        raise Invalid(found.pointer, found.detail)


def of_business(settings: Settings) -> Iterator[Contradiction]:
    """Of a business's settings by themselves."""
    yield from _idle_breaks(settings["hours"], settings["breaks"])
    yield from _too_long_a_notice(settings["policies"])


def of_resource(hours: WeekHours | None, breaks: Sequence[Mapping[str, Any]]) -> Iterator[Contradiction]:
    """Of a resource's hours and breaks by themselves."""
    if hours is not None:
        yield from _idle_breaks(hours, breaks)
    elif breaks:
        yield Contradiction("/breaks", "are of hours of its own, which it has not")


def of_service(service: Service, catalogue: Catalogue) -> Iterator[Contradiction]:
    """Of a service with the rest of what its business offers, be it its own already or as it shall be."""
    catalogue = catalogue.proposed(service)
    told, business = service.settings, catalogue.business.settings
    yield from _lengths(told)
    yield from _unknown(told.get("resourceIds"), catalogue)
    yield from _too_few(service, catalogue)
    yield from _prices(told, business["currency"])
    yield from _too_long_a_notice({**business["policies"], **(told.get("policies") or {})})
    yield from _too_long_a_buffer({**business["grid"], **(told.get("grid") or {})}, service.duration)
    yield from _no_room(service, catalogue)
    yield from _too_many_ledgers(service, catalogue)


def brought_about(before: Catalogue, after: Catalogue, told_at: Mapping[str, str]) -> Iterator[Contradiction]:
    """Of what is changed with the services there are, less what stood against them before. `told_at` leads
    from a member of a service to the one that was changed; what it does not lead from is not its fault."""
    found = list(_of_services(after, told_at))
    if found:
        known = set(_of_services(before, told_at))
        yield from (each for each in found if each not in known)


def _of_services(catalogue: Catalogue, told_at: Mapping[str, str]) -> Iterator[Contradiction]:
    for service in catalogue.services.values():
        for found in of_service(service, catalogue):
            if found.member in told_at:
                yield Contradiction(told_at[found.member], f"the service {service.id}: {found.detail}")


def in_need(left: Catalogue) -> list[str]:
    """The services that name, or require, more resources than those that are left."""
    return [
        service.id
        for service in left.services.values()
        if any(found.member in _NAMES_RESOURCES for found in of_service(service, left))
    ]


def of_holiday(settings: Settings, catalogue: Catalogue) -> Iterator[Contradiction]:
    """Of a holiday with what it closes."""
    return _unknown(settings.get("resourceIds"), catalogue)


def _idle_breaks(hours: WeekHours, breaks: Sequence[Mapping[str, Any]]) -> Iterator[Contradiction]:
    """Breaks that interrupt nothing, on none of their weekdays. Hours may last into the next day."""
    opened = _minutes_of_week(Week.of_hours(hours))
    for index, pause in enumerate(breaks):
        paused = _minutes_of_week(Week.of_breaks([pause]))
        if not any(
            begin < upto + over and since + over < end
            for begin, end in paused
            for since, upto in opened
            for over in (-_WEEK_MINUTES, 0, _WEEK_MINUTES)
        ):
            yield Contradiction(f"/breaks/{index}", "lies outside all opening hours of its weekdays")


def _minutes_of_week(week: Week) -> list[tuple[int, int]]:
    return [
        (day * DAY_MINUTES + begins, day * DAY_MINUTES + ends)
        for day, spans in enumerate(week.days)
        for begins, ends in spans
    ]


def _too_long_a_notice(policies: Settings) -> Iterator[Contradiction]:
    """What may be booked at the first minute of a day ends with the last day of the advance."""
    days = policies["maximumAdvanceDays"] + 1
    if policies["minimumNoticeMinutes"] >= days * DAY_MINUTES:
        detail = f"reaches beyond maximumAdvanceDays, {days - 1}: nothing could ever be booked"
        yield Contradiction("/policies/minimumNoticeMinutes", detail)


def _lengths(settings: Settings) -> Iterator[Contradiction]:
    duration = settings["durationMinutes"]
    if (settings.get("minDurationMinutes") or duration) > duration:
        yield Contradiction("/minDurationMinutes", f"must not be above durationMinutes, {duration}")
    if (settings.get("maxDurationMinutes") or duration) < duration:
        yield Contradiction("/maxDurationMinutes", f"must not be below durationMinutes, {duration}")


def _unknown(named: Sequence[str] | None, catalogue: Catalogue) -> Iterator[Contradiction]:
    for index, name in enumerate(named or ()):
        if name not in catalogue.resources:
            yield Contradiction(f"/resourceIds/{index}", "there is no such resource")


def _too_few(service: Service, catalogue: Catalogue) -> Iterator[Contradiction]:
    kinds = [wanted.kind for wanted in service.requires]
    for kind, need in zip(dict.fromkeys(kinds), needs_of(catalogue, service), strict=False):
        if need.many > len(need.resources):
            detail = f"of this kind {len(need.resources)} may serve it"
            yield Contradiction(f"/requires/{kinds.index(kind)}/count", detail)


def _prices(settings: Settings, currency: str) -> Iterator[Contradiction]:
    prices = {f"/prices/{name}": price for name, price in (settings.get("prices") or {}).items()}
    for pointer, price in ({"/price": settings.get("price")} | prices).items():
        if price is None:
            continue
        if price["currency"] != currency:
            yield Contradiction(f"{pointer}/currency", f"must be the business's, {currency}")
        elif money.parse(price["amount"], currency) is None:
            yield Contradiction(f"{pointer}/amount", f"has more digits than {currency}")


def _too_long_a_buffer(grid: Settings, duration: int) -> Iterator[Contradiction]:
    """A step that leaves room for the whole service is meant to be its place; buffers beyond it would close
    the places beside."""
    step, before, after = grid["stepMinutes"], grid["bufferBeforeMinutes"], grid["bufferAfterMinutes"]
    if step and step >= duration and before + after > step:
        longer = "bufferBeforeMinutes" if before > after else "bufferAfterMinutes"
        yield Contradiction(f"/grid/{longer}", f"both buffers are longer than the step, {step}")


def _no_room(service: Service, catalogue: Catalogue) -> Iterator[Contradiction]:
    """Nothing is said where there are no hours at all: slots may be published there."""
    for need in needs_of(catalogue, service):
        known = [catalogue.resources[name] for name in need.resources]
        open_at_all = [each for each in known if any(_hours(each, catalogue).values())]
        if open_at_all and not any(_has_room(service, catalogue, each) for each in open_at_all):
            detail = "fits into no opening hours of the resources that may serve it"
            yield Contradiction("/durationMinutes", detail)


def _too_many_ledgers(service: Service, catalogue: Catalogue) -> Iterator[Contradiction]:
    """Its longest appointment, over as many midnights as it can lie, is moved in one transaction: the old
    places are given back, the new ones claimed, and the move is recorded."""
    needs = needs_of(catalogue, service)
    longest = (service.settings.get("maxDurationMinutes") or service.duration) * MINUTE
    begins, ends = occupies(catalogue, service, 0, longest)
    days = -(-(ends - begins) // DAY) + 1
    taken = sum(need.many for need in needs) + (service.most_at_once is not None)
    if 2 * taken * days + 1 > MOST_WRITES_AT_ONCE:
        most = (MOST_WRITES_AT_ONCE - 1) // (2 * days)
        detail = f"take {taken} calendars at once; of appointments of that length at most {most} can be taken"
        yield Contradiction("/requires", detail)


def _hours(resource: Resource, catalogue: Catalogue) -> WeekHours:
    hours: WeekHours = catalogue.business.settings["hours"] if resource.hours is None else resource.hours
    return hours


def _has_room(service: Service, catalogue: Catalogue, resource: Resource) -> bool:
    """Whether the evaluator offers it anything in a week in which nothing else stands against it."""
    rules = replace(
        rules_of(catalogue, service, resource),
        zone=UTC,
        shortest=service.duration,
        longest=service.duration,
        closures=(),
        time_off=(),
        custom=(),
        notice=0,
        advance_days=14,
    )
    week = Evaluation(Snapshot(rules=rules, now=_MONDAY - DAY), _MONDAY, _MONDAY + 7 * DAY)
    return len(week) > 0
