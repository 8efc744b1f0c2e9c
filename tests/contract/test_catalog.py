"""`Catalog`: businesses and resources, each added once, and lists of them page by page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from holdfast.adapters.dynamodb.catalog import CachedCatalog
from holdfast.app.ports import Lost
from holdfast.domain.business import Business, Resource
from holdfast.domain.member import Member, Role
from tests.support.builders import BUSINESS, RESOURCE, a_business, a_resource
from tests.support.clouds import Ports, in_memory
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
        ports.catalog.add_business(business)
    except Lost:
        assert ports.catalog.business(business.id) is not None
    else:
        assert ports.catalog.business(business.id) == business


@settings(max_examples=15)
@given(resource=resources)
def test_a_resource_is_read_as_it_was_added(ports: Ports, resource: Resource) -> None:
    try:
        ports.catalog.add_resource(resource)
    except Lost:
        assert ports.catalog.resource(resource.business, resource.id) is not None
    else:
        assert ports.catalog.resource(resource.business, resource.id) == resource


def test_an_id_that_is_taken_stays_what_it_was(ports: Ports) -> None:
    ports.catalog.add_business(a_business())
    ports.catalog.add_resource(a_resource())
    with pytest.raises(Lost):
        ports.catalog.add_business(a_business(name="Other"))
    with pytest.raises(Lost):
        ports.catalog.add_resource(replace(a_resource(), name="Other"))
    assert ports.catalog.business(BUSINESS) == a_business()
    assert ports.catalog.resource(BUSINESS, RESOURCE) == a_resource()


def test_two_businesses_may_have_resources_of_the_same_id(ports: Ports) -> None:
    other = replace(a_resource(), business="boats", name="Pier")
    ports.catalog.add_resource(a_resource())
    ports.catalog.add_resource(other)
    assert ports.catalog.resource(BUSINESS, RESOURCE) == a_resource()
    assert ports.catalog.resource("boats", RESOURCE) == other
    assert list(ports.catalog.resources("boats", limit=5, cursor=None).items) == [other]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, 8])
def test_pages_of_resources_make_up_the_whole_list_by_id(ports: Ports, limit: int) -> None:
    ports.catalog.add_business(a_business())
    names = ["abc", "stand-1", "stand-10", "stand-2", "x-1", "x-2", "zzz"]
    for name in reversed(names):
        ports.catalog.add_resource(a_resource(name))
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
    catalog.add_business(a_business())
    catalog.add_resource(a_resource())
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
        catalog.save_business(changed)
    with pytest.raises(Lost):
        catalog.save_resource(renamed)
    with pytest.raises(Lost):
        catalog.save_member(raised)
    catalog.add_business(business)
    catalog.add_resource(resource)
    catalog.add_member(MEMBER)
    catalog.save_business(changed)
    catalog.save_resource(renamed)
    catalog.save_member(raised)
    assert catalog.business(BUSINESS) == changed
    assert catalog.resource(BUSINESS, RESOURCE) == renamed
    assert catalog.member(BUSINESS, MEMBER.user) == raised
    with pytest.raises(Lost):
        catalog.save_business(changed)
    with pytest.raises(Lost):
        catalog.save_resource(renamed)
    with pytest.raises(Lost):
        catalog.save_member(raised)


def test_what_is_removed_is_what_was_read(ports: Ports) -> None:
    catalog = ports.catalog
    catalog.add_resource(a_resource())
    catalog.add_member(MEMBER)
    with pytest.raises(Lost):
        catalog.remove_resource(replace(a_resource(), version=2))
    with pytest.raises(Lost):
        catalog.remove_member(replace(MEMBER, version=2))
    catalog.remove_resource(a_resource())
    catalog.remove_member(MEMBER)
    assert catalog.resource(BUSINESS, RESOURCE) is None
    assert catalog.member(BUSINESS, MEMBER.user) is None
    with pytest.raises(Lost):
        catalog.remove_member(MEMBER)


def test_a_member_is_added_once_and_listed_with_its_business(ports: Ports) -> None:
    ports.catalog.add_resource(a_resource())
    names = ["a:b", "a.b", "z-9"]
    for name in names:
        ports.catalog.add_member(replace(MEMBER, user=name))
    ports.catalog.add_member(replace(MEMBER, business="boats"))
    with pytest.raises(Lost):
        ports.catalog.add_member(replace(MEMBER, user="a.b", role=Role.ADMIN))
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
