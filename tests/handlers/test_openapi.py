"""The published contract is what the code says, and holds what every operation needs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local import openapi

DOCUMENT: dict[str, Any] = json.loads(openapi.rendered())
OPERATIONS: list[dict[str, Any]] = [each for path in DOCUMENT["paths"].values() for each in path.values()]


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
