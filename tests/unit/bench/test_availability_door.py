"""The availability endpoint on real tables: how often it asks, and what it sees (AVAIL-1, AVAIL-6)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from holdfast import bootstrap
from holdfast.app.existing import existing_business
from holdfast.domain.business import Business
from tests.bench import availability_door as scene
from tests.bench.scene import BUSINESS
from tests.bench.watch import tallied, watching


def ask(event: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    from functions.public_api.handler import handler

    with watching(bootstrap._client()), tallied() as tally:
        answer = handler(event, None)
    assert answer["statusCode"] == 200, answer
    return json.loads(answer["body"]), tally.calls


def put(many: int) -> Business:
    """The business is there, with other settings."""
    catalog, ledger = bootstrap.fresh_catalog(), bootstrap.ledger()
    business = existing_business(catalog, BUSINESS).with_settings(scene.a_business().settings, "changed")
    catalog.save(business)
    catalog.add(scene.a_service())
    for resource in scene.resources(many):
        catalog.add(resource)
        for day in scene.days_of(resource.id, scene.a_month(), 3):
            ledger.replace_day(day)
    return business


@pytest.mark.usefixtures("on_moto")
def test_a_page_asks_once_a_resource_and_month_and_for_the_revision() -> None:
    put(2)
    event = scene.request(scene.a_month(), 30)
    ask(event)
    page, calls = ask(event)
    assert calls == ["GetItem", "Query", "Query"]
    assert (len(page["items"]), page["nextCursor"] is not None) == (100, True)
    event["queryStringParameters"]["cursor"] = page["nextCursor"]
    following, calls = ask(event)
    assert calls == ["GetItem", "Query", "Query"]
    assert following["items"][0]["start"] >= page["items"][-1]["start"]
    event["queryStringParameters"]["resourceId"] = "room-00"
    _, calls = ask(event)
    assert calls == ["GetItem", "Query"]


@pytest.mark.usefixtures("on_moto")
def test_an_admins_change_shows_in_the_next_answer_of_a_warm_function() -> None:
    business = put(1)
    event = scene.request(scene.a_month(), 1)
    before, _ = ask(event)
    later = {**business.settings, "hours": {}}
    bootstrap.fresh_catalog().save(business.with_settings(later, "closed"))
    after, calls = ask(event)
    assert (len(before["items"]) > 0, after["items"]) == (True, [])
    assert calls == ["GetItem", "Query"], "the revision, and the whole catalogue anew; no day"
