"""Every link of the contract, followed once: what an answer promises can be asked about is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.e2e.contract_run import Stock, begun
from tests.e2e.door import Door

type Json = dict[str, Any]

USERS = {"bookings": "alice", "admin": "platform"}
NOT_THERE = {400, 404, 422, 428}
"""What a link that names nothing, or says too little, would be answered with."""
END_OF_A_TOKEN = ("releaseManagedHold", "cancelManagedBooking")
"""A guest's token is void afterwards. What is confirmed before is not released, so that both are met."""


class Walker:
    def __init__(self, door: Door, contract: Json) -> None:
        self._door = door
        self.operations: dict[str, tuple[str, str, Json]] = {
            told["operationId"]: (method.upper(), path, told)
            for path, methods in contract["paths"].items()
            for method, told in methods.items()
        }

    def ends(self, name: str) -> int:
        """How late its turn is: after it there may be nothing to follow."""
        if name in END_OF_A_TOKEN:
            return 1 + END_OF_A_TOKEN.index(name)
        return 1 if self.operations[name][0] == "DELETE" else 0

    def ask(
        self, name: str, link: Json | None = None, told: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """The operation with its own examples, or with what the link takes from an answer instead of them."""
        method, path, operation = self.operations[name]
        found = {
            parameter["name"]: parameter["schema"]["examples"][0]
            for parameter in operation["parameters"]
            if parameter["in"] == "path" or parameter.get("required")
        } | dict(told or {})
        headers = {"Idempotency-Key": str(uuid4())} if method != "GET" else {}
        query = {
            parameter["name"]: found.pop(parameter["name"])
            for parameter in operation["parameters"]
            if parameter["in"] == "query" and parameter.get("required")
        }
        if "If-Match" in found:
            headers["If-Match"] = found.pop("If-Match")
        if user := USERS.get(operation["tags"][0]):
            headers["Authorization"] = f"Bearer {self._door.caller(user).token}"
        body: Json | None = None
        if "requestBody" in operation:
            asked = (link or {}).get("requestBody", {})
            body = operation["requestBody"]["content"]["application/json"]["example"] | {
                member: found[member] for member in asked
            }
        where = path.format_map(found)
        return self._door.http.request(method, where, params=query, headers=headers, json=body)


def _taken(link: Json, answer: httpx.Response) -> dict[str, str] | None:
    """What the link's expressions say, read from the answer; None where a list has no first item."""
    if "items" in answer.json() and not answer.json()["items"]:
        return None
    expressions = link["parameters"] | link.get("requestBody", {})
    return {name.removeprefix("header."): _read(text, answer) for name, text in expressions.items()}


def _read(expression: str, answer: httpx.Response) -> str:
    place, _, rest = expression.removeprefix("$response.").partition("#/")
    if place.startswith("header."):
        return answer.headers[place.removeprefix("header.")]
    found: Any = answer.json()
    for step in rest.split("/"):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return str(found)


@pytest.fixture(scope="module")
def walker(door: Door) -> Walker:
    contract, _ = begun(door.http.get("/v1/openapi.json").json(), Stock(door, "contract-walk"), spare=0)
    return Walker(door, contract)


def test_every_link_leads_to_something_that_is_there(walker: Walker) -> None:
    """All answers are had before the first link is followed: each changes what others lead to."""
    answers = {
        name: walker.ask(name)
        for name, (_, _, operation) in walker.operations.items()
        if any(answer.get("links") for answer in operation["responses"].values())
    }
    assert {name: answer.text for name, answer in answers.items() if not answer.is_success} == {}
    followed, lost = 0, []
    for name, target, link in sorted(_links(walker, answers), key=lambda each: walker.ends(each[1])):
        taken = _taken(link, answers[name])
        if taken is None:
            continue
        reached = walker.ask(target, link, taken)
        followed += 1
        if reached.status_code in NOT_THERE or reached.status_code >= 500:
            lost.append(f"{name} -> {target}: {reached.status_code} {reached.text[:200]}")
    assert lost == [], lost
    assert followed > 150


def _links(walker: Walker, answers: Mapping[str, httpx.Response]) -> Iterator[tuple[str, str, Json]]:
    for name, answer in answers.items():
        responses = walker.operations[name][2]["responses"]
        for target, link in responses[str(answer.status_code)].get("links", {}).items():
            yield name, target, link
