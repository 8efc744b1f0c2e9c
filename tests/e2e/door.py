"""The deployed stack as a client sees it: HTTP, real tokens, and a slot of one's own for each test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import httpx

from local import users
from local.stack import Stack

PATIENCE = 120.0
"""Seconds a client waits: a burst of cold starts on two cores takes its time (EMULATOR.md)."""


@dataclass
class Caller:
    """One user; each call without a key of its own gets a fresh one."""

    http: httpx.Client
    token: str

    def post(self, path: str, body: object = None, *, key: str | None = "", **headers: str) -> httpx.Response:
        return self._send("POST", path, body, key, headers)

    def patch(
        self, path: str, body: object = None, *, key: str | None = "", **headers: str
    ) -> httpx.Response:
        return self._send("PATCH", path, body, key, headers)

    def put(self, path: str, body: object = None, *, key: str | None = "", **headers: str) -> httpx.Response:
        return self._send("PUT", path, body, key, headers)

    def delete(self, path: str, *, key: str | None = "", **headers: str) -> httpx.Response:
        return self._send("DELETE", path, None, key, headers)

    def get(self, path: str, query: Mapping[str, str] | None = None, **headers: str) -> httpx.Response:
        return self.http.get(path, params=query or {}, headers=self._headers(None, headers))

    def _send(
        self, method: str, path: str, body: object, key: str | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        content = {} if body is None else {"json": body}
        return self.http.request(method, path, headers=self._headers(key, headers), **content)  # type: ignore[arg-type]

    def _headers(self, key: str | None, headers: Mapping[str, str]) -> dict[str, str]:
        sent = {"Authorization": f"Bearer {self.token}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return sent if key is None else sent | {"Idempotency-Key": key or str(uuid4())}


@dataclass
class Door:
    """The API of a running stack."""

    stack: Stack
    http: httpx.Client
    _tokens: dict[str, str] = field(default_factory=dict)
    _hours: Any = field(default_factory=lambda: count(1))

    def caller(self, user: str) -> Caller:
        """One of the stack's users: alice, bob, staff, admin or platform."""
        if user not in self._tokens:
            self._tokens[user] = self.stack.token(user)
        return Caller(self.http, self._tokens[user])

    def stranger(self, name: str) -> Caller:
        """A user made for a test."""
        if name not in self._tokens:
            cognito = self.stack.client("cognito-idp")
            username = f"{name}@tests.example"
            users.add(cognito, self.stack.user_pool_id, username, users.PASSWORD)
            client_id = self.stack.user_pool_client_id
            self._tokens[name] = users.sign_in(cognito, client_id, username, users.PASSWORD)
        return Caller(self.http, self._tokens[name])

    def new_slot(self, *, capacity: int = 1, resource: str = "bench", price: str = "20.00") -> str:
        """A published slot nobody else uses; its id."""
        tomorrow = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
        start = tomorrow + timedelta(hours=next(self._hours))
        answer = self.caller("admin").post(
            f"/v1/admin/businesses/{self.stack.business_id}/slots",
            {
                "resourceId": resource,
                "start": start.isoformat(),
                "end": (start + timedelta(minutes=45)).isoformat(),
                "capacity": capacity,
                "price": {"amount": price, "currency": "EUR"},
            },
        )
        assert answer.status_code == 201, answer.text
        slot_id: str = answer.json()["slotId"]
        return slot_id

    def log_of(self, function: str) -> list[dict[str, Any]]:
        """The lines that a function itself has written in the last minute, the oldest first.

        The emulator gives the oldest 10,000 of what it is asked for and no next page.
        """
        name = self.stack.functions[function]
        configuration = self.stack.client("lambda").get_function_configuration(FunctionName=name)
        group = configuration["LoggingConfig"]["LogGroup"]
        since = int((datetime.now(UTC) - timedelta(minutes=1)).timestamp() * 1_000)
        reader = self.stack.client("logs").get_paginator("filter_log_events")
        pages = reader.paginate(logGroupName=group, startTime=since)
        lines = [event["message"] for page in pages for event in page["events"]]
        return [json.loads(line) for line in lines if line.startswith("{")]
