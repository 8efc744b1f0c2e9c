"""A booking's metadata, judged by the JSON Schema of its business (BOOK-14)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from holdfast.domain.business import Business
from holdfast.domain.errors import Invalid

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

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
    """Raises Invalid where a business's customFields are no JSON Schema."""
    from jsonschema import Draft202012Validator, SchemaError

    try:
        Draft202012Validator.check_schema(dict(schema))
    except SchemaError as error:
        pointer = "".join(f"/{_escaped(str(part))}" for part in error.absolute_path)
        raise Invalid(f"/domain/customFields{pointer}", error.message[:300]) from None


@lru_cache(maxsize=KEPT)
def _validator(schema: str) -> Draft202012Validator:
    # Imported here: it costs a cold start 60 ms, and few businesses have custom fields.
    from jsonschema import Draft202012Validator
    from referencing import Registry

    return Draft202012Validator(json.loads(schema), registry=Registry())  # which fetches nothing from afar


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
