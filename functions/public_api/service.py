"""The service itself: its health, and the contract as a document and as a page."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from functions.public_api import docs
from functions.public_api.door import api
from holdfast.http import views
from holdfast.http.api import Answer, Call
from holdfast.http.ports import Ports


@api.get("/v1/health", answers={200: views.HealthView}, public=True)
def get_health(call: Call[None], ports: Ports) -> Answer:
    """Whether the service and what it stands on are well."""
    up = ports.health()
    components = {name: "up" if well else "down" for name, well in up.items()}
    status = "healthy" if all(up.values()) else "degraded"
    return Answer(body={"status": status, "components": components, "version": ports.settings().version})


@api.get("/v1/openapi.json", answers={200: views.JsonObject}, public=True)
def get_openapi(call: Call[None], ports: Ports) -> Answer:
    """This contract."""
    return Answer(body=_contract())


@api.get("/v1/docs", answers={200: "text/html"}, public=True)
def get_docs(call: Call[None], ports: Ports) -> Answer:
    """This contract as a page to read in a browser."""
    return Answer(body=docs.page())


@cache
def _contract() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        Path(__file__).with_name("openapi.json").read_text(encoding="utf-8")
    )
    return document
