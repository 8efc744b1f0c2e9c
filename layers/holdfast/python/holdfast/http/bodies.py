"""Request bodies as strict models: nothing is coerced, unknown members are refused (SEC-4).

Modules of models leave annotations as they are: pydantic would have to evaluate each text again at start-up.
"""

import json
from collections.abc import Iterable
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

from holdfast.domain import money
from holdfast.domain.booking import Contact
from holdfast.domain.money import Money
from holdfast.domain.place import ID
from holdfast.domain.slot import LARGEST_CAPACITY
from holdfast.http.documents import NotValid, pointer
from holdfast.http.params import ZONE, read_instant, read_zone

LARGEST_OBJECT = 4 * 1024
DEEPEST_OBJECT = 5


class Body(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        alias_generator=to_camel,
        hide_input_in_errors=True,
        defer_build=True,  # a start-up that serves one request needs one body of many (ADR 0020)
    )

    @classmethod
    def parse(cls, document: dict[str, Any]) -> Self:
        """Raises NotValid with a pointer for every fault."""
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_context=False, include_input=False)
            raise NotValid(
                (pointer(*fault["loc"]), fault["msg"].removeprefix("Value error, ")) for fault in faults
            ) from None


class CrossCheckedBody(Body):
    """One of which some members go together, or not: each such fault has a pointer, too."""

    @classmethod
    def parse(cls, document: dict[str, Any]) -> Self:
        faults = list(cls.faults(document))
        try:
            body = super().parse(document)
        except NotValid as refused:
            raise NotValid([*faults, *refused.faults]) from None
        if faults:
            raise NotValid(faults)
        return body

    @classmethod
    def faults(cls, given: Iterable[str]) -> Iterable[tuple[str, str]]:
        """Pointers and what is wrong there, by the names of the members that are given."""
        raise NotImplementedError


class NoBody(Body):
    """For deeds that need nothing said."""


def _bounded(document: dict[str, Any]) -> dict[str, Any]:
    if _depth(document) > DEEPEST_OBJECT:
        raise ValueError(f"must be nested at most {DEEPEST_OBJECT} deep")
    if len(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()) > LARGEST_OBJECT:
        raise ValueError(f"must have at most {LARGEST_OBJECT} bytes")
    return document


def _depth(value: object) -> int:
    """How deep objects and arrays are nested; the request as a whole is bounded already."""
    inner: Iterable[object] = ()
    if isinstance(value, dict):
        inner = value.values()
    elif isinstance(value, list):
        inner = value
    else:
        return 0
    return 1 + max(map(_depth, inner), default=0)


def _subject(subject: dict[str, Any]) -> dict[str, Any]:
    if "id" in subject and not (isinstance(subject["id"], str) and 1 <= len(subject["id"]) <= 128):
        raise ValueError("its id must be a text of 1 to 128 characters")
    return subject


def _instant(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError("must be an RFC 3339 instant as text")
    return read_instant(value)


def _zone(name: str) -> str:
    return read_zone(name).key


def left_out() -> Any:
    """The default of a member that may be left out, but not be null. It reads as None then."""
    return Field(default=None, json_schema_extra=_without_default)


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


ONE_LINE = r"^[^\n\t]*$"

Id = Annotated[str, Field(pattern=f"^{ID}$")]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=ONE_LINE)]
Notes = Annotated[str, Field(max_length=2000)]
Reason = Annotated[str, Field(max_length=500, pattern=ONE_LINE)]
Email = Annotated[str, Field(max_length=254, pattern=r"^[^@\s]{1,64}@[^@\s]+\.[^@\s.]+$")]
Phone = Annotated[str, Field(pattern=r"^\+?[0-9 ()./-]{3,31}$")]
SlotId = Annotated[str, Field(min_length=1, max_length=128, pattern=ONE_LINE)]
Units = Annotated[int, Field(ge=1, le=LARGEST_CAPACITY)]
Seconds = Annotated[int, Field(ge=1, le=86_400)]
InstantText = Annotated[
    int, BeforeValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})
]
ZoneName = Annotated[str, Field(pattern=f"^{ZONE}$"), AfterValidator(_zone)]
Object = Annotated[dict[str, Any], AfterValidator(_bounded)]
Subject = Annotated[Object, AfterValidator(_subject)]


class ContactBody(Body):
    name: Name | None = None
    email: Email | None = None
    phone: Phone | None = None

    def contact(self) -> Contact:
        return Contact(self.name, self.email, self.phone)


class MoneyBody(Body):
    amount: Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,3})?$")]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]

    def money(self, at: str = "/price") -> Money:
        """Raises NotValid, pointing to where it stands, if the amount has more digits than the currency."""
        parsed = money.parse(self.amount, self.currency)
        if parsed is None:
            raise NotValid([(f"{at}/amount", f"has more digits than {self.currency}")])
        return parsed
