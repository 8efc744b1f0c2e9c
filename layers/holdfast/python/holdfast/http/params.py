"""Query parameters: each declares how it is read and how it is documented."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from holdfast.domain.booking import BookingStatus
from holdfast.domain.instants import DAY, Instant, from_datetime
from holdfast.domain.member import USER
from holdfast.domain.place import ID
from holdfast.domain.slot import LARGEST_CAPACITY, SlotStatus
from holdfast.http.documents import UNFIT, NotValid, pointer

YEARS = range(1970, 9000)
EARLIEST: Instant = 0
LATEST: Instant = 221_845_392_000_000
"""The first instant of the year 9000."""

ZONE = r"[A-Za-z][A-Za-z0-9_+-]{0,31}(/[A-Za-z0-9_+-]{1,32}){0,2}"
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ZONE = re.compile(ZONE)
_CURSOR = r"[A-Za-z0-9_.~=-]{1,1024}"
_NO_ZONES = {"localtime", "posixrules", "Factory"}


@dataclass(frozen=True, slots=True)
class Param[T]:
    """`read` raises ValueError with what the client is told; `default` is for a parameter left out, where it
    is not `required`."""

    name: str
    read: Callable[[str], T]
    default: T
    schema: Mapping[str, object]
    about: str
    required: bool = False


class Query:
    """The declared parameters, read. Raises NotValid for every fault at once, unknown names included."""

    def __init__(self, declared: Iterable[Param[Any]], sent: Mapping[str, str]) -> None:
        known = {param.name: param for param in declared}
        faults = [(pointer("query", name), "is not a parameter here") for name in sent if name not in known]
        self._values: dict[str, object] = {}
        for name, param in known.items():
            if param.required and name not in sent:
                faults.append((pointer("query", name), "is required"))
                continue
            try:
                self._values[name] = param.read(sent[name]) if name in sent else param.default
            except ValueError as fault:
                faults.append((pointer("query", name), str(fault)))
        if faults:
            raise NotValid(faults)

    def __getitem__[T](self, param: Param[T]) -> T:
        return cast("T", self._values[param.name])


@dataclass(frozen=True, slots=True)
class Edge:
    """An end of a stretch of time: an instant, or a whole local day whose zone is not known yet."""

    at: Instant | date

    def begins(self, zone: tzinfo) -> Instant:
        return _midnight(self.at, zone) if isinstance(self.at, date) else self.at

    def ends(self, zone: tzinfo) -> Instant:
        """As the end of a stretch a date counts whole."""
        return _midnight(self.at + timedelta(days=1), zone) if isinstance(self.at, date) else self.at


def read_instant(text: str) -> Instant:
    """An RFC 3339 instant, to the millisecond below."""
    if not _RFC3339.fullmatch(text):
        raise ValueError("must be an RFC 3339 instant with an offset, such as 2030-05-01T09:00:00+02:00")
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        raise ValueError("is no instant of the calendar") from None
    if moment.year not in YEARS or from_datetime(moment) < 0:
        raise ValueError("must be within the years 1970 to 8999")
    return from_datetime(moment)


@cache
def read_zone(name: str) -> ZoneInfo:
    if not _ZONE.fullmatch(name) or name in _NO_ZONES:
        raise ValueError("must be the name of an IANA time zone")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("must be the name of an IANA time zone") from None


def _midnight(day: date, zone: tzinfo) -> Instant:
    return from_datetime(datetime.combine(day, time(), zone))


def _edge(text: str) -> Edge:
    return Edge(read_day(text) if _DATE.fullmatch(text) else read_instant(text))


def read_day(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise ValueError("must be a day, such as 2030-05-01")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError("is no day of the calendar") from None
    if day.year not in YEARS:
        raise ValueError("must be within the years 1970 to 8999")
    return day


def _limit(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d?|100", text, re.ASCII):
        raise ValueError("must be from 1 to 100")
    return int(text)


def _units(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,2}", text, re.ASCII) or int(text) > LARGEST_CAPACITY:
        raise ValueError(f"must be from 1 to {LARGEST_CAPACITY}")
    return int(text)


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"


def _matching(pattern: str, fault: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def read(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(fault)
        return text

    return read


def _subject_id(text: str) -> str:
    if not 1 <= len(text) <= 128 or UNFIT.search(text):
        raise ValueError("must be a text of 1 to 128 characters")
    return text


def _any_of[S: StrEnum](kind: type[S]) -> Callable[[str], frozenset[S]]:
    def read(text: str) -> frozenset[S]:
        try:
            return frozenset(kind(name) for name in text.split(","))
        except ValueError:
            raise ValueError(f"must be among {', '.join(kind)}, separated by commas") from None

    return read


def _statuses(kind: Iterable[StrEnum]) -> Mapping[str, object]:
    names = "|".join(kind)
    return {"type": "string", "pattern": f"^({names})(,({names}))*$"}


def _optional[T](
    name: str, read: Callable[[str], T], schema: Mapping[str, object], about: str
) -> Param[T | None]:
    return Param(name, read, None, schema, about)


_TEXT = {"type": "string"}
_INSTANT = _TEXT | {"format": "date-time", "examples": ["2030-05-01T09:00:00+02:00"]}
_EDGE = _TEXT | {"examples": ["2030-05-01", "2030-05-01T09:00:00+02:00"]}

LIMIT = Param(
    "limit",
    _limit,
    25,
    {"type": "integer", "minimum": 1, "maximum": 100, "default": 25},
    "How many items at most.",
)
CURSOR = _optional(
    "cursor",
    _matching(_CURSOR, "is not a cursor of ours"),
    _TEXT | {"pattern": f"^{_CURSOR}$"},
    "The `nextCursor` of the page before.",
)
TIME_ZONE = _optional(
    "timeZone",
    read_zone,
    _TEXT | {"pattern": f"^{ZONE}$", "examples": ["Europe/Vienna"]},
    "The IANA zone to answer in.",
)
FROM = _optional("from", _edge, _EDGE, "The first instant, or the first local day.")
TO = _optional("to", _edge, _EDGE, "The instant to stop before, or the last local day.")
START = Param("start", read_instant, 0, _INSTANT, "The first instant.", required=True)
_LATER = _INSTANT | {"examples": ["2030-05-01T10:00:00+02:00"]}
END = Param("end", read_instant, 0, _LATER, "The instant to stop before.", required=True)
UNITS = Param(
    "units",
    _units,
    1,
    {"type": "integer", "minimum": 1, "maximum": LARGEST_CAPACITY, "default": 1},
    "For how many units.",
)
EXPLAIN = Param(
    "explain",
    _flag,
    False,
    {"type": "boolean", "default": False},
    "Tell also what cannot be had, with the reasons.",
)
RESOURCE_ID = _optional(
    "resourceId",
    _matching(ID, "must match [a-z0-9-]{3,32}"),
    _TEXT | {"pattern": f"^{ID}$"},
    "Only of this resource.",
)
SLOT_STATUS = _optional(
    "status", _any_of(SlotStatus), _statuses(SlotStatus), "Only of these states, separated by commas."
)
BOOKING_STATUS = _optional(
    "status", _any_of(BookingStatus), _statuses(BookingStatus), "Only of these states, separated by commas."
)
SERVICE_ID = _optional(
    "serviceId",
    _matching(ID, "must match [a-z0-9-]{3,32}"),
    _TEXT | {"pattern": f"^{ID}$"},
    "Only of this service.",
)
USER_ID = _optional(
    "userId",
    _matching(USER, "must be the id of a user"),
    _TEXT | {"pattern": f"^{USER}$"},
    "Only of this user.",
)
NUMBER = _optional(
    "number",
    _matching(r"BOK-[0-9]{8}-[A-Z0-9]{6}", "must be a booking number"),
    _TEXT | {"pattern": "^BOK-[0-9]{8}-[A-Z0-9]{6}$"},
    "Only the booking with this number.",
)
SUBJECT_ID = _optional(
    "subjectId",
    _subject_id,
    _TEXT | {"minLength": 1, "maxLength": 128},
    "The `id` of the subject the place is for, if it is for one.",
)
CASCADE = _optional(
    "cascade",
    _matching("cancel", "must be `cancel`"),
    _TEXT | {"enum": ["cancel"]},
    "Cancel and end what is booked and held there, too.",
)


def stretch(
    query: Query,
    zone: tzinfo,
    *,
    default_start: Instant = EARLIEST,
    usual: int = LATEST,
    longest: int = 2 * LATEST,
) -> tuple[Instant, Instant]:
    """The stretch `[from, to)`, `usual` long where no end is given. Raises NotValid if it is none."""
    first, last = query[FROM], query[TO]
    start = first.begins(zone) if first else default_start
    end = last.ends(zone) if last else start + usual
    if not start < end <= start + longest:
        days = f" and at most {longest // DAY} days from it" if longest <= LATEST else ""
        raise NotValid([("/query/to", f"must be after `from`{days}")])
    return start, end


def window(query: Query, *, longest: int) -> tuple[Instant, Instant]:
    """The stretch `[start, end)`. Raises NotValid if it is none."""
    start, end = query[START], query[END]
    if not start < end <= start + longest:
        raise NotValid([("/query/end", f"must be after `start` and at most {longest // DAY} days from it")])
    return start, end
