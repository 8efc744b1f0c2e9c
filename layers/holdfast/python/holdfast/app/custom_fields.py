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
        pointer = "".join(f"/{_escaped(str(part))}" for part in first.absolute_path)
        raise Invalid(f"/metadata{pointer}", first.message[:300])


def require_schema(schema: Mapping[str, object]) -> None:
    """Raises Invalid where a business's customFields are no JSON Schema, or one that refers to others or to
    itself: nothing is fetched from afar, and what goes in circles ends nowhere."""
    if not schema:
        return
    from jsonschema import Draft202012Validator, SchemaError

    try:
        Draft202012Validator.check_schema(dict(schema), format_checker=Draft202012Validator.FORMAT_CHECKER)
    except SchemaError as error:
        raise Invalid(_pointer(error.absolute_path), error.message[:300]) from None
    for path, name in _members(schema):
        if name in REFERENCES:
            raise Invalid(_pointer([*path, name]), "customFields take no references")


def _members(schema: object, path: tuple[object, ...] = ()) -> Iterator[tuple[tuple[object, ...], str]]:
    """The name of every member of an object in it, whatever it is there, and the way to that object."""
    if isinstance(schema, Mapping):
        yield from ((path, name) for name in schema)
    for key, each in _children(schema):
        yield from _members(each, (*path, key))


def _children(schema: object) -> Iterable[tuple[object, object]]:
    if isinstance(schema, Mapping):
        return schema.items()
    return enumerate(schema) if isinstance(schema, list) else ()


def _pointer(path: Iterable[object]) -> str:
    return "/domain/customFields" + "".join(f"/{_escaped(str(part))}" for part in path)


@lru_cache(maxsize=KEPT)
def _validator(schema: str) -> Draft202012Validator:
    # Imported here: it costs a cold start 60 ms, and few businesses have custom fields.
    from jsonschema import Draft202012Validator
    from referencing import Registry

    return Draft202012Validator(json.loads(schema), registry=Registry())  # which fetches nothing from afar


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
