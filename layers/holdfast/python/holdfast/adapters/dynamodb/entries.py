"""Entries of queues as items. They lie in `by_user` under a name of their own, apart from bookings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from holdfast.adapters.dynamodb.bookings import KEEP_ENDED
from holdfast.adapters.dynamodb.keys import entry_key, waiting_owner
from holdfast.adapters.dynamodb.values import (
    change_of,
    change_value,
    j,
    n,
    new_or_on_version,
    optional_s,
    present,
    read_s,
    s,
)
from holdfast.app.writes import MoveEntry
from holdfast.domain.booking import Change, Contact
from holdfast.domain.entry import Entry, EntryStatus
from holdfast.domain.instants import HOUR, SECOND
from holdfast.domain.place import SlotKey

TTL_AFTER = HOUR
"""An entry that waits is deleted by DynamoDB this long after its place timed out, with or without one."""


def entry_item(entry: Entry) -> dict[str, Any]:
    return {
        **entry_key(entry.id),
        "kind": s("entry"),
        "slot": s(entry.slot.slot_id),
        "who": s(entry.who),
        "owner": s(waiting_owner(entry.owner)),
        "units": n(entry.units),
        "start": n(entry.start),
        "joined": n(entry.joined),
        "until": n(entry.until),
        "fingerprint": s(entry.fingerprint),
        "metadata": j(entry.metadata),
        "status": s(entry.status),
        "version": n(entry.version),
        "history": {"L": [change_value(change) for change in entry.history]},
        "ttl": n(_ttl(entry)),
        **present(
            {
                "notes": optional_s(entry.notes),
                "contact": j(asdict(entry.contact)) if entry.contact else None,
                "subject": j(entry.subject) if entry.subject is not None else None,
            }
        ),
    }


def entry_of(item: Mapping[str, Any]) -> Entry:
    return Entry(
        id=item["PK"]["S"].removeprefix("ENTRY#"),
        slot=SlotKey.of(item["slot"]["S"]),
        who=item["who"]["S"],
        owner=item["owner"]["S"].removeprefix(waiting_owner("")),
        units=int(item["units"]["N"]),
        start=int(item["start"]["N"]),
        joined=int(item["joined"]["N"]),
        until=int(item["until"]["N"]),
        fingerprint=item["fingerprint"]["S"],
        notes=read_s(item, "notes"),
        contact=Contact(**json.loads(item["contact"]["S"])) if "contact" in item else None,
        subject=json.loads(item["subject"]["S"]) if "subject" in item else None,
        metadata=json.loads(item["metadata"]["S"]),
        status=EntryStatus(item["status"]["S"]),
        version=int(item["version"]["N"]),
        history=tuple(change_of(EntryStatus, value) for value in item["history"]["L"]),
    )


def enter(entry: Entry) -> dict[str, Any]:
    """A new entry, where there is none."""
    return new_or_on_version(entry_item(entry), entry.version, absent=True)


def move_entry(write: MoveEntry) -> dict[str, Any]:
    """| entry   | status   | outcome             |
    |---------|----------|---------------------|
    | missing | -        | refused             |
    | there   | another  | refused             |
    | there   | `before` | `after`, one line on |
    """
    update = "SET #status = :after, #version = #version + :one, #history = list_append(#history, :line)"
    names = {"#status": "status", "#version": "version", "#history": "history"}
    values: dict[str, Any] = {
        ":before": s(write.before),
        ":after": s(write.after),
        ":one": n(1),
        ":line": {"L": [change_value(Change(write.before, write.after, write.deed))]},
    }
    if write.after is not EntryStatus.WAITING:
        update += ", #ttl = :ttl"
        names["#ttl"] = "ttl"
        values[":ttl"] = n((write.deed.at + KEEP_ENDED) // SECOND)
    return {
        "Key": entry_key(write.entry),
        "ConditionExpression": "#status = :before",
        "UpdateExpression": update,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


def _ttl(entry: Entry) -> int:
    if entry.status is EntryStatus.WAITING:
        return (entry.until + TTL_AFTER) // SECOND
    return (entry.history[-1].deed.at + KEEP_ENDED) // SECOND
