"""`Catalog`: businesses and what they consist of, each added once, and lists of them page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings

from holdfast.adapters.dynamodb.catalog import CachedCatalog
from holdfast.app.ports import Catalog, CatalogPart, Lost, Page
from holdfast.domain.absence import Absence
from holdfast.domain.business import Business, Resource
from holdfast.domain.errors import Invalid
from holdfast.domain.holiday import Holiday
from holdfast.domain.member import Member, Role
from holdfast.domain.service import Service
from tests.support.builders import (
    BUSINESS,
    RESOURCE,
    a_business,
    a_holiday,
    a_resource,
    a_service,
    an_absence,
)
from tests.support.clouds import Ports, connected, in_memory, on_dynamodb
from tests.support.memory import Memory
from tests.support.strategies import businesses, resources


def test_what_is_not_there_is_read_as_nothing(ports: Ports) -> None:
    assert ports.catalog.business(BUSINESS) is None
    assert ports.catalog.resource(BUSINESS, RESOURCE) is None
    page = ports.catalog.resources(BUSINESS, limit=5, cursor=None)
    assert (list(page.items), page.cursor) == ([], None)


@settings(max_examples=15)
@given(business=businesses)
def test_a_business_is_read_as_it_was_added(ports: Ports, business: Business) -> None:
    try:
        ports.catalog.add(business)
    except Lost:
        assert ports.catalog.business(business.id) is not None
    else:
        assert ports.catalog.business(business.id) == business


@settings(max_examples=15)
@given(resource=resources)
def test_a_resource_is_read_as_it_was_added(ports: Ports, resource: Resource) -> None:
    try:
        ports.catalog.add(resource)
    except Lost:
        assert ports.catalog.resource(resource.business, resource.id) is not None
    else:
        assert ports.catalog.resource(resource.business, resource.id) == resource


def test_an_id_that_is_taken_stays_what_it_was(ports: Ports) -> None:
    ports.catalog.add(a_business())
    ports.catalog.add(a_resource())
    with pytest.raises(Lost):
        ports.catalog.add(a_business(name="Other"))
    with pytest.raises(Lost):
        ports.catalog.add(replace(a_resource(), name="Other"))
    assert ports.catalog.business(BUSINESS) == a_business()
    assert ports.catalog.resource(BUSINESS, RESOURCE) == a_resource()


def test_two_businesses_may_have_resources_of_the_same_id(ports: Ports) -> None:
    other = replace(a_resource(), business="boats", name="Pier")
    ports.catalog.add(a_resource())
    ports.catalog.add(other)
    assert ports.catalog.resource(BUSINESS, RESOURCE) == a_resource()
    assert ports.catalog.resource("boats", RESOURCE) == other
    assert list(ports.catalog.resources("boats", limit=5, cursor=None).items) == [other]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, 8])
def test_pages_of_resources_make_up_the_whole_list_by_id(ports: Ports, limit: int) -> None:
    ports.catalog.add(a_business())
    names = ["abc", "stand-1", "stand-10", "stand-2", "x-1", "x-2", "zzz"]
    for name in reversed(names):
        ports.catalog.add(a_resource(name))
    seen: list[str] = []
    cursor = None
    for _ in range(len(names) + 1):
        page = ports.catalog.resources(BUSINESS, limit=limit, cursor=cursor)
        assert len(page.items) <= limit
        seen += [each.id for each in page.items]
        cursor = page.cursor
        if cursor is None:
            break
    assert (seen, cursor) == (names, None)


def test_the_cache_answers_what_it_read_and_never_that_there_was_nothing() -> None:
    memory = Memory()
    catalog = CachedCatalog(in_memory(memory).catalog)
    assert catalog.business(BUSINESS) is None
    memory.businesses[BUSINESS] = a_business()
    assert catalog.business(BUSINESS) == a_business()
    memory.businesses[BUSINESS] = a_business(name="Other")
    assert catalog.business(BUSINESS) == a_business()


def test_what_the_cache_does_not_keep_passes_through() -> None:
    memory = Memory()
    catalog = CachedCatalog(in_memory(memory).catalog)
    catalog.add(a_business())
    catalog.add(a_resource())
    assert memory.businesses == {BUSINESS: a_business()}
    assert catalog.resource(BUSINESS, RESOURCE) == a_resource()
    memory.resources[BUSINESS, RESOURCE] = replace(a_resource(), name="Other")
    assert catalog.resource(BUSINESS, RESOURCE) == replace(a_resource(), name="Other")
    assert list(catalog.resources(BUSINESS, limit=1, cursor=None).items) == [
        replace(a_resource(), name="Other")
    ]


MEMBER = Member(business=BUSINESS, user="5d2c1a7e-8f40", role=Role.STAFF, op="made")


def test_what_is_saved_goes_on_from_its_version_only(ports: Ports) -> None:
    catalog = ports.catalog
    business, resource = a_business(), a_resource()
    changed = business.with_settings({**business.settings, "name": "Other"}, "op-2")
    renamed = replace(resource, name="Other", hours={"mon": []}, version=2, changed_by="op-2")
    raised = MEMBER.become(Role.ADMIN, "op-2")
    with pytest.raises(Lost):
        catalog.save(changed)
    with pytest.raises(Lost):
        catalog.save(renamed)
    with pytest.raises(Lost):
        catalog.save(raised)
    catalog.add(business)
    catalog.add(resource)
    catalog.add(MEMBER)
    catalog.save(changed)
    catalog.save(renamed)
    catalog.save(raised)
    assert catalog.business(BUSINESS) == changed
    assert catalog.resource(BUSINESS, RESOURCE) == renamed
    assert catalog.member(BUSINESS, MEMBER.user) == raised
    with pytest.raises(Lost):
        catalog.save(changed)
    with pytest.raises(Lost):
        catalog.save(renamed)
    with pytest.raises(Lost):
        catalog.save(raised)


def test_what_is_removed_is_what_was_read(ports: Ports) -> None:
    catalog = ports.catalog
    catalog.add(a_resource())
    catalog.add(MEMBER)
    with pytest.raises(Lost):
        catalog.remove(replace(a_resource(), version=2))
    with pytest.raises(Lost):
        catalog.remove(replace(MEMBER, version=2))
    catalog.remove(a_resource())
    catalog.remove(MEMBER)
    assert catalog.resource(BUSINESS, RESOURCE) is None
    assert catalog.member(BUSINESS, MEMBER.user) is None
    with pytest.raises(Lost):
        catalog.remove(MEMBER)


def test_a_member_is_added_once_and_listed_with_its_business(ports: Ports) -> None:
    ports.catalog.add(a_resource())
    names = ["a:b", "a.b", "z-9"]
    for name in names:
        ports.catalog.add(replace(MEMBER, user=name))
    ports.catalog.add(replace(MEMBER, business="boats"))
    with pytest.raises(Lost):
        ports.catalog.add(replace(MEMBER, user="a.b", role=Role.ADMIN))
    seen: list[str] = []
    cursor = None
    for _ in range(4):
        page = ports.catalog.members(BUSINESS, limit=1, cursor=cursor)
        seen += [each.user for each in page.items]
        cursor = page.cursor
        if cursor is None:
            break
    assert (seen, cursor) == (sorted(names), None)
    assert ports.catalog.members("cars", limit=1, cursor=None).items == []


PARTS: Mapping[str, CatalogPart] = {
    "service": a_service(resourceIds=[RESOURCE], policies={"minimumNoticeMinutes": 5}),
    "holiday": a_holiday(endDate="2026-07-03", yearly=True, resourceIds=[RESOURCE]),
    "time off": an_absence(),
    "resource": a_resource(),
}


def _read(catalog: Catalog, part: CatalogPart) -> CatalogPart | None:
    match part:
        case Service():
            return catalog.service(part.business, part.id)
        case Holiday():
            return catalog.holiday(part.business, part.id)
        case Absence():
            return catalog.absence(part.business, part.resource, part.id)
        case Resource():
            return catalog.resource(part.business, part.id)
        case Member():
            return catalog.member(part.business, part.user)


@pytest.mark.parametrize("part", PARTS.values(), ids=list(PARTS))
def test_every_part_goes_on_from_its_version_and_raises_the_revision(ports: Ports, part: CatalogPart) -> None:
    catalog, revision = ports.catalog, ports.source.revision
    changed = replace(part, version=2, changed_by="op-2")
    with pytest.raises(Lost):
        catalog.save(changed)
    assert (_read(catalog, part), revision(BUSINESS)) == (None, 0)
    catalog.add(part)
    assert (_read(catalog, part), revision(BUSINESS)) == (part, 1)
    with pytest.raises(Lost):
        catalog.add(replace(part, op="other"))
    catalog.save(changed)
    assert (_read(catalog, part), revision(BUSINESS)) == (changed, 2)
    for lost in (changed, replace(part, version=4)):
        with pytest.raises(Lost):
            catalog.save(lost)
    with pytest.raises(Lost):
        catalog.remove(part)
    assert (_read(catalog, part), revision(BUSINESS)) == (changed, 2)
    catalog.remove(changed)
    assert (_read(catalog, part), revision(BUSINESS)) == (None, 3)
    with pytest.raises(Lost):
        catalog.remove(changed)
    assert (revision(BUSINESS), revision("boats")) == (3, 0)


def test_businesses_raise_the_revision_and_members_do_not(ports: Ports) -> None:
    catalog, business = ports.catalog, a_business()
    catalog.add(business)
    catalog.save(business.with_settings({**business.settings, "name": "Other"}, "op-2"))
    catalog.add(MEMBER)
    catalog.save(MEMBER.become(Role.ADMIN, "op-2"))
    catalog.remove(MEMBER.become(Role.ADMIN, "op-2"))
    assert ports.source.revision(BUSINESS) == 2


def test_changes_of_the_same_instant_are_counted_each(
    emulated_dynamodb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulated_dynamodb)
    with connected() as (client, tables), ThreadPoolExecutor(4) as admins:
        ports = on_dynamodb(client, tables)
        list(admins.map(lambda number: ports.catalog.add(a_service(f"service-{number}")), range(12)))
        assert ports.source.revision(BUSINESS) == 12
        assert len(ports.catalog.services(BUSINESS, limit=100, cursor=None).items) == 12


def test_lists_tell_only_of_their_own_kind_and_place(ports: Ports) -> None:
    catalog = ports.catalog
    for part in PARTS.values():
        catalog.add(part)
        catalog.add(replace(part, business="boats"))
    catalog.add(an_absence(resource="stand-10"))
    catalog.add(an_absence("before"))
    whole: Any = {"limit": 10, "cursor": None}
    assert list(catalog.services(BUSINESS, **whole).items) == [PARTS["service"]]
    assert list(catalog.holidays(BUSINESS, **whole).items) == [PARTS["holiday"]]
    assert list(catalog.absences(BUSINESS, RESOURCE, **whole).items) == [an_absence(), an_absence("before")]
    assert list(catalog.absences("boats", "stand-10", **whole).items) == []
    assert list(catalog.services("cars", **whole).items) == []


def test_pages_of_each_list_make_up_the_whole(ports: Ports) -> None:
    catalog = ports.catalog
    names = ["abc", "abd", "x-1", "x-10", "x-2"]
    for name in reversed(names):
        for part in (a_service(name), a_holiday(name), an_absence(name)):
            catalog.add(part)
    lists: Sequence[Callable[..., Page[Any]]] = (
        partial(catalog.services, BUSINESS),
        partial(catalog.holidays, BUSINESS),
        partial(catalog.absences, BUSINESS, RESOURCE),
    )
    for page_of in lists:
        page = page_of(limit=2, cursor=None)
        seen = [each.id for each in page.items]
        while page.cursor:
            page = page_of(limit=2, cursor=page.cursor)
            seen += [each.id for each in page.items]
        assert seen == names


def test_a_cursor_of_another_list_is_none(ports: Ports) -> None:
    for name in ("abc", "abd"):
        ports.catalog.add(an_absence(name))
    cursor = ports.catalog.absences(BUSINESS, RESOURCE, limit=1, cursor=None).cursor
    assert cursor
    with pytest.raises(Invalid):
        ports.catalog.absences(BUSINESS, "stand-2", limit=1, cursor=cursor)
    with pytest.raises(Invalid):
        ports.catalog.services(BUSINESS, limit=1, cursor=cursor)
