"""A booking's metadata, judged by the JSON Schema of its business (BOOK-14)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from holdfast.domain.business import Business
from holdfast.domain.errors import Invalid

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

REFERENCES = frozenset({"$ref", "$dynamicRef"})

KEPT = 64
"""Compiled schemas an instance keeps; most businesses have none."""


def require_fields(business: Business, metadata: Mapping[str, object]) -> None:
    """Raises Invalid, with a pointer into the metadata, where it is not what the business asks for."""
    if not business.custom_fields:
        return
    errors = _validator(json.dumps(business.custom_fields, sort_keys=True)).iter_errors(dict(metadata))
    first = min(errors, key=lambda error: [str(part) for part in error.absolute_path], default=None)
    if first is not None:
        raise Invalid(f"/metadata{_pointer(first.absolute_path)}", first.message[:300])


def require_schema(schema: Mapping[str, object]) -> None:
    """Raises Invalid where a business's customFields are no JSON Schema, or one that refers to others or to
    itself: nothing is fetched from afar, and what goes in circles ends nowhere."""
    if not schema:
        return
    from jsonschema import Draft202012Validator, SchemaError

    try:
        Draft202012Validator.check_schema(dict(schema), format_checker=Draft202012Validator.FORMAT_CHECKER)
    except SchemaError as error:
        pointer = f"/domain/customFields{_pointer(error.absolute_path)}"
        raise Invalid(pointer, error.message[:300]) from None
    for path in _references(schema):
        raise Invalid(f"/domain/customFields{_pointer(path)}", "customFields take no references")


def _references(schema: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """The way to every member of that name, whatever it is there."""
    members: Iterable[tuple[object, object]] = ()
    if isinstance(schema, Mapping):
        members = schema.items()
    elif isinstance(schema, list):
        members = enumerate(schema)
    for name, each in members:
        if name in REFERENCES:
            yield (*path, name)
        yield from _references(each, (*path, name))


@lru_cache(maxsize=KEPT)
def _validator(schema: str) -> Draft202012Validator:
    # Imported here: it costs a cold start 60 ms, and few businesses have custom fields.
    from jsonschema import Draft202012Validator
    from referencing import Registry

    return Draft202012Validator(json.loads(schema), registry=Registry())  # which fetches nothing from afar


def _pointer(path: Iterable[object]) -> str:
    """RFC 6901."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
