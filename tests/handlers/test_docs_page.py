"""The contract's page, opened in a browser that has no network, under the very headers it is served with."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest

from functions.public_api.handler import api
from holdfast.http.entry import entry
from local import browser, openapi
from local.docs_picture import HEIGHT, PICTURE, WIDTH
from tests.handlers.door import Context, MemoryPorts, sample

DOCUMENT: dict[str, Any] = json.loads(openapi.rendered())
OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    told["operationId"]: (method.upper(), path, told)
    for path, methods in DOCUMENT["paths"].items()
    for method, told in methods.items()
}
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass
class Shown(HTMLParser):
    """What stands in each operation's article, and which operations the index names."""

    articles: dict[str, str] = field(default_factory=dict)
    labels: dict[str, tuple[str, str]] = field(default_factory=dict)
    index: list[str] = field(default_factory=list)
    _in: str | None = None
    _in_nav: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "article":
            self._in = told["id"]
            self.articles[self._in] = ""
            self.labels[self._in] = (told["data-method"], told["data-path"])
        if tag == "nav":
            self._in_nav = True
        if tag == "a" and self._in_nav and told["href"] != "#top":
            self.index.append(told["href"].removeprefix("#"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self._in = None
        if tag == "nav":
            self._in_nav = False

    def handle_data(self, data: str) -> None:
        if self._in:
            self.articles[self._in] += data


def _answer() -> Mapping[str, Any]:
    event = sample("health")
    event["rawPath"] = event["requestContext"]["http"]["path"] = "/v1/docs"
    return entry(api, MemoryPorts())(event, Context())


@pytest.fixture(scope="module")
def answer() -> Mapping[str, Any]:
    return _answer()


@pytest.fixture(scope="module")
def opened(answer: Mapping[str, Any]) -> tuple[Shown, str, list[str]]:
    with browser.serving("/v1/docs", answer["body"], answer["headers"]) as served:
        page = browser.read(served.url)
    shown = Shown()
    shown.feed(page.document)
    return shown, page.console, served.asked


def test_it_is_answered_as_a_page_that_may_run_its_own_script_and_load_nothing(
    answer: Mapping[str, Any],
) -> None:
    assert answer["statusCode"] == 200
    assert answer["headers"]["Content-Type"] == "text/html; charset=utf-8"
    policy = dict(part.split(" ", 1) for part in answer["headers"]["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    for kind in ("script-src", "style-src"):
        assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", policy[kind])
    assert not re.search(r"(src|href)=[\"']?(https?:)?//|@import|\burl\(", answer["body"])


def test_it_shows_every_operation(opened: tuple[Shown, str, list[str]]) -> None:
    shown, _, _ = opened
    assert set(shown.articles) == set(shown.index) == set(OPERATIONS)
    assert len(shown.index) == len(OPERATIONS)
    for name, (method, path, told) in OPERATIONS.items():
        assert shown.labels[name] == (method, path)
        text = shown.articles[name]
        assert told["summary"].replace("`", "") in text
        assert ("bearer token" if told["security"] else "no token needed") in text


@pytest.mark.parametrize("name", OPERATIONS)
def test_it_shows_what_an_operation_takes_and_what_it_answers(
    opened: tuple[Shown, str, list[str]], name: str
) -> None:
    shown, (_, _, told) = opened[0].articles[name], OPERATIONS[name]
    wanted = {parameter["name"] for parameter in told["parameters"]} | set(told["responses"])
    if "requestBody" in told:
        schema = _resolved(told["requestBody"]["content"]["application/json"]["schema"])
        wanted |= set(schema.get("properties", {}))
    for answer in map(_resolved, told["responses"].values()):
        for content in answer.get("content", {}).values():
            wanted |= set(content.get("examples", {}))
            wanted |= (
                set(_resolved(content["schema"]).get("properties", {}))
                if "Problem" not in str(content)
                else set()
            )
    assert {word for word in wanted if word not in shown} <= {"message"}


def test_it_asks_for_nothing_but_itself_and_no_policy_stops_anything(
    opened: tuple[Shown, str, list[str]],
) -> None:
    _, console, asked = opened
    assert asked == ["/v1/docs"]
    assert console == ""


def test_a_script_that_somebody_changed_does_not_run(answer: Mapping[str, Any]) -> None:
    changed = answer["body"].replace('"use strict";', '"use strict"; ')
    assert changed != answer["body"]
    with browser.serving("/v1/docs", changed, answer["headers"]) as served:
        page = browser.read(served.url)
    assert "Content Security Policy" in page.console
    assert "<article" not in page.document


def test_its_picture_is_in_the_documentation() -> None:
    content = PICTURE.read_bytes()
    assert content.startswith(PNG)
    assert [int.from_bytes(content[at : at + 4]) for at in (16, 20)] == [WIDTH, HEIGHT]


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = DOCUMENT
        for step in node["$ref"].split("/")[1:]:
            target = target[step]
        node = target
    return node
