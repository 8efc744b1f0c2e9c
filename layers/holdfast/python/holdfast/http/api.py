"""Operations of the HTTP API: declared once, run by `entry` and documented from the same declaration.

A handler gets a `Call`, which is read and authenticated, and answers an `Answer` or raises a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, Self

from holdfast.app.asked import Asked
from holdfast.domain.caller import Caller
from holdfast.domain.errors import NotFound, Refusal
from holdfast.domain.instants import Instant
from holdfast.domain.manage_token import FORM
from holdfast.domain.member import USER
from holdfast.domain.place import ID, SlotKey
from holdfast.http.params import Param, Query
from holdfast.http.ports import Ports

PATH_IDS: Mapping[str, str] = {
    "bookingId": r"[a-z2-7]{20}",
    "businessId": ID,
    "entryId": r"[a-z2-7]{20}",
    "holidayId": ID,
    "jobId": r"[a-z2-7]{20}",
    "resourceId": ID,
    "seriesId": r"[a-z2-7]{20}",
    "serviceId": ID,
    "token": FORM,
    "slotId": rf"{ID}\.{ID}\.[0-9]{{12}}",
    "timeOffId": ID,
    "userId": USER,
}
"""What is not shaped like one of ours is not there."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Parsed(Protocol):
    """A body's model. A protocol, so that functions without bodies need not import pydantic."""

    @classmethod
    def parse(cls, document: dict[str, Any]) -> Self: ...


@dataclass(slots=True, kw_only=True)
class Call[B]:
    """One request, read and checked; `source` is the network address it came from. `business` is set by
    handlers as soon as they know it: a 503 then carries the business's support contact."""

    asked: Asked
    body: B
    path: Mapping[str, str]
    query: Query
    context: Any
    source: str
    business: str | None = None

    @property
    def now(self) -> Instant:
        return self.asked.now

    @property
    def caller(self) -> Caller:
        return self.asked.caller

    def in_business(self) -> str:
        """The id of the business in the path, which is the call's; it may not be there."""
        self.business = self.path["businessId"]
        return self.business

    def slot_key(self, slot_id: str) -> SlotKey:
        """The slot of that id, which may not be there; its business is the call's. Raises NotFound."""
        key = SlotKey.parse(slot_id)
        if key is None:
            raise NotFound("slot")
        self.business = key.business
        return key


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A body that is not JSON, such as a page, with the headers its kind needs."""

    media_type: str
    text: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`version` becomes the ETag, `digest` a weak one; a 204 has no body. `outdated` says that the clock has
    changed the body since that version, so that it is sent again to one who has that version. `preference` is
    the one that was followed."""

    status: int = 200
    body: Mapping[str, Any] | Text | None
    version: int | None = None
    digest: str | None = None
    outdated: bool = False
    location: str | None = None
    replayed: bool = False
    preference: str | None = None


type Handle[B] = Callable[[Call[B], Ports], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`answers` maps statuses to the types of the bodies, which `http.views` defines, or to the media type of
    one that is not JSON. A GET that answers 304 has an ETag that tells all of its body. `kept` is false where
    a repeat is known by what it did, so that no answer need be kept for it. `dry_run` answers in its place
    who would know first what it does: with the same use case, which then writes nothing."""

    method: str
    path: str
    name: str
    summary: str
    handle: Handle[Any]
    body: type[Parsed] | None
    query: Sequence[Param[Any]]
    answers: Mapping[int, Any]
    refuses: Sequence[type[Refusal]]
    public: bool
    kept: bool
    dry_run: Handle[Any] | None
    pattern: re.Pattern[str]

    @property
    def path_ids(self) -> Sequence[str]:
        return _PLACEHOLDER.findall(self.path)

    @property
    def takes_key(self) -> bool:
        return self.method != "GET"

    @property
    def revalidates(self) -> bool:
        return 304 in self.answers


class Api:
    """The operations of one function; `query` are parameters that all of them take."""

    def __init__(self, *, query: Sequence[Param[Any]] = ()) -> None:
        self._declared: list[Operation] = []
        self._later: list[str] = []
        self._query = query

    def later(self, *modules: str) -> None:
        """Modules that declare more: each is imported when nothing declared before answers a request, so that
        a start pays for none of them (SPEC 10)."""
        self._later.extend(modules)

    @property
    def operations(self) -> Sequence[Operation]:
        """All of them, wherever they are declared."""
        while self._later:
            self._import_next()
        return self._declared

    def find(self, method: str, path: str) -> tuple[Operation, Mapping[str, str]] | None:
        """The operation there and the ids in the path. Patterns exclude each other: order is no matter."""
        found = _match(self._declared, method, path)
        while found is None and self._later:
            found = _match(self._import_next(), method, path)
        return found

    def _import_next(self) -> Sequence[Operation]:
        """What the next module declares."""
        before = len(self._declared)
        import_module(self._later[0])
        del self._later[0]
        return self._declared[before:]

    def get(
        self,
        path: str,
        *,
        answers: Mapping[int, Any],
        query: Sequence[Param[Any]] = (),
        refuses: Sequence[type[Refusal]] = (),
        public: bool = False,
    ) -> Callable[[Handle[None]], Handle[None]]:
        return self._declare("GET", path, None, answers, refuses, query, public)

    def post[B: Parsed](
        self,
        path: str,
        *,
        body: type[B],
        answers: Mapping[int, Any],
        refuses: Sequence[type[Refusal]] = (),
        public: bool = False,
        kept: bool = True,
        dry_run: Handle[B] | None = None,
    ) -> Callable[[Handle[B]], Handle[B]]:
        return self._declare("POST", path, body, answers, refuses, public=public, kept=kept, dry_run=dry_run)

    def patch[B: Parsed](
        self,
        path: str,
        *,
        body: type[B],
        answers: Mapping[int, Any],
        refuses: Sequence[type[Refusal]] = (),
    ) -> Callable[[Handle[B]], Handle[B]]:
        return self._declare("PATCH", path, body, answers, refuses)

    def put[B: Parsed](
        self,
        path: str,
        *,
        body: type[B],
        answers: Mapping[int, Any],
        refuses: Sequence[type[Refusal]] = (),
        dry_run: Handle[B] | None = None,
    ) -> Callable[[Handle[B]], Handle[B]]:
        return self._declare("PUT", path, body, answers, refuses, dry_run=dry_run)

    def delete[B: Parsed](
        self,
        path: str,
        *,
        body: type[B],
        answers: Mapping[int, Any],
        query: Sequence[Param[Any]] = (),
        refuses: Sequence[type[Refusal]] = (),
    ) -> Callable[[Handle[B]], Handle[B]]:
        return self._declare("DELETE", path, body, answers, refuses, query)

    def _declare[B](
        self,
        method: str,
        path: str,
        body: type[Parsed] | None,
        answers: Mapping[int, Any],
        refuses: Sequence[type[Refusal]],
        query: Sequence[Param[Any]] = (),
        public: bool = False,
        kept: bool = True,
        dry_run: Handle[B] | None = None,
    ) -> Callable[[Handle[B]], Handle[B]]:
        def declare(handle: Handle[B]) -> Handle[B]:
            self._declared.append(
                Operation(
                    method=method,
                    path=path,
                    name=handle.__name__,
                    summary=(handle.__doc__ or "").strip(),
                    handle=handle,
                    body=body,
                    query=(*query, *self._query),
                    answers=answers,
                    refuses=refuses,
                    public=public,
                    kept=kept,
                    dry_run=dry_run,
                    pattern=_pattern(path),
                )
            )
            return handle

        return declare


def _match(
    operations: Sequence[Operation], method: str, path: str
) -> tuple[Operation, Mapping[str, str]] | None:
    for operation in operations:
        if operation.method == method and (match := operation.pattern.fullmatch(path)):
            return operation, match.groupdict()
    return None


def _pattern(path: str) -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(path)
    named = (f"(?P<{name}>{PATH_IDS[name]})" for name in parts[1::2])
    fixed = map(re.escape, parts[0::2])
    return re.compile("".join(text for pair in zip(fixed, [*named, ""], strict=True) for text in pair))
