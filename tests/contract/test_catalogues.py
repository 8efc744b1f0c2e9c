"""`Catalogues`: what a business offers as a whole, never older than its revision says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from holdfast.adapters.known_catalogues import FRESH_FOR, MOST_KEPT, KnownCatalogues
from holdfast.app.ports import CatalogPart
from holdfast.domain.availability import Candidate, CustomRule
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.closures import Closure
from holdfast.domain.member import Member, Role
from tests.support.builders import (
    BUSINESS,
    RESOURCE,
    a_business,
    a_holiday,
    a_resource,
    a_service,
    an_absence,
)
from tests.support.clouds import Ports

TODAY = date(2026, 12, 31)


class Never:
    def refuses(self, candidate: Candidate) -> str | None:
        return "never"


RULE = Never()


@dataclass
class Worker:
    """One process with its own memory, at a settable time of its own."""

    ports: Ports
    seconds: float = 0.0
    asked: list[tuple[str, str | None, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.catalogues = KnownCatalogues(
            self.ports.source,
            national=self._national,
            custom=self._custom,
            today=lambda: TODAY,
            monotonic=lambda: self.seconds,
        )

    def _national(self, country: str, subdivision: str | None, first: int, last: int) -> Sequence[Closure]:
        self.asked.append((country, subdivision, first, last))
        return [Closure(first=date(last, 1, 1), last=date(last, 1, 1), name="New Year")]

    def _custom(self, business_id: str) -> Sequence[CustomRule]:
        return [RULE] if business_id == BUSINESS else []

    def name(self) -> str | None:
        return _name(self.catalogues.known(BUSINESS))


def _name(catalogue: Catalogue | None) -> str | None:
    return catalogue.business.settings["name"] if catalogue else None


def _rename(ports: Ports, name: str) -> int:
    """By an admin somewhere else; the revision there is then."""
    business = ports.catalog.business(BUSINESS)
    assert business
    ports.catalog.save(business.with_settings({**business.settings, "name": name}, f"op-{name}"))
    return ports.source.revision(BUSINESS)


def test_there_is_no_catalogue_without_its_business(ports: Ports) -> None:
    worker = Worker(ports)
    ports.catalog.add(a_service())
    assert worker.catalogues.known(BUSINESS) is None
    assert worker.catalogues.current(BUSINESS) is None
    assert worker.catalogues.of_revision(BUSINESS, 1) is None
    ports.catalog.add(a_business())
    assert worker.name() == "Bike repair", "nothing is not kept"


def test_a_catalogue_has_all_that_shapes_the_offers(ports: Ports) -> None:
    business = a_business(holidays={"country": "AT", "subdivision": "9"})
    away, again = an_absence(), an_absence("away-2")
    services = {
        name: a_service(name, durationMinutes=30 + number) for number, name in enumerate(["abc", "def"])
    }
    resources = {name: replace(a_resource(name), hours={"mon": []}) for name in (RESOURCE, "stand-2")}
    member = Member(business=BUSINESS, user="ada", role=Role.ADMIN, op="made")
    holiday = a_holiday(endDate="2026-07-03")
    ports.catalog.add(business)
    parts: list[CatalogPart] = [away, again, *services.values(), *resources.values(), member, holiday]
    for part in parts:
        ports.catalog.add(part)
    ports.catalog.add(replace(a_service("other"), business="boats"))
    catalogue = Worker(ports).catalogues.current(BUSINESS)
    assert catalogue == Catalogue(
        business=business,
        revision=8,
        services=services,
        resources=resources,
        closures=(holiday.closure, Closure(first=date(2027, 1, 1), last=date(2027, 1, 1), name="New Year")),
        time_off={RESOURCE: (away.time_off, again.time_off)},
        custom=(RULE,),
    )


def test_national_holidays_are_read_as_far_as_anything_may_be_booked(ports: Ports) -> None:
    policies = {**a_business().settings["policies"], "maximumAdvanceDays": 30}
    ports.catalog.add(a_business(policies=policies, holidays={"country": "DE"}))
    worker = Worker(ports)
    worker.catalogues.known(BUSINESS)
    assert worker.asked == [("DE", None, 2025, 2027)]
    ports.catalog.add(a_service(policies={"maximumAdvanceDays": 800}))
    worker.catalogues.current(BUSINESS)
    assert worker.asked[1:] == [("DE", None, 2025, 2029)]


def test_what_is_known_is_kept_for_five_minutes(ports: Ports) -> None:
    ports.catalog.add(a_business())
    worker = Worker(ports)
    assert worker.name() == "Bike repair"
    _rename(ports, "Other")
    worker.seconds = FRESH_FOR
    assert worker.name() == "Bike repair"
    worker.seconds = FRESH_FOR + 1
    assert worker.name() == "Other"


def test_a_change_shows_at_once_to_each_worker_that_looks_at_the_revision(ports: Ports) -> None:
    ports.catalog.add(a_business())
    workers = [Worker(ports), Worker(ports)]
    assert [worker.name() for worker in workers] == ["Bike repair"] * 2
    revision = _rename(ports, "Other")
    assert [_name(worker.catalogues.current(BUSINESS)) for worker in workers] == ["Other"] * 2
    revision = _rename(ports, "Third")
    assert [_name(worker.catalogues.of_revision(BUSINESS, revision)) for worker in workers] == ["Third"] * 2
    assert [worker.name() for worker in workers] == ["Third"] * 2


def test_what_is_of_that_revision_or_later_is_not_read_again(ports: Ports) -> None:
    ports.catalog.add(a_business())
    worker = Worker(ports)
    first = worker.catalogues.current(BUSINESS)
    assert worker.catalogues.current(BUSINESS) is first
    assert worker.catalogues.of_revision(BUSINESS, 1) is first
    assert worker.catalogues.of_revision(BUSINESS, 0) is first
    assert worker.catalogues.known(BUSINESS) is first
    worker.seconds = FRESH_FOR + 1
    assert worker.catalogues.of_revision(BUSINESS, 1) is not first, "plugins and the year may have changed"


def test_a_catalogue_longer_than_one_answer_is_read_whole(ports: Ports) -> None:
    ports.catalog.add(a_business())
    long = "x" * 60_000
    for number in range(20):
        ports.catalog.add(a_service(f"service-{number:02d}", name=long))
    ports.catalog.add(an_absence())
    catalogue = Worker(ports).catalogues.current(BUSINESS)
    assert catalogue
    assert (len(catalogue.services), list(catalogue.time_off)) == (20, [RESOURCE])


def test_a_worker_keeps_only_so_many(ports: Ports) -> None:
    worker = Worker(ports)
    ports.catalog.add(a_business())
    first = worker.catalogues.known(BUSINESS)
    for number in range(MOST_KEPT - 1):
        ports.catalog.add(a_business(f"business-{number}"))
        worker.catalogues.known(f"business-{number}")
    assert worker.catalogues.known(BUSINESS) is first
    ports.catalog.add(a_business("the-last"))
    worker.catalogues.known("the-last")
    assert worker.catalogues.known(BUSINESS) is not first


def test_what_is_recent_is_a_minute_old_at_most(ports: Ports) -> None:
    ports.catalog.add(a_business())
    worker = Worker(ports)
    for seconds, named in (
        (0, "Bike repair"),
        (59, "Bike repair"),
        (60, "Other"),
        (119, "Other"),
        (120, "Third"),
    ):
        worker.seconds = seconds
        assert _name(worker.catalogues.recent(BUSINESS)) == named
        _rename(ports, "Other" if seconds < 60 else "Third")
