"""The published contract is what the code says, and holds what every operation needs."""

from __future__ import annotations

import json
from typing import Any, is_typeddict

import pytest
from pydantic import TypeAdapter

from holdfast.http import catalog_views
from local import examples, openapi
from local.links import views_in

DOCUMENT: dict[str, Any] = json.loads(openapi.rendered())
OPERATIONS: list[dict[str, Any]] = [each for path in DOCUMENT["paths"].values() for each in path.values()]
DECLARED = [operation for api in openapi.APIS.values() for operation in api.operations]
BODIES: dict[str, Any] = {each.body.__name__: each.body for each in DECLARED if each.body}
VIEWS: dict[str, Any] = {
    view.__name__: view
    for each in DECLARED
    for answer in (*each.answers.values(), *([catalog_views.DryRunView] if each.dry_run else ()))
    for view in views_in(answer)
    if is_typeddict(view)
}


@pytest.mark.parametrize("target", openapi.TARGETS, ids=str)
def test_the_committed_contract_is_not_stale(target: Any) -> None:
    assert target.read_text(encoding="utf-8") == openapi.rendered(), "run python -m local.openapi"


def test_every_reference_and_link_leads_somewhere() -> None:
    ids = {each["operationId"] for each in OPERATIONS}
    assert len(ids) == len(OPERATIONS)

    def walk(node: Any) -> None:
        if isinstance(node, list):
            for each in node:
                walk(each)
        if isinstance(node, dict):
            if "$ref" in node:
                _, *way = node["$ref"].split("/")
                target: Any = DOCUMENT
                for step in way:
                    target = target[step]
            if "operationId" in node and "parameters" in node and isinstance(node["parameters"], dict):
                assert node["operationId"] in ids
            for each in node.values():
                walk(each)

    walk(DOCUMENT)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each["operationId"])
def test_every_operation_tells_how_it_is_refused(operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert {"500", "503", "429"} <= set(operation["responses"])
    if operation["security"]:
        assert {"401", "403"} <= set(operation["responses"])
    if "requestBody" in operation:
        assert {"400", "413", "422"} <= set(operation["responses"])
        assert "Idempotency-Key" in {each["name"] for each in operation["parameters"]}


def test_bodies_are_closed_and_texts_bounded() -> None:
    bodies = {name: each for name, each in DOCUMENT["components"]["schemas"].items() if name.endswith("Body")}
    assert len(bodies) >= 10
    for name, schema in bodies.items():
        assert schema["additionalProperties"] is False, name
        for member, told in schema.get("properties", {}).items():
            for kind in told.get("anyOf", [told]):
                if kind.get("type") == "string" and kind.get("format") != "date-time":
                    assert {"maxLength", "pattern", "enum"} & set(kind), f"{name}.{member}"


@pytest.mark.parametrize("name", sorted(BODIES | VIEWS))
def test_every_body_and_answer_has_an_example_that_is_one(name: str) -> None:
    assert name in examples.OF, f"{name}: add an example to local/examples.py"
    example = examples.OF[name]
    if name in BODIES:
        BODIES[name].parse(example)
    else:
        TypeAdapter(VIEWS[name]).validate_json(json.dumps(example), strict=True)
    assert DOCUMENT["components"]["schemas"][name]["examples"] == [example]


def test_what_may_be_answered_with_304_says_so() -> None:
    told = {each["operationId"] for each in OPERATIONS if "304" in each["responses"]}
    assert {"getQueuePosition", "getBooking", "getBusiness"} <= told
    for operation in OPERATIONS:
        names = {each["name"] for each in operation["parameters"]}
        assert ("If-None-Match" in names) == (operation["operationId"] in told)
        if operation["operationId"] in told:
            answers = operation["responses"]
            assert answers["304"]["headers"]["ETag"] == answers["200"]["headers"]["ETag"]
            assert "content" not in answers["304"]


def test_there_is_no_example_of_what_does_not_exist() -> None:
    assert set(examples.OF) <= {*BODIES, *VIEWS}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each["operationId"])
def test_every_refusal_names_its_codes_and_shows_one_of_each(operation: dict[str, Any]) -> None:
    for status, answer in operation["responses"].items():
        if "$ref" in answer:
            told = DOCUMENT["components"]["responses"][answer["$ref"].rpartition("/")[2]]
            problem = told["content"].get("application/problem+json")
            if problem:
                codes = problem["schema"]["allOf"][1]["properties"]["code"]["enum"]
                assert [each["value"]["code"] for each in problem["examples"].values()] == codes
                assert {each["value"]["status"] for each in problem["examples"].values()} == {int(status)}


def test_links_lead_from_a_slot_to_its_booking_and_on_to_its_end() -> None:
    def links(operation_id: str, status: str) -> dict[str, Any]:
        (found,) = (each for each in OPERATIONS if each["operationId"] == operation_id)
        told: dict[str, Any] = found["responses"][status]["links"]
        return told

    assert links("addSlot", "201")["reserveSlot"]["requestBody"] == {"slotId": "$response.body#/slotId"}
    assert {"confirmBooking", "extendHold", "releaseHold"} <= set(links("reserveSlot", "201"))
    for told in (links("reserveSlot", "202"), links("joinSlotQueue", "201"), links("joinSlotQueue", "200")):
        assert {"getQueuePosition", "leaveSlotQueue"} <= set(told)
    where = links("reserveSlot", "202")["getQueuePosition"]["parameters"]
    assert where == {"slotId": "$response.body#/queue/slotId"}
    assert "getQueuePosition" not in links("getSlot", "200"), "who sees a slot need not wait for it"
    amend = links("confirmBooking", "200")["amendBooking"]["parameters"]
    assert amend == {"bookingId": "$response.body#/bookingId", "header.If-Match": "$response.header.ETag"}
